"""The LightGBM rungs: boosted trees on fractional outcomes, the same bytes whatever the number of processors."""

from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np

from features.columns import Bools
from models.heads import Boosted
from training.folds import splits
from training.lesson import Lesson

ROUNDS = 500
PATIENCE = 30

WORTH_TWO = 4_000_000
"""Values from which a second thread pays; below, two threads wait for each other, for ever so long on a busy machine.
The trees are the same at any number."""

_FIXED: dict[str, Any] = {
    "objective": "cross_entropy",  # takes outcomes between 0 and 1
    "metric": "cross_entropy",
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "max_bin": 63,
    "lambda_l2": 1.0,
    "cat_l2": 10.0,
    "max_cat_to_onehot": 8,
}

WORDS = 25
"""Categories of more words (owners by the hundred) are left out: sets of so many fit noise, and their rates speak."""

FULL = {"learning_rate": 0.04, "num_leaves": 10, "feature_fraction": 0.5}
ADDITIVE = {"learning_rate": 0.1, "num_leaves": 5, "feature_fraction": 0.5}


def fit_boosted(lesson: Lesson, shape: dict[str, Any], additive: bool = False) -> Boosted:
    """Trees grown on all rows, as many as served records not seen best (a tenth more, for there are more rows)."""
    lesson = _few_words(lesson)
    settings = (
        _FIXED
        | shape
        | {
            "seed": lesson.seed,
            "min_data_in_leaf": max(20, len(lesson.y) // 1000),
            "num_threads": 1 if lesson.x.size < WORTH_TWO else 2,
        }
    )
    if additive:
        settings["interaction_constraints"] = [[place] for place in range(lesson.x.shape[1])]
    best = [_rounds(lesson, settings, held) for held in splits(lesson.record, lesson.seed)]
    rounds = max(1, round(float(np.mean(best)) * 1.1))
    booster = lightgbm.train(settings, _data(lesson), num_boost_round=rounds)
    return Boosted.of(booster, lesson.encoder.names)


def _few_words(lesson: Lesson) -> Lesson:
    many = [place for place, column in enumerate(lesson.encoder.inputs) if len(column.words or ()) > WORDS]
    if not many:
        return lesson
    x = lesson.x.copy()
    x[:, many] = np.nan
    return replace(lesson, x=x)


def _data(lesson: Lesson, like: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    words = [place for place, column in enumerate(lesson.encoder.inputs) if column.words is not None]
    return lightgbm.Dataset(
        lesson.x, lesson.y, weight=lesson.weight, categorical_feature=words or "auto", reference=like,
        params={"max_bin": _FIXED["max_bin"], "verbosity": -1},
    )  # fmt: skip


def _rounds(lesson: Lesson, settings: dict[str, Any], held: Bools) -> int:
    inner, outer = lesson.take(~held), lesson.take(held)
    known = _data(inner)
    booster = lightgbm.train(
        settings, known, num_boost_round=ROUNDS, valid_sets=[_data(outer, known)],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )  # fmt: skip
    return int(booster.best_iteration)
