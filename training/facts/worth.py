"""What the CRM's own percentages were worth: read as they stood on the first day of each month, then held against what
became of those opportunities. Nothing is read that was not known on that day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.calendar import Zone
from features.columns import MICROSECONDS_A_DAY, Bools, Floats, Ints, Words, floats, words
from features.crm.store import Store
from features.history import History
from features.keyed import pair
from features.labels import Labels, outcomes_of
from features.snapshots import open_at
from features.view import Rows, as_floats
from models.odds import logit
from training.evaluate import line
from training.facts.records import Records
from training.facts.shares import Point, Share, Verdict, verdict

MONTHS = 24
FEW = 30
"""Below so many closed opportunities with their own percentage, the stages' percentages are taken if they have more."""

TELLING = 20
"""A band speaks for itself from so many closed opportunities on."""

SAME = 0.02
"""Brier scores nearer than this share of the base's are called the same."""

Basis = Literal["own", "stage"]
Problem = Literal["", "no_records", "none_read", "never_filled", "no_history", "none_closed"]


@dataclass(frozen=True, slots=True)
class Band:
    """Percentages from `low` on and below `high` (1 included in the last): `seen` counts opportunities since closed,
    each once; `open` those not closed yet; `rows` the month-firsts of the closed ones."""

    low: float
    high: float
    rows: int
    open: int
    point: Point


NOBODY = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Worth:
    """`basis`: own (own_probability), or stage (default_probability of the stage then). `said`, `brier`: over closed
    opportunities, each counting once; `base_brier`: of the share won among these same ones, said of all; `slope`: as in
    `verdict`.
    """

    problem: Problem
    basis: Basis = "own"
    months: tuple[int, ...] = ()
    rows: int = 0
    unknown: int = 0
    open: int = 0
    won: Share = NOBODY
    said: float = 0.0
    brier: float = 0.0
    base_brier: float = 0.0
    slope: float | None = None
    bands: tuple[Band, ...] = ()

    @property
    def against(self) -> Literal["better", "worse", "same"]:
        """Whether they were worth more than saying the average of every one."""
        if abs(self.brier - self.base_brier) <= SAME * self.base_brier:
            return "same"
        return "better" if self.brier < self.base_brier else "worse"

    @property
    def telling(self) -> Band | None:
        """The band that is furthest off among those with enough opportunities; None when none is off."""
        off = [band for band in self.bands if band.point.seen.n >= TELLING and not band.point.held]
        return max(off, key=lambda band: abs(band.point.said - band.point.seen.value), default=None)

    @property
    def verdict(self) -> Verdict:
        """What the chart shows."""
        return verdict([band.point for band in self.bands], self.slope)


@dataclass(frozen=True, slots=True)
class _Said:
    """Percentages (float64, NaN unknown) of opportunities at month-firsts, with what became of each."""

    rows: Rows
    labels: Labels
    said: Floats

    @property
    def known(self) -> Bools:
        return ~np.isnan(self.said)

    @property
    def closed(self) -> Bools:
        return self.known & (self.labels.cause >= 0)

    @property
    def deals(self) -> int:
        return len(np.unique(self.rows.record[self.closed]))


def worth(store: Store, records: Records) -> Worth:
    """The worth of the percentages over the last 24 months of the data, or why it cannot be told."""
    history = records.history
    if not len(records):
        return Worth("no_records")
    end = min(records.as_of, records.known_by + 31 * MICROSECONDS_A_DAY)
    instants = month_firsts(history.zone, int(history.created[records.row].min()), end)
    found = [open_at(history, "won", instant) for instant in instants]
    rows = Rows(
        np.concatenate([part.record for part in found] or [np.zeros(0, np.int64)]),
        np.concatenate([part.as_of for part in found] or [np.zeros(0, np.int64)]),
    )
    labels = outcomes_of(history, rows, "won", records.as_of)
    rows, labels = rows.take(labels.teaches), labels.take(labels.teaches)
    own = _Said(rows, labels, _own(history, rows))
    stage = _Said(rows, labels, _of_stage(store, history, rows))
    basis: Basis = "stage" if own.deals < FEW and stage.deals > own.deals else "own"
    best = stage if basis == "stage" else own
    return _judged(best, basis) if best.deals else Worth(_problem(history, own, stage))


def month_firsts(zone: Zone, first: int, end: int) -> list[int]:
    """The local midnights of the first days of months after `first` and before `end`, the last 24.

    >>> zone = Zone("Europe/Paris")
    >>> len(month_firsts(zone, zone.midnight(2026, 1, 15), zone.midnight(2026, 4, 1)))
    2
    """
    today = np.datetime64(int(zone.day(np.array([end])).item()), "D")
    months = today.astype("datetime64[M]") - np.arange(MONTHS, -1, -1)
    years = [str(month).split("-") for month in months]
    instants = [zone.midnight(int(year), int(month), 1) for year, month in years]
    return [instant for instant in instants if first < instant < end][-MONTHS:]


def _own(history: History, rows: Rows) -> Floats:
    return as_floats(history.own.fields["own_probability"].at(rows.record, rows.as_of), len(rows))


def _of_stage(store: Store, history: History, rows: Rows) -> Floats:
    """The default probability of the stage each opportunity was known to be in, as the stage table reads today."""
    table = store.read("stages")
    place = pair(words(table, "process"), words(table, "stage")).used()
    default = floats(table, "default_probability")
    says = {name: default[place.codes == code][-1] for code, name in enumerate(place.words)}
    process, stage = (history.own.fields[name].at(rows.record, rows.as_of) for name in ("process", "stage"))
    assert isinstance(process, Words)
    assert isinstance(stage, Words)
    then = pair(process, stage)
    return np.array([*(says.get(name, np.nan) for name in then.words), np.nan])[then.codes]


def _problem(history: History, own: _Said, stage: _Said) -> Problem:
    if not len(own.rows):
        return "none_read"
    if own.known.any() or stage.known.any():
        return "none_closed"
    table = history.own.table
    return "never_filled" if np.isnan(floats(table, "own_probability")).all() else "no_history"


def _judged(at: _Said, basis: Basis) -> Worth:
    closed = at.closed
    record, said = at.rows.record[closed], at.said[closed]
    won = (at.labels.cause[closed] == 0).astype(np.float64)
    weight = _once(record)
    rate = float(np.average(won, weights=weight))
    months = np.unique(at.rows.as_of[at.known])
    still = at.known & ~closed
    slope, _ = line(won, logit(said.clip(0.01, 0.99)), weight, ridge=1e-3)
    return Worth(
        "", basis, tuple(months.tolist()), int(closed.sum()), int((~at.known).sum()),
        len(np.setdiff1d(at.rows.record[still], record)), Share(rate * at.deals, float(at.deals)),
        float(np.average(said, weights=weight)), float(np.average((said - won) ** 2, weights=weight)),
        rate * (1 - rate), slope, tuple(_bands(at)),
    )  # fmt: skip


def _bands(at: _Said) -> Iterator[Band]:
    """The tenths of the scale in which an opportunity has closed."""
    tenth = np.clip(np.floor(at.said * 10 + 1e-9), 0, 9)
    for number in range(10):
        band = _band(at, tenth == number, number / 10, (number + 1) / 10)
        if band is not None:
            yield band


def _band(at: _Said, here: Bools, low: float, high: float) -> Band | None:
    closed = at.closed & here
    if not closed.any():
        return None
    record, first = np.unique(at.rows.record[closed], return_index=True)
    won = float((at.labels.cause[closed][first] == 0).sum())
    still = np.setdiff1d(at.rows.record[at.known & here & ~closed], record)
    said = float(np.average(at.said[closed], weights=_once(at.rows.record[closed])))
    return Band(low, high, int(closed.sum()), len(still), Point(said, Share(won, float(len(record)))))


def _once(record: Ints) -> Floats:
    """Weights that make each record count once, however many rows it has.

    >>> _once(np.array([7, 7, 9])).tolist()
    [0.5, 0.5, 1.0]
    """
    _, place, count = np.unique(record, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / count[place], np.float64)
