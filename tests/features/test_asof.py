"""The engine against the oracle: the whole catalogue, exactly, on small CRMs, a seeded world and real loans."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from features.catalog import catalog_for
from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law, make_world
from features.history import Kind, load_history
from features.streams import load_streams
from tests.asking import KINDS, SETTINGS, Asked, ask, differences, some_rows
from tests.crm_folder import LATER, Crm, crms, instants, rows_in, seeded, small_property, store_of
from tests.oracles import Oracle

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
