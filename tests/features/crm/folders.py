"""Small folders to import, and what a store holds after."""

from pathlib import Path

from features.columns import Words
from features.crm.importer import import_folder
from features.crm.report import ImportReport
from features.crm.schema import TABLES
from features.crm.store import Store
from features.settings import Settings

SEEN = 1_750_000_000_000_000
"""2025-06-15: when the folders of these tests are seen unless they say otherwise."""
WEEK = 7 * 86_400_000_000


def write(folder: Path, **files: str | bytes) -> Path:
    """A folder of CSV files: table name -> its content."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def brought(store: Store, folder: Path, seen_at: int = SEEN, crm: str = "") -> ImportReport:
    """Import a folder with the default settings."""
    return import_folder(store, folder, settings=Settings(), seen_at=seen_at, crm=crm)


def rules(report: ImportReport) -> dict[tuple[str, str], tuple[str, int]]:
    """The problems of a report: (column, rule) -> (outcome, count)."""
    return {(problem.column, problem.rule): (problem.outcome, problem.count) for problem in report.problems}


def column(store: Store, table: str, name: str) -> list[object]:
    """One column of a table, as plain values."""
    values = store.read(table, [name])[name]
    return list(values.tolist())


def holds(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything the history holds, to compare two stores."""
    held = {}
    for table in TABLES:
        columns = store.read(table)
        plain = [c.tolist() if isinstance(c, Words) else [str(value) for value in c.tolist()] for c in columns.values()]
        held[table] = list(zip(*plain, strict=True))
    return held
