"""Shares with the range that so many records leave them, and the verdict on what was said against what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

TENTH = 1.2815515655446004
"""The normal quantile of 0.9: a two-sided range of 80 %."""

Verdict = Literal["few", "high", "low", "bold", "timid", "uneven", "agrees"]


def wilson(hits: float, n: float, z: float = TENTH) -> tuple[float, float]:
    """Wilson's score interval of a share (1927); (0, 1) without records.

    >>> tuple(round(end, 3) for end in wilson(41, 90))
    (0.39, 0.523)
    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if n <= 0:
        return 0.0, 1.0
    p, extra = hits / n, z * z / n
    centre = (p + extra / 2) / (1 + extra)
    reach = z * (p * (1 - p) / n + extra / (4 * n)) ** 0.5 / (1 + extra)
    return max(0.0, centre - reach), min(1.0, centre + reach)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its 80 % range.

    >>> share = Share(1, 4)
    >>> share.value, round(share.low, 2), round(share.high, 2)
    (0.25, 0.08, 0.57)
    """

    hits: float
    n: float

    @property
    def value(self) -> float:
        """The share itself; 0 without records (look at `n`)."""
        return self.hits / self.n if self.n else 0.0

    @property
    def low(self) -> float:
        """The range's low end."""
        return wilson(self.hits, self.n)[0]

    @property
    def high(self) -> float:
        """The range's high end."""
        return wilson(self.hits, self.n)[1]


@dataclass(frozen=True, slots=True)
class Point:
    """Probabilities near each other: their mean, and the share that came true."""

    said: float
    seen: Share

    @property
    def held(self) -> bool:
        """Whether what was said lies in the 80 % range of what was seen."""
        return self.seen.low <= self.said <= self.seen.high


def verdict(points: Sequence[Point], slope: float | None = None) -> Verdict:
    """What a reliability chart shows, in a word: too high or too low by more than chance and 3 points, else too bold
    or too timid by the slope (the change in log-odds seen for each one said), else uneven when fewer than six of
    ten ranges hold what was said, else that it agrees.

    >>> verdict([Point(0.2, Share(20, 100)), Point(0.8, Share(50, 100))])
    'high'
    >>> verdict([Point(0.2, Share(20, 100)), Point(0.8, Share(78, 100))], slope=1.0)
    'agrees'
    """
    n = sum(point.seen.n for point in points)
    if n < 30 or len(points) < 2:
        return "few"
    said = sum(point.said * point.seen.n for point in points) / n
    seen = sum(point.seen.hits for point in points) / n
    chance = 2 * (seen * (1 - seen) / n) ** 0.5
    if abs(said - seen) > max(0.03, chance):
        return "high" if said > seen else "low"
    if slope is not None and not 0.8 <= slope <= 1.25:
        return "bold" if slope < 1 else "timid"
    return "agrees" if sum(point.held for point in points) >= 0.6 * len(points) else "uneven"
