"""A trained model: everything it needs to answer, as one value of plain parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from features.columns import Floats, Words
from features.matrix import Matrix
from models.canonical import from_bytes, to_bytes
from models.encoder import Encoder
from models.heads import Head, read_head
from models.intervals import Intervals
from models.odds import LIMIT, sigmoid
from models.outcomes import ReasonShares, TimeTable, Timing, refined, split
from models.ranking import Ranking, grades
from models.segments import READ, by_process

DAYS = (7, 14, 30, 60, 90)
"""The horizons every answer gives beside the long one."""

_DAYS = np.array(DAYS, np.float64)[:, None]
_TENTHS = np.array([0.1, 0.5, 0.9])[:, None]

EVIDENCE = ("ok", "thin", "none")


@dataclass(frozen=True)
class Calibration:
    """Final log-odds = a * head + b, kept within +-12; the identity by default."""

    a: float = 1.0
    b: float = 0.0

    def __post_init__(self) -> None:
        if not self.a > 0:
            raise ValueError(f"a calibration may not turn the order round: a = {self.a} must be > 0")

    def apply(self, log_odds: Floats) -> Floats:
        """The calibrated log-odds.

        >>> Calibration(2.0, 1.0).apply(np.array([0.5, 90.0])).tolist()
        [2.0, 12.0]
        """
        return np.clip(self.a * log_odds + self.b, -LIMIT, LIMIT)


@dataclass(frozen=True)
class Evidence:
    """How much the model has seen: closed records, those of the rarer outcome, and closed records by process.

    Below `none_below` closed records, or with less than one of the rarer outcome, the evidence is none; it is thin
    below `thin_below`, below `thin_rarer` of the rarer outcome, or for a process with fewer than `thin_process`. A
    record whose process is not known counts as one of all.
    """

    closed: float
    rarer: float
    by_process: dict[str, float]
    none_below: float = 10
    thin_below: float = 50
    thin_rarer: float = 10
    thin_process: float = 20

    def of(self, matrix: Matrix) -> Words:
        """ok, thin or none for each row.

        >>> evidence = Evidence(closed=80, rarer=30, by_process={"shop": 75, "tender": 5})
        >>> evidence.of(Matrix({}, {"process": Words.of(["shop", "tender", None])})).tolist()
        ['ok', 'thin', 'ok']
        """
        scarce = self.closed < self.thin_below or self.rarer < self.thin_rarer
        known = by_process(matrix, {"": self.closed} | self.by_process, 0.0)
        codes = np.where(scarce | (known < self.thin_process), 1, 0)
        return Words(np.where(self.nothing, 2, codes).astype(np.int32), EVIDENCE)

    @property
    def nothing(self) -> bool:
        """Whether there is too little to say a probability of any record."""
        return self.closed < self.none_below or self.rarer < 1.0


@dataclass(frozen=True)
class Prediction:
    """One entry a row. `probability` of reaching the target by the horizon lies in [low, high]; with `p_open` and the
    sum of `p_lost` (n x reasons) it makes 1. `close_*` are days after as-of, given that the target is reached.
    """

    log_odds: Floats
    probability: Floats
    low: Floats
    high: Floats
    p_open: Floats
    p_lost: Floats
    reasons_names: tuple[str, ...]
    by: dict[int, Floats]
    close_days: Floats
    close_low: Floats
    close_high: Floats
    score: Floats
    grade: Words
    evidence: Words
    horizon_days: Floats
    timing: Timing = field(repr=False)

    def p_by(self, days: Floats | float) -> Floats:
        """float64[n]: P(target within `days` of as-of), one number or one a row; from the horizon on, `probability`."""
        return self.probability * self.timing.reached_by(days)


@dataclass(frozen=True)
class Model:
    """What a bundle holds. Heads answer in log-odds on the encoder's columns; `loss` is the log-odds of being lost by
    the horizon when the target is not reached by then; `told` those of some reasons (by position in `losses`) among the
    lost. `meta` is what training says of itself (JSON, no wall-clock).
    """

    encoder: Encoder
    target: Head
    calibration: Calibration
    loss: Head
    times: TimeTable
    losses: ReasonShares
    intervals: Intervals
    ranking: Ranking
    evidence: Evidence
    horizon_days: float
    horizon_by_process: dict[str, float] = field(default_factory=dict)
    grade_shares: tuple[float, float, float, float] = (0.2, 0.3, 0.3, 0.2)
    meta: dict[str, Any] = field(default_factory=dict)
    told: dict[int, Head] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for head in (self.target, self.loss, *self.told.values()):
            head.check(self.encoder.names)
        if not set(self.told) < set(range(len(self.losses.reasons))) and self.told:
            raise ValueError("at least one reason must be left to the shares")
        if min(self.horizon_days, *self.horizon_by_process.values(), np.inf) <= 0:
            raise ValueError("a horizon must be longer than 0 days")

    @property
    def reads(self) -> frozenset[str]:
        """The features without which it would answer otherwise; no other need be computed for it."""
        return READ.union(self.encoder.names)

    def log_odds(self, x: Floats) -> Floats:
        """Final log-odds of reaching the target by the horizon, for encoded rows float64[n, p]."""
        return self.calibration.apply(self.target.log_odds(x))

    def predict(self, matrix: Matrix) -> Prediction:
        """Everything the model says of each row; a row's answer never depends on the others, down to the last bit."""
        x = self.encoder.encode(matrix)
        log_odds = self.log_odds(x)
        probability, lost_otherwise = sigmoid(np.stack([log_odds, np.clip(self.loss.log_odds(x), -LIMIT, LIMIT)]))
        low, high = self.intervals.around(log_odds)
        shares = refined(self.losses.of(matrix), {place: head.log_odds(x) for place, head in self.told.items()})
        p_open, p_lost = split(probability, lost_otherwise, shares)
        horizon = by_process(matrix, self.horizon_by_process, self.horizon_days)
        timing = self.times.timing(matrix, horizon)
        by = probability * timing.reached_by(_DAYS)
        close_low, close_days, close_high = timing.days_at(_TENTHS)
        score = self.ranking.score(log_odds)
        return Prediction(
            log_odds=log_odds,
            probability=probability,
            low=low,
            high=high,
            p_open=p_open,
            p_lost=p_lost,
            reasons_names=self.losses.reasons,
            by=dict(zip(DAYS, by, strict=True)),
            close_days=close_days,
            close_low=close_low,
            close_high=close_high,
            score=score,
            grade=grades(score, self.grade_shares) if self.ranking.tells else Words.of([None] * len(score)),
            evidence=self.evidence.of(matrix),
            horizon_days=horizon,
            timing=timing,
        )

    def to_files(self) -> dict[str, bytes]:
        """The model as files of plain text (JSON, LightGBM's own); equal models give equal bytes."""
        parts = {name: TypeAdapter(kind).dump_python(getattr(self, name), mode="json") for name, kind in _PARTS.items()}
        files = {"model.json": to_bytes(parts | {"told": sorted(self.told)})}
        heads = {
            "target": self.target,
            "loss": self.loss,
            **{f"reason{place}": self.told[place] for place in self.told},
        }
        for name, head in heads.items():
            files |= head.to_files(name)
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Model":
        """The model that `to_files` wrote. Raises ValueError (or KeyError) for files that are not one."""
        content = from_bytes(files["model.json"])
        parts = {name: TypeAdapter(kind).validate_python(content[name]) for name, kind in _PARTS.items()}
        told = {int(place): read_head(f"reason{place}", files) for place in content.get("told", [])}
        return cls(target=read_head("target", files), loss=read_head("loss", files), told=told, **parts)


_PARTS: dict[str, Any] = {
    "encoder": Encoder,
    "calibration": Calibration,
    "times": TimeTable,
    "losses": ReasonShares,
    "intervals": Intervals,
    "ranking": Ranking,
    "evidence": Evidence,
    "horizon_days": float,
    "horizon_by_process": dict[str, float],
    "grade_shares": tuple[float, float, float, float],
    "meta": dict[str, Any],
}
