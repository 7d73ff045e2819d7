"""THE ENGINE: history and (record, as-of) rows -> features, for a million rows or one.

It knows no feature by name: each catalogue row says what it reads and how. Nothing known at or after a row's as-of can
reach it, because every look-up in `features.view` ends strictly before that instant.
"""

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
    blocks = range(0, max(len(rows), 1), _BLOCK)
    parts = [_block(View(history, streams, rows.part(start, start + _BLOCK)), asked) for start in blocks]
    columns = (
        parts[0]
        if len(parts) == 1
        else {row.name: concatenate([part.pop(row.name) for part in parts]) for row in asked}
    )
    numbers = {row.name: column for row in asked if not isinstance(column := columns[row.name], Words)}
    categories = {row.name: column for row in asked if isinstance(column := columns[row.name], Words)}
    return Matrix({name: column.astype(np.float64, copy=False) for name, column in numbers.items()}, categories)


def _block(view: View, catalog: Catalog) -> dict[str, Column]:
    """The columns of some rows, by feature."""
    columns: dict[str, Column] = {}
    for group in catalog.groups:
        found = AGGREGATIONS[group.aggregation](view, group)
        columns.update(zip(group.names, found, strict=True))
    return columns
