"""API keys: random secrets of which only the SHA-256 is kept. A key is `plk_` + 43 random characters + a checksum."""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "plk_"
_HASH = re.compile(r"[0-9a-f]{64}")


class KeyListError(Exception):
    """The list of keys cannot be read; the message says where and what to do."""


def make_key() -> str:
    """A new key: 256 random bits. Show it once, keep only its hash."""
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret + _checksum(secret)


def hash_of(key: str) -> str:
    """What is kept of a key.

    >>> hash_of("plk_example")[:16]
    '19f39559d7beea9c'
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def well_formed(key: str) -> bool:
    """Whether a text has the form of a key: a typing error is told from a revoked key without any look-up.

    >>> well_formed(make_key()), well_formed("plk_example")
    (True, False)
    """
    return key.startswith(PREFIX) and hmac.compare_digest(_checksum(key[:-8]).encode(), key[-8:].encode())


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode('utf-8', 'surrogatepass')):08x}"


@dataclass
class KeyRing:
    """The accepted keys: some hashes, and a file that is read again when it changes, to revoke a key at once."""

    hashes: frozenset[str] = frozenset()
    path: Path | None = None
    _read: tuple[tuple[int, int], frozenset[str]] = field(default=((0, -1), frozenset()), repr=False)

    @classmethod
    def of(cls, listed: str, path: Path | None) -> "KeyRing":
        """The keys of a comma-separated list and of a file. Raises KeyListError."""
        hashes = frozenset(part.strip() for part in listed.split(",") if part.strip())
        wrong = [part for part in hashes if not _HASH.fullmatch(part)]
        if wrong:
            raise KeyListError("PLUMBLINE_API_KEY_HASHES: give the SHA-256 of each key, 64 hexadecimal digits")
        ring = cls(hashes, path)
        ring.accepted()
        return ring

    def accepted(self) -> frozenset[str]:
        """The hashes accepted now."""
        return self.hashes | self._of_file() if self.path else self.hashes

    def opens(self, key: str) -> bool:
        """Whether a key is accepted; the time it takes does not tell how near a wrong one was."""
        given = hash_of(key)
        return sum(hmac.compare_digest(given, held) for held in self.accepted()) > 0

    def _of_file(self) -> frozenset[str]:
        assert self.path is not None
        try:
            facts = self.path.stat()
            stamp = (facts.st_mtime_ns, facts.st_size)
            if stamp != self._read[0]:
                self._read = (stamp, _hashes(self.path))
        except OSError as error:
            raise KeyListError(f"{self.path}: {error.strerror}; PLUMBLINE_API_KEYS names the file of keys") from error
        return self._read[1]


def _hashes(path: Path) -> frozenset[str]:
    found = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        first = line.partition("#")[0].split()[:1]
        if first and not _HASH.fullmatch(first[0]):
            raise KeyListError(f"{path}, line {number}: begin it with the SHA-256 of a key, 64 hexadecimal digits")
        found.update(first)
    return frozenset(found)
