"""THE ENGINE: history and (record, as-of) rows -> features, for a million rows or one.

It knows no feature by name: each catalogue row says what it reads and how. Nothing known at or after a row's as-of can
reach it, because every look-up in `features.view` ends strictly before that instant.
"""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from features.aggregations import AGGREGATIONS
from features.catalog import catalog_for
from features.columns import Column, Floats, Ints, Words, one_vocabulary
from features.grouping import Catalog
from features.history import History
from features.matrix import Matrix
from features.streams import Streams
from features.view import Rows, View

__all__ = ["Matrix", "Rows", "features_at"]

_BLOCK = 12_000
"""Rows looked up at a time: what they need of the streams then stays near the processor."""


def features_at(history: History, streams: Streams, rows: Rows, catalog: Catalog | None = None) -> Matrix:
    """Every feature of every row, using only what was known before the row's as-of (creation values: from creation on).

    `rows.record` are positions in `history`; `catalog` defaults to the rows that apply to the history's kind. What it
    leaves out costs nothing. Raises ValueError when a row's record does not exist yet at its as-of.
    """
    if len(rows) and (rows.record.min() < 0 or (rows.as_of < history.created[rows.record]).any()):
        raise ValueError(
            "a row asks for a record that is unknown, or not yet created at its as-of; leave such rows out"
        )
    asked = catalog_for(history) if catalog is None else catalog
    if len(rows) <= _BLOCK:
        return _matrix(asked, _block(View(history, streams, rows), asked))
    filled = _Filled(_in_order(rows), len(rows))

    def fill(place: int) -> None:
        filled.put(place, _block(View(history, streams, rows.take(filled.parts[place])), asked))

    fill(0)  # alone: it makes the tables that all of them read
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, range(1, len(filled.parts))))
    return _matrix(asked, filled.columns())


def _in_order(rows: Rows) -> list[Ints | slice]:
    """Blocks of the rows, those of a record side by side: each then reads a part of the records' events."""
    starts = range(0, len(rows), _BLOCK)
    if (np.diff(rows.record) >= 0).all():
        return [slice(start, start + _BLOCK) for start in starts]
    order = np.argsort(rows.record, kind="stable")
    return [order[start : start + _BLOCK] for start in starts]


class _Filled:
    """Columns of n rows, filled block by block."""

    def __init__(self, parts: list[Ints | slice], n: int) -> None:
        self.parts, self._n = parts, n
        self._numbers: dict[str, Floats] = {}
        """Rows of one array: the system then hands its memory out in large pages."""
        self._words: dict[str, list[Words]] = {}

    def put(self, place: int, block: Mapping[str, Column]) -> None:
        """Keep the columns of one block; the first one tells which are words."""
        if not self._numbers:
            names = [name for name, column in block.items() if not isinstance(column, Words)]
            self._numbers.update(zip(names, np.empty((len(names), self._n)), strict=True))
        for name, column in block.items():
            if isinstance(column, Words):
                self._words.setdefault(name, [column] * len(self.parts))[place] = column
            else:
                self._numbers[name][self.parts[place]] = column

    def columns(self) -> dict[str, Column]:
        """All of them, in the order of the rows."""
        return {**self._numbers, **{name: self._in_place(blocks) for name, blocks in self._words.items()}}

    def _in_place(self, blocks: list[Words]) -> Words:
        codes = np.empty(self._n, np.int32)
        one = one_vocabulary(*blocks)
        for part, words in zip(self.parts, one, strict=True):
            codes[part] = words.codes
        return Words(codes, one[0].words)


def _block(view: View, catalog: Catalog) -> dict[str, Column]:
    """The columns of some rows, by feature."""
    columns: dict[str, Column] = {}
    for group in catalog.groups:
        columns.update(zip(group.names, AGGREGATIONS[group.aggregation](view, group), strict=True))
    return columns


def _matrix(catalog: Catalog, columns: dict[str, Column]) -> Matrix:
    """The columns in the catalogue's order."""
    matrix = Matrix({}, {})
    for name in catalog.names:
        column = columns[name]
        if isinstance(column, Words):
            matrix.categories[name] = column
        else:
            matrix.numbers[name] = column.astype(np.float64, copy=False)
    return matrix
