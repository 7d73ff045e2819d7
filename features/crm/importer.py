"""A folder of CRM files -> the store: every row accepted, repaired or quarantined, and told.

Files are written chunk by chunk, each chunk whole or not at all. An import that was cut short is simply run again: it
then ends as if it had never stopped (`features.crm.journal`).
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from features.crm.accept import AcceptReport, accept_rows
from features.crm.commas import learn
from features.crm.convert import Context
from features.crm.database import plain_failures
from features.crm.findings import Problem, Tally
from features.crm.header import Header, HeaderError
from features.crm.journal import Journal, fingerprint
from features.crm.kept import WHOLE
from features.crm.names import check_source
from features.crm.quarantine import HEAD, ID, live, take_mended
from features.crm.reader import FolderError, Reading, Source, cannot_be_read, find_sources, hint, open_source
from features.crm.report import FileReport, ImportReport, render
from features.crm.run import Run, context_of
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crm.waiting import Waiting
from features.settings import Settings

__all__ = ["AcceptReport", "FolderError", "ImportReport", "accept_rows", "import_folder", "render"]

Progress = Callable[[str, int, int], None]
"""Called with a file's name, how far it is read, and its size (bytes, or rows of Parquet)."""

_REFERENCES = {
    "account_id": "accounts",
    "contact_id": "contacts",
    "lead_id": "leads",
    "opportunity_id": "opportunities",
    "owner_id": "owners",
}


CLOCKS_DIFFER = 60_000_000
"""How far another machine's clock may be ahead of ours: one minute."""


def check_seen_at(seen_at: int, now: int) -> int:
    """`seen_at` itself, once it is not later than now: rows seen in the future would refuse every import until then.

    >>> check_seen_at(5, 5)
    5
    >>> check_seen_at(90_000_000, 0)
    Traceback (most recent call last):
    ValueError: --seen-at lies in the future: give the moment the export was made, or leave it out for now.
    """
    if seen_at > now + CLOCKS_DIFFER:
        raise ValueError("--seen-at lies in the future: give the moment the export was made, or leave it out for now.")
    return seen_at


def import_folder(
    store: Store,
    path: Path,
    *,
    settings: Settings,
    crm: str = "",
    seen_at: int,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a folder (or one file) as seen at an instant; `crm` puts its ids in a namespace of their own.

    A row held already, seen later than `seen_at`, is left as it is: import the oldest export first. With `dry_run`
    all is done and then undone. Where there is nothing to import the report says so (`error`); StoreError when the
    store cannot be written, ValueError when `crm` is no name for a source.
    """
    check_source(crm)
    try:
        sources, others = find_sources(path)
    except FolderError as error:
        return ImportReport(str(path), crm, seen_at, dry_run, (), error=str(error))
    with plain_failures(), store.alone(), store.transaction(rollback=True) if dry_run else nullcontext():
        journal = Journal.begin(store, crm, path, seen_at, fingerprint(sources, settings))
        learn(store, crm, sources)
        files = []
        first: dict[str, Source] = {}
        for source in sources:
            if (other := first.setdefault(source.table.name, source)) is not source:
                files.append(_second(source, other))
                continue
            context = context_of(store, settings, crm, journal.seen_at, judged=True)
            files.append(_import_file(store, source, context, journal, progress or (lambda *_: None)))
        files = [_with_dangling(store, file, crm) for file in files]
        hints = {name: told for name in others if (told := hint(name))}
        report = ImportReport(
            str(path), crm, journal.seen_at, dry_run, tuple(files), tuple(others), hints, resumed=journal.resumed
        )
        with store.transaction():
            store.add_import(journal.seen_at, report.as_dict())
            journal.end()
    return report


def _import_file(store: Store, source: Source, context: Context, journal: Journal, progress: Progress) -> FileReport:
    waiting = Waiting.of(store, source.table, context.crm, context.seen_at)
    run = Run(store, source.table, source.path.name, context, Tally(source.path.name), journal=journal, waiting=waiting)
    try:
        reading = open_source(source)
    except (HeaderError, FolderError) as error:
        return FileReport(run.file, source.table.name, error=str(error))
    except OSError as error:
        return FileReport(run.file, source.table.name, error=cannot_be_read(run.file, error))
    if reading is None:
        return run.report(problems=[Problem(run.file, "", "empty file", "warning", 1)])
    stopped = _read(run, reading, progress)
    header = reading.header
    mended = ID in header.names
    own = [
        live(name) if mended else name
        for name, custom in zip(header.names, header.custom, strict=True)
        if custom and name not in (*HEAD, WHOLE)
    ]
    return replace(run.report(reading.written(), own, _of_header(run.file, header)), error=stopped, mended=mended)


def _second(source: Source, first: Source) -> FileReport:
    """The report of a second file of one table: which of the two holds the latest rows nobody can tell."""
    name, other = source.path.name, first.path.name
    says = f"{name} was left out: {other} holds {source.table.name} too. Keep one of the two, or join them."
    return FileReport(name, source.table.name, error=says)


def _of_header(file: str, header: Header) -> list[Problem]:
    """What there is to say of the names of a file's columns, all on its first line."""
    renamed = [(name, "header", f"the column {found!r} is read as {name}") for found, name in header.renamed.items()]
    twice = [
        (first, "duplicate column", f"the column {first} comes twice; the second is kept as the custom field {name!r}")
        for name, first in header.twice.items()
    ]
    near = [
        (found, "unknown column", f"no column of ours, but it may be {name}") for found, name in header.near.items()
    ]
    return [Problem(file, name, rule, "repaired", 1, (1,), detail=says) for name, rule, says in renamed] + [
        Problem(file, name, rule, "warning", 1, (1,), detail=says) for name, rule, says in (*twice, *near)
    ]


def _read(run: Run, reading: Reading, progress: Progress) -> str:
    """Bring every chunk in; returns what stopped the reading, if anything did."""
    try:
        for chunk, reached in reading.chunks:
            if ID in chunk.custom:
                run.journal = None  # counts as it goes: what was mended waits no longer
                take_mended(run, chunk)
            else:
                run.add(chunk)
            progress(run.file, reached, reading.total)
        run.store.release(run.waiting.over())
    except MemoryError:
        return (
            f"{run.file} needs more memory than there is beyond its first {run.counts.given:,} rows, which are in: "
            "leave out its longest column, or export it as CSV, then import again."
        )
    except (OSError, pa.ArrowException) as error:
        given = run.counts.given
        return (
            f"{run.file} is damaged and cannot be read beyond its first {given:,} rows, which are in ({error}): "
            "copy or export it again, then import again."
        )
    finally:
        reading.chunks.close()
    return ""


def _with_dangling(store: Store, file: FileReport, crm: str) -> FileReport:
    """The report of a file with the references of its table that lead nowhere."""
    found = [
        Problem(file.file, column, "unknown reference", "warning", count)
        for column, target in _REFERENCES.items()
        if target != file.table and TABLES[file.table].column(column) is not None
        if (count := store.dangling(file.table, column, target, crm))
    ]
    return replace(file, problems=(*file.problems, *found))
