"""One page on one's own data: its health, base rates, a replay, and what the CRM's own percentages were worth.

Facts first (`training.facts`), page second: the templates print a `Report` and compute nothing that matters. The page
is one file with nothing to fetch and no script; every word from the data is escaped.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from features.columns import MICROSECONDS_A_DAY
from features.crm.store import Store
from features.history import Kind
from features.settings import Settings
from models.wording import Language
from training.facts import doubt
from training.facts.checks import ENOUGH, TOO_GOOD, Check, checks
from training.facts.doubt import Evidence, More, more
from training.facts.health import Health, health
from training.facts.rates import Pace, Rates, rates
from training.facts.records import Records, Told, told
from training.facts.replayed import Replayed, replayed
from training.facts.shares import Share
from training.facts.worth import Worth, worth
from training.report_words import TEMPLATES, Speech


@dataclass(frozen=True, slots=True)
class Answer:
    """The first lines on one kind: its share won or converted, how sure that is, and the model's replay if any.

    `pace`: what is expected counting those still open, told first where the share of the closed is too good to be true.
    """

    kind: Kind
    records: int
    share: Share
    rarer: int
    evidence: Evidence
    open: int
    pace: Pace | None
    model: Replayed | None

    @property
    def too_good(self) -> bool:
        """Whether the share of the closed says only that losses are not recorded."""
        return self.pace is not None and self.share.n >= ENOUGH and self.share.value > TOO_GOOD


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page says. `until`: the latest the data tells of (int64 microseconds), None for an empty store."""

    as_of: int
    until: int | None
    answers: tuple[Answer, ...]
    health: Health
    checks: tuple[Check, ...]
    rates: tuple[Rates, ...]
    models: tuple[Replayed, ...]
    worth: Worth
    more: tuple[More, ...]

    @property
    def stale_days(self) -> float:
        """Days between the latest the data tells of and the report's instant."""
        return 0.0 if self.until is None else (self.as_of - self.until) / MICROSECONDS_A_DAY


def write_report(
    store: Store,
    settings: Settings,
    as_of: int,
    out: Path,
    *,
    language: Language = "en",
    progress: Callable[[str], None],
) -> None:
    """Write the page as of an instant (int64 microseconds) to `out`: whole or not at all."""
    facts = collect(store, settings, as_of, progress)
    progress("writing the page")
    page = render(facts, Speech(language, settings.timezone))
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=out.parent, prefix=".report-", delete=False) as fresh:
        fresh.write(page)
    Path(fresh.name).chmod(0o644)
    os.replace(fresh.name, out)


def collect(store: Store, settings: Settings, as_of: int, progress: Callable[[str], None] = lambda _: None) -> Report:
    """The facts of the page."""
    progress("reading the history")
    known = told(store, settings, as_of)
    progress("checking the data")
    state, found = health(store, known), checks(store, known)
    progress("counting base rates")
    base = rates(store, known)
    progress("reading the model's replay")
    models = replayed(store, settings, known)
    progress("judging the CRM's own percentages")
    own = worth(store, known.of("opportunities"))
    return Report(as_of, known.until, answers(known, base, models), state, found, base, models, own, more(known))


def answers(known: Told, base: tuple[Rates, ...], models: tuple[Replayed, ...]) -> tuple[Answer, ...]:
    """The first lines on each kind that has records."""
    rates_of, model_of = {part.kind: part for part in base}, {model.kind: model for model in models}
    return tuple(
        _answer(records, rates_of.get(records.kind), model_of.get(records.kind))
        for records in known.kinds
        if len(records)
    )


def _answer(records: Records, base: Rates | None, model: Replayed | None) -> Answer:
    share, few = records.share, doubt.rarer(records)
    pace = base.paces[0] if base and base.paces else None
    known = doubt.evidence(share.n, few)
    return Answer(records.kind, len(records), share, few, known, base.open if base else 0, pace, model)


def render(report: Report, says: Speech) -> str:
    """The page in one language."""
    return _environment().get_template("report.html.j2").render(report=report, says=says)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
