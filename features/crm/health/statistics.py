"""Bounds on what chance can do: proven upper bounds, so that no check raises more false alarms than it states.

Most are the Chernoff bound exp(-n KL(k/n || p)), with KL the divergence of two coins: Hoeffding, "Probability
inequalities for sums of bounded random variables" (1963), theorems 1 and 4 (draws without replacement too).
"""

from dataclasses import dataclass

import numpy as np

from features.columns import Floats, Ints

ALARM = 1e-3
"""Of healthy stores, a statistical check speaks of at most this share, whatever the number of things it compares."""


def divergence(share: Floats, expected: Floats) -> Floats:
    """KL of two coins, in nats; infinite where the first shows what the second never can.

    >>> divergence(np.array([0.5, 1.0, 0.0]), np.array([0.5, 0.8, 0.8])).round(4).tolist()
    [0.0, 0.2231, 1.6094]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        heads = np.where(share > 0, share * np.log(share / expected), 0.0)
        tails = np.where(share < 1, (1 - share) * np.log((1 - share) / (1 - expected)), 0.0)
    return np.asarray(heads + tails)


def at_least(count: int, of: int, chance: float) -> float:
    """A bound on the chance that `count` or more of `of` independent draws succeed.

    >>> at_least(8, 10, 0.5) > sum((45, 10, 1)) / 1024, at_least(5, 10, 0.5)
    (True, 1.0)
    """
    if not of or count <= of * chance:
        return 1.0
    return float(np.exp(-of * divergence(np.array([count / of]), np.array([chance]))[0]))


@dataclass(frozen=True, slots=True)
class Break:
    """A share that changed between two periods: `at` is the first period of the new one; `chance` bounds the luck."""

    at: int
    before: float
    after: float
    count_after: int
    chance: float


def break_of(hits: Ints, of: Ints, fewest: int = 20) -> Break | None:
    """The likeliest break in the share of hits over periods, each side of at least `fewest` draws; None without any.

    Where the share never changed, the hits of the later part are a draw without replacement from all: `chance` bounds
    the most unlikely of all splits, counted over every one of them and both sides.

    >>> found = break_of(np.array([10, 10, 10, 0, 0, 0]), np.array([10] * 6))
    >>> (found.at, found.before, found.after, found.chance < 1e-8)
    (3, 1.0, 0.0, True)
    >>> break_of(np.array([5, 5, 5, 5]), np.array([10, 10, 10, 10])).chance
    1.0
    """
    n, k = np.cumsum(of)[:-1], np.cumsum(hits)[:-1]
    total, all_hits = int(of.sum()), int(hits.sum())
    splits = np.flatnonzero((n >= fewest) & (total - n >= fewest))
    if not len(splits):
        return None
    n, k = n[splits], k[splits]
    before, after = k / n, (all_hits - k) / (total - n)
    whole = np.full(len(splits), all_hits / total)
    unlikely = np.maximum(n * divergence(before, whole), (total - n) * divergence(after, whole))
    best = int(np.argmax(unlikely))
    chance = min(1.0, 2 * len(splits) * float(np.exp(-unlikely[best])))
    return Break(int(splits[best]) + 1, float(before[best]), float(after[best]), int(total - n[best]), chance)


def restlessness(counts: Ints) -> float:
    """How much counts of equal periods vary beyond chance: variance over mean, robustly; at least 1 (chance alone).

    >>> restlessness(np.array([9, 10, 11, 10, 10])), round(restlessness(np.array([5, 20, 10, 60, 10])), 1)
    (1.0, 5.5)
    """
    middle = float(np.median(counts)) if len(counts) else 0.0
    spread = 1.4826 * float(np.median(np.abs(counts - middle))) if len(counts) else 0.0
    return max(1.0, spread**2 / middle) if middle else 1.0


def first_before_second(first: int, second: int) -> float:
    """A bound on the chance that all of `first` come before all of `second` when both come in any order.

    It is 1 / C(first + second, first).

    >>> round(1 / first_before_second(5, 5))
    252
    """
    counts = np.arange(1, min(first, second) + 1)
    return float(np.exp(-np.log((max(first, second) + counts) / counts).sum()))
