"""What is known at or after an instant changes no feature at it, no snapshot before it and no label known by it."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law, make_world
from features.history import Kind, load_history
from features.labels import outcomes_of
from features.snapshots import snapshots
from tests.asking import KINDS, SETTINGS, Asked, ask_store, differences
from tests.crm_folder import LATER, Crm, crms, instants, seeded, small_property, store_of
from tests.cut import cut
from tests.past import another_future, as_exported

PROPERTY = small_property(12)
TARGETS: tuple[tuple[Kind, str], ...] = (("leads", "converted"), ("leads", "won"), ("opportunities", "won"))
Lesson = tuple[str, int, float, str | int, bool]
KEY = {"leads": "lead_id", "opportunities": "opportunity_id"}


def rows_until(crm: Crm, kind: Kind, at: int) -> list[Asked]:
    """Each record created before an instant, at its creation, at that instant and at some between."""
    asked: list[Asked] = []
    for row in crm[kind]:
        if row["created_at"] < at:
            between = [t for t in instants(crm) if row["created_at"] < t < at]
            asked += [(row[KEY[kind]], t) for t in (row["created_at"], *between[:: max(len(between) // 3, 1)], at)]
    return asked


def lessons(store: Store, kind: Kind, target: str, at: int) -> list[Lesson]:
    """What there is to learn from at an instant: each row with what had become of its record."""
    history = load_history(store, SETTINGS, kind)
    rows = snapshots(history, target, at)
    labels = outcomes_of(history, rows, target, at)
    cause = [labels.reasons[code - 1] if code > 0 else int(code) for code in labels.cause.tolist()]
    ids = [history.ids[record] for record in rows.record.tolist()]
    return list(zip(ids, rows.as_of.tolist(), labels.days.tolist(), cause, labels.teaches.tolist(), strict=True))


@PROPERTY
@given(crm=crms(), data=st.data())
def test_cutting_the_files(crm: Crm, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(instants(crm)))
    whole, past = store_of(crm), store_of(as_exported(crm, at))
    for kind in KINDS:
        asked = rows_until(crm, kind, at)
        assert differences(ask_store(whole, kind, asked), ask_store(past, kind, asked), asked) == []


@PROPERTY
@given(crm=crms(), data=st.data())
def test_cutting_the_files_teaches_the_same(crm: Crm, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(instants(crm)))
    whole, past = store_of(crm), store_of(as_exported(crm, at))
    for kind, target in TARGETS:
        assert lessons(whole, kind, target, at) == lessons(past, kind, target, at)


@PROPERTY
@given(crm=crms(), data=st.data(), seed=st.integers(0, 99))
def test_another_future(crm: Crm, data: st.DataObject, seed: int) -> None:
    at = data.draw(st.sampled_from(instants(crm)))
    whole, other = store_of(as_exported(crm, at)), store_of(another_future(crm, at, seeded(seed)))
    for kind in KINDS:
        asked = rows_until(crm, kind, at)
        assert differences(ask_store(whole, kind, asked), ask_store(other, kind, asked), asked) == []


def test_a_world_cut_at_an_instant(tmp_path: Path) -> None:
    make_world(load_law(), seed=11, size=300, out=tmp_path / "whole")
    stores = {name: Store.open("sqlite://") for name in ("whole", "past")}
    import_folder(stores["whole"], tmp_path / "whole", settings=SETTINGS, seen_at=LATER)
    created = np.sort(np.asarray(load_history(stores["whole"], SETTINGS, "opportunities").created))
    at = datetime.fromtimestamp(int(created[200]) // 1_000_000, UTC)
    cut(tmp_path / "whole", tmp_path / "past", at)
    import_folder(stores["past"], tmp_path / "past", settings=SETTINGS, seen_at=LATER)
    instant = round(at.timestamp() * 1e6)
    for kind, target in TARGETS:
        whole, past = (lessons(store, kind, target, instant) for store in stores.values())
        assert whole == past
        asked = [(name, as_of) for name, as_of, *_ in past[::7]]
        told = [ask_store(store, kind, asked) for store in stores.values()]
        assert differences(told[0], told[1], asked) == []
