"""What a record still open teaches: Aalen-Johansen cumulative incidence and the labels expected from it.

A record open when last seen is censored. Its label "target within the horizon" is neither 0 nor dropped: it is the
chance that records of its age, still open, reach the target in the time that is left, which is how Efron's
redistribution to the right (1967) shares a censored record among those observed longer. Leads that nobody ever marks
lost need nothing more: they stay censored, and the incidence of conversion flattens by itself.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.columns import Bools, Codes, Floats

POINTS = 1024
"""At most so many distinct ages in a grid; more event ages than that are rounded up to the next point."""

_HAIR = 1e-9
"""Days. A spell that ends the instant it begins is given this length, so that it was at risk at its own end."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Spans under observation: open at `entry`, last seen at `exit` (days of age), for `cause`.

    `cause` -1: still open at `exit`; 0: the target; 1 or more: lost. `entry` above 0 is late entry (left truncation):
    the record was followed only from that age, so it says nothing about younger ones.
    """

    entry: Floats
    exit: Floats
    cause: Codes

    def __len__(self) -> int:
        return len(self.exit)


@dataclass(frozen=True, slots=True)
class Incidence:
    """Hazards of the target and of loss at the points of `grid` (days), one row a group, with what they add up to.

    >>> spells = Spells(np.zeros(4), np.array([1.0, 2.0, 3.0, 3.0]), np.array([0, -1, 1, 0], np.int32))
    >>> curve = incidence(spells)
    >>> target, lost = curve.between(np.zeros(1, np.int32), np.zeros(1), np.array([2.0]))
    >>> target.tolist(), lost.tolist()
    ([0.25], [0.0])
    """

    grid: Floats
    target: Floats
    lost: Floats

    def cumulative(self) -> tuple[Floats, Floats, Floats]:
        """Open, target and lost shares after each point, with a first column for age zero."""
        stay = np.cumprod(1.0 - self.target - self.lost, axis=1)
        start = np.ones((len(stay), 1))
        before = np.concatenate([start, stay[:, :-1]], axis=1)
        zero = np.zeros_like(start)
        reached = np.concatenate([zero, np.cumsum(before * self.target, axis=1)], axis=1)
        lost = np.concatenate([zero, np.cumsum(before * self.lost, axis=1)], axis=1)
        return np.concatenate([start, stay], axis=1), reached, lost

    def between(self, group: Codes, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """P(target) and P(lost) at an age in (low, high], given open at `low`, row by row."""
        still, reached, lost = self.cumulative()
        start = np.searchsorted(self.grid, low, side="right")
        end = np.maximum(np.searchsorted(self.grid, high, side="right"), start)
        left = still[group, start]
        return (
            (reached[group, end] - reached[group, start]) / left,
            (lost[group, end] - lost[group, start]) / left,
        )


def _grid(spells: Spells) -> Floats:
    ages = np.unique(spells.exit[spells.cause >= 0])
    if len(ages) <= POINTS:
        return ages
    return np.unique(ages[np.linspace(0, len(ages) - 1, POINTS).round().astype(np.int64)])


def _counts(group: Codes, point: npt.NDArray[np.int64], keep: Bools, shape: tuple[int, int]) -> Floats:
    """How many kept spells fall in each (group, point) cell; points past the grid are dropped."""
    inside = keep & (point < shape[1])
    cells = group[inside].astype(np.int64) * shape[1] + point[inside]
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def incidence(
    spells: Spells,
    group: Codes | None = None,
    groups: int = 1,
    parent: Incidence | None = None,
    parent_of: Codes | None = None,
    strength: float = 10.0,
) -> Incidence:
    """Aalen-Johansen hazards per group, each shrunk to its parent's as if `strength` more spells had behaved so.

    Without a parent: the plain estimator. A group that runs out of spells follows its parent from there on. Where
    everyone left at once one more is thought to stay, so that "given still open" is always defined.
    """
    group = np.zeros(len(spells), np.int32) if group is None else group
    grid = _grid(spells) if parent is None else parent.grid
    shape = (groups, len(grid))
    end = np.maximum(spells.exit, spells.entry + _HAIR)
    closed = spells.cause >= 0
    at = np.searchsorted(grid, spells.exit, side="left")
    after = np.where(closed, at + 1, np.searchsorted(grid, end, side="right"))
    enters = np.minimum(np.searchsorted(grid, spells.entry, side="right"), np.where(closed, at, len(grid)))
    everyone = np.ones(len(spells), np.bool_)
    risk = np.cumsum(_counts(group, enters, everyone, shape) - _counts(group, after, everyone, shape), axis=1)
    target, lost = (_counts(group, at, spells.cause == 0, shape), _counts(group, at, spells.cause > 0, shape))
    if parent is not None:
        above = np.zeros(groups, np.int32) if parent_of is None else parent_of
        risk = risk + strength
        target = target + strength * parent.target[above]
        lost = lost + strength * parent.lost[above]
    risk = np.maximum(risk, np.where(target + lost < risk, 0.0, target + lost + 1.0))
    return Incidence(grid, target / risk, lost / risk)


def expected(
    days: Floats, cause: Codes, horizon: Floats, start: Floats, group: Codes, curve: Incidence
) -> tuple[Floats, Floats]:
    """P(target by the horizon) and P(lost by it) of each row, given all that is known of it.

    `days` from the row to its outcome (`cause` >= 0) or to when it was last seen open (-1). Known outcomes give 0 or 1,
    a row seen open past the horizon (0, 0), any other censored row the shares of its group between `days` and
    `horizon`, given open at `days`. `start` is where the group's clock began, in days after the row: minus the record's
    age for a curve of ages, 0 for a curve of days after such a row.

    >>> curve = Incidence(np.array([5.0]), np.array([[0.4]]), np.array([[0.5]]))
    >>> rows = np.array([3.0, 3.0, 9.0, 2.0, 6.0]), np.array([0, 1, 0, -1, -1], np.int32)
    >>> target, lost = expected(*rows, np.full(5, 7.0), np.zeros(5), np.zeros(5, np.int32), curve)
    >>> target.tolist(), lost.tolist()
    ([1.0, 0.0, 0.0, 0.4, 0.0], [0.0, 1.0, 0.0, 0.5, 0.0])
    """
    inside = days <= horizon
    target = (inside & (cause == 0)).astype(np.float64)
    lost = (inside & (cause > 0)).astype(np.float64)
    open_ = (cause < 0) & (days < horizon)
    low, high = (days - start)[open_], (horizon - start)[open_]
    target[open_], lost[open_] = curve.between(group[open_], low, high)
    return target, lost


def spells_of(record: npt.NDArray[np.integer], age: Floats, days: Floats, cause: Codes) -> tuple[Spells, Codes]:
    """One spell a record from its rows: from its youngest row's age to its outcome or last sight.

    Returns the spells in order of record, and for each the position of its youngest row.

    >>> spells, row = spells_of(np.array([4, 4, 9]), np.array([7.0, 0.0, 2.0]), np.array([1.0, 8.0, 5.0]),
    ...                         np.array([0, 0, -1], np.int32))
    >>> spells.entry.tolist(), spells.exit.tolist(), spells.cause.tolist(), row.tolist()
    ([0.0, 2.0], [8.0, 7.0], [0, -1], [1, 2])
    """
    order = np.lexsort((age, record))
    first = order[np.unique(record[order], return_index=True)[1]].astype(np.int32)
    return Spells(age[first], (age + days)[first], cause[first]), first


def horizons(spells: Spells, group: Codes, groups: int, within: float | None = None) -> Floats:
    """Days of the long horizon per group: the 99th percentile of closed records' durations, at least one day.

    A group with fewer than 50 closed records takes the percentile of all; `within` overrides everything.

    >>> closed = Spells(np.zeros(3), np.array([4.0, 6.0, 0.5]), np.array([0, 1, 0], np.int32))
    >>> horizons(closed, np.array([0, 0, 1], np.int32), 2).round(2).tolist()
    [5.96, 5.96]
    """
    if within is not None:
        return np.full(groups, float(within))
    closed = spells.cause >= 0
    pooled = float(np.quantile(spells.exit[closed], 0.99)) if closed.any() else 365.0
    days = np.full(groups, pooled)
    for number in range(groups):
        own = spells.exit[closed & (group == number)]
        if len(own) >= 50:
            days[number] = np.quantile(own, 0.99)
    return np.asarray(np.maximum(days, 1.0), np.float64)
