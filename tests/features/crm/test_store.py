import os
import sqlite3
import stat
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql

from features.columns import MISSING, Columns, Words
from features.crm.store import Store, StoreError
from features.crm.tables import METADATA, SQL
from tests.features.crm.folders import SEEN, WEEK, column


def leads(*ids: str, **texts: str) -> Columns:
    """Leads that share a creation time and some texts."""
    columns: Columns = {"lead_id": Words.of(ids), "created_at": np.full(len(ids), SEEN, np.int64)}
    return columns | {name: Words.of([text] * len(ids)) for name, text in texts.items()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/a.db")


def test_what_is_written_is_read_back_by_key_with_missing_values(store: Store) -> None:
    store.upsert(
        "opportunities",
        {
            "opportunity_id": Words.of(["b", "a", "é", "Z"]),
            "created_at": np.array([1, 2, 3, 4]),
            "amount": np.array([5, MISSING, -(2**62), 0]),
            "own_probability": np.array([0.1, np.nan, 1, 0]),
            "stage": Words.of(["x", None, "x", "y"]),
        },
        [{"Size": "4"}, {}, {"Size": ""}, {"Ünï": "ö"}],
        seen_at=SEEN,
    )
    read = store.read("opportunities")
    assert read["opportunity_id"].tolist() == ["Z", "a", "b", "é"]
    assert read["amount"].tolist() == [0, MISSING, 5, -(2**62)]
    assert str(read["own_probability"].tolist()) == "[0.0, nan, 0.1, 1.0]"
    assert read["stage"].tolist() == ["y", None, "x", "x"]
    assert read["closed_at"].tolist() == [MISSING] * 4
    assert read["crm"].tolist() == [""] * 4
    assert read["first_seen"].tolist() == [SEEN] * 4
    assert store.read_custom("opportunities", ["Size", "Ünï"])["Ünï"].tolist() == ["ö", None, None, None]


def test_where_and_order_restrict_and_sort(store: Store) -> None:
    ids = [f"L{at:05d}" for at in range(12_000)]
    store.upsert("leads", leads(*ids, owner_id="ann"), seen_at=SEEN)
    some = store.read("leads", ["lead_id"], {"lead_id": [*ids[::2], "unknown", ids[0]], "owner_id": ["ann"]})
    assert some["lead_id"].tolist() == ids[::2]
    assert len(store.read("leads", ["lead_id"], {"lead_id": []})["lead_id"]) == 0
    assert store.read("leads", ["lead_id"], {"owner_id": ["bob"]})["lead_id"].tolist() == []
    store.upsert("owners", {"owner_id": Words.of(["1", "2", "3"]), "team": Words.of(["b", "a", "b"])}, seen_at=SEEN)
    assert store.read("owners", ["owner_id"], order_by=["team"])["owner_id"].tolist() == ["2", "1", "3"]


def fails(store: Store) -> None:
    """A transaction whose second write is refused."""
    with store.transaction():
        store.upsert("leads", leads("first"), seen_at=SEEN)
        store.upsert("leads", leads("a", "a"), seen_at=SEEN)


def test_a_transaction_is_whole_or_nothing_and_nests(store: Store) -> None:
    with store.transaction(rollback=True):
        store.upsert("leads", leads("tried"), seen_at=SEEN)
        assert store.count("leads") == 1
    with pytest.raises(ValueError, match="twice"):
        fails(store)
    assert store.count("leads") == 0
    with store.transaction():
        store.upsert("leads", leads("kept"), seen_at=SEEN)
        with store.transaction(rollback=True):
            store.upsert("leads", leads("undone"), seen_at=SEEN)
        with pytest.raises(ValueError, match="twice"):
            fails(store)
    assert column(store, "leads", "lead_id") == ["kept"]


def test_the_version_changes_with_every_write_and_only_then(store: Store) -> None:
    start = store.version()
    store.upsert("leads", leads("a", status="new"), seen_at=SEEN)
    first, of_owners = store.version(), store.version("owners")
    store.upsert("leads", leads("a", status="new"), seen_at=SEEN + 1)
    assert store.version() == first != start
    store.upsert("leads", leads("a", status="hot"), seen_at=SEEN + 2)
    assert len({start, first, store.version()}) == 3
    assert store.version("owners") == of_owners
    with store.transaction(rollback=True):
        store.upsert("leads", leads("b"), seen_at=SEEN)
        inside = store.version()
    store.upsert("leads", leads("c"), seen_at=SEEN)
    assert store.version() not in (inside, first)


def test_going_back_to_an_earlier_value_is_a_change_too(store: Store) -> None:
    for week, status in enumerate(["new", "hot", "new", "new"]):
        store.upsert("leads", leads("a", status=status), seen_at=SEEN + week * WEEK)
    assert column(store, "changes", "old") == ["new", "hot"]
    assert column(store, "changes", "new") == ["hot", "new"]
    assert column(store, "changes", "occurred_at") == [SEEN + WEEK, SEEN + 2 * WEEK]


def test_a_key_twice_in_one_batch_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="a key comes twice"):
        store.upsert("leads", leads("a", "a"), seen_at=SEEN)


def test_champions_are_a_history(store: Store) -> None:
    assert store.champion("leads", "converted") is None
    for at, version in enumerate(["v1", "v2", "v1"]):
        store.set_champion("leads", "converted", version, at, by="ann", note="")
    now, before = store.champion("leads", "converted"), store.previous_champion("leads", "converted")
    assert now is not None
    assert before is not None
    assert (now.version, now.at, before.version) == ("v1", 2, "v2")
    assert store.champion("leads", "won") is None
    assert len(store.champions()) == 3


def test_writers_wait_for_each_other(store: Store) -> None:
    def fill(name: str) -> None:
        for at in range(10):
            store.upsert("leads", leads(f"{name}{at}"), seen_at=SEEN)

    threads = [Thread(target=fill, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count("leads") == 40


def test_the_file_is_private(store: Store, tmp_path: Path) -> None:
    store.upsert("leads", leads("a"), seen_at=SEEN)
    modes = {stat.S_IMODE(os.stat(path).st_mode) for path in tmp_path.glob("a.db*")}
    assert modes == {0o600}


def test_what_is_no_store_of_ours_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are my notes, not a database" * 100)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("create table leads (id integer)")
    other.close()
    for url, said in [
        (f"sqlite:///{tmp_path}/notes.db", "not a Plumbline store"),
        (f"sqlite:///{tmp_path}/other.db", "tables of another program"),
        (f"sqlite:///{tmp_path}/none/a.db", "does not exist"),
        ("plumbline.db", "is not a database URL"),
        ("postgres//ann:secret@host/db", "is not a database URL"),
        ("postgresql+psycopg://ann@host:secret/db", "is not a database URL"),
        ("postgresql+psycopg://host/db?password=secret", "psycopg is not installed"),
        ("oracle9://x", "no such kind of database"),
        ("postgresql+psycopg://ann:secret@host/db", "psycopg is not installed"),
    ]:
        with pytest.raises(StoreError, match=said) as error:
            Store.open(url)
        assert "secret" not in str(error.value)


def test_a_store_that_may_not_be_written_names_the_file_and_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    Store.open(url).close()
    monkeypatch.setattr("features.crm.database._configure", lambda found, _: found.execute("PRAGMA query_only=1"))
    with pytest.raises(StoreError, match=f"give this user the right to write {tmp_path}/a.db and its folder"):
        Store.open(url)


def test_the_same_tables_and_statements_compile_for_postgresql() -> None:
    dialect = postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
    for table in METADATA.sorted_tables:
        compiled = insert(table).compile(dialect=dialect)
        assert compiled.positiontup == [column.name for column in table.columns]
    assert "%s" in str(insert(SQL["leads"]).compile(dialect=dialect))
