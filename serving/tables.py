"""Tables in files, by their suffix: .csv, .parquet or .json. A file is there whole, or not at all."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

Table: TypeAlias = Any
"""A pyarrow table: pyarrow is published without types."""

VERBATIM = ("id", "as_of")
_FORMULA = r"^[=+\-@\t\r]"


class OutputError(Exception):
    """A table cannot be written there; the message says what to give instead."""


def check_path(path: Path) -> None:
    """OutputError, before any work is done, where no table can be written to such a name or folder."""
    if path.suffix not in _WRITERS:
        raise OutputError(f"{path}: end its name in {', '.join(_WRITERS)}")
    if not path.parent.is_dir():
        raise OutputError(f"{path} cannot be written: the folder {path.parent} does not exist, make it first")


def write_table(table: Table, path: Path) -> None:
    """Write an Arrow table. In CSV, a text a spreadsheet would take for a formula gets a quote before it."""
    check_path(path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _WRITERS[path.suffix](table, fresh)
        fresh.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def write_rows(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write rows that all have the same columns."""
    write_table(pa.Table.from_pylist(list(rows)), path)


def _csv(table: Table, path: Path) -> None:
    for place, field in enumerate(table.schema):
        if field.type == pa.string() and field.name not in VERBATIM:
            table = table.set_column(place, field, _inert(table.column(place)))
    pa.csv.write_csv(table, path, pa.csv.WriteOptions(quoting_style="needed"))


def _inert(texts: Any) -> Any:
    """Texts that no spreadsheet runs.

    >>> _inert(pa.chunked_array([["=1+1", "calls: 3", None]])).to_pylist()
    ["'=1+1", 'calls: 3', None]
    """
    return pc.replace_substring_regex(texts, pattern=f"({_FORMULA})", replacement=r"'\1")


def _json(table: Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, batch in enumerate(table.to_batches(1_000)):
            rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in batch.to_pylist())
            file.write(f"{',' if number else ''}\n{rows}")
        file.write("\n]\n")


_WRITERS: dict[str, Callable[[Table, Path], object]] = {
    ".csv": _csv, ".parquet": pa.parquet.write_table, ".json": _json,
}  # fmt: skip
"""How a table is written, by suffix."""
