"""THE ENGINE: history and (record, as-of) rows -> features, for a million rows or one.

It knows no feature by name: each catalogue row says what it reads and how. Nothing known at or after a row's as-of can
reach it, because every look-up in `features.view` ends strictly before that instant.
"""

from collections.abc import Sequence

import numpy as np

from features.aggregations import AGGREGATIONS
from features.catalog import Feature, catalog_for
from features.columns import Words
from features.history import History
from features.matrix import Matrix
from features.streams import Streams
from features.view import Rows, View

__all__ = ["Matrix", "Rows", "features_at"]


def features_at(history: History, streams: Streams, rows: Rows, catalog: Sequence[Feature] | None = None) -> Matrix:
    """Every feature of every row, using only what was known before the row's as-of (creation values: from creation on).

    `rows.record` are positions in `history`; `catalog` defaults to the rows that apply to the history's kind.
    Raises ValueError when a row's record does not exist yet at its as-of.
    """
    if len(rows) and (rows.record.min() < 0 or (rows.as_of < history.created[rows.record]).any()):
        raise ValueError(
            "a row asks for a record that is unknown, or not yet created at its as-of; leave such rows out"
        )
    view = View(history, streams, rows)
    matrix = Matrix({}, {})
    for feature in catalog_for(history) if catalog is None else catalog:
        column = AGGREGATIONS[feature.aggregation](view, feature)
        if isinstance(column, Words):
            matrix.categories[feature.name] = column
        else:
            matrix.numbers[feature.name] = column.astype(np.float64, copy=False)
    return matrix
