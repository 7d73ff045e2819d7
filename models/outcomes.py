"""Competing-risk arithmetic: how a chance of reaching the target spreads over time, and what may happen instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import Floats, Ints
from features.matrix import Matrix
from models.odds import sigmoid
from models.segments import Segments

_LEFT = 0.01
"""What several reasons that are each told apart leave at least to the others."""


@dataclass(frozen=True)
class Timing:
    """When the target is reached, given that it is: one distribution a row, inside (0, horizon].

    `cumulative[rows[i]]` is row i's distribution function at `edges` (days after as-of, from 0); between two edges the
    days are equally likely. What lies past the row's horizon is left out and the rest scaled up to 1; a distribution
    with nothing before the horizon is taken as even.
    """

    edges: Floats
    cumulative: Floats
    rows: Ints
    horizon: Floats

    def reached_by(self, days: Floats | float) -> Floats:
        """P(reached within `days` | reached by the horizon), 1 from the horizon on; `days` is one number, one a row, or
        any shape [..., n], which the answer takes too.

        >>> timing = Timing(np.array([0.0, 10.0, 30.0]), np.array([[0.0, 0.5, 1.0]]), np.array([0]), np.array([30.0]))
        >>> [timing.reached_by(d).tolist() for d in (0.0, 5.0, 20.0, 99.0)]
        [[0.0], [0.25], [0.75], [1.0]]
        """
        days = np.minimum(np.maximum(days, 0.0), self.horizon)
        whole = np.where(self._whole > 0, self._whole, 1.0)
        share = np.where(self._whole > 0, self._at(days) / whole, days / self.horizon)
        return np.where(days >= self.horizon, 1.0, share)

    def days_at(self, share: Floats | float) -> Floats:
        """The day by which this share (0 < share < 1) of those who reach the target have done so; shapes as above.

        >>> timing = Timing(np.array([0.0, 10.0, 30.0]), np.array([[0.0, 0.5, 1.0]]), np.array([0]), np.array([30.0]))
        >>> timing.days_at(0.75).tolist()
        [20.0]
        """
        wanted = share * self._whole
        right = self._first_at_least(wanted)
        low, high = self.cumulative[self.rows, right - 1], self.cumulative[self.rows, right]
        inside = np.where(high > low, (wanted - low) / np.where(high > low, high - low, 1.0), 0.0)
        days = self.edges[right - 1] + inside * (self.edges[right] - self.edges[right - 1])
        return np.where(self._whole > 0, np.minimum(days, self.horizon), share * self.horizon)

    @cached_property
    def _whole(self) -> Floats:
        return self._at(self.horizon)

    def _at(self, days: Floats) -> Floats:
        right = np.minimum(np.searchsorted(self.edges, days, side="right"), len(self.edges) - 1)
        left, right_edge = self.edges[right - 1], self.edges[right]
        inside = np.minimum((days - left) / (right_edge - left), 1.0)
        low, high = self.cumulative[self.rows, right - 1], self.cumulative[self.rows, right]
        answer: Floats = low + inside * (high - low)
        return answer

    def _first_at_least(self, wanted: Floats) -> Ints:
        # One search per distribution, not per row: there are few distributions and may be a million rows.
        found = np.zeros(wanted.shape, np.int64)
        for row in set(self.rows.tolist()):
            mine = self.rows == row
            found[..., mine] = np.searchsorted(self.cumulative[row], wanted[..., mine], side="left")
        return np.minimum(np.maximum(found, 1), len(self.edges) - 1)


@dataclass(frozen=True)
class TimeTable:
    """For each segment, the share of those who reach the target that do so inside each bin of days after as-of.

    `edges` are the m + 1 limits of the bins, from 0 up to the longest horizon; a row of `shares` has m entries that
    add up to 1.
    """

    segments: Segments
    edges: tuple[float, ...]
    shares: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if self.edges[0] != 0 or any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("the edges of the time table must rise from 0")
        _check_shares(self.shares, self.segments, len(self.edges) - 1, "time")

    def timing(self, matrix: Matrix, horizon: Floats) -> Timing:
        """Each row's distribution, cut at its own horizon (days, float64[n])."""
        return Timing(np.array(self.edges), self._cumulative, self.segments.locate(matrix), horizon)

    @cached_property
    def _cumulative(self) -> Floats:
        return np.array([np.concatenate([[0.0], np.cumsum(row)]) for row in self.shares])


@dataclass(frozen=True)
class ReasonShares:
    """For each segment, the share of each loss reason among the lost; each row adds up to 1. A loss that was never
    explained is a reason too ("not said"): it is shown, not spread over the others.
    """

    segments: Segments
    reasons: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        _check_shares(self.shares, self.segments, len(self.reasons), "loss reason")

    def of(self, matrix: Matrix) -> Floats:
        """float64[n, reasons]: the shares that hold for each row."""
        return self._table[self.segments.locate(matrix)]

    @cached_property
    def _table(self) -> Floats:
        return np.array(self.shares)


def refined(shares: Floats, told: Mapping[int, Floats]) -> Floats:
    """float64[n, reasons]: the shares, where the reasons in `told` (by position) have log-odds of their own among the
    lost; the others part what these leave as they did before.

    >>> refined(np.array([[0.5, 0.4, 0.1]]), {0: np.array([0.0])}).round(2).tolist()
    [[0.5, 0.4, 0.1]]
    >>> refined(np.array([[0.5, 0.4, 0.1]]), {0: np.array([np.log(3)])}).round(2).tolist()
    [[0.75, 0.2, 0.05]]
    """
    if not told:
        return shares
    own = {place: sigmoid(log_odds) for place, log_odds in told.items()}
    left = np.maximum(1.0 - sum(own.values()), _LEFT)
    others = [place for place in range(shares.shape[1]) if place not in own]
    kept = shares[:, others]
    parts: Floats = np.empty_like(shares)
    parts[:, others] = kept / kept.sum(axis=1, keepdims=True) * left[:, None]
    for place, share in own.items():
        parts[:, place] = share
    parts /= parts.sum(axis=1, keepdims=True)
    return parts


def split(reached: Floats, lost_otherwise: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """(p_open, p_lost[n, reasons]) that with `reached` add up to 1: what does not reach the target is lost for one of
    the reasons with chance `lost_otherwise`, else still open at the horizon.

    >>> still_open, lost = split(np.array([0.5]), np.array([0.5]), np.array([[0.25, 0.75]]))
    >>> still_open.tolist(), lost.tolist()
    ([0.25], [[0.0625, 0.1875]])
    """
    missed = 1 - reached
    return missed * (1 - lost_otherwise), (missed * lost_otherwise)[:, None] * shares


def _check_shares(shares: tuple[tuple[float, ...], ...], segments: Segments, width: int, what: str) -> None:
    if len(shares) != len(segments.keys) or any(len(row) != width for row in shares):
        raise ValueError(f"{what} shares: {len(segments.keys)} rows of {width} are needed")
    wrong = [key for key, row in zip(segments.keys, shares, strict=True) if abs(sum(row) - 1) > 1e-9 or min(row) < 0]
    if wrong:
        raise ValueError(f"{what} shares of {wrong[0]} must be >= 0 and add up to 1")
