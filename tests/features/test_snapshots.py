"""Which rows a model learns from, and which records are open."""

from hypothesis import given
from hypothesis import strategies as st

from features.history import History, load_history
from features.snapshots import AGES, open_at, snapshots
from tests.asking import SETTINGS
from tests.crm_folder import DAY, Crm, Row, changed, crms, day, instants, small_crm, small_property, store_of
from tests.oracles import Oracle

DEAL: Row = {"opportunity_id": "O", "created_at": day(0)}


def deals(*changes: Row, **columns: object) -> History:
    crm = small_crm(opportunities=[{**DEAL, **columns}], changes=changes)
    return load_history(store_of(crm), SETTINGS, "opportunities")


def ages(history: History, until: float) -> list[float]:
    """The ages in days at which the deal is looked at."""
    return [(at - day(0)) / DAY for at in snapshots(history, "won", day(until)).as_of.tolist()]


def test_an_open_record_is_looked_at_at_each_age_before_the_instant() -> None:
    assert ages(deals(), 10) == [age for age in AGES if age < 10]
    assert ages(deals(), 0) == []


def test_a_record_is_looked_at_until_it_ended() -> None:
    ended = deals(closed_at=day(7), outcome="won")
    assert ages(ended, 400) == [0, 1, 2, 3, 5, 7]  # on day 7 itself nobody knew yet
    told = changed("opportunity", "O", "outcome", None, (7, "won"), recorded=14)
    late = deals(*told, outcome="won", closed_at=day(7))
    assert ages(late, 400) == [0, 1, 2, 3, 5, 7, 10, 14]


def test_a_reopened_record_is_looked_at_again() -> None:
    rows = changed("opportunity", "O", "outcome", None, (4, "lost"), (8, None), (15, "won"))
    assert ages(deals(*rows, outcome="won", closed_at=day(15)), 400) == [0, 1, 2, 3, 10, 14]


@small_property(12)
@given(crm=crms(), data=st.data())
def test_what_is_open_is_what_the_oracle_calls_open(crm: Crm, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(instants(crm)))
    oracle = Oracle(crm)
    history = load_history(store_of(crm), SETTINGS, "opportunities")
    is_open = [history.ids[record] for record in open_at(history, "won", at).record.tolist()]
    gone = {row["opportunity_id"] for row in crm["opportunities"] if (row.get("deleted_at") or at) < at}
    there = [r["opportunity_id"] for r in crm["opportunities"] if r["created_at"] <= at]
    assert is_open == [name for name in sorted(there) if name not in gone and oracle.is_open("opportunity", name, at)]
