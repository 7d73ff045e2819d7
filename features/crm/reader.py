"""A folder of CSV and Parquet files -> chunks of text columns, in bounded memory, each row with its line number.

What a file is written in is found out, not asked: its encoding (UTF-8, UTF-16, else Windows-1252), its separator
(comma, semicolon, tab or bar) and its header, whose names may differ from ours in case, spaces and underscores.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.columns import Bools, Ints
from features.crm.delimited import Broken, Delimited
from features.crm.header import Header, HeaderError, fold, match_header
from features.crm.names import FILES, PACKED, SHEETS
from features.crm.parquet import first_values, parts, too_packed
from features.crm.schema import TABLES, Table
from features.crm.values import Texts

ORDER = (
    "changes", "owners", "stages", "attributes", "accounts", "contacts", "leads", "opportunities",
    "roles", "activities", "quotas", "calls", "spend",
)  # fmt: skip
"""Changes come first: a record that then reads otherwise finds the change already told, and none is made up."""


class FolderError(Exception):
    """There is nothing to import at a path; the message says what was looked for."""


_DISGUISED = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an Excel workbook: save the sheet as CSV",
    b"\x1f\x8b": "a gzip archive: unpack it",
    b"PAR1": "a Parquet file: name it .parquet",
}
"""How files that are no text begin, and what they are."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a known table."""

    path: Path
    table: Table


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows as text columns (None = empty), canonical and custom; `marks` are rows already repaired, by rule.

    `names`: those of all columns, in the order of the file.
    """

    lines: Ints
    texts: dict[str, Texts]
    custom: dict[str, Texts]
    marks: dict[str, Ints] = field(default_factory=dict)
    broken: Sequence[Broken] = ()
    names: tuple[str, ...] = ()

    def without(self, rows: Bools) -> "Chunk":
        """The chunk less some rows."""
        keep, place = pa.array(~rows), np.cumsum(~rows) - 1
        return Chunk(
            self.lines[~rows],
            {name: texts.filter(keep) for name, texts in self.texts.items()},
            {name: texts.filter(keep) for name, texts in self.custom.items()},
            {rule: place[found[~rows[found]]] for rule, found in self.marks.items()},
            self.broken,
            self.names,
        )

    def raw(self, row: int) -> dict[str, str]:
        """One row as it was given, its empty cells left out."""
        cells = {name: column[row].as_py() for name, column in (self.texts | self.custom).items()}
        return {name: value for name, value in cells.items() if value}


@dataclass(frozen=True, slots=True)
class Reading:
    """An open file: how it is written (as far as it was read), its header, and its rows."""

    source: Source
    written: Callable[[], str]
    header: Header
    total: int
    chunks: Generator[tuple[Chunk, int], None, None]
    """Chunks with how far they reach, of `total`: bytes of a CSV file, rows of a Parquet file."""


def find_sources(path: Path) -> tuple[list[Source], list[str]]:
    """The files to import at a path (a folder, or one file) in the order to import them, and the names left alone."""
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError as error:
        raise FolderError(cannot_be_read(path.name or str(path), error)) from error
    if not path.exists():
        raise FolderError(f"{path} does not exist: give the folder that holds the export, or one file of it.")
    known = [
        Source(file, TABLES[file.stem.casefold()])
        for file in files
        if file.is_file() and file.suffix.casefold() in (".csv", ".parquet") and file.stem.casefold() in TABLES
    ]
    if not known:
        hints = "".join(f" {file.name}: {told}." for file in files if (told := hint(file.name)))
        raise FolderError(
            f"{path} holds no file to import: name them {', '.join(TABLES)} with .csv or .parquet.{hints}"
        )
    taken = {source.path for source in known}
    others = [file.name for file in files if file not in taken and not file.name.startswith(".")]
    return sorted(known, key=lambda source: ORDER.index(source.table.name)), others


def hint(name: str) -> str:
    """What to do with a file that was left alone, where its name tells; else "".

    >>> hint("Affaires.csv"), hint("leads.txt"), hint("export.xlsx"), hint("invoices.csv")
    ('name it opportunities.csv', 'name it leads.csv', 'save each sheet as CSV, named after a table', '')
    >>> hint("leeds.csv"), hint("leads.csv.gz")
    ('name it leads.csv', 'unpack it')
    """
    path = Path(name)
    if path.suffix.casefold() in PACKED:
        return "unpack it"
    stem = fold(path.stem)
    near = get_close_matches(stem, TABLES, 1, 0.8)
    table = stem if stem in TABLES else FILES.get(stem) or next(iter(near), None)
    if path.suffix.casefold() in SHEETS:
        return f"save its sheet as {table}.csv" if table else "save each sheet as CSV, named after a table"
    ending = path.suffix.casefold() if path.suffix.casefold() == ".parquet" else ".csv"
    return f"name it {table}{ending}" if table else ""


def cannot_be_read(name: str, error: OSError) -> str:
    """Why a file cannot be read, and what to do about it."""
    mend = "let this user read it" if isinstance(error, PermissionError) else "copy it to this machine again"
    return f"{name} cannot be read ({error.strerror or error}): {mend}, then import again."


def open_source(source: Source) -> Reading | None:
    """Open one file; None when it holds no row. HeaderError when a required column is missing; FolderError when it is
    not what its name says, OSError when it cannot be read.
    """
    if source.path.suffix.casefold() == ".parquet":
        return _open_parquet(source)
    _refuse_disguised(source.path)
    known = {column.name for column in source.table.columns}
    file = Delimited.open(source.path, known)
    if file is None:
        return None
    try:
        _refuse_controls(source.path.name, file.names, "export it as CSV")
        header = match_header(source.table, file.names, source.path.name, lambda: _first_values(source.path, known))
    except (HeaderError, FolderError):
        file.close()
        raise
    return Reading(source, lambda: file.written, header, source.path.stat().st_size, _delimited_chunks(file, header))


def _refuse_controls(file: str, names: Sequence[str], mend: str) -> None:
    if any(ord(letter) < 32 and letter not in "\t\r\n" for name in names for letter in name):
        raise FolderError(f"{file} is not text in its column names: {mend}.")


def _first_values(path: Path, known: set[str]) -> Mapping[str, Sequence[str]]:
    file = Delimited.open(path, known)
    return file.sample() if file else {}


def _refuse_disguised(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    for mark, says in _DISGUISED.items():
        if start.startswith(mark):
            raise FolderError(f"{path.name} is not text but {says}.")


def _delimited_chunks(file: Delimited, header: Header) -> Generator[tuple[Chunk, int], None, None]:
    with closing(file.rows()) as parts:
        for rows in parts:
            yield _chunk(header, rows.lines, rows.columns, rows.marks, rows.broken), rows.reached


def _chunk(
    header: Header, lines: Sequence[int], columns: Sequence[Any], marks: dict[str, list[int]], broken: Sequence[Broken]
) -> Chunk:
    arrays = [_emptied(pa.array(column, pa.string())) for column in columns]
    if not arrays:
        arrays = [pa.array([], pa.string()) for _ in header.names]
    return Chunk(
        np.asarray(lines, np.int64),
        {name: array for name, array, custom in zip(header.names, arrays, header.custom, strict=True) if not custom},
        {name: array for name, array, custom in zip(header.names, arrays, header.custom, strict=True) if custom},
        {rule: np.asarray(rows, np.int64) for rule, rows in marks.items()},
        broken,
        header.names,
    )


def _emptied(texts: Texts) -> Texts:
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _open_parquet(source: Source) -> Reading | None:
    name = source.path.name
    with source.path.open("rb") as start:
        if start.read(4) != b"PAR1":
            raise FolderError(f"{name} is not a Parquet file: name it .csv if it is text, or export it again.")
    try:
        with pq.ParquetFile(source.path) as file:
            metadata, schema = file.metadata, file.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise FolderError(f"{name} is not a Parquet file, or one cut short: copy or export it again.") from error
    if not metadata.num_rows:
        return None
    _refuse_controls(name, schema.names, "rename it in the export")
    if why := too_packed(metadata, source.path.stat().st_size):
        raise FolderError(f"{name} is not read: {why}. Leave that column out, or export as CSV.")
    header = match_header(source.table, schema.names, name, lambda: first_values(source.path))
    for column, kind, custom in zip(header.names, schema.types, header.custom, strict=True):
        if pa.types.is_nested(kind) and not custom:
            raise FolderError(
                f"{name}, column {column}, holds values of several parts ({kind}): export one plain value a row."
            )
    return Reading(source, lambda: "Parquet", header, metadata.num_rows, _parquet_chunks(source.path, header))


def _parquet_chunks(path: Path, header: Header) -> Generator[tuple[Chunk, int], None, None]:
    with closing(parts(path)) as found:
        for part in found:
            marks = {"encoding": list(part.marked)} if part.marked else {}
            yield _chunk(header, part.lines, part.columns, marks, part.broken), part.reached
