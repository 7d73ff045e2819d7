"""THE LADDER: one row a model family, from the plainest to the richest. To add a family, add a row."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.heads import Constant, Head
from models.odds import logit
from training.boosting import ADDITIVE, FULL, fit_boosted
from training.lesson import Lesson
from training.pooled import fit_linear
from training.tables import fit_table, stage_keys


@dataclass(frozen=True, slots=True)
class Estimator:
    """One rung. `closed`: how many closed records it needs to be tried, `each`: how many of them on either side.

    A rung with `parts` is the mean log-odds of those rungs and has no fit of its own. `gaps`: it also learns from rows
    with fields left out (see `gaps`).
    """

    name: str
    says: str
    closed: int
    each: int
    fit: Callable[[Lesson], Head] | None
    parts: tuple[str, ...] = ()
    gaps: bool = True


def base_rate(lesson: Lesson) -> Head:
    """Everyone gets the share of all.

    >>> from models.encoder import Encoder
    >>> rows = np.arange(4), np.zeros(4, np.int64)
    >>> base_rate(Lesson(Encoder(()), np.zeros((4, 0)), np.array([1.0, 0, 1, 0]), np.ones(4), *rows))
    Constant(value=0.0)
    """
    return Constant(float(logit(np.array([lesson.rate()]))[0]))


ESTIMATORS: dict[str, Estimator] = {
    row.name: row
    for row in (
        Estimator("base_rate", "the base rate", 0, 0, base_rate, gaps=False),
        Estimator(
            "stage_table", "the process x stage x age table", 20, 3,
            lambda lesson: fit_table(lesson, stage_keys(lesson)), gaps=False,
        ),
        Estimator("pooled_logistic", "the pooled logistic regression", 30, 8, fit_linear),
        Estimator(
            "plain_blend", "the mean of the table and pooled logistic", 30, 8, None, ("stage_table", "pooled_logistic")
        ),
        Estimator(
            "lightgbm_additive", "additive gradient boosting", 150, 30,
            lambda lesson: fit_boosted(lesson, ADDITIVE, additive=True),
        ),
        Estimator("lightgbm_full", "gradient boosting", 300, 60, lambda lesson: fit_boosted(lesson, FULL)),
        Estimator(
            "blend", "the mean of pooled logistic and gradient boosting", 300, 60, None,
            ("pooled_logistic", "lightgbm_full"),
        ),
        Estimator(
            "boosted_blend", "the mean of additive and full gradient boosting", 300, 60, None,
            ("lightgbm_additive", "lightgbm_full"),
        ),
    )
}  # fmt: skip


def allowed(closed: int, fewer: float) -> list[Estimator]:
    """The rungs worth trying on so many closed records, `fewer` being how many are on the rarer side.

    >>> [row.name for row in allowed(60, 20)]
    ['base_rate', 'stage_table', 'pooled_logistic', 'plain_blend']
    """
    return [row for row in ESTIMATORS.values() if row.closed <= closed and row.each <= fewer]
