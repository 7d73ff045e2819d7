"""The statistics of the scan: each an estimate with its standard error, so that a verdict can ask for a bound."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from features.columns import Bools, Floats

RISK = 0.01
"""Chance, over all fields of a scan together, that noise alone crosses a threshold in one kind of evidence."""


def strictness(fields: int) -> float:
    """Standard errors that a bound keeps from its estimate when so many fields are judged at once (Bonferroni).

    >>> round(strictness(1), 2), round(strictness(30), 2)
    (2.33, 3.4)
    """
    return NormalDist().inv_cdf(1 - RISK / max(fields, 1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its standard error, and the records it rests on.

    >>> Estimate(0.75, 0.01, 900).low(2.0)
    0.73
    """

    value: float
    error: float
    n: int

    def low(self, z: float) -> float:
        """The bound `z` standard errors below."""
        return self.value - z * self.error

    def high(self, z: float) -> float:
        """The bound `z` standard errors above."""
        return self.value + z * self.error


def auc(score: Floats, positive: Bools, weight: Floats | None = None) -> float:
    """P(a positive scores above a negative), ties counting one half; 0.5 where either side is empty.

    >>> auc(np.array([3.0, 1.0, 2.0, 1.0]), np.array([True, True, False, False]))
    0.625
    """
    weight = np.ones(len(score)) if weight is None else weight
    place = np.unique(score, return_inverse=True)[1]
    up, down = np.bincount(place, weight * positive), np.bincount(place, weight * ~positive)
    pairs = up.sum() * down.sum()
    return float(np.sum(up * (np.cumsum(down) - down / 2)) / pairs) if pairs > 0 else 0.5


def auc_estimate(score: Floats, positive: Bools, weight: Floats | None = None, share: float = 1.0) -> Estimate:
    """The AUC with the error of Hanley & McNeil (1982), taken a little towards 0.5 so that a few perfect pairs are not
    certain. `share`: independent records per row, below 1 where rows share their value (deals of one account).
    """
    weight = np.ones(len(score)) if weight is None else weight
    value = auc(score, positive, weight)
    up, down = effective(weight[positive]) * share, effective(weight[~positive]) * share
    n = round(up + down)
    if min(up, down) < 1:
        return Estimate(0.5, 0.5, n)
    drawn = 0.5 + abs(value - 0.5) * min(up, down) / (min(up, down) + 2)
    q1, q2 = drawn / (2 - drawn), 2 * drawn**2 / (1 + drawn)
    variance = drawn * (1 - drawn) + (up - 1) * (q1 - drawn**2) + (down - 1) * (q2 - drawn**2)
    return Estimate(value, float(np.sqrt(variance / (up * down))), n)


def mean_estimate(values: Floats, weight: Floats | None = None, span: float = 0.0) -> Estimate:
    """The (weighted) mean; `span` is the range of a share (1), whose error then stays above 0 where all are alike.

    >>> mean_estimate(np.array([1.0, 1.0, 1.0, 0.0])).value
    0.75
    """
    weight = np.ones(len(values)) if weight is None else weight
    n = effective(weight)
    if n < 1:
        return Estimate(0.0, float("inf"), 0)
    mean = float(np.average(values, weights=weight))
    spread = float(np.average((values - mean) ** 2, weights=weight)) + span**2 / (n + 2)
    return Estimate(mean, float(np.sqrt(spread / n)), round(n))


def share_estimate(mask: Bools) -> Estimate:
    """A share of records, with two records added on either side (Agresti & Coull 1998).

    >>> share_estimate(np.array([True] * 8)).value
    1.0
    """
    n = len(mask)
    drawn = (float(mask.sum()) + 2) / (n + 4)
    return Estimate(float(mask.mean()) if n else 0.0, float(np.sqrt(drawn * (1 - drawn) / (n + 4))), n)


def effective(weight: Floats) -> float:
    """How many equally weighted records say as much (Kish).

    >>> effective(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    squares = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / squares if squares > 0 else 0.0


def rank_correlation(left: Floats, right: Floats) -> float:
    """Spearman's, ties sharing their mean rank; 0 where either side is constant.

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([4.0, 5.0, 6.0]))
    1.0
    """
    one, other = _ranks(left), _ranks(right)
    if len(left) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1).round(12))


def _ranks(values: Floats) -> Floats:
    place, count = np.unique(values, return_inverse=True, return_counts=True)[1:]
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place], np.float64)
