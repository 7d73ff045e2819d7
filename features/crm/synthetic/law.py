"""The law of a world: what its deals are like and how they truly end. `french_sme.toml` says what each key means."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Weight = Annotated[float, Field(ge=0, le=1e6)]
Effect = Annotated[float, Field(ge=-5, le=5)]
Spread = Annotated[float, Field(ge=0, le=5)]
Months = Annotated[tuple[Effect, ...], Field(min_length=12, max_length=12)]
Label = Annotated[str, Field(min_length=1, max_length=60, pattern=r'^[^",;\r\n]+$')]
Labels = tuple[Label, ...]


class Table(BaseModel):
    """One table of the file: fixed once read, and a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(Table):
    """A stage: mean working days of work in it, then where it leads (weights when no effect is at play)."""

    name: Label
    days: Annotated[float, Field(ge=0.5, le=500)]
    forward: Weight
    lost: Weight
    stall: Weight
    regress: Weight
    probability: Share


class Rest(Table):
    """A rest (stalled, asleep): mean working days of it, then where it leads (weights)."""

    days: Annotated[float, Field(ge=0.5, le=5000)]
    resume: Weight
    lost: Weight
    dormant: Weight
    abandon: Weight


class Reason(Table):
    """A reason of loss: its weight while work goes on and while it rests; `amount` and `tender` tilt its log."""

    label: Label
    active: Positive
    stalled: Positive
    amount: Effect
    tender: Effect


class Walk(Table):
    """The stages records walk through, an effect on all of them, and the long horizon of a prediction."""

    level: Effect
    horizon_days: Annotated[int, Field(ge=30, le=730)]
    dormant: Annotated[str, Field(max_length=60, pattern=r'^[^",;\r\n]*$')]
    won: Label
    lost: Label
    start: Annotated[tuple[Share, ...], Field(min_length=1)]
    stalled: Rest
    asleep: Rest
    stages: Annotated[tuple[Stage, ...], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _coherent(self) -> "Walk":
        if not self.dormant and self.stalled.dormant:
            raise ValueError("stalled.dormant must be 0 where the walk has no dormant stage")
        if len(self.start) > len(self.stages) or sum(self.start) <= 0:
            raise ValueError("start must weigh the first stages: one number a stage at most, not all of them 0")
        leaves = [stage.forward + stage.lost + stage.stall for stage in self.stages]
        rests = [rest.resume + rest.lost + rest.abandon for rest in (self.stalled, self.asleep)]
        if min(leaves + rests) <= 0:
            raise ValueError("every stage and rest must lead somewhere: its weights may not all be 0")
        return self


class Process(Walk):
    """A sales process: who buys, what it is worth, who sells it."""

    share: Share
    buyer: Literal["person", "business", "public"]
    teams: Annotated[Labels, Field(min_length=1)]
    amount: Positive
    spread: Spread
    recurring: Share
    lead_effect: Effect
    products: Annotated[Labels, Field(min_length=1)]


class Leads(Walk):
    """How leads are worked, and how many there are for an opportunity."""

    each: Annotated[float, Field(ge=0.1, le=20)]
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]


class Response(Table):
    """How strongly a unit of effect moves the log of each rate (forward and resume up, the others down)."""

    forward: Spread
    lost: Spread
    stall: Spread
    resume: Spread
    regress: Spread


class Owners(Table):
    """The sales people: how many, how unlike one another, how optimistic, how often they change."""

    opportunities_each: Annotated[int, Field(ge=1, le=100_000)]
    fewest: Annotated[int, Field(ge=1, le=10_000)]
    most: Annotated[int, Field(ge=1, le=10_000)]
    skill: Spread
    team: Spread
    optimism: Annotated[float, Field(ge=-1, le=1)]
    optimism_spread: Share
    turnover: Share
    reassigned: Share


class Need(Table):
    """What a lead says it wants."""

    label: Label
    weight: Positive
    effect: Effect


class OpportunityEffects(Table):
    """What moves the win rates of an opportunity."""

    amount: Effect
    customer: Effect
    decider: Effect
    budget: Effect
    competitors: Effect
    size_bend: Effect
    season: Months
    account: Spread
    quality: Spread
    inherited: Share


class LeadEffects(Table):
    """What moves the conversion rates of a lead."""

    customer: Effect
    decider: Effect
    free_mail: Effect
    size_bend: Effect
    season: Months
    account: Spread
    quality: Spread
    needs: Annotated[tuple[Need, ...], Field(min_length=1)]


class Drift(Table):
    """What has moved by the end of the span."""

    level: Effect
    sources: Effect
    amount: Effect
    leads: Effect


class Source(Table):
    """Where records come from: weight among leads and among opportunities made directly, effect, monthly spend."""

    label: Label
    leads: Weight
    direct: Weight
    effect: Effect
    spend: Annotated[float, Field(ge=0, le=1e9)]
    campaigns: Labels


class Sector(Table):
    """A line of business (NAF rev. 2)."""

    code: Annotated[str, Field(pattern=r"^\d\d\.\d\d[A-Z]$")]
    weight: Positive
    effect: Effect
    employees: Positive
    public: bool = False


class Activity(Table):
    """A kind of activity: rate per working day, how much it drops when stalled, how much quality raises it."""

    kind: Literal["email", "call", "sms", "chat", "meeting", "quote", "note", "task", "web_visit", "document", "event"]
    direction: Literal["in", "out", ""]
    rate: Annotated[float, Field(ge=0, le=5)]
    stalled: Share
    quality: Effect
    minutes: Annotated[float, Field(ge=0, le=600)]
    planned: bool = False
    from_stage: Annotated[int, Field(ge=0, le=7)] = 0
    leads: bool = True


class Dirt(Table):
    """How often rows are spoilt."""

    rate: Annotated[float, Field(ge=0, le=0.02)]


class Law(Table):
    """A whole law; `french_sme.toml` says what each key means."""

    name: Label
    until: date
    months: Annotated[int, Field(ge=6, le=120)]
    timezone: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    history: bool
    growth: Annotated[float, Field(ge=-0.9, le=10)]
    seasons: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)]
    closed: tuple[Annotated[str, Field(pattern=r"^\d\d-\d\d/\d\d-\d\d$")], ...]
    pool: Annotated[float, Field(ge=0.05, le=5)]
    response: Response
    skip: Share
    unsaid: Share
    late: Share
    late_days: Positive
    reopened: Share
    deleted: Share
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1)]
    owners: Owners
    opportunity: OpportunityEffects
    lead: LeadEffects
    drift: Drift
    dirt: Dirt
    leads: Leads
    processes: Annotated[dict[Label, Process], Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1)]
    activities: Annotated[tuple[Activity, ...], Field(min_length=1)]
