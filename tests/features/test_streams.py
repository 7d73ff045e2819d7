"""What happened across records: an owner's open records, counted as anyone would."""

from typing import Any

from tests.asking import features_of
from tests.crm_folder import Row, changed, day, small_crm

ASKING: Row = {"opportunity_id": "Z", "created_at": day(0), "owner_id": "ann"}


def load(*changes: Row, at: float = 40, **columns: Any) -> float:
    """How many open records ann has beside the one asked about."""
    other: Row = {"opportunity_id": "O", "created_at": day(1), "owner_id": "ann", **columns}
    told = features_of(small_crm(opportunities=[ASKING, other], changes=changes), "opportunities", "Z", day(at))
    count = told["owner_load"]
    assert isinstance(count, float)
    return count - 1


def moved(*told: object) -> list[Row]:
    return changed("opportunity", "O", "owner_id", *told)


def test_a_record_is_its_owners_from_creation_until_it_ends_or_goes_to_another() -> None:
    assert [load(at=at) for at in (1, 1.1)] == [0, 1]
    assert [load(at=at, closed_at=day(9), outcome="won") for at in (9, 10)] == [1, 0]
    assert [load(*moved("bob", (5, "ann")), at=at) for at in (5, 6)] == [0, 1]
    assert [load(*moved("ann", (5, "bob")), at=at, owner_id="bob") for at in (5, 6)] == [1, 0]


def test_handing_over_a_closed_record_moves_no_load() -> None:
    closed: Row = {"closed_at": day(9), "outcome": "lost"}
    assert load(*moved("ann", (20, "bob")), owner_id="bob", **closed) == 0
    assert load(*moved("bob", (20, "ann")), **closed) == 0


def test_a_record_handed_over_as_it_closes_leaves_both() -> None:
    assert load(*moved("ann", (9, "bob")), owner_id="bob", closed_at=day(9), outcome="lost") == 0


def test_a_record_that_ends_twice_leaves_once() -> None:
    twice = changed("opportunity", "O", "outcome", None, (5, "lost"), (9, "won"))
    assert load(*twice, closed_at=day(9), outcome="won") == 0


def test_handed_over_twice_at_one_instant() -> None:
    assert load(*moved("ann", (5, "bob"), (5, "cid")), owner_id="cid") == 0
    assert load(*moved("bob", (5, "cid"), (5, "ann"))) == 1


def test_a_deleted_record_is_nobodys_load() -> None:
    assert [load(at=at, deleted_at=day(9)) for at in (9, 10)] == [1, 0]


def deleted(*told: object) -> list[Row]:
    return changed("opportunity", "O", "deleted_at", *told)


def test_a_record_is_gone_once_its_deletion_is_both_due_and_known() -> None:
    assert [load(at=at, deleted_at=day(5)) for at in (5, 6)] == [1, 0]
    late = deleted(None, (8, day(2)))
    assert [load(*late, at=at, deleted_at=day(2)) for at in (3, 8, 8.1)] == [1, 1, 0]
    restored = deleted(day(2), (9, None))
    assert [load(*restored, at=at) for at in (2, 3, 9, 9.1)] == [1, 0, 0, 1]
    put_off = deleted(day(6), (4, day(8)))
    assert [load(*put_off, at=at, deleted_at=day(8)) for at in (6.5, 8, 8.1)] == [1, 1, 0]
