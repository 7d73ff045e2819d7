"""The chosen rung fitted on all that is known, and everything else a model says, as one `Model`."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from features.columns import Floats
from models.heads import Constant, Head
from models.intervals import Intervals
from models.model import Calibration, Evidence, Model
from models.odds import logit
from models.ranking import Ranking
from training.aim import Aim, Outlook
from training.bands import intervals
from training.calibrate import apply, calibration
from training.dataset import Dataset
from training.estimators import ESTIMATORS, Estimator
from training.folds import row_weights
from training.gaps import fields, with_gaps
from training.lesson import Lesson
from training.origins import closed_records
from training.reasons import reason_heads
from training.replay import Replay, fit, lesson_of
from training.segmented import reason_shares, time_table

RANKED = 100
"""From so many replayed rows up the score's quantiles are those of the replay; below, of the fit itself."""


def known(data: Dataset) -> dict[str, int]:
    """Counts of records and rows: what there was to learn from.

    `won` is the number that reached the target, `closed` those that reached it or were lost, the rest is `open`.
    """
    records, _ = closed_records(data)
    won = len(np.unique(data.record[data.cause == 0]))
    return {
        "records": len(data.ids), "rows": len(data), "closed": len(records), "won": won,
        "lost": len(records) - won, "open": len(data.ids) - len(records),
    }  # fmt: skip


def build(data: Dataset, aim: Aim, rung: Estimator, seen: Replay | None, seed: int) -> tuple[Model, dict[str, Any]]:
    """The model, and what was learnt while making it (calibration kept, its saving, share of bands held)."""
    weight = row_weights(data.record, data.as_of)
    outlook = Outlook.of(data)
    lesson = lesson_of(data, weight, aim, outlook, seed)
    head = fit(rung, with_gaps(lesson, fields(data.catalogue)) if rung.gaps else lesson)
    map_, saved = _calibrated(seen, rung)
    spread, held = _spread(seen, rung, map_)
    model = Model(
        encoder=lesson.encoder,
        target=head,
        calibration=map_,
        loss=_loss_head(lesson, outlook.labels(data, aim)),
        times=time_table(data, aim, outlook.cells),
        losses=reason_shares(data, weight, outlook.cells),
        told=reason_heads(data, lesson),
        intervals=spread,
        ranking=Ranking.of(_ranked(seen, rung, map_, head, lesson)),
        evidence=_evidence(data, outlook.rarer(data, aim), plain=rung.name == "base_rate"),
        horizon_days=float(aim.days[np.argmax(np.bincount(aim.group(data), minlength=len(aim.days)))]),
        horizon_by_process=dict(zip(aim.processes, aim.days.tolist(), strict=True)),
    )
    return model, {"calibration_saves": saved, "interval_held": held}


def _calibrated(seen: Replay | None, rung: Estimator) -> tuple[Calibration, float]:
    if seen is None or rung.name == "base_rate":
        return Calibration(), 0.0
    (slope, shift), saved = calibration(seen.y, seen.log_odds[rung.name], seen.weight, seen.origin)
    return (Calibration(slope, shift), saved) if slope > 0.1 else (Calibration(), 0.0)


def served(seen: Replay, rung: Estimator, map_: Calibration) -> Floats:
    """The rung's out-of-sample log-odds as they would have been served."""
    return apply((map_.a, map_.b), seen.log_odds[rung.name])


def _spread(seen: Replay | None, rung: Estimator, map_: Calibration) -> tuple[Intervals, float | None]:
    if seen is None:
        return Intervals.of([]), None
    spread, held = intervals(seen.y, served(seen, rung, map_), seen.record, seen.origin)
    return spread, held if np.isfinite(held) else None


def _ranked(seen: Replay | None, rung: Estimator, map_: Calibration, head: Head, lesson: Lesson) -> Floats:
    if seen is not None and len(seen.row) >= RANKED:
        return map_.apply(seen.log_odds[rung.name])
    return map_.apply(head.log_odds(lesson.x))


def _loss_head(lesson: Lesson, labels: tuple[Floats, Floats]) -> Head:
    """P(lost by the horizon | target not reached by it): each row counts for its chance of not reaching the target."""
    target, lost = labels
    missed = 1.0 - target
    rows = missed > 1e-9
    if not rows.any():
        return Constant(float(logit(np.array([0.5]))[0]))
    part = lesson.take(rows)
    share = np.clip(lost[rows] / missed[rows], 0.0, 1.0)
    return fit(ESTIMATORS["stage_table"], replace(part, y=share, weight=part.weight * missed[rows]))


def _evidence(data: Dataset, rarer: float, *, plain: bool) -> Evidence:
    """`plain`: the model says the same of everyone, which is thin however much it rests on."""
    closed = np.flatnonzero(data.cause >= 0)
    first = np.unique(data.record[closed], return_index=True)[1]
    process = Counter(word or "" for word in data.process.take(closed[first]).tolist())
    by_process = {word: float(process[word]) for word in sorted(process)}
    thin_below = len(first) + 1.0 if plain else Evidence.thin_below
    return Evidence(float(len(first)), rarer, by_process, thin_below=thin_below)
