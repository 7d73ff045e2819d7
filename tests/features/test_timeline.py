"""One field of one record at any instant, case by case of the rule in DESIGN section 3."""

import numpy as np
import pytest

from features.columns import Columns, Words
from features.crm.store import Store
from tests.asking import ask_store, features_of
from tests.crm_folder import DAY, Row, changed, day, small_crm, store_of

DEAL: Row = {"opportunity_id": "O", "created_at": day(10), "process": "loan", "owner_id": "ann", "stage": "offer"}
OTHER: Row = {"opportunity_id": "P", "created_at": day(0)}
STAGES: list[Row] = [
    {"process": "loan", "stage": stage, "position": place}
    for place, stage in enumerate(("new", "offer", "talks", "signing"), 1)
]


def stage_at(at: int, *changes: Row, deal: Row = DEAL, first_created: float = 0) -> object:
    """The deal's stage at an instant, where the source's first record was created on a day."""
    other = {**OTHER, "created_at": day(first_created)}
    crm = small_crm(opportunities=[deal, other], changes=changes)
    return features_of(crm, "opportunities", "O", at)["stage"]


def test_before_its_first_change_a_field_had_that_changes_old_value() -> None:
    rows = changed("opportunity", "O", "stage", "new", (12, "offer"))
    history = changed("opportunity", "P", "stage", "x", (1, "y"))
    assert [stage_at(at, *rows, *history) for at in (day(10), day(12), day(12) + 1)] == ["new", "new", "offer"]


def test_changes_at_or_before_creation_are_creation_values() -> None:
    rows = changed("opportunity", "O", "stage", "first", (5, "new"), (10, "talks"), (12, "offer"))
    assert [stage_at(at, *rows) for at in (day(10), day(12) + 1)] == ["talks", "offer"]


@pytest.mark.parametrize(("first_created", "seen"), [(4, "offer"), (2.9, None)])
def test_history_that_starts_within_a_week_of_the_first_record_covers_it(
    first_created: float, seen: str | None
) -> None:
    early = {**DEAL, "created_at": day(5)}
    history = changed("opportunity", "P", "stage", "x", (10, "y"))
    assert stage_at(day(40), *history, deal=early, first_created=first_created) == seen


def test_that_history_is_kept_is_known_once_a_change_of_it_is() -> None:
    history = changed("opportunity", "P", "stage", "x", (11, "y"))
    seen = [stage_at(at, *history, first_created=5) for at in (day(10), day(11), day(11) + 1)]
    assert seen == [None, None, "offer"]


def test_history_is_judged_source_by_source() -> None:
    history = [{**row, "crm": "other"} for row in changed("opportunity", "P", "stage", "x", (1, "y"))]
    assert stage_at(day(40), *history) is None
    assert stage_at(day(40), *history, deal={**DEAL, "crm": "other"}) == "offer"


def test_of_the_changes_known_the_latest_to_occur_stands() -> None:
    late = changed("opportunity", "O", "stage", "new", (11, "offer"), recorded=20)
    rows = [*late, *changed("opportunity", "O", "stage", "offer", (12, "talks"))]
    assert [stage_at(day(at), *rows) for at in (13, 21)] == ["talks", "talks"]


def moves_of(*changes: Row, **columns: object) -> list[object]:
    """Changes, regressions and skips of stage, once all is known."""
    history = changed("opportunity", "P", "stage", "x", (1, "y"))
    deals = [{**DEAL, **columns}, OTHER]
    crm = small_crm(opportunities=deals, changes=[*changes, *history], stages=STAGES)
    told = features_of(crm, "opportunities", "O", day(50))
    return [told[name] for name in ("stage", "stage_changes", "stage_regressions", "stage_skips")]


def test_moves_known_at_one_instant_are_each_judged_by_the_value_before() -> None:
    first = changed("opportunity", "O", "stage", "new", (11, "offer"), (12, "talks"), recorded=13)
    assert moves_of(*first) == ["talks", 2, 0, 0]


@pytest.mark.parametrize("apart", [1, 10, 0.5])
def test_a_skip_is_told_by_the_order_of_the_stages_whatever_their_numbers(apart: float) -> None:
    stages = [{**row, "position": row["position"] * apart} for row in STAGES]
    rows = changed("opportunity", "O", "stage", "new", (11, "offer"), (12, "signing"), (13, "talks"))
    history = changed("opportunity", "P", "stage", "x", (1, "y"))
    crm = small_crm(opportunities=[DEAL, OTHER], changes=[*rows, *history], stages=stages)
    told = features_of(crm, "opportunities", "O", day(50))
    assert (told["stage_skips"], told["stage_regressions"]) == (1, 1)


def test_changes_of_one_instant_follow_from_old_to_new() -> None:
    rows = changed("opportunity", "O", "stage", "talks", (11, "new"), (11, "signing"))
    assert moves_of(*rows, stage="signing") == ["signing", 2, 1, 1]


def test_a_change_row_tells_its_move_even_of_a_record_older_than_the_history() -> None:
    rows = changed("opportunity", "O", "stage", "talks", (40, "new"))
    crm = small_crm(opportunities=[DEAL], changes=rows, stages=STAGES)
    told = features_of(crm, "opportunities", "O", day(50))
    assert [told[name] for name in ("stage", "stage_changes", "stage_regressions")] == ["new", 1, 1]


def test_a_change_to_the_same_value_is_none() -> None:
    rows = changed("opportunity", "O", "stage", "new", (11, "offer"), (20, "offer"))
    crm = small_crm(opportunities=[DEAL], changes=rows, stages=STAGES)
    told = features_of(crm, "opportunities", "O", day(21))
    assert (told["stage_changes"], told["days_in_stage"]) == (1, 10)


def seen_weekly(*stages: str) -> Store:
    """A store that saw one deal's stage once a week, from day 7 on."""
    store = store_of(small_crm())
    for week, stage in enumerate(stages, 1):
        columns: Columns = {
            "opportunity_id": Words.of(["O"]), "created_at": np.array([day(0)]), "stage": Words.of([stage]),
        }  # fmt: skip
        store.upsert("opportunities", columns, seen_at=day(7 * week))
    return store


def test_from_the_first_import_on_we_keep_the_history_ourselves() -> None:
    store = seen_weekly("new", "offer", "talks")
    asked = [("O", at) for at in (day(0), day(7) - 1, day(7), day(14), day(14) + 1, day(21) + DAY)]
    told = [answer["stage"] for answer in ask_store(store, "opportunities", asked)]
    assert told == [None, None, "new", "new", "offer", "talks"]


def linked_deals(at: int, *changes: Row, **columns: object) -> tuple[object, ...]:
    """The head count and the open deals of the account of a deal made on day 10, its account on day 30."""
    account: Row = {"account_id": "A", "created_at": day(30), "employees": 7.0}
    deals: list[Row] = [{**DEAL, "account_id": "A", **columns}, {**OTHER, "account_id": "A"}]
    crm = small_crm(opportunities=deals, accounts=[account], changes=changes)
    told = features_of(crm, "opportunities", "O", at)
    return told["employees"], told["account_open"]


def test_a_link_to_something_made_later_is_not_known_before() -> None:
    asked = (day(10), day(30), day(30) + 1)
    assert [linked_deals(at) for at in asked] == [(None, 0), (None, 0), (7, 2)]


def test_a_link_replaced_before_what_it_named_was_made_was_never_known() -> None:
    moved = changed("opportunity", "O", "account_id", "A", (20, "B"))
    assert [linked_deals(at, *moved, account_id="B") for at in (day(15), day(31))] == [(None, 0), (None, 1)]
    back = changed("opportunity", "O", "account_id", "A", (40, "B"))
    assert [linked_deals(at, *back, account_id="B") for at in (day(31), day(41))] == [(7, 2), (None, 1)]


def employees_at(at: int, *changes: Row, employees: float = 400) -> object:
    """The head count of a deal's account."""
    account: Row = {"account_id": "A", "created_at": day(0), "employees": employees}
    crm = small_crm(opportunities=[{**DEAL, "account_id": "A"}], accounts=[account], changes=changes)
    return features_of(crm, "opportunities", "O", at)["employees"]


@pytest.mark.parametrize("path", [("400", "3", "400"), ("400", "3", "400", "5"), ("5", "400", "3", "400")])
def test_a_round_trip_at_one_instant_ends_where_the_record_is(path: tuple[str, ...]) -> None:
    rows = changed("account", "A", "employees", path[0], *((98, word) for word in path[1:]))
    for turned in (rows, rows[::-1]):
        told = [employees_at(at, *turned, employees=float(path[-1])) for at in (day(90), day(98) + 1)]
        assert told == [float(path[0]), float(path[-1])]


def test_a_round_trip_at_one_instant_is_followed_by_the_next_change() -> None:
    rows = changed("account", "A", "employees", "400", (98, "3"), (98, "400"), (99, "3"))
    assert [employees_at(at, *rows, employees=3) for at in (day(90), day(99), day(100))] == [400, 400, 3]


def test_an_empty_value_takes_part_in_a_round_trip() -> None:
    rows = changed("account", "A", "employees", "3", (98, None), (98, "3"))
    assert [employees_at(at, *rows, employees=3) for at in (day(90), day(100))] == [3, 3]
