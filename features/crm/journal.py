"""The journal of an import under way: an import cut short is run again and ends as if it had never stopped.

Chunks are kept one by one, so that a long import does not hold up a service that writes to the same store. A killed
import therefore leaves a prefix. Its journal tells of which files and as seen when; the same files given again go on
as of that instant, and chunks kept already count as they did then.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Self

from features.crm.kept import Written
from features.crm.reader import Source
from features.crm.store import Store
from features.settings import Settings

_NAME = "import "


@dataclass(slots=True)
class Journal:
    """What an import of these `files` (their fingerprint) has kept so far, as of `seen_at` (int64 microseconds, that of
    the first attempt); `resumed`: this is not the first.
    """

    store: Store
    crm: str
    seen_at: int
    files: str
    kept: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    resumed: bool = False

    @classmethod
    def begin(cls, store: Store, crm: str, seen_at: int, files: str) -> Self:
        """Go on with the unfinished import of the same files, unless `seen_at` is before it; else begin a new one."""
        held = json.loads(store.notes(_name(crm)).get(_name(crm), "{}"))
        if held.get("files") == files and held["seen_at"] <= seen_at:
            return cls(store, crm, held["seen_at"], files, held["kept"], resumed=True)
        journal = cls(store, crm, seen_at, files)
        journal._keep()
        return journal

    def settle(self, file: str, place: int, written: Written) -> Written:
        """Note what a chunk wrote, in its own transaction; returns what it wrote when it was kept first."""
        chunks = self.kept.setdefault(file, [])
        if place < len(chunks):
            return Written(**chunks[place])
        chunks.append(asdict(written))
        self._keep()
        return written

    def end(self) -> None:
        """The import is whole."""
        self.store.set_note(_name(self.crm), "")

    def _keep(self) -> None:
        told = {"seen_at": self.seen_at, "files": self.files, "kept": self.kept}
        self.store.set_note(_name(self.crm), json.dumps(told))


def unfinished(store: Store) -> list[str]:
    """The sources whose import was cut short and not run again since."""
    return [name.removeprefix(_NAME) for name in store.notes(_NAME)]


def fingerprint(sources: Sequence[Source], settings: Settings) -> str:
    """What tells one import from another: the bytes of its files, and what they are understood with."""
    digest = hashlib.blake2b(f"{settings.timezone} {settings.currency}".encode())
    for source in sources:
        digest.update(f"\n{source.path.name} ".encode("utf-8", "surrogateescape"))
        try:
            with source.path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "blake2b").digest())
        except OSError:
            digest.update(b"unreadable")
    return digest.hexdigest()


def _name(crm: str) -> str:
    return f"{_NAME}{crm}"
