"""The scorecard: points by readable rules, for when no trained model can answer. Never called a probability."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from features.columns import Bools, Floats, Words
from features.matrix import Matrix

SHIPPED = Path(__file__).with_name("scorecard.toml")
HEATS = ("hot", "warm", "cold")


@dataclass(frozen=True)
class Rule:
    """So many points when a feature is one of `words`, or a number in [at_least, below)."""

    feature: str
    points: float
    en: str
    fr: str
    words: tuple[str, ...] = ()
    at_least: float = -np.inf
    below: float = np.inf

    def fits(self, matrix: Matrix) -> Bools:
        """bool[n]; false where the value is missing or the matrix lacks the feature.

        >>> rule = Rule("calls_30d", 5, "called", "appelé", at_least=1)
        >>> rule.fits(Matrix({"calls_30d": np.array([0.0, 2.0, np.nan])}, {})).tolist()
        [False, True, False]
        """
        if self.words and self.feature in matrix.categories:
            column = matrix.categories[self.feature]
            return np.append([word in self.words for word in column.words], False).astype(np.bool_)[column.codes]
        if not self.words and self.feature in matrix.numbers:
            values = matrix.numbers[self.feature]
            return np.logical_and(values >= self.at_least, values < self.below)
        return np.zeros(len(matrix), np.bool_)


@dataclass(frozen=True)
class Points:
    """One entry a row: `points` 0-100 and `heat` hot, warm or cold; `fits[rule, row]` says which rules spoke."""

    points: Floats
    heat: Words
    rules: tuple[Rule, ...]
    fits: Bools

    def reasons(self, row: int) -> list[Rule]:
        """The rules that fitted a row, the weightiest first."""
        spoke = [rule for rule, fits in zip(self.rules, self.fits[:, row], strict=True) if fits]
        return sorted(spoke, key=lambda rule: -abs(rule.points))


@dataclass(frozen=True)
class Scorecard:
    """A start, rules that add to it, and the points from which a record is hot or warm.

    >>> card = Scorecard(40, 65, 40, (Rule("calls_30d", 30, "called", "appelé", at_least=1),))
    >>> points = card.score(Matrix({"calls_30d": np.array([3.0, np.nan])}, {}))
    >>> points.points.tolist(), points.heat.tolist(), points.reasons(0)[0].en
    ([70.0, 40.0], ['hot', 'warm'], 'called')
    """

    start: float
    hot: float
    warm: float
    rules: tuple[Rule, ...]

    def score(self, matrix: Matrix) -> Points:
        """The points of every row. It always answers, whatever features the matrix has."""
        fits = np.array([rule.fits(matrix) for rule in self.rules], np.bool_).reshape(len(self.rules), len(matrix))
        total = np.full(len(matrix), self.start)
        for rule, mine in zip(self.rules, fits, strict=True):
            total = total + np.where(mine, rule.points, 0.0)
        points = np.clip(total, 0.0, 100.0)
        heat = np.where(points >= self.hot, 0, np.where(points >= self.warm, 1, 2))
        return Points(points, Words(heat.astype(np.int32), HEATS), self.rules, fits)


def read_scorecard(path: Path = SHIPPED) -> Scorecard:
    """The scorecard of a TOML file, by default the one shipped.

    >>> read_scorecard().hot
    65.0
    """
    return TypeAdapter(Scorecard).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
