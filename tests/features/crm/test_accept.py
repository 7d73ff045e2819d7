from collections.abc import Mapping

import pytest

from features.columns import MISSING
from features.crm.importer import AcceptReport, accept_rows
from features.crm.store import Store
from features.settings import Settings
from tests.features.crm.folders import SEEN, WEEK, column

DEAL = {"opportunity_id": "O1", "created_at": "2024-02-01", "amount": 1200, "currency": "JPY", "stage": "new"}


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://")


def accept(store: Store, table: str, *rows: Mapping[str, object], at: int = SEEN) -> AcceptReport:
    return accept_rows(store, table, rows, settings=Settings(), arrival=at)


def test_a_known_record_may_be_given_in_part(store: Store) -> None:
    accept(store, "opportunities", DEAL | {"outcome": "won", "closed_at": "2024-05-01"})
    report = accept(store, "opportunities", {"opportunity_id": "O1", "amount": 1500}, at=SEEN + WEEK)
    assert (report.counts.changed, report.counts.quarantined) == (1, 0)
    assert column(store, "opportunities", "amount") == [1500]  # still yen
    assert column(store, "opportunities", "outcome") == ["won"]
    accept(store, "opportunities", {"opportunity_id": "O1", "closed_at": "2024-05-02"}, at=SEEN + WEEK)
    assert column(store, "opportunities", "outcome") == ["won"]
    assert column(store, "changes", "field") == ["amount", "closed_at"]


def test_a_new_record_needs_what_is_required(store: Store) -> None:
    report = accept(store, "opportunities", {"opportunity_id": "O2", "amount": 1})
    assert report.counts.quarantined == 1
    assert [(problem.column, problem.rule) for problem in report.problems] == [("created_at", "missing")]
    assert store.count("opportunities") == 0


def test_rows_of_different_fields_go_together_and_count_together(store: Store) -> None:
    report = accept(
        store,
        "leads",
        {"lead_id": "L1", "created_at": "2024-02-01"},
        {"Lead ID": 7, "created_at": 0, "Big": {"a": [1]}},
        {},
    )
    counts = report.counts
    assert (counts.given, counts.accepted, counts.repaired, counts.quarantined) == (3, 1, 1, 1)
    assert report.unknown == ("Big",)
    assert [(problem.rule, problem.lines) for problem in report.problems] == [("not a date", (2,)), ("blank row", (3,))]


def test_what_arrives_is_recorded_at_its_arrival_once(store: Store) -> None:
    call = {"activity_id": "A1", "kind": "call", "occurred_at": "2024-02-01T09:00:00Z"}
    told = {"activity_id": "A2", "kind": "call", "occurred_at": "2024-02-01", "recorded_at": "2024-02-02T00:00:00Z"}
    accept(store, "activities", call, told)
    accept(store, "activities", call, at=SEEN + WEEK)
    accept(store, "activities", call | {"outcome": "answered"}, at=SEEN + WEEK)
    assert column(store, "activities", "recorded_at") == [SEEN, 1_706_832_000_000_000]
    assert column(store, "activities", "outcome") == ["answered", None]
    change = {"entity": "lead", "entity_id": "L1", "field": "status", "new": "hot", "occurred_at": "2024-02-01"}
    accept(store, "changes", change)
    accept(store, "changes", change, at=SEEN + WEEK)
    assert column(store, "changes", "recorded_at") == [SEEN]
    assert column(store, "changes", "seen") == [0]


def test_odd_json_values_do_not_stop_it(store: Store) -> None:
    odd = {"opportunity_id": "O\0\ud800", "created_at": "2024-02-01", "amount": float("nan"), "own_probability": 1e999}
    report = accept(store, "opportunities", odd | {"recurring_amount": 10**400, "name": True})
    assert report.counts.quarantined == 1
    accept(store, "opportunities", odd)
    assert column(store, "opportunities", "opportunity_id") == ["O?"]
    assert column(store, "opportunities", "amount") == [MISSING]
