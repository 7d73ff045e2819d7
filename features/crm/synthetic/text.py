"""Columns to CSV text: Arrow does the joining, so that a hundred million cells take minutes, not hours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.columns import MISSING, Bools, Ints
from features.crm.schema import TABLES
from features.crm.synthetic.clock import Clock

Text: TypeAlias = Any
"""An Arrow array of strings; null is written as nothing."""


def coded(codes: Ints, words: Sequence[str]) -> Text:
    """The word of each code; null for a negative one."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([*words, ""], pa.string())).cast(pa.string())


def constant(word: str, count: int) -> Text:
    """The same word in every row."""
    return coded(np.zeros(count, np.int64), (word,))


def numbered(prefix: str, numbers: Ints, width: int = 7) -> Text:
    """Ids such as O0000042; null for a negative number."""
    digits = pc.utf8_lpad(pa.array(numbers, mask=numbers < 0).cast(pa.string()), width, "0")
    return joined(pa.scalar(prefix), digits)


def joined(*parts: Text) -> Text:
    """Parts one after the other; null where one is."""
    return pc.binary_join_element_wise(*parts, pa.scalar(""))


def where(mask: Bools, text: Text, other: Text = None) -> Text:
    """`text` where the mask is true, `other` (null) elsewhere."""
    return pc.if_else(pa.array(mask), text, pa.scalar(other, pa.string()) if other is None else other)


def integers(numbers: Ints) -> Text:
    """Whole numbers; null where MISSING."""
    return pa.array(numbers, mask=numbers == MISSING).cast(pa.string())


def hundredths(numbers: Ints) -> Text:
    """Hundredths as a decimal number with two places (cents as money); null where MISSING."""
    missing = numbers == MISSING
    safe = np.where(missing, 0, numbers)
    whole = pa.array(safe // 100, mask=missing).cast(pa.string())
    return joined(whole, coded(safe % 100, [f".{n:02d}" for n in range(100)]))


def instants(clock: Clock, when: Ints) -> Text:
    """Int64 microseconds UTC as local ISO 8601 with offset, whole seconds; null where MISSING."""
    missing = when == MISSING
    offset = clock.offset(np.where(missing, 0, when))
    local = pa.array((np.where(missing, 0, when) + offset) // 1_000_000, pa.timestamp("s"), mask=missing)
    kinds, code = np.unique(offset, return_inverse=True)
    text = pc.replace_substring(local.cast(pa.string()), " ", "T")
    return joined(text, coded(code, [_offset(int(kind)) for kind in kinds]))


def _offset(microseconds: int) -> str:
    """An offset as ISO 8601 writes it.

    >>> _offset(7_200_000_000), _offset(-12_600_000_000)
    ('+02:00', '-03:30')
    """
    minutes = abs(microseconds) // 60_000_000
    return f"{'-' if microseconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def dates(days: Ints) -> Text:
    """Days since 1970 as ISO dates; null where MISSING."""
    missing = days == MISSING
    whole = pa.array(np.where(missing, 0, days).astype(np.int32), mask=missing)
    return whole.cast(pa.date32()).cast(pa.string())


class TableFile:
    """A CSV file being written; `rows` counts what it holds so far."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.rows = 0
        self._file = path.open("wb")
        self._file.write((",".join(self.columns) + "\n").encode())

    @classmethod
    def canonical(cls, folder: Path, name: str, custom: Sequence[str] = ()) -> "TableFile":
        """A canonical table: every column of its schema in order, then the custom ones."""
        return cls(folder / f"{name}.csv", [column.name for column in TABLES[name].columns] + list(custom))

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, columns: Mapping[str, Text]) -> None:
        """Append rows; a canonical column not given is empty, a column the file has not is an error."""
        unknown = set(columns) - set(self.columns)
        if unknown:
            raise KeyError(f"no column {sorted(unknown)} in this table")
        count = max(len(column) for column in columns.values())
        nothing = pa.nulls(count, pa.string())
        cells = [columns.get(name, nothing) for name in self.columns]
        text = pc.binary_join_element_wise(*cells, pa.scalar(","), null_handling="replace", null_replacement="")
        lines = pc.binary_join_element_wise(text, pa.scalar(""), pa.scalar("\n"))
        if len(lines):
            self._file.write(b"".join(_bytes(part) for part in getattr(lines, "chunks", [lines])))
        self.rows += count


def _bytes(lines: Text) -> bytes:
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(lines.buffers()[2])[int(offsets[0]) : int(offsets[-1])].tobytes()
