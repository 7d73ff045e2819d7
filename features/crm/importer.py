"""A folder of CRM files -> the store: every row accepted, repaired or quarantined, and told.

Files are written chunk by chunk, each chunk whole or not at all. Writing a row again changes nothing, so an import that
was cut short is simply run again.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from features.crm.accept import AcceptReport, accept_rows, retry_quarantined
from features.crm.convert import Context
from features.crm.database import plain_failures
from features.crm.findings import Problem, Tally
from features.crm.header import HeaderError
from features.crm.reader import FolderError, Reading, Source, find_sources, hint, open_source
from features.crm.report import FileReport, ImportReport, render
from features.crm.run import Run, context_of
from features.crm.schema import TABLES
from features.crm.store import Store
from features.settings import Settings

__all__ = ["AcceptReport", "FolderError", "ImportReport", "accept_rows", "import_folder", "render", "retry_quarantined"]

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
    store cannot be written.
    """
    if ":" in crm:
        raise ValueError("the name of a source may not hold a colon: it separates the name from its ids")
    try:
        sources, others = find_sources(path)
    except FolderError as error:
        return ImportReport(str(path), crm, seen_at, dry_run, (), error=str(error))
    with plain_failures(), store.transaction(rollback=True) if dry_run else nullcontext():
        files = []
        for source in sources:
            context = context_of(store, settings, crm, seen_at)
            files.append(_import_file(store, source, context, progress or (lambda *_: None)))
        files = [_with_dangling(store, file, crm) for file in files]
        hints = {name: told for name in others if (told := hint(name))}
        report = ImportReport(str(path), crm, seen_at, dry_run, tuple(files), tuple(others), hints)
        store.add_import(seen_at, report.as_dict())
    return report


def _import_file(store: Store, source: Source, context: Context, progress: Progress) -> FileReport:
    run = Run(store, source.table, source.path.name, context, Tally(source.path.name))
    try:
        reading = open_source(source)
    except (HeaderError, FolderError, OSError) as error:
        return FileReport(run.file, source.table.name, error=str(error))
    if reading is None:
        return run.report(problems=[Problem(run.file, "", "empty file", "warning", 1)])
    stopped = _read(run, reading, progress)
    header = reading.header
    renamed = [
        Problem(run.file, name, "header", "repaired", 1, (1,), detail=f"the column {found!r} is read as {name}")
        for found, name in header.renamed.items()
    ]
    own = (name for name, custom in zip(header.names, header.custom, strict=True) if custom)
    return replace(run.report(reading.written, own, renamed), error=stopped)


def _read(run: Run, reading: Reading, progress: Progress) -> str:
    """Bring every chunk in; returns what stopped the reading, if anything did."""
    try:
        for chunk, reached in reading.chunks:
            run.add(chunk)
            progress(run.file, reached, reading.total)
    except (OSError, pa.ArrowException) as error:
        return f"{run.file} cannot be read further: {error}"
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
