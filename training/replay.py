"""The replay: at each past origin learn from what was known, score what came next, compare with what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import Floats, Ints
from models.heads import Head
from models.odds import sigmoid
from training.aim import Aim, Outlook
from training.dataset import Dataset
from training.encode import fit_encoder
from training.estimators import ESTIMATORS, Estimator
from training.evaluate import losses, mean, standard_error
from training.gaps import fields, with_gaps
from training.lesson import Lesson
from training.origins import Origin

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Replay:
    """Out-of-sample rows of all origins, one entry each: `row` is a position in the dataset; `log_odds` by rung."""

    row: Ints
    record: Ints
    origin: Ints
    y: Floats
    weight: Floats
    log_odds: dict[str, Floats]
    instants: tuple[int, ...]

    def loss(self, rung: str) -> float:
        """The rung's mean log loss over all origins."""
        return mean(losses(self.y, sigmoid(self.log_odds[rung])), self.weight)

    def choose(self, rungs: Sequence[str]) -> str:
        """The plainest rung that is within one standard error of the best, the error being that of their difference
        record by record."""
        best = min(rungs, key=self.loss)
        return next(rung for rung in rungs if self._gap(rung, best) <= 0.0)

    def _gap(self, rung: str, best: str) -> float:
        """How much worse than the best, less one standard error."""
        worse = losses(self.y, sigmoid(self.log_odds[rung])) - losses(self.y, sigmoid(self.log_odds[best]))
        return mean(worse, self.weight) - standard_error(worse, self.weight, self.record)


def lesson_of(data: Dataset, weight: Floats, aim: Aim, outlook: Outlook, seed: int) -> Lesson:
    """The rows as a lesson, encoded by what they themselves show."""
    matrix = data.features()
    encoder = fit_encoder(matrix)
    target, _ = outlook.labels(data, aim)
    return Lesson(encoder, encoder.encode(matrix), target, weight, data.record, data.as_of, seed)


def replay(
    data: Dataset, made: Sequence[Origin], aim: Aim, rungs: Sequence[Estimator], seed: int, progress: Progress
) -> Replay:
    """Every rung at every origin. Test rows still open at the end carry their expected label (see `censoring`)."""
    truth, _ = Outlook.of(data).labels(data, aim)
    answers: dict[str, list[Floats]] = {rung.name: [] for rung in rungs}
    for number, origin in enumerate(made, 1):
        progress(f"replay: origin {number} of {len(made)}")
        outlook = Outlook.of(data.known_at(origin.instant))
        lesson = lesson_of(origin.train, origin.train_weight, aim, outlook, seed)
        x = lesson.encoder.encode(data.matrix.take(origin.test))
        for name, log_odds in _answers(lesson, with_gaps(lesson, fields(data.catalogue)), x, rungs).items():
            answers[name].append(log_odds)
    row = np.concatenate([origin.test for origin in made])
    return Replay(
        row, data.record[row], np.repeat(np.arange(len(made)), [len(origin.test) for origin in made]), truth[row],
        np.concatenate([origin.test_weight for origin in made]),
        {name: np.concatenate(parts) for name, parts in answers.items()}, tuple(origin.instant for origin in made),
    )  # fmt: skip


def _answers(lesson: Lesson, gapped: Lesson, x: Floats, rungs: Sequence[Estimator]) -> dict[str, Floats]:
    found = {rung.name: rung.fit(gapped if rung.gaps else lesson).log_odds(x) for rung in rungs if rung.fit}
    for rung in rungs:
        if rung.parts:
            found[rung.name] = np.mean([found[part] for part in rung.parts], axis=0)
    return found


def fit(rung: Estimator, lesson: Lesson) -> Head:
    """The rung fitted on the lesson; the mean of its parts where it has no fit of its own."""
    if rung.fit:
        return rung.fit(lesson)
    from models.heads import Blend

    heads = tuple(fit(ESTIMATORS[part], lesson) for part in rung.parts)
    return Blend(heads, tuple(1.0 / len(heads) for _ in heads))
