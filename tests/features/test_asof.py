"""The engine against the oracle: the whole catalogue, exactly, on small CRMs, a seeded world and real loans."""

import csv
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given

from features import activities
from features.catalog import catalog_for
from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law, make_world
from features.history import History, Kind, load_history
from features.streams import load_streams
from tests.asking import KINDS, SETTINGS, Answer, Asked, ask, ask_store, differences, some_rows
from tests.crm_folder import (
    LATER,
    Crm,
    Row,
    changed,
    crms,
    day,
    instants,
    rows_in,
    seeded,
    small_crm,
    small_property,
    store_of,
)  # fmt: skip
from tests.oracles import Oracle
from tests.past import as_exported

REAL = Path(__file__).parents[3] / "shared" / "data" / "to_canonical.py"


def disagreements(store: Store, oracle: Oracle, kind: Kind, asked: list[Asked] | None, at: list[int]) -> list[str]:
    """Where the engine and the oracle differ on these rows; on each record's creation and some instants if None."""
    streams = load_streams(store, SETTINGS)
    history = load_history(store, SETTINGS, kind, starts=streams.starts)
    asked = some_rows(history, at, 3) if asked is None else asked
    rows = catalog_for(history)
    told = [{row.name: oracle.ask(kind, row, record, at) for row in rows} for record, at in asked]
    return differences(ask(history, streams, asked), told, asked)


@small_property(25)
@given(crm=crms())
def test_small_crms(crm: Crm) -> None:
    store, oracle = store_of(crm), Oracle(crm)
    for kind in KINDS:
        assert disagreements(store, oracle, kind, None, instants(crm)) == []


DEAL: Row = {"opportunity_id": "O", "created_at": day(1), "process": "loan", "owner_id": "ann"}
LEAD: Row = {"lead_id": "L", "created_at": day(31)}
CALL: Row = {"activity_id": "V", "kind": "call", "occurred_at": day(15)} | dict.fromkeys(
    ("recorded_at", "due_at", "done_at")
)
PERSON: Row = {"contact_id": "C", "created_at": day(31)}
LOST: Row = {**DEAL, "outcome": "lost", "closed_at": day(20)}
RARE: dict[str, Crm] = {
    "a deal of a lead made later": small_crm(
        opportunities=[{**DEAL, "lead_id": "L"}], leads=[LEAD], activities=[{**CALL, "lead_id": "L"}],
    ),
    "a deal of a person met later": small_crm(
        opportunities=[{**DEAL, "contact_id": "C"}], contacts=[PERSON], activities=[
            {**CALL, "contact_id": "C"}, {**CALL, "activity_id": "W", "contact_id": "C", "due_at": day(40)},
            {**CALL, "activity_id": "X", "opportunity_id": "O", "contact_id": "C", "occurred_at": day(16)},
        ],
    ),
    "deals of an account made later": small_crm(
        opportunities=[
            {**DEAL, "account_id": "A"}, {**LOST, "opportunity_id": "P", "account_id": "A", "closed_at": day(50)},
        ],
        accounts=[{"account_id": "A", "created_at": day(31), "employees": 3.0}],
    ),
    "a plan due before it occurs": small_crm(
        opportunities=[{**DEAL, "created_at": day(45)}], leads=[{**LEAD, "created_at": day(2), "contact_id": "C"}],
        contacts=[{**PERSON, "created_at": day(0)}],
        activities=[{**CALL, "opportunity_id": "O", "contact_id": "C", "due_at": day(15), "occurred_at": day(45)}],
    ),
    "a closing date corrected": small_crm(
        opportunities=[LOST, {**DEAL, "opportunity_id": "P"}],
        changes=changed("opportunity", "O", "closed_at", day(10), (60, day(20))),
    ),
    "a conversion date corrected": small_crm(
        leads=[{**LEAD, "converted_at": day(50), "owner_id": "ann"}, {**LEAD, "lead_id": "M", "owner_id": "ann"}],
        changes=changed("lead", "L", "converted_at", day(40), (60, day(50))),
    ),
    "a head count altered and put right at once": small_crm(
        opportunities=[{**DEAL, "account_id": "A"}],
        accounts=[{"account_id": "A", "created_at": day(0), "employees": 400.0}],
        changes=changed("account", "A", "employees", 400.0, (20, 3.0), (20, 400.0)),
    ),
    "a deal lost, reopened and lost again": small_crm(
        opportunities=[{**LOST, "closed_at": day(140)}, {**DEAL, "opportunity_id": "P"}],
        changes=[
            *changed("opportunity", "O", "outcome", None, (37, "lost"), (38, None), recorded=44),
            *changed("opportunity", "O", "outcome", None, (140, "lost")),
        ],
    ),
    "stages introduced and given up": small_crm(
        opportunities=[{**DEAL, "stage": "offer"}, {**DEAL, "opportunity_id": "P", "stage": "demo"}],
        stages=[
            {"process": "loan", "stage": stage, "position": place, "active_from": begin, "active_until": end}
            for place, (stage, begin, end) in enumerate((
                ("new", None, None), ("talks", None, day(10)), ("demo", day(31), None), ("offer", None, None),
            ), 1)
        ],
        changes=[
            *changed("opportunity", "O", "stage", "new", (7, "offer"), (14, "new"), (22, "talks"), (37, "offer")),
            *changed("opportunity", "P", "stage", "talks", (8, "new"), (31, "demo"), (45, "offer")),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("crm", RARE.values(), ids=RARE.keys())
def test_what_hardly_ever_happens(crm: Crm) -> None:
    store, oracle = store_of(crm), Oracle(crm)
    for kind in [kind for kind in KINDS if crm[kind]]:
        history = load_history(store, SETTINGS, kind)
        asked = some_rows(history, instants(crm), 99)
        assert disagreements(store, oracle, kind, asked[::2], []) == []
        unlike_the_past(crm, history, asked, ask_store(store, kind, asked), instants(crm))


def unlike_the_past(crm: Crm, history: History, asked: list[Asked], told: list[Answer], at: list[int]) -> None:
    """Assert that an export of each instant gives the same answers to what is asked until then."""
    born = dict(zip(history.ids, history.created.tolist(), strict=True))
    for end in at:
        rows = [row for row, (record, when) in enumerate(asked) if born[record] < end and when <= end]
        then = [asked[row] for row in rows]
        past = ask_store(store_of(as_exported(crm, end)), history.kind, then)
        assert differences(past, [told[row] for row in rows], then) == []


def shared(crm: Crm) -> Crm:
    """The same CRM where the records of a kind name one person, and few activities anything else; some deals were
    another person's at first, or no longer are this one's."""
    named = {
        name: [row | {"contact_id": person} for row in crm[name]]
        for name, person in (("leads", "C0"), ("opportunities", "C1"), ("activities", "C1"))
    }
    for place, row in enumerate(named["activities"][1:]):
        row |= {"opportunity_id": None, "lead_id": None, "contact_id": "C0" if place % 3 == 0 else "C1"}
    chains: tuple[tuple[str, str | None], ...] = (("C1", None), ("C2", "C1"), ("C1", "C2"))
    for row, (first, now) in zip(named["opportunities"][1:], chains, strict=False):
        row["contact_id"] = now
        moved = changed("opportunity", row["opportunity_id"], "contact_id", first, (22, now))
        crm["changes"] += [{**change, "crm": row["crm"], "first_seen": LATER, "seen": 0} for change in moved]
    crm["contacts"][1]["created_at"] = day(-9)  # no change names whom there is not
    return crm | named


@small_property(6)
@given(crm=crms())
def test_an_activity_of_many_goes_to_those_made_around_it(crm: Crm) -> None:
    crm = shared(crm)
    with patch.object(activities, "NEAREST", 1):
        store, oracle = store_of(crm), Oracle(crm)
        for kind in KINDS:
            streams = load_streams(store, SETTINGS)
            history = load_history(store, SETTINGS, kind, starts=streams.starts)
            asked = some_rows(history, instants(crm), 2)
            assert disagreements(store, oracle, kind, asked, []) == []
            told = ask(history, streams, asked)
            for row, (record, _) in enumerate(asked):
                alone = load_history(store, SETTINGS, kind, [record], starts=streams.starts)
                assert differences(ask(alone, streams, [asked[row]]), [told[row]], [asked[row]]) == []
            unlike_the_past(crm, history, asked, told, instants(crm)[::40])


def test_a_placeholder_named_by_all_does_not_multiply_events() -> None:
    deals = [{**DEAL, "opportunity_id": f"O{n:03}", "contact_id": "C", "created_at": day(n)} for n in range(200)]
    calls = [{**CALL, "activity_id": f"V{n:03}", "contact_id": "C", "occurred_at": day(n + 0.5)} for n in range(200)]
    store = store_of(small_crm(opportunities=deals, activities=calls))
    events = load_history(store, SETTINGS, "opportunities").activities
    per_call = np.unique(events.time, return_counts=True)[1]
    assert per_call.max() == 2 * activities.NEAREST
    assert len(per_call) == len(calls)


def some_asked(crm: Crm, kind: Kind, how_many: int) -> list[Asked]:
    """Records of a store, each at its creation and at two instants of its own changes."""
    random, key = seeded(3), {"leads": "lead", "opportunities": "opportunity"}[kind]
    changed: dict[str, list[int]] = {}
    for row in crm["changes"]:
        changed.setdefault(row["entity_id"], []).append(row["occurred_at"])
    asked: list[Asked] = []
    for row in random.sample(crm[kind], min(how_many, len(crm[kind]))):
        name, created = row[f"{key}_id"], row["created_at"]
        later = [at for at in changed.get(name, []) if at >= created]
        asked += [(name, at) for at in (created, *random.sample(later, min(2, len(later))))]
    return asked


def test_a_seeded_world(tmp_path: Path) -> None:
    make_world(load_law(), seed=5, size=300, out=tmp_path / "world")
    store = Store.open("sqlite://")
    import_folder(store, tmp_path / "world", settings=SETTINGS, seen_at=LATER)
    crm = rows_in(store)
    oracle = Oracle(crm)
    for kind in KINDS:
        assert disagreements(store, oracle, kind, some_asked(crm, kind, 12), []) == []


def some_of(folder: Path, out: Path, how_many: int) -> None:
    """The first opportunities of a folder and all that names them."""
    out.mkdir()
    chosen: set[str] = set()
    for name in ("opportunities", "changes", "activities", "owners", "stages"):
        with (folder / f"{name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        key = {"changes": "entity_id"}.get(name, "opportunity_id")
        chosen = {row[key] for row in rows[:how_many]} if name == "opportunities" else chosen
        kept = [row for row in rows if row.get(key) is None or row[key] in chosen]
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(kept)


@pytest.mark.skipif(not REAL.exists(), reason="the real data is not beside the project (../shared/data)")
def test_real_loans(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(REAL), str(tmp_path / "all")], check=True, capture_output=True)
    some_of(tmp_path / "all" / "bpi2012", tmp_path / "some", 150)
    store = Store.open("sqlite://")
    import_folder(store, tmp_path / "some", settings=SETTINGS, seen_at=LATER)
    crm = rows_in(store)
    assert disagreements(store, Oracle(crm), "opportunities", some_asked(crm, "opportunities", 25), []) == []
