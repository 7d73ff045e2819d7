"""The forecast of a store: history and model in, the rows of `plumbline forecast` out.

Only what was known before `as_of` is used: outcomes, creations, amounts, owners. Amounts are not converted: each
currency has its own rows, the whole first. A win is booked in the period in which its day ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np

from features.asof import features_at
from features.calendar import Period, Zone
from features.catalog import catalog_for
from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Codes, Floats, Ints, Words
from features.crm.store import Store
from features.crm.values import exponent_of
from features.firmographics import region
from features.history import History, load_history
from features.labels import gone, migrated
from features.outcomes import REACHED
from features.settings import Settings
from features.snapshots import open_at
from features.streams import Streams, load_streams
from features.view import Rows, View
from models.forecast import Arrivals, Assumptions, Landing, Pipeline, arrivals, landing
from models.forecast.rows import QUANTILES
from models.model import Model
from serving.completing import completed
from serving.quotas import Quota, quota_of, read_quotas

CUTS = ("owner", "team", "process", "product", "source", "region")
UNKNOWN = "(none)"
"""The group of what has no value for the cut."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: wins in [start, end) as seen at `as_of` (int64 microseconds), cut `by` one of `CUTS` or not."""

    as_of: int
    start: int
    end: int
    by: str = ""


def ask(settings: Settings, as_of: int, *, period: str = "", days: int = 0, by: str = "") -> Ask:
    """A named period, or the next `days` local days from `as_of`. Raises ValueError with what to write instead.

    >>> quarter = ask(Settings(timezone="UTC"), 0, period="2026-Q4")
    >>> (quarter.end - quarter.start) // MICROSECONDS_A_DAY
    92
    >>> ask(Settings(), 0)
    Traceback (most recent call last):
    ValueError: say which period: --period 2026-Q4 or --days 90, one of the two
    """
    zone = Zone(settings.timezone)
    if by and by not in CUTS:
        raise ValueError(f"{by!r} is not a cut: use one of {', '.join(CUTS)}")
    if bool(period) == bool(days):
        raise ValueError("say which period: --period 2026-Q4 or --days 90, one of the two")
    if period:
        named = Period.parse(period, zone)
        return Ask(as_of, named.start, named.end, by)
    if not 0 < days <= 3660:
        raise ValueError(f"{days} days is not a period: give 1 to 3660")
    return Ask(as_of, as_of, zone.plus_days(as_of, days), by)


def forecast_store(
    store: Store,
    settings: Settings,
    model: Model,
    asked: Ask,
    *,
    version: str = "",
    history: History | None = None,
    streams: Streams | None = None,
    how: Assumptions | None = None,
) -> list[dict[str, Any]]:
    """The rows of a forecast, columns named and ordered as in DESIGN section 6; money in units of its currency.

    Give `history` (of opportunities) and `streams` where they are in memory already. The same store, question, model
    and `how.seed` give the same rows.
    """
    history = history or load_history(store, settings, "opportunities")
    streams = streams or load_streams(store, settings)
    deals = _deals(history, streams, settings, model, asked)
    quotas = read_quotas(store.read("quotas"), history.zone, settings.currency, streams.teams.by_owner(asked.as_of))
    meta = {
        "as_of": _iso(asked.as_of, settings),
        "model": version,
        "hindsight": int(model.meta.get("as_of", MISSING)) > asked.as_of,
    }
    rows = []
    for currency in _currencies(deals, quotas, settings.currency):
        wanted = [quota for quota in quotas if quota.currency == currency]
        rows += [row | meta for row in _rows(deals, asked, settings, currency, wanted, how)]
    return rows


@dataclass(frozen=True, slots=True)
class _Deals:
    """Every opportunity known at as_of. `chance` is P(won in the period) of an open one, NaN for the others; `won` when
    it was won, MISSING for the others; `new` whether its creation tells of the usual course of business.
    """

    created: Ints
    chance: Floats
    won: Ints
    amount: Ints
    currency: Words
    group: Words
    new: Bools


def _deals(history: History, streams: Streams, settings: Settings, model: Model, asked: Ask) -> _Deals:
    as_of = asked.as_of
    record = np.flatnonzero((history.created <= as_of) & ~gone(history, as_of))
    rows = Rows(record, np.full(len(record), as_of))
    outcomes = history.outcomes["won"]
    end = outcomes.last(rows.record, rows.as_of)
    won = (end >= 0) & (np.append(outcomes.column("state"), -1)[end] == REACHED)
    at = np.append(outcomes.column("at"), MISSING)[end]
    chance = np.full(len(history.ids), np.nan)
    open_rows = open_at(history, "won", as_of)
    chance[open_rows.record] = _chances(model, history, streams, open_rows, asked)
    view = View(history, streams, rows)
    currency = cast(Words, history.own.table["currency"]).take(record)
    return _Deals(
        created=history.created[record],
        chance=chance[record],
        won=np.where(won, at - 1, MISSING),  # a date alone is the end of its day: it belongs to that day
        amount=np.asarray(view.value("amount"), np.int64),
        currency=Words.of([word or settings.currency for word in currency.tolist()]),
        group=_groups(view, asked.by),
        new=~migrated(history, as_of)[record],
    )


def _chances(model: Model, history: History, streams: Streams, rows: Rows, asked: Ask) -> Floats:
    """P(won in the period) of each open row."""
    if asked.end <= asked.as_of or not len(rows):
        return np.zeros(len(rows))
    said = model.predict(completed(model, features_at(history, streams, rows, catalog_for(history).only(model.reads))))
    start, end = ((instant - asked.as_of) / MICROSECONDS_A_DAY for instant in (asked.start, asked.end))
    return said.p_by(end) - said.p_by(max(start, 0.0))


def _groups(view: View, by: str) -> Words:
    """The group of each row, as known at as-of."""
    if by == "team":
        return view.streams.teams.at(view.words("owner_id"), view.rows.as_of)
    if by == "region":
        return _regions(view)
    return view.words({"owner": "owner_id"}.get(by, by) if by else "process")


def _regions(view: View) -> Words:
    """The account's region, else that of its postal code."""
    said, code, country = (view.words(f"account.{field}").tolist() for field in ("region", "postal_code", "country"))
    rows = zip(said, code, country, strict=True)
    return Words.of(name or region(postal or "", nation or "") for name, postal, nation in rows)


def _currencies(deals: _Deals, quotas: list[Quota], main: str) -> list[str]:
    """The currencies in use, the main one first."""
    used = {*deals.currency.words, *(quota.currency for quota in quotas)}
    return [main, *sorted(used - {main})]


def _rows(
    deals: _Deals, asked: Ask, settings: Settings, currency: str, quotas: list[Quota], how: Assumptions | None
) -> Iterator[dict[str, Any]]:
    """The rows of one currency: the whole, then each group in alphabetical order."""
    mine = deals.currency.recode({currency: 1}) == 1
    won = mine & (deals.won != MISSING)
    closed = won & (asked.start <= deals.won) & (deals.won < asked.end)
    still_open = mine & ~np.isnan(deals.chance)
    groups, code = _numbered(deals.group, closed | still_open | won, quotas, asked.by)
    known = deals.amount[mine & (deals.amount != MISSING)]
    pool = deals.amount[won & (deals.amount != MISSING)]
    table = landing(
        (deals.amount[closed], code[closed]),
        Pipeline(deals.chance[still_open], deals.amount[still_open], code[still_open]),
        _new(deals, mine, code, asked),
        pool=pool if len(pool) else known,
        groups=len(groups),
        quota=np.array(
            [quota_of(quotas, asked.start, asked.end, asked.by if name else "", name) for name in ["", *groups]]
        ),
        how=how,
    )
    for row, name in enumerate(["", *groups]):
        period = {"period_start": _iso(asked.start, settings), "period_end": _iso(asked.end, settings)}
        yield period | {"group": name, "currency": currency} | _figures(table, row, 10 ** exponent_of(currency))


def _new(deals: _Deals, mine: Bools, code: Codes, asked: Ask) -> Arrivals:
    """Business not created yet, as the past of this currency tells; migrated records tell nothing."""
    won = np.where(mine, deals.won, MISSING)[deals.new]
    created, amount, group = deals.created[deals.new], deals.amount[deals.new], code[deals.new]
    return arrivals(created, won, amount, group, as_of=asked.as_of, start=asked.start, end=asked.end)


def _numbered(group: Words, used: Bools, quotas: list[Quota], by: str) -> tuple[list[str], Codes]:
    """The groups in use, those without deals but with a quota too, and each deal's place among them."""
    if not by:
        return [], np.zeros(len(group), np.int32)
    present = {group.words[code] for code in np.unique(group.codes[used]).tolist() if code >= 0}
    names = sorted(present | {quota.scope[by] for quota in quotas if by in quota.scope})
    code = group.recode({name: place for place, name in enumerate(names)})
    if (code[used] < 0).any():
        names.append(UNKNOWN)
    return names, np.where(code < 0, np.int32(max(len(names) - 1, 0)), code)


def _figures(table: Landing, row: int, unit: int) -> dict[str, Any]:
    """One row's figures; None where there is no quota."""
    quota = int(table.quota[row])
    money = {name: int(getattr(table, name)[row]) / unit for name in ("closed", "from_open", "from_new", "expected")}
    ranges = {f"p{q}": int(value) / unit for q, value in zip(QUANTILES, table.quantiles[row], strict=True)}
    held = (
        {"quota": None, "p_quota": None}
        if quota == MISSING
        else {"quota": quota / unit, "p_quota": float(table.p_quota[row])}
    )
    wins = {"wins_closed": int(table.wins_closed[row]), "wins_expected": float(table.wins_expected[row])}
    return money | ranges | held | wins | {
        f"wins_p{q}": int(value) for q, value in zip(QUANTILES, table.wins_quantiles[row], strict=True)
    }  # fmt: skip


def _iso(instant: int, settings: Settings) -> str:
    """Local ISO 8601 with its offset.

    >>> _iso(0, Settings(timezone="Europe/Paris"))
    '1970-01-01T01:00:00+01:00'
    """
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(settings.timezone)).isoformat()
