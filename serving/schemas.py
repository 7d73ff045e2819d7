"""What answers hold, as the API documents them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving import examples

ModelKind = Literal["champion", "previous", "scorecard", "base_rate"]


class Interval(BaseModel):
    """An 80 % range for the realised rate of records scored like this one."""

    low: float
    high: float
    level: float = 0.8


class HorizonChance(BaseModel):
    """P(target within `days` of as_of)."""

    days: int
    probability: float


class PredictedClose(BaseModel):
    """When the target is reached, if it is: the median and an 80 % range, local dates."""

    date: str
    low: str
    high: str


class LossReason(BaseModel):
    """P(lost for this reason by the horizon)."""

    reason: str
    probability: float


class LossRisk(BaseModel):
    """P(lost by the horizon), in all and by reason."""

    total: float
    reasons: list[LossReason]


class ReasonAnswer(BaseModel):
    """One group's part in the answer: log-odds of a model, or points of the scorecard."""

    group: str
    feature: str
    value: float | str | None = None
    log_odds: float | None = None
    points: float | None = None
    sentence: str


class AnsweringModel(BaseModel):
    """What answered: the champion, or the fallback that was there."""

    name: str
    version: str | None
    kind: ModelKind


class ScoreAnswer(BaseModel):
    """A score. `base_log_odds` and the reasons' `log_odds` add up to `log_odds`, whose probability is `probability`."""

    model_config = ConfigDict(protected_namespaces=(), json_schema_extra={"examples": [examples.SCORE]})

    id: str
    target: str
    as_of: str = Field(description="The instant of the score: only what was known before it was used.")
    horizon_days: float | None = None
    probability: float | None = Field(None, description="P(target by the horizon); null where none can be given.")
    interval: Interval | None = None
    p_open: float | None = Field(None, description="P(still open at the horizon).")
    score: float | None = Field(None, description="0-100 among the records the model learnt from; or scorecard points.")
    grade: str | None = Field(None, description="A (best) to D; null where no model answers.")
    evidence: Literal["ok", "thin", "none"] = "none"
    horizons: list[HorizonChance] = []
    predicted_close: PredictedClose | None = None
    amount_if_won: float | None = None
    currency: str | None = None
    loss_risk: LossRisk | None = None
    base_log_odds: float | None = None
    log_odds: float | None = None
    reasons: list[ReasonAnswer] = []
    model: AnsweringModel
    degraded: bool = Field(description="Whether something less than the champion answered.")
    stored: bool = Field(description="Whether the record and its score were kept.")
    note: str | None = None


class TableReport(BaseModel):
    """What became of one table's rows: given = accepted + repaired + quarantined."""

    given: int
    accepted: int
    repaired: int
    quarantined: int
    new: int
    changed: int
    unchanged: int


class RowProblem(BaseModel):
    """A rule that rows met: which (from 1, the first three), what was done, and what to do about it."""

    table: str
    field: str
    rule: str
    outcome: str
    count: int
    rows: list[int]
    says: str
    advice: str


class HistoryAnswer(BaseModel):
    """What became of the rows given."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.HISTORY]})

    tables: dict[str, TableReport]
    problems: list[RowProblem]
    custom_fields: list[str] = Field(description="Fields kept as custom ones, unused until they are accepted.")


class ForecastRow(BaseModel):
    """The whole (group empty) or one group; money in units of `currency`."""

    model_config = ConfigDict(protected_namespaces=(), json_schema_extra={"examples": [examples.SCORE]})

    period_start: str
    period_end: str = Field(description="Exclusive.")
    group: str
    currency: str
    closed: float
    from_open: float
    from_new: float
    expected: float
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    quota: float | None
    p_quota: float | None
    wins_closed: int
    wins_expected: float
    wins_p10: int
    wins_p25: int
    wins_p50: int
    wins_p75: int
    wins_p90: int
    as_of: str
    model: str
    hindsight: bool


class ForecastAnswer(BaseModel):
    """The rows of `plumbline forecast`: the whole first, then each group."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.FORECAST]})

    rows: list[ForecastRow]


class ModelRow(BaseModel):
    """One trained version; `champion` when it answers now."""

    version: str
    kind: str
    target: str
    as_of: str
    rung: str
    why: str
    metrics: dict[str, float]
    champion: bool


class ModelsAnswer(BaseModel):
    """The trained versions, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MODELS]})

    models: list[ModelRow]


class Readiness(BaseModel):
    """Whether the service answers, and what it lacks to answer at its best."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.READY]})

    ready: bool
    degraded: bool
    missing: list[str]


class Alive(BaseModel):
    """The process runs."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ALIVE]})

    alive: bool = True
