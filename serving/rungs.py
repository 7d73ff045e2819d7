"""What each rung of the fallback ladder can say of one record: a trained model, the scorecard, the base rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from features.catalog import Feature
from features.columns import Floats, words
from features.grouping import OUTCOMES
from features.matrix import Matrix
from features.streams import Streams
from models.model import Prediction
from models.reasons import Reason, reasons
from models.scorecard import Scorecard, read_scorecard
from serving.answers import Said, most_likely
from serving.instants import date_after
from serving.live import Rung


@dataclass(frozen=True, slots=True)
class Asked:
    """One record's features at one instant, and what else an answer tells."""

    matrix: Matrix
    features: Mapping[str, Feature]
    as_of: int
    zone: ZoneInfo
    amount: float | None
    currency: str | None
    main_currency: str


def by_model(rung: Rung, asked: Asked) -> Said:
    """What a trained model says, with all its reasons."""
    model = rung.served.model
    prediction = model.predict(asked.matrix)
    notes = () if rung.kind == "champion" else (rung.kind,)
    if prediction.evidence.tolist()[0] == "none":
        known = {"amount_if_won": asked.amount, "currency": asked.currency}
        return Said(rung.kind, rung.served.version, known, (), (*notes, "too few"))
    base, why = reasons(model, asked.matrix, 0, asked.features, currency=asked.currency or asked.main_currency)
    figures = _figures(prediction, asked) | {"base_log_odds": base}
    return Said(rung.kind, rung.served.version, figures, tuple(_reason(reason) for reason in why), notes)


def by_scorecard(card: Scorecard, asked: Asked) -> Said:
    """Points by readable rules: no probability."""
    points = card.score(asked.matrix)
    why = tuple(
        {
            "group": rule.feature, "feature": rule.feature, "points": rule.points,
            "sentence_en": rule.en, "sentence_fr": rule.fr,
        }
        for rule in points.reasons(0)
    )  # fmt: skip
    figures = {"score": float(points.points[0]), "amount_if_won": asked.amount, "currency": asked.currency}
    return Said("scorecard", None, figures, why, ("scorecard",))


def by_base_rate(streams: Streams | None, kind: str, target: str, as_of: int) -> Said:
    """The share of closed records that reached the target, of all that closed before `as_of`."""
    share = _share(streams, kind, as_of) if target == _streamed(kind) else None
    if share is None:
        return Said("base_rate", None, {}, (), ("no history",))
    return Said("base_rate", None, {"probability": share}, (), ("base rate",))


@cache
def shipped_scorecard() -> Scorecard:
    """The scorecard of the package, read once."""
    return read_scorecard()


def _streamed(kind: str) -> str:
    return "won" if kind == "opportunities" else "converted"


def _share(streams: Streams | None, kind: str, as_of: int) -> float | None:
    if streams is None:
        return None
    outcomes = streams.by_name[f"{kind}.{OUTCOMES}"]
    key = np.array([outcomes.index["all"].get("all", -1)])
    low, high = outcomes.stream.first(key)[0], outcomes.stream.before(key, np.array([as_of]))[0]
    ends = words(outcomes.stream.columns, "ended").take(slice(low, high)).tolist()
    return ends.count("reached") / len(ends) if ends else None


def _figures(prediction: Prediction, asked: Asked) -> dict[str, Any]:
    def first(column: Floats) -> float:
        return float(column[0])

    lost = prediction.p_lost[0].tolist()
    return {
        "horizon_days": first(prediction.horizon_days),
        "probability": first(prediction.probability),
        "interval": {"low": first(prediction.low), "high": first(prediction.high), "level": 0.8},
        "p_open": first(prediction.p_open),
        "score": first(prediction.score),
        "grade": prediction.grade.tolist()[0],
        "evidence": prediction.evidence.tolist()[0],
        "horizons": [{"days": days, "probability": first(chance)} for days, chance in prediction.by.items()],
        "predicted_close": _close(prediction, asked),
        "amount_if_won": asked.amount,
        "currency": asked.currency,
        "loss_risk": {"total": sum(lost), "reasons": most_likely(prediction.reasons_names, lost)},
        "log_odds": first(prediction.log_odds),
    }


def _close(prediction: Prediction, asked: Asked) -> dict[str, str] | None:
    days = {"date": prediction.close_days, "low": prediction.close_low, "high": prediction.close_high}
    if not all(np.isfinite(column[0]) for column in days.values()):
        return None
    return {name: date_after(asked.as_of, float(column[0]), asked.zone) for name, column in days.items()}


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "group": reason.group, "feature": reason.feature, "value": reason.value, "log_odds": reason.log_odds,
        "sentence_en": reason.sentence_en, "sentence_fr": reason.sentence_fr,
    }  # fmt: skip
