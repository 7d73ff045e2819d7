import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.crm.accept import accept_rows
from features.crm.kept import Quarantined
from features.crm.quarantine import write_quarantine
from features.crm.rules import RULES
from features.crm.store import Store
from features.settings import Settings
from plumbline import app
from tests.features.crm.folders import SEEN, WEEK, brought, column, rules, write

BAD = "lead_id,created_at,company,status,Size\nL1,soon,=Acme,hot,4\nL2,2024-01-02,Cut\nL3,2024-01-03,Fine,new,5\n"


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, rows[0])
        lines.writeheader()
        lines.writerows(rows)


def test_rows_set_aside_are_mended_in_a_file_and_come_in_as_of_when_they_were_seen(
    store: Store, tmp_path: Path
) -> None:
    brought(store, write(tmp_path / "in", leads=BAD))
    [path] = write_quarantine(store, tmp_path / "out")
    assert path.stat().st_mode & 0o077 == 0
    soon, cut = read(path)
    assert (soon["quarantine_file"], soon["quarantine_line"], soon["quarantine_column"]) == (
        "leads.csv", "2", "created_at",
    )  # fmt: skip
    assert soon["quarantine_reason"] == RULES["not a date"].says
    assert soon["quarantine_fix"] == RULES["not a date"].advice
    assert (soon["company"], soon["Size"]) == ("'=Acme", "4")  # no spreadsheet runs it
    assert cut["quarantine_text"] == "L2,2024-01-02,Cut\n"
    assert cut["quarantine_column"] == "status"
    soon["created_at"] = "2024-01-01"
    rewrite(path, [soon, cut])
    report = brought(store, path.parent, SEEN + WEEK)
    assert (report.counts.new, report.counts.quarantined) == (1, 1)
    assert column(store, "leads", "lead_id") == ["L1", "L3"]
    assert column(store, "leads", "company") == ["=Acme", "Fine"]
    assert column(store, "leads", "first_seen") == [SEEN, SEEN]
    assert store.read_custom("leads", ["Size", "quarantine_id"])["Size"].tolist() == ["4", "5"]
    assert report.files[0].custom == ("Size",)
    [waits] = store.quarantined()
    cut |= {"status": "new", "quarantine_text": ""}
    assert waits.line == 3
    rewrite(path, [cut])
    brought(store, path.parent, SEEN + WEEK)
    assert column(store, "leads", "status") == ["hot", "new", "new"]
    assert store.quarantined() == []


def test_a_mended_row_does_not_overwrite_what_was_seen_since(store: Store, tmp_path: Path) -> None:
    brought(store, write(tmp_path / "in", leads="lead_id,created_at,status\nL1,soon,new\n"))
    [path] = write_quarantine(store, tmp_path / "out")
    brought(store, write(tmp_path / "in", leads="lead_id,created_at,status\nL1,2024-01-02,hot\n"), SEEN + WEEK)
    assert store.quarantined() == []  # corrected in the CRM
    brought(store, write(tmp_path / "in", leads="lead_id,created_at,status\nL1,never,new\n"), SEEN - WEEK)
    [path] = write_quarantine(store, tmp_path / "out", force=True)
    rewrite(path, [row | {"created_at": "2024-01-02"} for row in read(path)])
    report = brought(store, path.parent, SEEN + 2 * WEEK)
    assert rules(report)["", "older"] == ("warning", 1)
    assert column(store, "leads", "status") == ["hot"]


def test_no_file_is_written_over_unless_forced(store: Store, tmp_path: Path) -> None:
    export = write(tmp_path / "in", leads=BAD, owners="owner_id,name,team\n,Ann,a\n")
    brought(store, export)
    (export / "owners.csv").unlink()
    with pytest.raises(ValueError, match=r"leads\.csv would be written over.* --force"):
        write_quarantine(store, export)
    assert (export / "leads.csv").read_text(encoding="utf-8") == BAD
    assert not (export / "owners.csv").exists()  # nothing at all was written
    with pytest.raises(ValueError, match=r"leads\.csv is a file: name a folder"):
        write_quarantine(store, export / "leads.csv")
    assert len(write_quarantine(store, export, force=True)) == 2
    assert read(export / "leads.csv")[0]["quarantine_id"]


def test_a_row_whose_record_comes_in_corrected_waits_no_longer(store: Store, tmp_path: Path) -> None:
    brought(store, write(tmp_path, owners="owner_id,name,team\nO1,Ann,a\nO1,Ann,b\nO2,Bob\n,Cid,c\n"))
    again = brought(store, tmp_path, SEEN + WEEK)
    assert again.counts.quarantined == len(store.quarantined()) == 3  # nothing was corrected
    brought(store, write(tmp_path, owners="owner_id,name,team\nO1,Ann,a\nO2,Bob,b\nO3,Cid,c\n"), SEEN + 2 * WEEK)
    assert [row.rule for row in store.quarantined()] == ["missing"]  # whose it is nobody can tell


def test_the_command_lists_and_writes_each_source_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    store = Store.open(url)
    folder = write(tmp_path / "in", leads=BAD)
    brought(store, folder)
    brought(store, folder, crm="north")
    store.close()
    run = CliRunner().invoke
    listed = run(app, ["quarantine", "--store", url]).output
    assert "1  north:leads.csv, created_at: not a date\n" in listed
    told = run(app, ["quarantine", "--out", str(tmp_path / "out"), "--store", url]).output
    assert f"plumbline import {tmp_path / 'out' / 'north'} --source north" in told
    again = run(app, ["import", str(tmp_path / "out" / "north"), "--source", "north", "--store", url])
    assert "2 quarantined" in again.output
    assert len(Store.open(url).quarantined()) == 4


@pytest.mark.parametrize("name", ["..", ".", "../out", "a/b", "a b", "é", "x" * 65, "-a", "a:b", "a\n"])
def test_a_source_is_named_as_a_folder_can_be(store: Store, tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "in", leads=BAD)
    with pytest.raises(ValueError, match="a source cannot be called"):
        brought(store, folder, crm=name)
    with pytest.raises(ValueError, match="a source cannot be called"):
        accept_rows(store, "leads", [{"lead_id": "L1"}], settings=Settings(), crm=name, arrival=SEEN)
    assert store.quarantined() == []
    store.quarantine([Quarantined(name, "leads", "leads.csv", 2, "missing", "created_at", "{}", SEEN)])  # as of old
    with pytest.raises(ValueError, match="a source cannot be called"):
        write_quarantine(store, tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "leads.csv"]


def test_names_of_columns_are_no_formulas_either_and_come_back_as_they_were(store: Store, tmp_path: Path) -> None:
    name = '=HYPERLINK(""evil"")'
    brought(store, write(tmp_path / "in", leads=f'lead_id,created_at,"{name}","\'+x"\nL1,soon,7,8\nL2,2024-01-02,9\n'))
    [path] = write_quarantine(store, tmp_path / "out")
    soon, cut = read(path)
    assert not [text for row in (soon, cut) for text in (*row, *row.values()) if text.startswith("=")]
    rewrite(path, [soon | {"created_at": "2024-01-01"}])
    report = brought(store, path.parent, SEEN + WEEK)
    own = ('=HYPERLINK("evil")', "'+x")
    assert report.files[0].custom == own
    assert [store.read_custom("leads", own)[name].tolist() for name in own] == [["7"], ["8"]]
