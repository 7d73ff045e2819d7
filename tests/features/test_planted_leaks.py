"""Leaks planted on purpose: each of these facts is in the files, and none may be seen before its time."""

from pathlib import Path
from typing import Any

import pytest

from features.catalog import CATALOG
from features.crm.importer import import_folder
from features.crm.schema import NEVER
from features.crm.store import Store
from features.crm.values import parse_instant
from features.history import Kind, load_history
from tests.asking import KINDS, SETTINGS, ask_store, features_of
from tests.crm_folder import Crm, Row, changed, day, small_crm, store_of

DEAL: Row = {
    "opportunity_id": "O", "created_at": day(0), "process": "loan", "owner_id": "ann", "account_id": "A",
    "amount": 5000, "stage": "offer", "expected_close": day(20), "own_probability": 0.8,
}  # fmt: skip
LEAD: Row = {"lead_id": "L", "created_at": day(0), "owner_id": "ann", "status": "working", "source": "web"}
GUESSED = ("stage", "stage_place", "days_in_stage", "days_to_expected_close", "own_probability")
STAGES: list[Row] = [{"process": "loan", "stage": name, "position": len(name)} for name in ("new", "offer")]


def meetings(**columns: Any) -> Crm:
    meeting = {"activity_id": "V", "kind": "meeting", "opportunity_id": "O", "occurred_at": day(1), **columns}
    return small_crm(opportunities=[DEAL], activities=[meeting])


@pytest.mark.parametrize("at", [0, 10, 31, 99, 200])
def test_the_final_stage_of_a_closed_record_without_history_is_never_seen(at: int) -> None:
    closed = {**DEAL, "closed_at": day(30), "outcome": "lost", "stage": "Perdu", "first_seen": day(99)}
    told = features_of(small_crm(opportunities=[closed], stages=STAGES), "opportunities", "O", day(at))
    assert [told[name] for name in GUESSED] == [None] * 5
    assert told["amount"] == 50.0  # an amount without history counts as a creation value
    lead = {**LEAD, "disqualified_at": day(30), "first_seen": day(99)}
    assert features_of(small_crm(leads=[lead]), "leads", "L", day(at))["status"] is None


def test_a_record_lost_when_first_seen_and_reopened_since_keeps_its_stage_to_itself() -> None:
    deal = {**DEAL, "stage": "Perdu", "first_seen": day(40)}
    reopened = changed("opportunity", "O", "outcome", None, (30, "lost"), (60, None))
    told = features_of(small_crm(opportunities=[deal], changes=reopened), "opportunities", "O", day(50))
    assert told["stage"] is None


def test_an_open_record_without_history_is_believed_from_the_instant_it_was_first_seen() -> None:
    crm = small_crm(opportunities=[{**DEAL, "first_seen": day(9)}], stages=STAGES)
    assert [features_of(crm, "opportunities", "O", day(9) + beside)["stage"] for beside in (-1, 0)] == [None, "offer"]
    assert features_of(crm, "opportunities", "O", day(9))["days_in_stage"] is None


def test_a_planned_meeting_is_not_a_meeting_held() -> None:
    crm = meetings(due_at=day(5))
    for at, planned, overdue in ((1, 0, 0), (3, 1, 0), (5, 1, 0), (6, 0, 1), (60, 0, 1)):
        told = features_of(crm, "opportunities", "O", day(at))
        assert [told[name] for name in ("planned", "overdue", "meetings_so_far")] == [planned, overdue, 0], at


def test_a_meeting_held_counts_from_when_that_was_known() -> None:
    crm = meetings(due_at=day(5), done_at=day(6), recorded_at=day(7), outcome="held", duration_s=3600.0)
    seen = [features_of(crm, "opportunities", "O", at) for at in (day(6) + 1, day(7), day(7) + 1)]
    assert [told["meetings_so_far"] for told in seen] == [0, 0, 1]
    assert [told["held_so_far"] for told in seen] == [0, 0, 1]
    assert [told["worked_hours"] for told in seen] == [0, 0, 1]


def test_a_promise_is_overdue_until_it_is_kept() -> None:
    crm = meetings(due_at=day(5), done_at=day(6))
    overdue = [features_of(crm, "opportunities", "O", at)["overdue"] for at in (day(5), day(5) + 1, day(6), day(6) + 1)]
    assert overdue == [0, 1, 1, 0]


def test_what_is_dated_by_its_day_alone_is_not_seen_that_day(tmp_path: Path) -> None:
    (tmp_path / "opportunities.csv").write_text("opportunity_id,created_at\nO,2024-05-01T08:00:00Z\n")
    (tmp_path / "activities.csv").write_text("activity_id,kind,opportunity_id,occurred_at\nV,call,O,2024-05-06\n")
    store = Store.open("sqlite://")
    import_folder(store, tmp_path, settings=SETTINGS, seen_at=day(100))
    clock = [parse_instant(f"2024-05-{when}", "Europe/Paris") for when in ("06T09:00", "06T23:59", "07T00:00:01")]
    told = ask_store(store, "opportunities", [("O", at) for at in clock])
    assert [answer["calls_so_far"] for answer in told] == [0, 0, 1]


ENDS: Row = {
    "closed_at": day(1), "outcome": "lost", "loss_reason": "price", "loss_comment": "too dear", "competitor": "them",
    "deleted_at": day(2), "url": "https://crm/lost/O",
}  # fmt: skip
LEAD_ENDS: Row = {
    "disqualified_at": day(1), "disqualified_reason": "invalid", "opportunity_id": "O9", "deleted_at": day(2),
    "merged_into": "L9", "url": "https://crm/lost/L",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "record", "ends"), [("opportunities", DEAL, ENDS), ("leads", LEAD, LEAD_ENDS)])
def test_how_a_record_ended_says_nothing_before_it_is_known(kind: Kind, record: Row, ends: Row) -> None:
    key = {"leads": "L", "opportunities": "O"}[kind]
    # the end took place on day 1 but was recorded on day 9
    field, new = ("outcome", "lost") if kind == "opportunities" else ("disqualified_at", day(1))
    rows = changed({"leads": "lead", "opportunities": "opportunity"}[kind], key, field, None, (8, new), recorded=9)
    ended = small_crm(**{str(kind): [{**record, **ends}]}, changes=rows)
    ended[kind][0]["deleted_at"] = None
    open_ = small_crm(**{str(kind): [record]})
    for at in (0, 3, 9):
        assert features_of(ended, kind, key, day(at)) == features_of(open_, kind, key, day(at))


def test_no_row_of_the_catalogue_reads_what_speaks_of_the_outcome() -> None:
    fields = [row.column for row in CATALOG if row.source != "activities"]  # these have outcomes of their own
    read = {name.rpartition(".")[2] for field in fields for part in field.split(" + ") for name in part.split("|")}
    assert not read & {*NEVER, "opportunity_id", "role"}
    store = store_of(small_crm(opportunities=[{**DEAL, **ENDS}], leads=[{**LEAD, **LEAD_ENDS}]))
    for kind in KINDS:
        assert not load_history(store, SETTINGS, kind).own.fields.keys() & {*NEVER, "opportunity_id"}


def account_seen(at: float, *changes: Row, account_created: float, converted: float = 5) -> bool:
    lead = {**LEAD, "account_id": "A", "converted_at": day(converted)}
    account = {"account_id": "A", "created_at": day(account_created), "industry": "62.01Z"}
    told = features_of(small_crm(leads=[lead], accounts=[account], changes=changes), "leads", "L", day(at))
    return told["sector"] is not None


def test_the_account_that_conversion_made_is_not_the_leads() -> None:
    assert account_seen(3, account_created=-1)
    assert not any(account_seen(at, account_created=5) for at in (3, 5, 8))
    assert not account_seen(8, account_created=0.001)


def test_an_account_linked_by_a_change_counts_only_when_that_came_before_conversion() -> None:
    linked = changed("lead", "L", "account_id", None, (2, "A"))
    assert [account_seen(at, *linked, account_created=1) for at in (1, 2, 3)] == [False, False, True]
    by_conversion = changed("lead", "L", "account_id", None, (5, "A"))
    assert not account_seen(8, *by_conversion, account_created=5)


@pytest.mark.parametrize(("field", "feature", "old", "new"), [
    ("stage", "stage", "new", "offer"), ("amount", "amount", 100, 5000), ("owner_id", "owner", "bob", "ann"),
    ("own_probability", "own_probability", 0.1, 0.8), ("process", "process", "tender", "loan"),
])  # fmt: skip
def test_a_change_recorded_late_is_not_seen_before(field: str, feature: str, old: Any, new: Any) -> None:
    born = changed("opportunity", "O", field, None, (-1, old))
    rows = [*born, *changed("opportunity", "O", field, old, (5, new), recorded=9)]
    crm = small_crm(opportunities=[DEAL], changes=rows)
    seen = [features_of(crm, "opportunities", "O", at)[feature] for at in (day(5) + 1, day(9), day(9) + 1)]
    scale = 100 if field == "amount" else 1
    assert seen == [old if isinstance(old, str) else old / scale] * 2 + [new if isinstance(new, str) else new / scale]


def test_an_outcome_recorded_late_does_not_reach_other_records_before() -> None:
    won = {**DEAL, "opportunity_id": "O2", "closed_at": day(5), "outcome": "won"}
    late = changed("opportunity", "O2", "outcome", None, (5, "won"), recorded=9)
    crm = small_crm(opportunities=[DEAL, won], changes=late)
    assert [features_of(crm, "opportunities", "O", day(at))["account_wins"] for at in (5.5, 9, 9.5)] == [0, 0, 1]


def test_a_record_made_later_tells_nothing_by_its_older_closing_date() -> None:
    migrated = {**DEAL, "opportunity_id": "O2", "created_at": day(50), "closed_at": day(-300), "outcome": "won"}
    alone, both = (small_crm(opportunities=rows) for rows in ([DEAL], [DEAL, migrated]))
    assert features_of(both, "opportunities", "O", day(9)) == features_of(alone, "opportunities", "O", day(9))


def test_an_owners_later_team_is_not_his_team_today() -> None:
    owners = [{"owner_id": "ann", "team": "south"}, {"owner_id": "bob", "team": "south"}]
    won = {**DEAL, "opportunity_id": "O2", "owner_id": "bob", "account_id": None, "closed_at": day(5), "outcome": "won"}
    moved = changed("owner", "ann", "team", "north", (50, "south"))
    before = small_crm(opportunities=[DEAL, won], owners=[{**owners[0], "team": "north"}, owners[1]])
    after = small_crm(opportunities=[DEAL, won], owners=owners, changes=moved)
    assert features_of(after, "opportunities", "O", day(9)) == features_of(before, "opportunities", "O", day(9))


def test_since_when_a_stage_was_held_is_not_told_by_a_later_history() -> None:
    deal = {**DEAL, "first_seen": day(0)}
    later = changed("opportunity", "O", "stage", "offer", (4, "talks"))
    told = features_of(small_crm(opportunities=[deal], changes=later), "opportunities", "O", day(3))
    assert told["days_in_stage"] is None


def test_an_activity_moved_to_a_later_deal_was_the_persons_until_then() -> None:
    person: Row = {"contact_id": "C", "created_at": day(-9)}
    deals: list[Row] = [
        {**DEAL, "contact_id": "C"},
        {"opportunity_id": "LATER", "created_at": day(20), "contact_id": "C"},
    ]
    call: Row = {"activity_id": "V", "kind": "call", "occurred_at": day(5), "contact_id": "C"}
    counts = []
    for moved in ({}, {"opportunity_id": "LATER"}):
        crm = small_crm(opportunities=deals, contacts=[person], activities=[{**call, **moved}])
        asked = (("O", 10), ("O", 30), ("LATER", 30))
        counts.append([features_of(crm, "opportunities", name, day(at))["calls_so_far"] for name, at in asked])
    assert counts == [[1, 1, 1], [1, 1, 1]]
