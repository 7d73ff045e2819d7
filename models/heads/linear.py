"""A linear head: standardised numbers with a weight for missing, and a weight for each word of a category."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np

from features.columns import Bools, Floats
from models.heads.base import Head
from models.odds import signed_log

FAR = 1e9
"""Where a term has no limit of its own."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number's term: weight * (t - mean) / scale, t = the value or its signed log; `missing` when it is missing.

    (t - mean) / scale is kept in [low, high], what training saw: beyond it a straight line knows nothing.
    """

    column: int
    weight: float
    mean: float = 0.0
    scale: float = 1.0
    missing: float = 0.0
    log: bool = False
    low: float = -FAR
    high: float = FAR


@dataclass(frozen=True, slots=True)
class Category:
    """A category's term: `weights[code]`; `missing` when it is missing or was never seen."""

    column: int
    weights: tuple[float, ...]
    missing: float = 0.0


class _Block(NamedTuple):
    columns: list[int]
    log: Bools
    mean: Floats
    scale: Floats
    weight: Floats
    missing: Floats
    low: Floats
    high: Floats


def standardise(x: Floats, mean: Floats, scale: Floats, log: Bools) -> Floats:
    """(t - mean) / scale of columns stacked as rows, float64[k, n]; t = signed log where `log`. NaN stays NaN.

    Training calls this too, so that what is fitted is what is served.

    >>> log = np.array([False, True])
    >>> standardise(np.array([[4.0], [0.0]]), np.array([2.0, 0.0]), np.array([2.0, 1.0]), log).tolist()
    [[1.0], [0.0]]
    """
    values = x.copy()
    if log.any():
        values[log] = signed_log(x[log])
    return (values - mean[:, None]) / scale[:, None]


@dataclass(frozen=True)
class Linear(Head):
    """intercept + the terms, added in their order.

    >>> head = Linear(0.5, (Number(0, weight=2.0, mean=1.0, missing=-0.25),), (Category(1, (1.0, -1.0)),))
    >>> head.log_odds(np.array([[2.0, 0], [np.nan, 1], [1.0, np.nan]])).tolist()
    [3.5, -0.75, 0.5]
    """

    kind: ClassVar[str] = "linear"
    intercept: float
    numbers: tuple[Number, ...] = ()
    categories: tuple[Category, ...] = ()

    def log_odds(self, x: Floats) -> Floats:
        """The weighted sum, added term by term: a matrix product would round differently for one row and for many."""
        total = np.full(len(x), self.intercept)
        for term in self._number_terms(x) if self.numbers else ():
            total = total + term
        for category, weights in zip(self.categories, self._weights, strict=True):
            codes = x[:, category.column]
            known = codes < len(category.weights)  # false for NaN
            total = total + weights[np.where(known, codes, -1).astype(np.intp)]
        return total

    def _number_terms(self, x: Floats) -> Floats:
        block = self._block
        values = standardise(np.ascontiguousarray(x[:, block.columns].T), block.mean, block.scale, block.log)
        inside = np.clip(values, block.low[:, None], block.high[:, None])
        return np.where(np.isnan(values), block.missing[:, None], inside * block.weight[:, None])

    @cached_property
    def _block(self) -> _Block:
        terms = self.numbers
        return _Block(
            [term.column for term in terms],
            np.array([term.log for term in terms]),
            np.array([term.mean for term in terms]),
            np.array([term.scale for term in terms]),
            np.array([term.weight for term in terms]),
            np.array([term.missing for term in terms]),
            np.array([term.low for term in terms]),
            np.array([term.high for term in terms]),
        )

    @cached_property
    def _weights(self) -> tuple[Floats, ...]:
        return tuple(np.array([*category.weights, category.missing]) for category in self.categories)
