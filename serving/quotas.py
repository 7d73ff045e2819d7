"""Which quota a forecast is held against: that of its period, or of the shorter periods that make it up."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from features.calendar import Period, Zone
from features.columns import MISSING, Columns, Words, ints

_FORMS = ("year", "half", "quarter", "month", "week")


@dataclass(frozen=True, slots=True)
class Quota:
    """One amount (minor units) for one period. `scope` is what it is set for: any of owner, team and process."""

    period: Period
    scope: dict[str, str]
    amount: int
    currency: str


def read_quotas(table: Columns, zone: Zone, currency: str, team_of: dict[str, str]) -> list[Quota]:
    """The quotas of the store; one without a currency is in `currency`, an owner's counts for the owner's team too.

    A quota whose period has no known form is left out.
    """
    columns = (cast(Words, table[name]).tolist() for name in ("period", "currency", "owner_id", "team", "process"))
    quotas = []
    for amount, period, money, owner, team, process in zip(ints(table, "amount").tolist(), *columns, strict=True):
        named = {"owner": owner, "team": team or team_of.get(owner or ""), "process": process}
        scope = {dimension: word for dimension, word in named.items() if word}
        try:
            quotas.append(Quota(Period.parse(period or "", zone), scope, amount, money or currency))
        except ValueError:
            continue
    return [quota for quota in quotas if quota.amount != MISSING]


def quota_of(quotas: list[Quota], start: int, end: int, by: str = "", group: str = "") -> int:
    """The quota of [start, end) for the whole, or for one group of a cut; `MISSING` where none is set for all of it.

    Quotas set for exactly this cut are taken before finer ones, which are summed; a quarter without a quota of its own
    has the sum of its months.

    >>> zone = Zone("UTC")
    >>> months = [Quota(Period.parse(f"2026-{month:02d}", zone), {"owner": "O1"}, 500, "EUR") for month in (1, 2, 3)]
    >>> quarter = Period.parse("2026-Q1", zone)
    >>> quota_of(months, quarter.start, quarter.end), quota_of(months, quarter.start, quarter.end, "owner", "O1")
    (1500, 1500)
    >>> quota_of(months[:2], quarter.start, quarter.end) == MISSING
    True
    """
    for level in _levels(quotas, by):
        wanted = [quota for quota in level if not by or quota.scope[by] == group]
        for form in _by_form(wanted, start, end):
            if _tiles({quota.period for quota in form}, start, end):
                return sum(quota.amount for quota in form)
    return MISSING


def _levels(quotas: list[Quota], by: str) -> Iterator[list[Quota]]:
    """The quotas that speak of a cut, grouped by what they are set for, the coarsest first."""
    levels = defaultdict(list)
    for quota in quotas:
        if not by or by in quota.scope:
            levels[tuple(sorted(quota.scope))].append(quota)
    return (levels[key] for key in sorted(levels, key=lambda key: (len(key), key)))


def _by_form(quotas: list[Quota], start: int, end: int) -> list[list[Quota]]:
    """The quotas inside [start, end), years together, halves together, ... the longest first."""
    forms = defaultdict(list)
    for quota in quotas:
        if start <= quota.period.start and quota.period.end <= end:
            forms[_FORMS.index(quota.period.form)].append(quota)
    return [forms[key] for key in sorted(forms)]


def _tiles(periods: set[Period], start: int, end: int) -> bool:
    return sum(period.end - period.start for period in periods) == end - start
