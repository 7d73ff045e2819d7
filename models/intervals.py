"""The 80 % range for the rate at which records scored like this one really reach the target."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import Floats
from models.odds import interpolate, logit, sigmoid

_PRIOR = 2.0
"""The prediction itself counts as so many records: it keeps a range finite where a replay saw few."""


@dataclass(frozen=True)
class Band:
    """What a replay saw of predictions near each other: how many records (may be fractional), how many of them reached
    the target, and how many were expected to (the sum of their probabilities).
    """

    n: float
    events: float
    expected: float


@dataclass(frozen=True)
class Intervals:
    """Bands of out-of-sample predictions, rising, and how far the range reaches from the prediction in each.

    In a band of n records, e of them events, with mean prediction m, the rate has the posterior
    Beta(2 m + s e, 2 (1 - m) + s (n - e)): the prediction counts as two records, `strength` s says how many independent
    records a replayed one is worth. `below` and `above` are the log-odds of its 10 % and 90 % quantiles minus those of
    m, cut so that the range holds m. Between two bands' means they are interpolated, so that ranges do not jump.
    """

    bands: tuple[Band, ...]
    centres: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]

    @classmethod
    def of(cls, bands: Sequence[Band], strength: float = 1.0) -> "Intervals":
        """The table of these bands; without any, the range of a rate nothing is known of.

        >>> narrow = Intervals.of([Band(n=400, events=100, expected=100)])
        >>> [side.round(2).tolist() for side in narrow.around(logit(np.array([0.25])))]
        [[0.22], [0.28]]
        >>> [side.round(2).tolist() for side in Intervals.of([]).around(np.array([0.0]))]
        [[0.1], [0.9]]
        """
        from scipy.special import betaincinv  # comes with lightgbm; needed to make a table, not to read one

        kept = _merged(bands)
        n, events, expected = np.array([(b.n, b.events, b.expected) for b in kept] or [(0.0, 0.0, 0.0)], np.float64).T
        mean = np.clip(np.divide(expected, n, out=np.full_like(n, 0.5), where=n > 0), 1e-6, 1 - 1e-6)
        hits = _PRIOR * mean + strength * events
        misses = _PRIOR * (1 - mean) + strength * (n - events)
        tails = [logit(np.clip(betaincinv(hits, misses, q), 1e-9, 1 - 1e-9)) - logit(mean) for q in (0.1, 0.9)]
        below, above = np.minimum(tails[0], 0.0), np.maximum(tails[1], 0.0)
        return cls(kept, *(tuple(column.tolist()) for column in (logit(mean), below, above)))

    def around(self, log_odds: Floats) -> tuple[Floats, Floats]:
        """(low, high) probabilities around these final log-odds; low <= probability <= high."""
        centres, below, above = self._arrays
        low, high = sigmoid(np.stack([log_odds + interpolate(log_odds, centres, side) for side in (below, above)]))
        return low, high

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.array(self.centres), np.array(self.below), np.array(self.above)


def _merged(bands: Sequence[Band]) -> tuple[Band, ...]:
    """The bands by rising mean; those of one mean (a model that says the same of everyone) as one."""
    found: dict[float, Band] = {}
    for band in sorted((band for band in bands if band.n > 0), key=lambda band: band.expected / band.n):
        mean = round(band.expected / band.n, 6)
        same = found.get(mean, Band(0.0, 0.0, 0.0))
        found[mean] = Band(same.n + band.n, same.events + band.events, same.expected + band.expected)
    return tuple(found.values())
