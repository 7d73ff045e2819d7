"""Which (record, as-of) rows a model learns from, and which records are open at an instant."""

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Ints
from features.history import History
from features.labels import gone
from features.view import Rows

AGES = (0, 1, 2, 3, 5, 7, 10, 14, 18, 22, 27, 32, 40, 50, 60, 75, 90, 110, 130, 150, 180, 210, 240, 280, 320, 365)
"""Days after creation at which a record is looked at; then every 60 days, to three years. Denser where more happens."""

_ALL_AGES = np.array([*AGES, *range(425, 3 * 365, 60)], np.int64) * MICROSECONDS_A_DAY


def snapshots(history: History, target: str, until: int) -> Rows:
    """Rows at each of `AGES` while the record was open and before `until`, ordered by record, then as-of.

    Each row's openness is judged as it was known at its own as-of.
    """
    n, ages = len(history.ids), len(_ALL_AGES)
    last = _last_row(history, target, until)
    count = np.searchsorted(_ALL_AGES, last - history.created, side="right")
    count[last < history.created] = 0
    record = np.repeat(np.arange(n), count)
    step = np.arange(len(record)) - np.repeat(np.cumsum(count) - count, count)
    assert not len(step) or step.max() < ages
    return open_rows(history, target, Rows(record, history.created[record] + _ALL_AGES[step]))


def open_rows(history: History, target: str, rows: Rows) -> Rows:
    """The rows whose record was open, as known at their as-of."""
    return rows.take(history.outcomes[target].last(rows.record, rows.as_of) < 0)


def open_at(history: History, target: str, as_of: int) -> Rows:
    """One row for each record created by `as_of` and not known then to have ended, been deleted or merged."""
    there = np.flatnonzero((history.created <= as_of) & ~gone(history, as_of))
    return open_rows(history, target, Rows(there, np.full(len(there), as_of)))


def _last_row(history: History, target: str, until: int) -> Ints:
    """The last instant worth looking at: the record's last known end, or the last microsecond before `until`."""
    ended = history.outcomes[target].closed(until)
    return np.where(ended == MISSING, until - 1, np.minimum(ended, until - 1))
