"""The report's words in English and French, and its figures as each language writes them."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from features.crm.rules import RULES
from models.wording import Language
from training.facts.checks import Check
from training.facts.health import ImportProblem
from training.facts.shares import Point, Share
from training.facts.worth import Band

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 60
"""Characters of a name from the data that a page shows."""

_NARROW, _NO_BREAK = "\u202f", "\u00a0"  # French groups digits with the one and sets signs off with the other
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def table(name: str) -> dict[str, Any]:
    """A file of words beside the templates."""
    return tomllib.loads((TEMPLATES / name).read_text("utf-8"))


@dataclass(frozen=True)
class Speech:
    """One language's words and figures; dates are local to `zone`.

    >>> says = Speech("fr", "Europe/Paris")
    >>> says.say("answer.no_model"), says.number(12345), says.day(0)
    ("Aucun modèle n'est encore entraîné.", '12\\u202f345', '01/01/1970')
    """

    language: Language
    zone: str
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_zone", ZoneInfo(self.zone))

    def say(self, key: str, **figures: str) -> str:
        """The sentence of a key (`section.name`), filled with figures already written."""
        section, _, name = key.partition(".")
        text: str = table("report.toml")[section][name][self.language]
        if self.language == "fr":
            for sign in ":;?!%":
                text = text.replace(f" {sign}", f"{_NO_BREAK}{sign}")
        return text.format(**figures)

    def number(self, value: float) -> str:
        """A whole number.

        >>> Speech("en", "UTC").number(1234.4)
        '1,234'
        """
        return f"{value:,.0f}".replace(",", "," if self.language == "en" else _NARROW)

    def about(self, value: float) -> str:
        """Two significant digits.

        >>> Speech("en", "UTC").about(3846)
        '3,800'
        """
        return self.number(float(f"{value:.2g}"))

    def decimal(self, value: float, places: int = 3) -> str:
        """A number with its decimals."""
        text = f"{value:.{places}f}"
        text = text.removeprefix("-") if not float(text) else text
        return text if self.language == "en" else text.replace(".", ",")

    def percent(self, value: float) -> str:
        """A whole percent; "under 1%" and "over 99%" near the ends.

        >>> says = Speech("en", "UTC")
        >>> says.percent(0.617), says.percent(0.004), says.percent(1.0), says.percent(-0.02)
        ('62%', 'under 1%', '100%', '-2%')
        """
        if 0 < value < 0.005:
            return self.say("counts.under_1")
        return self.say("counts.over_99") if 0.995 < value < 1 else self.say("counts.percent", n=f"{100 * value:.0f}")

    def range(self, share: Share) -> str:
        """The 80 % range of a share.

        >>> Speech("en", "UTC").range(Share(41, 90))
        '39 to 52%'
        """
        low, high = (f"{100 * end:.0f}" for end in (share.low, share.high))
        return self.say("counts.percent", n=low) if low == high else self.say("counts.percents", low=low, high=high)

    def share(self, share: Share) -> str:
        """A share, or a dash where there is nothing to share."""
        return self.percent(share.value) if share.n else "–"

    def of(self, share: Share) -> str:
        """So many of so many."""
        return self.say("page.n_of", hits=self.number(share.hits), n=self.number(share.n))

    def band(self, band: Band) -> str:
        """A band of percentages, as in "80 to 90%"."""
        return self.say("counts.percents", low=f"{100 * band.low:.0f}", high=f"{100 * band.high:.0f}")

    def count(self, n: int, noun: str) -> str:
        """A number of things, as in "1 lead"."""
        one, many = self.say(f"counts.{noun}", n=self.number(n)).split("|")
        return one if (n == 1 if self.language == "en" else n < 2) else many

    def days(self, days: float) -> str:
        """A span in whole days."""
        return self.say("counts.under_a_day") if days < 0.5 else self.count(round(days), "days")

    def day(self, instant: int) -> str:
        """The local date of an instant (int64 microseconds).

        >>> Speech("en", "Europe/Paris").day(1_795_239_000_000_000)
        '21 Nov 2026'
        """
        at = datetime.fromtimestamp(instant // 1_000_000, self._zone)
        return f"{at:%d/%m/%Y}" if self.language == "fr" else f"{at.day} {_MONTHS[at.month - 1]} {at.year}"

    def dates(self, instants: Iterable[int]) -> str:
        """Several dates."""
        return ", ".join(self.day(instant) for instant in instants)

    def short(self, text: str, longest: int = LONGEST) -> str:
        """A name from the data on one line, cut when it is very long.

        >>> Speech("en", "UTC").short("two\\nlines"), len(Speech("en", "UTC").short("x" * 999))
        ('two lines', 60)
        """
        line = " ".join(text.split())
        return line if len(line) <= longest else line[: longest - 1] + "…"

    def rule(self, problem: ImportProblem) -> str:
        """Why a row was repaired or set aside; the problem holds the importer's own (English) sentence.

        >>> lost = ImportProblem("leads.csv", "created_at", "not a date", "repaired", 1, "not a date", "")
        >>> Speech("fr", "UTC").rule(lost)
        'pas une date\u202f; lu comme inconnu'
        """
        if self.language == "en":
            return problem.says
        said: str = table("rules.fr.toml").get(problem.rule, problem.says)
        loses = problem.outcome == "repaired" and problem.rule in RULES and RULES[problem.rule].loses
        return said + "\u202f; lu comme inconnu" * loses

    def rung(self, name: str) -> str:
        """A family of models."""
        return self.say(f"rung.{name}") if name in table("report.toml")["rung"] else name

    def clean(self, checks: Sequence[Check]) -> list[str]:
        """The names of the checks that found nothing anywhere."""
        found = {check.name for check in checks if check.count}
        return [
            self.say(f"clean.{name}") for name in dict.fromkeys(check.name for check in checks) if name not in found
        ]

    def thin(self, processes: Sequence[tuple[str, int]]) -> str:
        """Processes with how many closed records each has."""
        return ", ".join(
            f"{self.short(name) or self.say('page.not_filled')} ({self.number(n)})" for name, n in processes
        )

    def point(self, point: Point) -> str:
        """One point of a reliability chart, in words."""
        seen = point.seen
        figures = {"said": point.said, "seen": seen.value, "low": seen.low, "high": seen.high}
        return self.say("chart.point", **{k: self.percent(v) for k, v in figures.items()}, n=self.number(seen.n))
