"""THE ENGINE: history and (record, as-of) rows -> features, for a million rows or one.

It knows no feature by name: each catalogue row says what it reads and how. Nothing known at or after a row's as-of can
reach it, because every look-up in `features.view` ends strictly before that instant.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from features.aggregations import AGGREGATIONS
from features.catalog import catalog_for
from features.columns import Column, Words, concatenate
from features.grouping import Catalog
from features.history import History
from features.matrix import Matrix
from features.streams import Streams
from features.view import Rows, View

__all__ = ["Matrix", "Rows", "features_at"]

_BLOCK = 16_384
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
    parts = [rows.part(start, start + _BLOCK) for start in range(0, max(len(rows), 1), _BLOCK)]
    first = _block(View(history, streams, parts[0]), asked)  # alone: it makes the tables that all of them read
    if len(parts) == 1:
        return _matrix(asked, first)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        blocks = [first, *pool.map(lambda part: _block(View(history, streams, part), asked), parts[1:])]
    return _matrix(asked, {name: concatenate([block.pop(name) for block in blocks]) for name in list(first)})


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
