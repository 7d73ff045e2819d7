"""Batch scoring: the columns of `score --out`, in every format, and equal to the service's own answers."""

import csv
import json
import typing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from features.crm.store import Store
from features.history import Kind, load_history
from serving.batch import score_table
from serving.champion import NoModelError
from serving.selection import SelectionError
from serving.settings import ServiceSettings
from serving.tables import OutputError, write_rows, write_table
from tests.serving.conftest import DEAL, END, LEAD, Copy, client_of, score, service_of, settings_in

FIRST = [
    "id", "as_of", "target", "horizon_days", "probability", "probability_low", "probability_high", "p_open", "score",
    "grade", "evidence", "p_7d", "p_14d", "p_30d", "p_60d", "p_90d", "predicted_close", "predicted_close_low",
    "predicted_close_high", "amount_if_won", "currency",
]  # fmt: skip
LAST = ["reason_1", "reason_2", "reason_3", "reason_4", "reason_5", "model", "hindsight", "note"]


@pytest.fixture(scope="module")
def settings(world: Path) -> ServiceSettings:
    return settings_in(world)


@pytest.fixture(scope="module")
def store(settings: ServiceSettings) -> Store:
    return Store.open(settings.store)


@pytest.fixture(scope="module")
def deals(store: Store, settings: ServiceSettings) -> Any:
    """Every opportunity, half a year before the end of the history."""
    return score_table(store, settings, "opportunities", as_of=END - 180 * 86_400_000_000, which="all")


def test_columns_are_those_of_the_contract(deals: Any) -> None:
    names = deals.column_names
    lost = names[len(FIRST) : -len(LAST)]
    assert (names[: len(FIRST)], names[-len(LAST) :]) == (FIRST, LAST)
    assert lost
    assert all(name.startswith("p_lost_") for name in lost)


def test_open_rows_are_whole_and_add_up(deals: Any) -> None:
    rows = [row for row in deals.to_pylist() if row["probability"] is not None]
    assert rows
    for row in rows:
        lost = sum(value for name, value in row.items() if name.startswith("p_lost_"))
        assert row["probability"] + row["p_open"] + lost == pytest.approx(1)
        chances = [row[f"p_{days}d"] for days in (7, 14, 30, 60, 90)]
        assert chances == sorted(chances)
        assert row["probability_low"] <= row["probability"] <= row["probability_high"]
        assert row["predicted_close_low"] <= row["predicted_close"] <= row["predicted_close_high"]
        assert row["reason_1"]
        assert (row["note"], row["hindsight"]) == (None, True)


def test_what_is_closed_has_no_probability_but_a_note(deals: Any, store: Store, settings: ServiceSettings) -> None:
    rows = [row for row in deals.to_pylist() if row["probability"] is None]
    assert {row["note"] for row in rows} <= {
        "already closed at as_of: no probability", "deleted or merged into another record: no probability",
    }  # fmt: skip
    still_open = score_table(store, settings, "opportunities", as_of=END - 180 * 86_400_000_000)
    assert still_open["id"].to_pylist() == [row["id"] for row in deals.to_pylist() if row["probability"] is not None]


def test_listed_rows_come_back_verbatim_in_order(store: Store, settings: ServiceSettings, tmp_path: Path) -> None:
    history = load_history(store, settings, "leads")
    old, new = (history.ids[int(place)] for place in (history.created.argmin(), history.created.argmax()))
    instant = np.datetime64(int(history.created.min()) + 3_600_000_000, "us")
    listed = [
        (old, f"{instant}Z"), ("nobody", "2026-01-01"), (new, f"{instant}Z"), (old, "soon"), ("", ""),
        (old, str(instant).replace("T", " ")), (old, f"{instant}Z"), (new, ""),
    ]  # fmt: skip
    file = tmp_path / "ids.csv"
    file.write_text("id,as_of\n" + "".join(f"{name},{at}\n" for name, at in listed), encoding="utf-8-sig")
    rows = score_table(store, settings, "leads", as_of=END, which=file).to_pylist()
    assert [row["id"] for row in rows] == [name for name, _ in listed]
    assert [row["as_of"] for row in rows if row["id"] != new or row["as_of"] != rows[-1]["as_of"]][:4] == [
        at for _, at in listed[:4]
    ]
    assert [row["note"] for row in rows[:5]] == [
        None, "no record of this id", "not yet created at as_of", "as_of cannot be read", "no record of this id",
    ]  # fmt: skip
    assert rows[0]["probability"] == rows[6]["probability"] is not None


def test_hindsight_says_that_the_model_came_later(store: Store, settings: ServiceSettings, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text("id,as_of\nL1,2026-06-29\nL1,2026-07-01\n")
    assert score_table(store, settings, "leads", as_of=END, which=file)["hindsight"].to_pylist() == [True, False]


def test_batch_equals_the_service(copy: Copy, tmp_path: Path) -> None:
    settings = copy()
    with client_of(settings) as client:
        for record in (LEAD, DEAL):
            score(client, record, activities=[{"kind": "call", "direction": "in"}])
        service_of(client).live.renew(at_once=True)
        said = [score(client, record) for record in (LEAD, DEAL)]
    store, kinds = Store.open(settings.store), typing.get_args(Kind)
    for answer, kind in zip(said, kinds, strict=True):
        file = tmp_path / f"{kind}.csv"
        file.write_text(f"id,as_of\n{answer['id']},{answer['as_of']}\n")
        (row,) = score_table(store, settings, kind, as_of=0, which=file).to_pylist()
        assert row["as_of"] == answer["as_of"]
        assert (row["probability"], row["score"], row["p_open"]) == tuple(
            answer[name] for name in ("probability", "score", "p_open")
        )
        assert row["predicted_close"] == answer["predicted_close"]["date"]
        assert row["reason_1"].startswith(answer["reasons"][0]["sentence"])


def test_every_format_holds_the_same(deals: Any, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet", "json"):
        write_table(deals, tmp_path / f"scores.{suffix}")
    rows = json.loads((tmp_path / "scores.json").read_text())
    assert pq.read_table(tmp_path / "scores.parquet").to_pylist() == deals.to_pylist() == rows
    with (tmp_path / "scores.csv").open(newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert [row["id"] for row in read] == [row["id"] for row in rows]
    assert [row["probability"] and float(row["probability"]) for row in read] == [
        row["probability"] or "" for row in rows
    ]
    assert not list(tmp_path.glob(".*"))


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    write_rows(
        [{"id": "=1", "note": value, "x": None} for value in ("=cmd()", "+1", "-1", "@a", "fine")], tmp_path / "a.csv"
    )
    with (tmp_path / "a.csv").open(newline="") as file:
        assert [row["note"] for row in csv.DictReader(file)] == ["'=cmd()", "'+1", "'-1", "'@a", "fine"]


def test_what_cannot_be_done_says_what_to_do(
    store: Store, settings: ServiceSettings, deals: Any, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match=r"\.csv, \.parquet, \.json"):
        write_table(deals, tmp_path / "scores.xlsx")
    with pytest.raises(NoModelError, match="plumbline train"):
        score_table(store, settings, "leads", target="won", as_of=END)
    champion = store.champion("leads", "converted")
    assert champion is not None
    with pytest.raises(NoModelError, match="answers for leads converted"):
        score_table(store, settings, "opportunities", as_of=END, model=champion.version)
    (tmp_path / "ids.csv").write_text("lead,when\nL1,2026\n")
    with pytest.raises(SelectionError, match="needs a column `id`"):
        score_table(store, settings, "leads", as_of=END, which=tmp_path / "ids.csv")


def test_latest_and_a_version_name_a_model(store: Store, settings: ServiceSettings, deals: Any) -> None:
    champion = store.champion("opportunities", "won")
    assert champion is not None
    for name in ("latest", champion.version):
        assert score_table(store, settings, "opportunities", as_of=END, model=name)["model"].to_pylist()[0] == (
            champion.version
        )
