"""`plumbline check` on a small store: on the screen, as JSON, in a file, in French."""

import csv
import json
from pathlib import Path

import pytest

from tests.commands.test_commands import run
from tests.crm_folder import small_crm, store_of
from tests.features.crm.health.clean import BEGIN, SEEN

DEAL = {"opportunity_id": "=O1", "created_at": BEGIN, "closed_at": BEGIN - 1, "outcome": "won", "amount": 500}


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    store_of(small_crm(opportunities=[{**DEAL, "url": "https://crm.example/1", "first_seen": SEEN}]), url)
    return url


def test_check_says_what_it_found_and_ends_with_0(url: str) -> None:
    said = run("check", "--store", url)
    assert said.code == 0
    assert "1 of 1 opportunity (100%): closed_at is before creation" in said.out
    assert "=O1  https://crm.example/1" in said.out
    assert "1 affaire sur 1 (100\u00a0%)\u00a0:" in run("check", "--store", url, "--language", "fr").out


def test_programs_get_the_same(url: str, tmp_path: Path) -> None:
    out = tmp_path / "health.csv"
    said = json.loads(run("check", "--store", url, "--json", "--out", out).out)
    (row,) = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    (finding,) = said["findings"]
    assert (finding["check"], finding["count"], finding["example_1"]) == ("closed_before_created", 1, "=O1")
    assert row["example_1"] == "'=O1", "a spreadsheet would run it"
    assert row["advice"] == finding["advice"]
    assert "too_good" in said["silent"]


def test_an_empty_store_and_a_healthy_one_leave_a_whole_file(tmp_path: Path) -> None:
    for name in ("a.csv", "a.json", "a.parquet"):
        said = run("check", "--store", f"sqlite:///{tmp_path / 'none.db'}", "--out", tmp_path / name)
        assert (said.code, (tmp_path / name).exists()) == (0, True), said.err
    assert "plumbline import" in said.out
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith('"check","severity"')


def test_no_word_of_the_data_moves_the_cursor_or_feigns_a_line(tmp_path: Path) -> None:
    url, deal = (
        f"sqlite:///{tmp_path / 'crm.db'}",
        DEAL | {"opportunity_id": "O\x1b[2J\nWRONG\u202e", "first_seen": SEEN},
    )
    store_of(small_crm(opportunities=[deal | {"url": "https://crm.example/\x9b1"}]), url)
    said = run("check", "--store", url)
    assert "O\ufffd[2J\ufffdWRONG\ufffd  https://crm.example/\ufffd1\n" in said.out
    assert not set("\x1b\x9b\u202e") & set(said.out)
    (finding,) = json.loads(run("check", "--store", url, "--json").out)["findings"]
    assert finding["example_1"] == deal["opportunity_id"]  # programs get the id itself
