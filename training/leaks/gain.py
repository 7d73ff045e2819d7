"""What a field that passes would add: the log loss of a quick model with and without it, on records it has not seen."""

from dataclasses import dataclass

import numpy as np

from features.asof import features_at
from features.columns import MICROSECONDS_A_DAY, Bools, Codes, Floats, Ints
from features.crm.store import Store
from features.matrix import Matrix
from features.settings import Settings
from features.streams import load_streams
from features.view import Rows
from models.odds import sigmoid
from training.encode import fit_encoder
from training.evaluate import losses
from training.leaks.sample import Sample, Series
from training.leaks.terms import FOLDS, Terms, folds, terms_of
from training.lesson import Lesson
from training.logistic import ridge_logistic
from training.pooled import fit_linear

MOST = 6_000
"""Records the quick model learns from: enough to tell a hundredth of a bit."""
FEWEST = 50
STRENGTH = 30.0
"""Of the ridge: the middle of those that training tries; to search would cost more than all the rest."""
ROWS, TERMS = 10, 80
"""A term needs so many records; at most so many terms, the most common ones."""
PENALTY = 3.0


@dataclass(frozen=True, slots=True)
class Gain:
    """Log loss saved per record (nats), its standard error over the folds, and the loss without the field."""

    loss: float
    error: float
    base: float

    @property
    def share(self) -> float:
        """The part of what was left uncertain that the field takes away.

        >>> Gain(0.05, 0.01, 0.5).share
        0.1
        """
        return self.loss / self.base if self.base > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Base:
    """Judged records that were open at a given age, and what the standard features said of each then: `log_odds` by a
    model that had not seen it. `position` is in the sample's arrays, `as_of` the instant; one entry each.
    """

    position: Ints
    as_of: Ints
    reached: Floats
    fold: Codes
    log_odds: Floats

    def take(self, rows: Bools) -> "Base":
        """The rows where the mask is true."""
        return Base(
            self.position[rows], self.as_of[rows], self.reached[rows], self.fold[rows], self.log_odds[rows]
        )  # fmt: skip

    @property
    def enough(self) -> bool:
        """Whether anything can be told."""
        return min(int(self.reached.sum()), int((1 - self.reached).sum())) >= FEWEST


def base_of(store: Store, settings: Settings, records: Sample, age_days: float, seed: int = 0) -> Base:
    """The standard features (no custom ones) of the records at an age in days, and what they say."""
    position = np.flatnonzero(records.judged & (records.days >= age_days))
    if len(position) > MOST:
        position = np.sort(np.random.default_rng(seed).choice(position, MOST, replace=False))
    as_of = records.created[position] + round(age_days * MICROSECONDS_A_DAY)
    reached = records.reached[position].astype(np.float64)
    empty = Base(position, as_of, reached, folds(position, seed), np.zeros(len(position)))
    if not empty.enough:
        return empty
    matrix = features_at(records.history, load_streams(store, settings), Rows(records.row[position], as_of))
    standard = Matrix(
        {name: column for name, column in matrix.numbers.items() if not name.startswith("custom:")},
        {name: column for name, column in matrix.categories.items() if not name.startswith("custom:")},
    )
    return Base(position, as_of, reached, empty.fold, _unseen(standard, empty))


def _unseen(matrix: Matrix, base: Base) -> Floats:
    """Each record's log-odds by the pooled logistic regression on the other folds."""
    log_odds = np.zeros(len(base.position))
    for number in range(FOLDS):
        held = base.fold == number
        rest = matrix.take(~held)
        encoder = fit_encoder(rest)
        kept = base.position[~held]
        lesson = Lesson(encoder, encoder.encode(rest), base.reached[~held], np.ones(len(kept)), kept, base.as_of[~held])
        log_odds[held] = fit_linear(lesson, STRENGTH).log_odds(encoder.encode(matrix.take(held)))
    return log_odds


def gain_of(base: Base, series: Series) -> Gain | None:
    """What a field's values, as known at the base's rows, save; None where that rests on too few records."""
    base = base.take(series.covered[base.position])
    if not base.enough:
        return None
    value = series.at(base.position, base.as_of)
    design = np.concatenate([np.ones((len(base.position), 1)), base.log_odds[:, None]], axis=1)
    columns = _columns(terms_of(value, series.field.sort, base.as_of))
    saved = _loss(design, base) - _loss(np.concatenate([design, columns], axis=1), base)
    by_fold = np.array([saved[base.fold == number].mean() for number in range(FOLDS)])
    return Gain(float(saved.mean()), float(by_fold.std(ddof=1) / np.sqrt(FOLDS)), float(_loss(design, base).mean()))


def _columns(terms: Terms) -> Floats:
    """A column of zeros and ones for each common term."""
    seen = np.bincount(terms.code, minlength=terms.size)
    common = [code for code in np.argsort(-seen, kind="stable")[:TERMS].tolist() if seen[code] >= ROWS]
    place = np.full(terms.size, -1, np.int64)
    place[common] = np.arange(len(common))
    columns = np.zeros((terms.n, len(common)))
    kept = place[terms.code] >= 0
    columns[terms.row[kept], place[terms.code[kept]]] = 1.0
    return columns


def _loss(design: Floats, base: Base) -> Floats:
    """Each record's log loss by a fit on the other folds."""
    penalty = np.concatenate([np.zeros(2), np.full(design.shape[1] - 2, PENALTY)])
    loss = np.zeros(len(design))
    for number in range(FOLDS):
        held = base.fold == number
        at = ridge_logistic(design[~held], base.reached[~held], np.ones(int((~held).sum())), penalty, exact=1e-5)
        loss[held] = losses(base.reached[held], sigmoid(design[held] @ at))
    return loss


def middle_age(records: Sample) -> float:
    """Half the median days that records take to end: where a field that changes over a record's life is tried."""
    ended = records.days[records.ended]
    return float(np.median(ended)) / 2 if len(ended) else 0.0
