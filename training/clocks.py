"""Features that tell the time rather than the record: counts and rates over a store that fills tell late from early.

What other records tell grows or wanders as a store fills. Where nearly every late row has more of it than nearly every
early one, the past shows one path of it, told apart from nothing else that changed; and rows to come lie beyond all
that was seen. Such a feature is not learnt from. The outcome has no say in it.
"""

from collections.abc import Iterable

import numpy as np

from features.columns import Floats, Ints
from features.feature import Feature
from features.grouping import across
from training.evaluate import auc

LATE = 1 / 3
"""The share of the rows, in time, that is late."""

TELLS = 0.8
"""From this AUC of late against early on (or from 1 less it down), a feature is a clock."""

ROWS = 8_000
"""At most about so many rows are asked."""

_FEW = 30


def clocks(catalogue: Iterable[Feature], numbers: dict[str, Floats], as_of: Ints) -> list[str]:
    """The names of the features across records that tell late rows from early ones.

    >>> load = Feature("owner_load", "owner", "total", "records", "", "", "", "", source="load")
    >>> time = np.arange(400)
    >>> clocks([load], {"owner_load": time.astype(np.float64)}, time), clocks([load], {"owner_load": time % 7.0}, time)
    (['owner_load'], [])
    """
    of_others = [row.name for row in catalogue if across(row.source) and row.name in numbers]
    some = slice(None, None, -(-len(as_of) // ROWS) or 1)
    late = (as_of[some] > np.quantile(as_of, 1 - LATE)).astype(np.float64) if len(as_of) else np.zeros(0)
    return [name for name in of_others if _tells(late, numbers[name][some])]


def _tells(late: Floats, values: Floats) -> bool:
    known = ~np.isnan(values)
    if known.sum() < _FEW:
        return False
    found = auc(late[known], values[known], np.ones(int(known.sum())))
    return max(found, 1.0 - found) >= TELLS  # NaN, where all are of one time, tells nothing
