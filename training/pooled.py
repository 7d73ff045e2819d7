"""The pooled logistic rung: one equation for all, every word of a category drawn to zero as a random effect is."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.columns import Bools, Floats
from models.encoder import Input
from models.heads import Category, Linear, Number, standardise
from models.odds import signed_log
from training.folds import splits
from training.lesson import Lesson
from training.logistic import choose_strength, ridge_logistic

FLAG = 1.0
"""A word's or a missing flag's penalty relative to a standardised number's: rare ones then move little."""

MOST = 8000
"""The strength is chosen on about so many rows at most, those of every k-th record: it is the precision of a prior,
which does not depend on how many records there are.
"""


@dataclass(frozen=True, slots=True)
class _Scaling:
    columns: list[int]
    mean: Floats
    scale: Floats
    log: Bools
    low: Floats
    high: Floats


class _Flag(NamedTuple):
    column: int
    code: int
    """-1: missing."""


def fit_linear(lesson: Lesson, strength: float | None = None) -> Linear:
    """The ridge fit, with a given strength or the one that does best on records it has not seen."""
    scaling = _scaling(lesson)
    design, flags = _design(lesson, scaling)
    unit = np.concatenate([[0.0], np.ones(len(scaling.columns)), np.full(len(flags), FLAG)])
    if strength is None:
        some = lesson.record % -(-len(lesson.y) // MOST) == 0
        folds = splits(lesson.record[some], lesson.seed)
        strength = choose_strength(design[some], lesson.y[some], lesson.weight[some], unit, folds)
    return _head(lesson, scaling, flags, ridge_logistic(design, lesson.y, lesson.weight, unit * strength))


def _skew(values: Floats) -> float:
    centred = values - values.mean()
    spread = float(np.sqrt(np.mean(centred**2)))
    return float(np.mean(centred**3)) / spread**3 if spread > 0 else 0.0


def _scaling(lesson: Lesson) -> _Scaling:
    columns, log, mean, scale, ends = [], [], [], [], []
    for place, column in enumerate(lesson.encoder.inputs):
        values = lesson.x[:, place]
        values = values[~np.isnan(values)]
        for tamed in _shapes(column, values):
            shown = signed_log(values) if tamed else values
            columns.append(place)
            log.append(tamed)
            mean.append(float(shown.mean()))
            scale.append(max(float(shown.std()), 1e-9))
            ends.append((shown.min(), shown.max()))
    low, high = (np.array(ends).reshape(-1, 2).T - np.array(mean)) / np.array(scale)
    return _Scaling(columns, np.array(mean), np.array(scale), np.array(log, np.bool_), low, high)


def _shapes(column: Input, values: Floats) -> tuple[bool, ...]:
    """In which shapes a column enters: as it is (False), by its signed log (True).

    Heavy tails enter by their log. Age enters both ways: where losses are seldom marked the log-odds fall along it in
    a straight line, elsewhere mostly at its start.
    """
    if column.words is not None:
        return ()
    if column.name == "age_days":
        return (False, True)
    return (abs(_skew(values)) > max(1.0, abs(_skew(signed_log(values)))),)


def _design(lesson: Lesson, scaling: _Scaling) -> tuple[Floats, list[_Flag]]:
    raw = np.ascontiguousarray(lesson.x[:, scaling.columns].T)
    numbers = standardise(raw, scaling.mean, scaling.scale, scaling.log).T
    flags, columns = [], [np.ones((len(lesson.y), 1)), np.nan_to_num(numbers, nan=0.0)]
    for place, column in enumerate(lesson.encoder.inputs):
        codes = lesson.x[:, place]
        missing = np.isnan(codes)
        if missing.any():
            flags.append(_Flag(place, -1))
            columns.append(missing[:, None].astype(np.float64))
        for code in range(len(column.words or ())):
            flags.append(_Flag(place, code))
            columns.append((codes == code)[:, None].astype(np.float64))
    return np.concatenate(columns, axis=1), flags


def _head(lesson: Lesson, scaling: _Scaling, flags: list[_Flag], at: Floats) -> Linear:
    effect = dict(zip(flags, at[1 + len(scaling.columns) :].tolist(), strict=True))
    numbers = [
        Number(place, weight, mean, scale, effect.pop(_Flag(place, -1), 0.0), log, low, high)
        for place, weight, mean, scale, log, low, high in zip(
            scaling.columns, at[1:].tolist(), scaling.mean.tolist(), scaling.scale.tolist(), scaling.log.tolist(),
            scaling.low.tolist(), scaling.high.tolist(), strict=False,
        )
    ]  # fmt: skip
    categories = [
        _category(place, len(column.words), effect)
        for place, column in enumerate(lesson.encoder.inputs)
        if column.words is not None
    ]
    return Linear(float(at[0]), tuple(numbers), tuple(categories))


def _category(place: int, words: int, effect: dict[_Flag, float]) -> Category:
    weights = tuple(effect[_Flag(place, code)] for code in range(words))
    return Category(place, weights, effect.get(_Flag(place, -1), 0.0))
