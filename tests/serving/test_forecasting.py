"""The forecast of a small store, figure by figure, and what it must not know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from features.calendar import Zone
from features.columns import MISSING, Columns, Words
from features.crm.store import Store
from features.crm.values import canonical
from features.settings import Settings
from models.encoder import Encoder
from models.heads import Constant
from models.intervals import Intervals
from models.model import Calibration, Evidence, Model
from models.outcomes import ReasonShares, TimeTable
from models.ranking import Ranking
from models.segments import Segments
from serving.forecasting import Ask, ask, forecast_store
from serving.quotas import quota_of, read_quotas

PARIS = ZoneInfo("Europe/Paris")
SETTINGS = Settings(timezone="Europe/Paris", currency="EUR")
COLUMNS = [
    "period_start", "period_end", "group", "currency", "closed", "from_open", "from_new", "expected", "p10", "p25",
    "p50", "p75", "p90", "quota", "p_quota", "wins_closed", "wins_expected", "wins_p10", "wins_p25", "wins_p50",
    "wins_p75", "wins_p90", "as_of", "model", "hindsight",
]  # fmt: skip


def at(text: str) -> int:
    local = datetime.fromisoformat(text).replace(tzinfo=PARIS)
    return (local - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


AS_OF = at("2026-11-10")
Deal = tuple[str, str, str | None, int | None, str | None, str | None]
DEALS: tuple[Deal, ...] = (  # id, created, closed, cents, currency, owner
    ("W1", "2026-09-01", "2026-10-15T14:00", 1_000_00, "EUR", "ann"),
    ("W2", "2026-09-01", "2026-10-01", 7_000_00, "EUR", "ann"),  # 30 September as a date alone
    ("W3", "2026-10-20", "2026-11-20", 400_00, "EUR", "bob"),  # still open on 10 November
    ("O1", "2026-11-01", None, 9_000_00, "EUR", "bob"),  # 2000 until it was raised after as_of
    ("O2", "2026-11-01", None, 500_00, "USD", None),
    ("O3", "2026-11-11", None, 800_00, "EUR", "bob"),  # not created yet
)


def model(chance: float = 0.5, as_of: int = MISSING) -> Model:
    """Everyone has the same chance within 100 days, any day as likely as another."""
    whole = Segments(((),))
    return Model(
        encoder=Encoder(()), target=Constant(float(np.log(chance / (1 - chance)))),
        calibration=Calibration(), loss=Constant(0.0),
        times=TimeTable(whole, (0.0, 100.0), ((1.0,),)), losses=ReasonShares(whole, ("not said",), ((1.0,),)),
        intervals=Intervals.of([]), ranking=Ranking.of(np.zeros(1)), evidence=Evidence(100, 50, {}), horizon_days=100.0,
        meta={"as_of": as_of},
    )  # fmt: skip


def usual_business() -> Iterator[Deal]:
    """A deal of 300 every third day of the year before, won five days later; the last of them still open at as_of."""
    first = datetime(2025, 11, 10)  # noqa: DTZ001 - local days
    for number in range(121):
        created = first + timedelta(days=3 * number)
        closed = (created + timedelta(days=5)).isoformat()
        yield f"U{number:03d}", created.isoformat(), closed, 300_00, None, "ann"


def store_of(deals: tuple[Deal, ...], known_before: int | None = None) -> Store:
    """A store of these deals; `known_before` cuts it as an export at that instant would have been."""
    ids, created, closed, cents, currency, owner = zip(*deals, strict=True)
    opened = np.array([at(text) for text in created])
    ended = np.array([at(text) if text else MISSING for text in closed])
    amount = np.array([MISSING if value is None else value for value in cents])
    if known_before is not None:
        kept = opened < known_before
        ended = np.where(ended < known_before, ended, MISSING)
        amount = np.where(np.array(ids) == "O1", 2_000_00, amount)
    else:
        kept = np.ones(len(ids), np.bool_)
    rows: Columns = {
        "opportunity_id": Words.of(ids).take(kept), "created_at": opened[kept], "closed_at": ended[kept],
        "outcome": Words.of("won" if end != MISSING else None for end in ended.tolist()).take(kept),
        "amount": amount[kept], "currency": Words.of(currency).take(kept), "owner_id": Words.of(owner).take(kept),
        "process": Words.of(["sale"] * len(ids)).take(kept),
    }  # fmt: skip
    store = Store.open("sqlite://")
    store.upsert("opportunities", rows, seen_at=at("2026-12-01"))
    owners: Columns = {"owner_id": Words.of(["ann", "bob"]), "team": Words.of(["north", "south"])}
    store.upsert("owners", owners, seen_at=at("2026-12-01"))
    if known_before is None and "O1" in ids:
        changed: Columns = {
            "entity": Words.of(["opportunity"]), "entity_id": Words.of(["O1"]), "field": Words.of(["amount"]),
            "old": Words.of(["2000"]), "new": Words.of(["9000"]), "occurred_at": np.array([at("2026-11-15")]),
        }  # fmt: skip
        store.upsert("changes", changed, seen_at=at("2026-12-01"))
    return store


def with_quotas(store: Store, *rows: tuple[str, int, str | None, str | None]) -> Store:
    period, amount, owner, team = zip(*rows, strict=True)
    quotas: Columns = {
        "period": Words.of(period), "amount": np.array(amount), "owner_id": Words.of(owner), "team": Words.of(team)
    }  # fmt: skip
    store.upsert("quotas", quotas, seen_at=0)
    return store


def rows_of(store: Store, asked: Ask, **more: Any) -> list[dict[str, Any]]:
    return forecast_store(store, SETTINGS, more.pop("model", model()), asked, version="v1", **more)


@pytest.fixture(scope="module")
def store() -> Store:
    return with_quotas(
        store_of((*usual_business(), *DEALS)), ("2026-Q4", 9_000_00, None, None), ("2026-11", 1, "bob", None)
    )


def test_every_part_of_the_whole(store: Store) -> None:
    whole, dollars = rows_of(store, ask(SETTINGS, AS_OF, period="2026-Q4"))
    assert list(whole) == COLUMNS
    # Usual deals closed in [1 October, 10 November): created 26 September .. 4 November, every third day.
    usual = sum(
        at("2026-10-01") <= at(deal[2] or "") - 1 < at("2026-12-31")
        for deal in usual_business()
        if at(deal[2] or "") < AS_OF
    )
    assert whole["closed"] == 1_000 + 300 * usual
    assert whole["wins_closed"] == 1 + usual
    left = (at("2027-01-01") - AS_OF) / 86_400e6
    still_open = [400, 2_000] + [300] * sum(at(d[1]) < AS_OF <= at(d[2] or "") for d in usual_business())
    assert whole["from_open"] == pytest.approx(sum(still_open) * 0.5 * left / 100, abs=0.02)
    assert whole["from_new"] == pytest.approx(300 * (left - 5) / 3, rel=0.05)
    assert whole["expected"] == pytest.approx(whole["closed"] + whole["from_open"] + whole["from_new"])
    assert whole["p10"] < whole["p25"] < whole["p50"] < whole["p75"] < whole["p90"]
    assert (whole["quota"], whole["group"], whole["currency"], whole["model"]) == (9_000, "", "EUR", "v1")
    assert 0 < whole["p_quota"] < 1
    assert (whole["period_start"], whole["period_end"]) == ("2026-10-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00")
    assert whole["as_of"] == "2026-11-10T00:00:00+01:00"
    assert whole["hindsight"] is False
    assert (dollars["currency"], dollars["closed"], dollars["quota"]) == ("USD", 0, None)
    assert dollars["from_open"] == pytest.approx(500 * 0.5 * left / 100, abs=0.01)


@pytest.mark.parametrize("by", ["owner", "team", "process", "product", "region"])
def test_cuts_add_to_the_same_whole(store: Store, by: str) -> None:
    asked = ask(SETTINGS, AS_OF, period="2026-Q4", by=by)
    rows = rows_of(store, asked)
    whole, *groups = [row for row in rows if row["currency"] == "EUR"]
    assert whole == rows_of(store, replace(asked, by=""))[0]
    for figure in ("closed", "from_open", "from_new", "expected"):
        assert round(100 * whole[figure]) == sum(round(100 * row[figure]) for row in groups)
    expected = {"owner": ["ann", "bob"], "team": ["north", "south"], "process": ["sale"]}.get(by, ["(none)"])
    assert [row["group"] for row in groups] == expected
    assert [row["group"] for row in rows if row["currency"] == "USD"][1:] == (
        ["sale"] if by == "process" else ["(none)"]
    )


def test_nothing_after_as_of_is_used(store: Store) -> None:
    cut = with_quotas(store_of((*usual_business(), *DEALS), known_before=AS_OF), ("2026-Q4", 9_000_00, None, None))
    for asked in (ask(SETTINGS, AS_OF, period="2026-Q4", by="source"), ask(SETTINGS, AS_OF, days=30)):
        assert rows_of(cut, asked) == rows_of(store, asked)


def test_days_are_counted_from_as_of(store: Store) -> None:
    row = rows_of(store, ask(SETTINGS, AS_OF, days=10))[0]
    assert (row["period_start"], row["period_end"]) == ("2026-11-10T00:00:00+01:00", "2026-11-20T00:00:00+01:00")
    assert (row["closed"], row["quota"], row["p_quota"]) == (0, None, None)


def test_a_period_to_come_holds_only_what_falls_into_it(store: Store) -> None:
    december = rows_of(store, ask(SETTINGS, AS_OF, period="2026-12"))[0]
    november = rows_of(store, ask(SETTINGS, AS_OF, period="2026-11"))[0]
    both = rows_of(store, Ask(AS_OF, at("2026-11-01"), at("2027-01-01")))[0]
    assert december["closed"] == 0
    assert december["from_open"] + november["from_open"] == pytest.approx(both["from_open"], abs=0.05)


def test_a_period_that_is_over_is_what_was_closed(store: Store) -> None:
    row = rows_of(store, ask(SETTINGS, AS_OF, period="2026-Q3"))[0]
    assert row["closed"] == row["expected"] == row["p10"] == row["p90"] > 7_000
    assert row["wins_closed"] == row["wins_expected"] == row["wins_p50"]


def test_no_history_and_no_open_deals_answer_too() -> None:
    empty = Store.open("sqlite://")
    (row,) = rows_of(empty, ask(SETTINGS, AS_OF, period="2026-Q4", by="owner"))
    assert (row["expected"], row["p90"], row["wins_p90"], row["quota"]) == (0, 0, 0, None)


def test_deleted_deals_are_left_out(store: Store) -> None:
    other = store_of(DEALS)
    before = rows_of(other, ask(SETTINGS, AS_OF, period="2026-Q4"))[0]
    gone: Columns = {"opportunity_id": Words.of(["O1", "W1"]), "deleted_at": np.array([at("2026-11-05")] * 2)}
    told: Columns = {name: Words.of([word] * 2) for name, word in (("entity", "opportunity"), ("field", "deleted_at"))}
    told |= {"entity_id": gone["opportunity_id"], "new": Words.of([canonical(at("2026-11-05"), "time")] * 2)}
    other.upsert("changes", told | {"occurred_at": gone["deleted_at"]}, seen_at=at("2026-12-02"))
    other.upsert("opportunities", gone, seen_at=at("2026-12-02"))
    after = rows_of(other, ask(SETTINGS, AS_OF, period="2026-Q4"))[0]
    assert after["closed"] == before["closed"] - 1_000
    assert after["from_open"] < before["from_open"] / 2


def test_a_model_trained_later_is_hindsight(store: Store) -> None:
    asked = ask(SETTINGS, AS_OF, period="2026-Q4")
    assert [rows_of(store, asked, model=model(as_of=AS_OF + more))[0]["hindsight"] for more in (0, 1)] == [False, True]


def test_quotas_of_owners_add_up_to_their_team_and_to_the_whole() -> None:
    rows = (
        ("2026-11", 100, "ann", None),
        ("2026-11", 250, "bob", None),
        ("2026-Q4", 7, None, "north"),
        ("soon", 9, None, None),
    )
    quotas = read_quotas(
        with_quotas(Store.open("sqlite://"), *rows).read("quotas"),
        Zone("Europe/Paris"),
        "EUR",
        {"ann": "north", "bob": "south"},
    )
    november, quarter = (
        (asked.start, asked.end) for asked in (ask(SETTINGS, 0, period=name) for name in ("2026-11", "2026-Q4"))
    )
    assert quota_of(quotas, *november) == 350
    assert quota_of(quotas, *november, "team", "south") == 250
    assert quota_of(quotas, *november, "owner", "ann") == 100
    assert quota_of(quotas, *quarter, "team", "north") == 7
    assert quota_of(quotas, *quarter, "owner", "ann") == MISSING  # one month of three
    assert quota_of(quotas, *november, "process", "sale") == MISSING


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"period": "soon"}, "not a period"),
        ({"days": -3}, "give 1 to 3660"),
        ({"period": "2026", "days": 9}, "one of the two"),
        ({"period": "2026", "by": "colour"}, "use one of owner"),
    ],
)
def test_a_wrong_question_says_what_to_ask(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ask(SETTINGS, AS_OF, **given)
