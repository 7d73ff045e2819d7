"""Where a prediction stands among those of the training period: a score from 0 to 100, and a grade."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import Floats, Words

GRADES = ("A", "B", "C", "D")
_POINTS = 1_000


@dataclass(frozen=True)
class Ranking:
    """A quantile table: `values` are training log-odds, rising; `middles` the share below each plus half its ties.

    >>> ranking = Ranking.of(np.array([0.0, 0.0, 1.0, 3.0]))
    >>> ranking.score(np.array([-5.0, 0.0, 1.0, 2.0, 9.0])).tolist()
    [0.0, 25.0, 62.5, 75.0, 100.0]
    """

    values: tuple[float, ...]
    middles: tuple[float, ...]

    @classmethod
    def of(cls, log_odds: Floats) -> "Ranking":
        """The table of these predictions; past 1,000 different ones, of every k-th (the first and the last kept)."""
        values, counts = np.unique(log_odds, return_counts=True)
        middles = (np.cumsum(counts) - counts / 2) / counts.sum()
        if len(values) > _POINTS:
            kept = np.unique(np.linspace(0, len(values) - 1, _POINTS).round().astype(np.int64))
            values, middles = values[kept], middles[kept]
        return cls(tuple(values.tolist()), tuple(middles.tolist()))

    def score(self, log_odds: Floats) -> Floats:
        """0-100: a value of the table gets its middle, one between two a place between theirs, one outside 0 or 100."""
        values, middles = self._arrays
        right = np.clip(np.searchsorted(values, log_odds, side="right"), 1, max(len(values) - 1, 1))
        left = right - 1
        right = np.minimum(right, len(values) - 1)
        gap = np.where(right > left, values[right] - values[left], 1.0)
        share = (log_odds - values[left]) / gap
        inside = middles[left] * (1 - share) + middles[right] * share
        return 100 * np.where(log_odds < values[0], 0.0, np.where(log_odds > values[-1], 1.0, inside))

    @property
    def tells(self) -> bool:
        """Whether the predictions differ at all: a rank among equals means nothing."""
        return len(self.values) > 1

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats]:
        return np.array(self.values), np.array(self.middles)


def grades(score: Floats, shares: tuple[float, float, float, float]) -> Words:
    """A to D by shares of the training records, best first: (0.2, 0.3, 0.3, 0.2) gives an A from 80 up.

    >>> grades(np.array([95.0, 80.0, 79.0, 3.0]), (0.2, 0.3, 0.3, 0.2)).tolist()
    ['A', 'A', 'B', 'D']
    """
    cuts = 100 * (1 - np.cumsum(shares)[:-1]).round(9)
    return Words((score[:, None] < cuts).sum(axis=1).astype(np.int32), GRADES)
