"""Columns <-> the rows a database takes and gives: None for missing, digests to recognise what has not changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.columns import MISSING, Column, Columns, Floats, Ints, Words
from features.crm.schema import TABLES, Table
from features.crm.tables import row_key

Value: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Value, ...]

ARROW = {
    "id": pa.large_string(),
    "text": pa.large_string(),
    "time": pa.int64(),
    "money": pa.int64(),
    "number": pa.float64(),
}


def values_of(column: Column) -> list[Value]:
    """A column as plain values, None where missing.

    >>> values_of(np.array([5, MISSING])), values_of(np.array([0.5, np.nan])), values_of(Words.of(["a", ""]))
    ([5, None], [0.5, None], ['a', None])
    """
    if isinstance(column, Words):
        return cast(list[Value], np.array([*column.words, None], object)[column.codes].tolist())
    missing = np.isnan(column) if column.dtype == np.float64 else column == MISSING
    if not missing.any():
        return cast(list[Value], column.tolist())
    values = column.astype(object)
    values[missing] = None
    return cast(list[Value], values.tolist())


def key_digest(parts: Row) -> str:
    """What stands for a key of several parts: 128 bits, so that no two ever meet.

    >>> key_digest(("loan", "won"))
    'ee07dccc9ebc396332263bd50efc502a'
    """
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def keys_of(table: Table, rows: Columns, n: int) -> list[str]:
    """The row key of each row; a key column the rows lack counts as missing.

    >>> keys_of(TABLES["leads"], {"lead_id": Words.of(["L1", "L2"])}, 2)
    ['L1', 'L2']
    """
    parts = [values_of(rows[name]) if name in rows else [None] * n for name in table.key]
    if row_key(table) != "row_key":
        return cast(list[str], parts[0])
    return [key_digest(row) for row in zip(*parts, strict=True)]


def digests_of(names: Sequence[str], rows: Iterable[Row]) -> list[int]:
    """64 bits of each row and of the names of its columns, signed, to recognise a row given again.

    >>> digests_of(["a"], [("x",)]) == digests_of(["a"], [("x",)]) != digests_of(["b"], [("x",)])
    True
    """
    header = blake2b(repr(list(names)).encode(), digest_size=16).digest()
    return [
        int.from_bytes(
            blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=8, key=header).digest(), "big", signed=True
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """Rows on their way into a table: the columns they name, their values, keys and digests, row by row.

    `custom` holds each row's custom fields ("" = emptied); None when the rows say nothing about custom fields.
    """

    names: tuple[str, ...]
    rows: list[Row]
    keys: list[str]
    digests: list[int]
    custom: Sequence[dict[str, str]] | None

    def take(self, at: Sequence[int]) -> "Given":
        """The rows at these positions."""
        return Given(
            self.names,
            [self.rows[place] for place in at],
            [self.keys[place] for place in at],
            [self.digests[place] for place in at],
            [self.custom[place] for place in at] if self.custom is not None else None,
        )

    def places_with(self, name: str) -> set[int]:
        """The positions of the rows that have a value in a column."""
        if name not in self.names:
            return set()
        place = self.names.index(name)
        return {at for at, row in enumerate(self.rows) if row[place] is not None}

    def without(self, name: str) -> "Given":
        """The rows less a column; their digests stay."""
        if name not in self.names:
            return self
        place = self.names.index(name)
        names = (*self.names[:place], *self.names[place + 1 :])
        return replace(self, names=names, rows=[(*row[:place], *row[place + 1 :]) for row in self.rows])

    def filled(self, name: str, value: Value) -> "Given":
        """The rows with one more column, the same value in each; their digests stay."""
        return replace(self, names=(*self.names, name), rows=[(*row, value) for row in self.rows])

    @classmethod
    def of(cls, table: Table, columns: Columns, custom: Sequence[dict[str, str]] | None) -> "Given":
        """Columns (and custom fields) as rows."""
        names = tuple(columns)
        lists = [values_of(column) for column in columns.values()]
        rows = list(zip(*lists, strict=True))
        keys = keys_of(table, columns, len(rows))
        if custom is None:
            return cls(names, rows, keys, digests_of(names, rows), None)
        fields = [repr(sorted(fields.items())) for fields in custom]
        digests = digests_of((*names, "custom"), zip(*lists, fields, strict=True))
        return cls(names, rows, keys, digests, custom)


def _words(array: Any) -> Words:
    coded = array.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Words(codes, tuple(coded.dictionary.to_pylist()))


def _column(array: Any) -> Column:
    if pa.types.is_large_string(array.type):
        return _words(array)
    missing = MISSING if array.type == pa.int64() else np.nan
    return cast(Ints | Floats, array.fill_null(missing).to_numpy(zero_copy_only=False))


def columns_of(
    batches: Iterable[Sequence[Row]], types: dict[str, str], sort: Sequence[str], wanted: Sequence[str]
) -> Columns:
    """Rows from the database (columns in the order of `types`) as the `wanted` columns, sorted by `sort`.

    The order is by Unicode code point, missing last, whatever the database's own collation.

    >>> columns_of([[("b", 1), ("a", None)]], {"id": "id", "n": "number"}, ["id"], ["n"])
    {'n': array([nan,  1.])}
    """
    arrow = pa.schema([(name, ARROW[kind]) for name, kind in types.items()])
    parts = [
        pa.record_batch(
            [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), arrow, strict=True)], arrow
        )
        for rows in batches
        if rows
    ]
    table = pa.Table.from_batches(parts, arrow)
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in sort])
    return {name: _column(table.column(name).combine_chunks().take(order)) for name in wanted}


def types_of(table: str, names: Iterable[str], extra: dict[str, str]) -> dict[str, str]:
    """The type of each named column of a table.

    >>> types_of("leads", ["lead_id", "crm"], {"crm": "text"})
    {'lead_id': 'id', 'crm': 'text'}
    """
    known: dict[str, str] = {column.name: column.type for column in TABLES[table].columns} | extra
    return {name: known[name] for name in names}
