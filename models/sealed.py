"""A signed folder of files: named by its content, put in place whole, and read only as what was signed.

    <root>/<version>/manifest.json     the SHA-256 and size of each file, the format number
                     manifest.sig      Ed25519 signature of manifest.json
                     ...               the files

The version is the first 16 hex digits of the SHA-256 of manifest.json.
"""

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.canonical import from_bytes, to_bytes

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
VERSION = re.compile(r"[0-9a-f]{16}")
_MANIFEST_LIMIT = 64 * 1024
_FILE_LIMIT = 256 * 1024 * 1024
_FRESH = ".new-"
_STALE_SECONDS = 3_600
_RESTORE = "the folder was damaged or altered: copy it again from the trainer, or train again"


class BundleError(Exception):
    """A bundle was refused; the message says what differs, where, and what to do. Nothing of it was used."""


def seal(files: Mapping[str, bytes], root: Path, private_key: Ed25519PrivateKey) -> str:
    """Write the files under `root` and give their version: all or nothing, also when killed half way.

    The same files give the same version; where it stands already, undamaged and signed by this key, nothing is written.
    """
    manifest = to_bytes({"format": FORMAT, "files": {name: facts_of(content) for name, content in files.items()}})
    version = version_of(manifest)
    if not _stands(root, version, private_key.public_key()):
        signed = {MANIFEST: manifest, SIGNATURE: private_key.sign(manifest)}
        fresh = _written({**files, **signed}, root)
        try:
            _put_in_place(fresh, root / version)
        except OSError:
            if not _stands(root, version, private_key.public_key()):  # else another process wrote the same just now
                raise
        _sweep(root)
    return version


def unseal(root: Path, version: str, public_key: Ed25519PublicKey | None) -> dict[str, bytes]:
    """The files' bytes, read once; what is parsed later is what was checked here. Raises BundleError.

    Every name, size and hash is checked, and the signature when a key is given; the manifest itself is not parsed
    before its own hash and signature held.
    """
    if not VERSION.fullmatch(version):
        raise BundleError(f"{version!r} is not a version: 16 hexadecimal digits, as `plumbline models list` shows them")
    folder = root / version
    names = _present(folder)
    for name in (MANIFEST, SIGNATURE):
        if name not in names:
            raise BundleError(f"{folder}: {name} is missing; {_RESTORE}")
    manifest = _read(folder / MANIFEST, _MANIFEST_LIMIT)
    if version_of(manifest) != version:
        raise BundleError(f"{folder / MANIFEST}: its content is not that of version {version}; {_RESTORE}")
    if public_key is not None:
        _check_signature(manifest, _read(folder / SIGNATURE, _MANIFEST_LIMIT), public_key, folder)
    facts = _listed_in(manifest, folder)
    _check_names(names - {MANIFEST, SIGNATURE}, set(facts), folder)
    return {name: _read_exactly(folder / name, fact) for name, fact in sorted(facts.items())}


def _check_signature(manifest: bytes, signature: bytes, public_key: Ed25519PublicKey, folder: Path) -> None:
    try:
        public_key.verify(signature, manifest)
    except InvalidSignature as error:
        raise BundleError(
            f"{folder / SIGNATURE}: not signed by the key this service trusts; set PLUMBLINE_VERIFY_KEY to the public "
            "key of the trainer that made the bundle, or train again here"
        ) from error


def _listed_in(manifest: bytes, folder: Path) -> dict[str, dict[str, Any]]:
    content = from_bytes(manifest)
    if content["format"] != FORMAT:
        raise BundleError(
            f"{folder}: bundle format {content['format']}, this version of the software reads {FORMAT}; "
            "serve it with the version that wrote it, or train again"
        )
    facts: dict[str, dict[str, Any]] = content["files"]
    return facts


def _check_names(found: set[str], listed: set[str], folder: Path) -> None:
    wrong = [*(f"{name} is missing" for name in listed - found), *(f"{name} is extra" for name in found - listed)]
    if wrong:
        raise BundleError(f"{folder}: {', '.join(sorted(wrong))}; {_RESTORE}")


def _present(folder: Path) -> set[str]:
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise BundleError(f"{folder}: not a folder (links are refused); {_RESTORE}")
        with os.scandir(folder) as entries:
            kinds = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError as error:
        raise BundleError(
            f"{folder}: {error.strerror}; `plumbline models list` shows the versions there are"
        ) from error
    strange = sorted(name for name, regular in kinds.items() if not regular)
    if strange:
        raise BundleError(f"{folder}: {', '.join(strange)} is not a regular file (links are refused); {_RESTORE}")
    return set(kinds)


def _read_exactly(path: Path, fact: Mapping[str, Any]) -> bytes:
    content = _read(path, min(int(fact["bytes"]), _FILE_LIMIT))
    if facts_of(content) != fact:
        raise BundleError(f"{path}: not the content that was signed; {_RESTORE}")
    return content


def _read(path: Path, limit: int) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}; {_RESTORE}") from error
    if len(content) > limit:
        raise BundleError(f"{path}: larger than the {limit} bytes it may have; {_RESTORE}")
    return content


def facts_of(content: bytes) -> dict[str, Any]:
    """What the manifest says of a file."""
    return {"sha256": sha256(content).hexdigest(), "bytes": len(content)}


def version_of(manifest: bytes) -> str:
    """The name of the folder that this manifest describes."""
    return sha256(manifest).hexdigest()[:16]


def _stands(root: Path, version: str, public_key: Ed25519PublicKey) -> bool:
    try:
        return bool(unseal(root, version, public_key))
    except BundleError:
        return False


def _written(files: Mapping[str, bytes], root: Path) -> Path:
    """A new folder beside the versions with these files, safely on the disk."""
    root.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_FRESH, dir=root))
    try:
        for name, content in files.items():
            _write(fresh / name, content)
        fresh.chmod(0o755)
        _sync(fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return fresh


def _write(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(fresh: Path, folder: Path) -> None:
    if folder.is_symlink() or folder.exists():
        folder.rename(fresh.with_name(fresh.name + ".replaced"))
    fresh.rename(folder)
    _sync(folder.parent)


def _sweep(root: Path) -> None:
    """Remove replaced folders, and after an hour what a writer that was killed has left behind."""
    for path in root.glob(f"{_FRESH}*"):
        if path.suffix == ".replaced" or time.time() - path.lstat().st_mtime > _STALE_SECONDS:
            path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
