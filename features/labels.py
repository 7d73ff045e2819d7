"""What became of each row: the only module that may look past as-of. Open records are censored, never lost.

>>> Labels(np.array([3.0]), np.array([1], np.int32), ("price",), np.array([True])).reasons
('price',)
"""

from dataclasses import dataclass

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Codes, Floats, Ints, Words, ints
from features.history import History
from features.outcomes import REACHED, UNSAID
from features.view import Rows

NOT_SAID = "not said"
"""The loss reason of a record lost without one: a cause of its own, never spread over the others."""

BULK_DAY = 50
BULK_RATIO = 20
"""A day on which at least BULK_DAY records, and BULK_RATIO times the usual day's, were created is a migration."""


@dataclass(frozen=True, slots=True)
class Labels:
    """One entry a row. `days`: from as_of to the outcome, or to when the record was last seen open (float64).

    `cause`: -1 censored (open when last seen), 0 target reached, k >= 1 lost for `reasons[k - 1]`. `teaches`: whether a
    model may learn from the row.
    """

    days: Floats
    cause: Codes
    reasons: tuple[str, ...]
    teaches: Bools

    def take(self, rows: Ints | Bools) -> "Labels":
        """The rows at these positions, or where this mask is true."""
        return Labels(self.days[rows], self.cause[rows], self.reasons, self.teaches[rows])


def outcomes_of(history: History, rows: Rows, target: str, known_by: int) -> Labels:
    """What had become of each row by `known_by` (int64 microseconds): nothing recorded at or after it is used.

    A row whose record had in fact closed by its as-of, though nobody had recorded it, does not teach; nor does one of a
    record that closed without saying how.
    """
    outcomes = history.outcomes[target]
    by = np.full(len(rows), known_by)
    position = outcomes.last(rows.record, by)
    ended = position >= 0
    at = np.append(outcomes.column("at"), 0)[position]
    last_seen = np.where(ended, at, known_by)
    days = np.maximum(last_seen - rows.as_of, 0) / MICROSECONDS_A_DAY
    reason, names = _reasons(outcomes.reason(np.where(ended, position, -1), known_by))
    state = np.append(outcomes.column("state"), -1)[position]
    cause = np.where(ended, np.where(state == REACHED, 0, reason), -1).astype(np.int32)
    teaches = teaching(history, target, known_by)[rows.record] & ~(ended & ((at < rows.as_of) | (state == UNSAID)))
    return Labels(days, cause, names, teaches & (rows.as_of < known_by))


def teaching(history: History, target: str, known_by: int) -> Bools:
    """Which records may teach: not those born closed, made in bulk on a migration day, deleted or merged (DESIGN 3)."""
    return ~(born_closed(history, target, known_by) | migrated(history, known_by) | gone(history, known_by))


def born_closed(history: History, target: str, known_by: int) -> Bools:
    """Records whose first outcome, as known by then, is not later than their creation."""
    outcomes = history.outcomes[target]
    first = outcomes.events.start[:-1]
    some = first < outcomes.events.start[1:]
    some[some] = outcomes.events.time[first[some]] < known_by
    at = np.append(outcomes.column("at"), 0)[first]
    return some & (at <= history.created)


def migrated(history: History, known_by: int) -> Bools:
    """Records created on a day that brought far more than usual: a migration."""
    day = history.zone.day(history.created)
    before = history.created < known_by
    days, count = np.unique(day[before], return_counts=True)
    if not len(days):
        return np.zeros(len(day), bool)
    bulk = days[count >= np.maximum(BULK_DAY, BULK_RATIO * np.median(count))]
    return np.isin(day, bulk)


def gone(history: History, known_by: int) -> Bools:
    """Records deleted, or merged into another, before `known_by`."""
    everyone = np.arange(len(history.ids))
    by = np.full(len(everyone), known_by)
    told, merged = history.own.ends["deleted_at"].at(everyone, by), history.own.ends["merged_into"]
    into = merged.at(everyone, by)
    assert isinstance(into, Words)
    deleted = ints({"deleted_at": told}, "deleted_at")
    # a merge without a date or a change row is known from when we first saw the record
    dated = (np.diff(merged.changes.start) > 0) | (history.own.records.first_seen < known_by)
    known: Bools = (deleted != MISSING) & (deleted < known_by)
    return np.asarray(known | ((into.codes >= 0) & (deleted == MISSING) & dated))


def _reasons(said: Words) -> tuple[Codes, tuple[str, ...]]:
    """Cause number (from 1) of each row's reason, and the causes in alphabetical order."""
    used = np.unique(said.codes).tolist()
    names = tuple(sorted({NOT_SAID, *(said.words[code] for code in used if code >= 0)}))
    places = {name: place for place, name in enumerate(names, 1)}
    codes = said.recode(places)
    return np.where(codes < 0, np.int32(places[NOT_SAID]), codes), names
