"""What became of each row, as known by an instant: reached, lost for a reason, or censored."""

from collections.abc import Sequence
from typing import Any

import pytest

from features.history import Kind, load_history
from features.labels import NOT_SAID, outcomes_of
from features.view import Rows
from tests.asking import SETTINGS, as_ints
from tests.crm_folder import Row, changed, day, small_crm, store_of

DEAL: Row = {"opportunity_id": "O", "created_at": day(0)}
LEAD: Row = {"lead_id": "L", "created_at": day(0)}
Label = tuple[float, str, bool]


def became(kind: Kind, target: str, known_by: float, *changes: Row, at: float = 1, **tables: Sequence[Row]) -> Label:
    """(days, what became of it, teaches) of the first record at a day, by what was known on another."""
    history = load_history(store_of(small_crm(changes=changes, **tables)), SETTINGS, kind)
    labels = outcomes_of(history, Rows(as_ints([0]), as_ints([day(at)])), target, day(known_by))
    cause = int(labels.cause[0])
    name = {-1: "open", 0: "reached"}.get(cause) or labels.reasons[cause - 1]
    return float(labels.days[0]), name, bool(labels.teaches[0])


def deal(known_by: float, *changes: Row, at: float = 1, **columns: Any) -> Label:
    return became("opportunities", "won", known_by, *changes, at=at, opportunities=[{**DEAL, **columns}])


def lead(known_by: float, *changes: Row, target: str = "converted", deals: Sequence[Row] = (), **columns: Any) -> Label:
    return became("leads", target, known_by, *changes, leads=[{**LEAD, **columns}], opportunities=deals)


def test_an_open_record_is_censored_when_last_seen() -> None:
    assert deal(9) == (8, "open", True)
    assert deal(9, closed_at=day(9), outcome="won") == (8, "open", True)  # known strictly before


def test_an_end_counts_from_when_it_took_place_and_only_once_it_is_known() -> None:
    late = changed("opportunity", "O", "outcome", None, (5, "won"), recorded=8)
    ends: Row = {"closed_at": day(5), "outcome": "won"}
    assert [deal(by, *late, **ends) for by in (8, 9)] == [(7, "open", True), (4, "reached", True)]


def test_a_loss_has_its_reason_or_none() -> None:
    assert deal(9, closed_at=day(3), outcome="lost", loss_reason="price") == (2, "price", True)
    assert deal(9, closed_at=day(3), outcome="lost") == (2, NOT_SAID, True)


def test_a_reason_given_later_is_not_known_before() -> None:
    given = changed("opportunity", "O", "loss_reason", None, (6, "price"))
    ends: Row = {"closed_at": day(3), "outcome": "lost", "loss_reason": "price"}
    assert [deal(by, *given, **ends)[1] for by in (5, 7)] == [NOT_SAID, "price"]


def test_a_reopened_record_is_open_again_from_that_change() -> None:
    rows = changed("opportunity", "O", "outcome", None, (3, "lost"), (6, None))
    assert [deal(by, *rows)[1] for by in (4, 6, 7)] == [NOT_SAID, NOT_SAID, "open"]


def test_a_record_closed_when_first_seen_was_closed_until_it_was_reopened() -> None:
    rows = [
        *changed("opportunity", "O", "outcome", "lost", (6, None)),
        *changed("opportunity", "O", "closed_at", day(3), (6, None)),
    ]
    assert [deal(by, *rows, first_seen=day(4))[1] for by in (5, 7)] == [NOT_SAID, "open"]


def test_a_row_after_an_end_that_nobody_had_recorded_does_not_teach() -> None:
    late = changed("opportunity", "O", "outcome", None, (5, "won"), recorded=8)
    assert deal(9, *late, at=6, closed_at=day(5), outcome="won")[2] is False
    assert deal(9, *late, at=5, closed_at=day(5), outcome="won")[2] is True


@pytest.mark.parametrize("columns", [
    {"closed_at": day(0), "outcome": "won"}, {"deleted_at": day(3)}, {"merged_into": "O9", "deleted_at": day(3)},
])  # fmt: skip
def test_records_born_closed_deleted_or_merged_do_not_teach(columns: Row) -> None:
    assert deal(9, at=0, **columns)[2] is False


def test_a_record_deleted_later_teaches_until_then() -> None:
    assert [deal(by, deleted_at=day(5))[2] for by in (5, 6)] == [True, False]


def test_that_a_record_was_born_closed_is_not_known_before_it_is_recorded() -> None:
    late = changed("opportunity", "O", "outcome", None, (0, "won"), recorded=8)
    assert [deal(by, *late, closed_at=day(0), outcome="won")[2] for by in (7, 9)] == [True, False]


def test_a_migration_day_does_not_teach() -> None:
    bulk = [{"opportunity_id": f"M{n:03}", "created_at": day(0)} for n in range(60)]
    steady = [{"opportunity_id": f"S{n:03}", "created_at": day(5 + n)} for n in range(20)]
    assert became("opportunities", "won", 40, opportunities=bulk + steady)[2] is False
    assert became("opportunities", "won", 40, opportunities=bulk[:9] + steady)[2] is True


def test_a_lead_converts_when_it_says_so_or_when_an_opportunity_names_it() -> None:
    named: Row = {"opportunity_id": "O", "created_at": day(4), "lead_id": "L"}
    assert lead(9, converted_at=day(3)) == (2, "reached", True)
    assert lead(9, deals=[named]) == (3, "reached", True)
    assert lead(4, deals=[named])[1] == "open"
    # what the opportunity told at day 4 does not become untold when the lead says day 6
    assert [lead(by, converted_at=day(6), deals=[named])[1] for by in (5, 9)] == ["reached", "reached"]


def test_a_disqualified_lead_is_lost_for_its_reason_until_it_is_taken_up_again() -> None:
    assert lead(9, disqualified_at=day(3), disqualified_reason="invalid") == (2, "invalid", True)
    rows = changed("lead", "L", "disqualified_at", None, (3, day(3)), (6, None))
    assert [lead(by, *rows)[1] for by in (5, 7)] == [NOT_SAID, "open"]


def sold(*ends: tuple[float, str | None]) -> list[Row]:
    """Opportunities of the lead, each closed on a day with an outcome, or open."""
    return [
        {"opportunity_id": f"O{n}", "created_at": day(1), "lead_id": "L", "outcome": outcome,
         "closed_at": day(at) if outcome else None}
        for n, (at, outcome) in enumerate(ends)
    ]  # fmt: skip


@pytest.mark.parametrize(("deals", "became_of_it"), [
    (sold((3, "won")), "reached"), (sold((3, "lost")), NOT_SAID), (sold((3, None)), "open"),
    (sold((3, "lost"), (5, "won")), "reached"), (sold((3, "won"), (5, "lost")), "reached"),
    (sold((3, "lost"), (0, None)), "open"),
])  # fmt: skip
def test_a_lead_is_won_when_an_opportunity_of_it_is(deals: list[Row], became_of_it: str) -> None:
    assert lead(9, target="won", deals=deals)[1] == became_of_it


def test_a_deal_that_names_the_lead_later_did_not_convert_it_before() -> None:
    named: Row = {"opportunity_id": "O", "created_at": day(2), "lead_id": "L"}
    later = changed("opportunity", "O", "lead_id", None, (6, "L"))
    assert [lead(by, *later, deals=[named])[1] for by in (5, 7)] == ["open", "reached"]
    won = {**named, "outcome": "won", "closed_at": day(4)}
    assert [lead(by, *later, target="won", deals=[won])[1] for by in (5, 7)] == ["open", "reached"]
    left = changed("opportunity", "O", "lead_id", "L", (6, None))
    gone = {**won, "lead_id": None}
    assert [lead(by, *left, target="won", deals=[gone])[1] for by in (5, 7)] == ["reached", "open"]


def test_a_record_closed_without_saying_how_does_not_teach() -> None:
    assert deal(9, closed_at=day(3))[2] is False
    assert deal(2, closed_at=day(3))[1:] == ("open", True)


def test_a_merge_or_deletion_undone_later_stood_until_then() -> None:
    undone = changed("opportunity", "O", "deleted_at", day(3), (6, None))
    assert [deal(by, *undone)[2] for by in (2, 5, 7)] == [True, False, True]
    merged = changed("opportunity", "O", "merged_into", None, (6, "P"))
    assert [deal(by, *merged, merged_into="P")[2] for by in (5, 7)] == [True, False]


def test_a_closing_date_corrected_later_was_the_earlier_one_until_then() -> None:
    corrected = changed("opportunity", "O", "closed_at", day(10), (60, day(20)))
    lost: Row = {"outcome": "lost", "closed_at": day(20)}
    assert [deal(by, *corrected, **lost) for by in (10, 15, 70)] == [
        (9, "open", True), (9, NOT_SAID, True), (9, NOT_SAID, True),
    ]  # fmt: skip
    told = changed("opportunity", "O", "outcome", None, (10, "lost"))
    assert [deal(by, *told, *corrected, **lost)[0] for by in (11, 70)] == [9, 9]


def test_a_closing_date_given_later_is_not_known_before() -> None:
    given = changed("opportunity", "O", "closed_at", None, (60, day(10)))
    lost: Row = {"outcome": "lost", "closed_at": day(10)}
    assert [deal(by, *given, **lost)[:2] for by in (50, 70)] == [(49, "open"), (9, NOT_SAID)]


def test_a_closing_date_pushed_before_it_came_closed_nothing() -> None:
    pushed = changed("opportunity", "O", "closed_at", day(10), (5, day(20)))
    won: Row = {"outcome": "won", "closed_at": day(20)}
    assert [deal(by, *pushed, **won)[:2] for by in (15, 25)] == [(14, "open"), (19, "reached")]


def test_a_conversion_date_corrected_later_was_the_earlier_one_until_then() -> None:
    corrected = changed("lead", "L", "converted_at", day(10), (60, day(20)))
    assert [lead(by, *corrected, converted_at=day(20)) for by in (10, 15)] == [(9, "open", True), (9, "reached", True)]


def test_an_earlier_end_keeps_its_own_date() -> None:
    rows = changed("opportunity", "O", "outcome", None, (37, "lost"), (38, None), recorded=44)
    again = changed("opportunity", "O", "outcome", None, (140, "lost"))
    columns: Row = {"outcome": "lost", "closed_at": day(140)}
    assert [deal(by, *rows, *again, **columns)[:2] for by in (60, 150)] == [(59, "open"), (139, NOT_SAID)]


def test_a_lead_named_for_no_time_was_not_named() -> None:
    leads: list[Row] = [LEAD, {"lead_id": "M", "created_at": day(0)}, {"lead_id": "N", "created_at": day(0)}]
    through = changed("opportunity", "O", "lead_id", "M", (6, "L"), (6, "N"))
    won = changed("opportunity", "O", "outcome", None, (6, "won"))
    named: Row = {"opportunity_id": "O", "created_at": day(2), "lead_id": "N", "outcome": "won", "closed_at": day(6)}
    told = became("leads", "won", 9, *through, *won, leads=leads, opportunities=[named])
    assert told[1] == "open"
