"""The journal of an import under way: an import cut short is run again and ends as if it had never stopped.

Chunks are kept one by one, so that a long import does not hold up a service that writes to the same store. A killed
import therefore leaves a prefix. Its journal tells of which files and as seen when; the same files given again go on
as of that instant, and chunks kept already count as they did then.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from features.crm.kept import Written
from features.crm.reader import Source
from features.crm.store import Store
from features.settings import Settings

_NAME = "import "


@dataclass(slots=True)
class Journal:
    """What an import of these `files` (their fingerprint) at `path` has kept so far, as of `seen_at` (int64
    microseconds, that of the first attempt); `resumed`: this is not the first.
    """

    store: Store
    crm: str
    path: str
    seen_at: int
    files: str
    kept: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    resumed: bool = False

    @classmethod
    def begin(cls, store: Store, crm: str, path: Path, seen_at: int, files: str) -> Self:
        """Go on with the unfinished import of the same files, unless `seen_at` is before it; else begin a new one."""
        for name, text in _held(store, crm).items():
            held = json.loads(text)
            if held["files"] == files and held["seen_at"] <= seen_at:
                return cls(store, crm, _path(name), held["seen_at"], files, held["kept"], resumed=True)
        journal = cls(store, crm, str(path.resolve()), seen_at, files)
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
        """The import is whole. Those of the same place that never were, and those that nobody can run again (their
        place is gone), are forgotten with it.
        """
        for name in _held(self.store, self.crm):
            if _path(name) in ("", self.path) or not Path(_path(name)).exists():
                self.store.set_note(name, "")

    def _keep(self) -> None:
        told = {"seen_at": self.seen_at, "files": self.files, "kept": self.kept}
        self.store.set_note(f"{_NAME}{self.crm}:{self.path}", json.dumps(told))


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An import of a source (`crm`) that was cut short and not run again since, or that runs now."""

    crm: str
    path: str

    @property
    def says(self) -> tuple[str, str]:
        """In English and French: what it was, and that what is answered meanwhile rests on part of it."""
        whose = (f" as {self.crm}" if self.crm else "", f" comme {self.crm}" if self.crm else "")
        return (
            f"an import of {self.path or 'a folder'}{whose[0]} was cut short, or still runs: only part of it is in",
            f"un import de {self.path or 'un dossier'}{whose[1]} a été interrompu, ou dure encore\u00a0: "
            "il n'est entré qu'en partie",
        )


def unfinished(store: Store) -> list[Unfinished]:
    """The imports that were cut short and not run again since, and the one that runs now."""
    return [Unfinished(name.removeprefix(_NAME).partition(":")[0], _path(name)) for name in store.notes(_NAME)]


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


def _held(store: Store, crm: str) -> dict[str, str]:
    """The notes of a source's unfinished imports, by name; a source's name holds no colon."""
    notes = store.notes(f"{_NAME}{crm}")
    return {name: text for name, text in notes.items() if name.partition(":")[0] == f"{_NAME}{crm}"}


def _path(name: str) -> str:
    return name.partition(":")[2]
