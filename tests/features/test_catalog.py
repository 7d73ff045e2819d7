"""The catalogue as a whole: custom fields by type, words by the thousand, and only what is asked for."""

from datetime import UTC, datetime

import numpy as np
import pytest

from features.asof import Rows, features_at
from features.catalog import CATALOG, catalog_for
from features.crm.store import Store
from features.history import load_history
from features.keyed import Streams
from features.rows.custom import custom_features
from features.streams import load_streams
from features.terms import bucket_of
from tests.asking import SETTINGS, ask_store
from tests.crm_folder import Row, changed, day, small_crm, store_of


def accepted(**types: str) -> list[Row]:
    """Custom fields of opportunities, accepted as known from creation."""
    return [
        {"entity": "opportunity", "field": field, "known_at": "creation", "type": sort} for field, sort in types.items()
    ]


def deal(name: str, created: float, ended: float | None = None, *, won: bool = False, **columns: object) -> Row:
    """An opportunity, perhaps closed on a day."""
    end = {} if ended is None else {"closed_at": day(ended), "outcome": "won" if won else "lost"}
    return {"opportunity_id": name, "created_at": day(created), "crm": "", **end, **columns}


def test_a_custom_field_is_read_by_its_type() -> None:
    custom = {"Budget": "12.5", "Renewal": "2024-03-01T00:00:00+00:00", "Partner": "yes", "Comment": "Prix, prix ferme"}
    deals = [deal("O", 0, custom=custom), deal("P", 0)]
    fields = accepted(Budget="number", Renewal="date", Partner="flag", Comment="text")
    store = store_of(small_crm(opportunities=deals, attributes=fields))
    at = int(datetime(2024, 2, 1, tzinfo=UTC).timestamp() * 1e6)
    full, empty = ask_store(store, "opportunities", [("O", max(at, day(0))), ("P", max(at, day(0)))])
    ahead = (int(datetime(2024, 3, 1, tzinfo=UTC).timestamp() * 1e6) - max(at, day(0))) / 86_400_000_000
    assert (full["custom:Budget"], full["custom:Partner"], full["custom:Renewal"]) == (12.5, "yes", ahead)
    terms = [full[f"custom:Comment:terms{bucket}"] for bucket in range(16)]
    assert sum(term for term in terms if isinstance(term, float)) == 2.0  # two different terms
    assert terms[bucket_of("ferme")] is not None
    assert {empty[name] for name in empty if name.startswith("custom:")} == {None}


def test_the_rate_of_a_word_counts_what_was_known_before_and_nothing_else() -> None:
    deals = [
        deal("won", 0, 10, won=True, custom={"Dealer": "north"}),
        deal("lost", 0, 20, custom={"Dealer": "north"}),
        deal("other", 0, 5, won=True, custom={"Dealer": "south"}),
        deal("asked", 1, custom={"Dealer": "north"}),
    ]
    store = store_of(small_crm(opportunities=deals, attributes=accepted(Dealer="category")))

    def asked(at: float) -> tuple[object, object]:
        answer = ask_store(store, "opportunities", [("asked", day(at))])[0]
        return answer["custom:Dealer:known"], answer["custom:Dealer:rate"]

    def of_all(reached: int, ended: int) -> float:
        return (reached + 1) / (ended + 2)

    assert asked(4) == (0.0, of_all(0, 0))
    assert asked(10) == (0.0, of_all(1, 1))  # an end is known the instant after
    assert asked(11) == (1.0, pytest.approx((1 + 10 * of_all(2, 2)) / 11))
    assert asked(21) == (2.0, pytest.approx((1 + 10 * of_all(2, 3)) / 12))


def test_what_is_not_asked_for_costs_nothing() -> None:
    store = store_of(small_crm(opportunities=[deal("O", 0, amount=12_300)]))
    history, streams = load_history(store, SETTINGS, "opportunities"), load_streams(store, SETTINGS)
    nothing = Streams({}, streams.teams, streams.starts)
    catalog = catalog_for(history).only(["amount", "age_days"])
    matrix = features_at(history, nothing, Rows(np.array([0]), np.array([day(2)])), catalog)
    assert (list(matrix.numbers), matrix.categories) == (["amount", "age_days"], {})
    assert not history.activities._kept  # no table was made of events nobody asked about
    assert matrix.numbers["amount"].tolist() == [123.0]


def test_amounts_are_in_one_currency_at_the_rate_known_then() -> None:
    store = Store.open("sqlite://")
    store = store_of(small_crm(opportunities=[deal("O", 0, amount=100_00, currency="USD")]))
    early, later = ask_store(store, "opportunities", [("O", day(1)), ("O", day(60))])
    assert isinstance(early["amount"], float)
    assert isinstance(later["amount"], float)
    assert 80 < early["amount"] < 100
    assert early["amount"] != later["amount"]


def test_a_corrected_currency_leaves_the_past_its_amount() -> None:
    """200,000 yen on day 1 were taken for 200,000.00 euros from day 8 on."""
    crm = small_crm(
        opportunities=[deal("O", 0, amount=20_000_000, currency="EUR")],
        changes=changed("opportunity", "O", "currency", "JPY", (8, "EUR")),
    )
    yen, euros = (
        answer["amount"] for answer in ask_store(store_of(crm), "opportunities", [("O", day(5)), ("O", day(9))])
    )
    assert isinstance(yen, float)
    assert 1_000 < yen < 2_000
    assert euros == 200_000


def test_the_crms_own_words_are_told_apart_once_they_came_up() -> None:
    done: list[Row] = [
        {"activity_id": str(at), "kind": "task", "opportunity_id": "O", "occurred_at": day(at), "outcome": word}
        for at, word in ((2, "site survey"), (3, "held"), (6, "site survey"))
    ]
    store = store_of(small_crm(opportunities=[deal("O", 0)], activities=done))
    told = ask_store(store, "opportunities", [("O", day(at)) for at in (1, 5, 7)])
    assert [answer["activity:site survey:so_far"] for answer in told] == [0, 1, 2]
    assert [answer["activity:site survey:days_since"] for answer in told] == [None, 3, 1]
    history = load_history(store, SETTINGS, "opportunities")
    assert [word for word, _ in history.words] == ["site survey"]
    assert not any(row.name.startswith("activity:") for row in catalog_for(history, known_by=day(2)))


def test_no_record_begins_in_a_stage_that_closes_it() -> None:
    """One row of history elsewhere in the source does not make the last value of a deal its first."""
    ends = {"stage": "Closed Won", "own_probability": 1.0}
    deals = [deal(name, 0, 30, won=True, **ends) for name in "AB"] + [deal("C", 0, stage="offer", own_probability=0.5)]
    moves = [*changed("opportunity", "A", "stage", "offer", (2, "Closed Won")),
             *changed("opportunity", "A", "own_probability", 0.4, (2, 1.0))]  # fmt: skip
    told = ask_store(
        store_of(small_crm(opportunities=deals, changes=moves)), "opportunities", [(name, day(9)) for name in "ABC"]
    )
    assert [answer["stage"] for answer in told] == ["Closed Won", None, "offer"]
    assert [answer["own_probability"] for answer in told] == [1.0, None, 0.5]


def test_every_type_of_field_has_rows_of_its_own() -> None:
    from features.entity import Attribute

    names = [row.name for row in CATALOG]
    for sort, many in {"number": 1, "flag": 1, "date": 1, "category": 3, "text": 16}.items():
        rows = custom_features(Attribute("amount", "creation", sort), "opportunities")
        assert len({row.name for row in rows} - set(names)) == many
        assert {row.group for row in rows} == {"custom:amount"}
