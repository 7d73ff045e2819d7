import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.data import import_
from features.crm.importer import import_folder, render
from features.crm.schema import TABLES
from features.crm.store import Store, StoreError
from features.settings import Settings
from tests.features.crm.folders import SEEN, WEEK, brought, column, holds, rules, write

REAL = Path(__file__).parents[4] / "shared" / "data" / "to_canonical.py"
OPPORTUNITIES = "opportunity_id,created_at,account_id,amount,currency,stage,closed_at,outcome,Level\n"


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://")


def test_bad_values_are_repaired_or_quarantined_each_with_its_reason(store: Store, tmp_path: Path) -> None:
    rows = [
        "O1;01/02/2024;A1;1 234,50;eur;talks;;;",
        "O2;not a date;A1;5;EUR;talks;;;",
        "O3;2024-02-01;A9;-5;EUR;talks;soon;;",
        "O4;2024-02-01;NULL;1e99;EUR;talks;;;",
        ";2024-02-01;A1;5;EUR;talks;;;",
        "O5;2024-02-01;A1;5;EUR;talks;2024-03-01;maybe;",
        "O6;2024-02-01;A1;5;EUR;Signed;2024-03-01;;",
        "O7;2024-02-01;A1;5;EUR;Perdu;2024-03-01;;",
        "O8;2024-02-01;A1;5;EUR;talks;2024-03-01;;",
        "O9;2024-02-01;A1;5;EUR;talks;2024-01-01;Closed Won;",
        "O10;2024-02-01;A1;5;EUR;talks;;lost;",
        "O11;2099-02-01;A1;5;;talks;;;",
    ]
    folder = write(
        tmp_path,
        accounts="account_id\nA1\n",
        stages="process,stage,position,kind\n,x,1,\nloan,y,2,gagné\n",
        opportunities=OPPORTUNITIES.replace(",", ";") + "\n".join(rows),
    )
    report = brought(store, folder)
    found = rules(report)
    assert found == {
        ("account_id", "empty word"): ("repaired", 1),
        ("account_id", "unknown reference"): ("warning", 1),
        ("amount", "decimal comma"): ("repaired", 1),
        ("amount", "negative"): ("repaired", 1),
        ("amount", "too large"): ("quarantined", 1),
        ("closed_at", "closed before created"): ("repaired", 1),
        ("closed_at", "not a date"): ("repaired", 1),
        ("closed_at", "outcome without close"): ("repaired", 1),
        ("created_at", "day/month/year"): ("repaired", 1),
        ("created_at", "in the future"): ("warning", 1),
        ("created_at", "not a date"): ("quarantined", 1),
        ("currency", "currency"): ("repaired", 1),
        ("kind", "word"): ("repaired", 1),
        ("opportunity_id", "missing"): ("quarantined", 1),
        ("outcome", "closed without outcome"): ("repaired", 2),
        ("outcome", "outcome from stage"): ("repaired", 1),
        ("outcome", "unknown word"): ("quarantined", 1),
        ("outcome", "word"): ("repaired", 1),
        ("process", "missing"): ("quarantined", 1),
    }
    assert column(store, "opportunities", "opportunity_id") == ["O1", "O10", "O11", "O3", "O6", "O7", "O8", "O9"]
    outcomes = dict(
        zip(column(store, "opportunities", "opportunity_id"), column(store, "opportunities", "outcome"), strict=True)
    )
    assert (outcomes["O7"], outcomes["O8"], outcomes["O9"]) == ("lost", None, "won")
    text = render(report)
    assert "created_at: not a date: 1 (line 3), like 'aaa a aaaa'" in text
    assert "outcome: a word outside the closed list (won, lost): 1 (line 7), like 'maybe'" in text
    assert "soon" not in re.findall("[a-z]+", text)  # a person may have written it
    assert "closed_at: not a date; read as unknown: 1 (line 4)" in text
    assert {row.line for row in store.quarantined("opportunities")} == {3, 5, 6, 7}


def test_a_column_lost_to_a_wrong_format_is_said_loudly(store: Store, tmp_path: Path) -> None:
    head = "lead_id,created_at,status,converted_at\n"
    rows = "".join(f"L{at},2024-02-01,new,{'soon' if at < 6 else ''}\n" for at in range(20))
    report = brought(store, write(tmp_path, leads=head + rows + "L99,2024-02-01,new,2024-03-01\n"))
    assert report.files[0].lost == {"converted_at": (6, 7)}
    text = render(report)
    assert "21 rows given, 21 accepted, of which 6 repaired, 0 quarantined" in text
    assert "LOST leads.csv, converted_at: 6 of its 7 values (86%) could not be read and count as unknown." in text
    few = head + rows.replace("soon", "2024-03-01") + "L99,2024-02-01,new,soon\n"
    assert "LOST" not in render(brought(store, write(tmp_path, leads=few), SEEN + WEEK))


@pytest.mark.parametrize("parquet", [False, True])
def test_a_flag_is_not_taken_for_a_time(store: Store, tmp_path: Path, parquet: bool) -> None:
    table = pa.table(
        {"lead_id": ["L1", "L2"], "created_at": ["2024-02-01"] * 2, "Converted": [0, 1], "Sorce": ["a", "b"]}
    )
    if parquet:
        pq.write_table(table, tmp_path / "leads.parquet")
    else:
        pc.write_csv(table, tmp_path / "leads.csv")
    assert [problem.column for problem in brought(store, tmp_path).problems if problem.rule == "unknown column"] == [
        "Sorce"
    ]
    write(tmp_path / "in", leads="lead_id,Converted\nL1,0\nL2,1\n")
    (refused,) = brought(store, tmp_path / "in").files
    assert "converted_at" not in refused.error


def test_the_kind_of_a_stage_tells_the_outcome(store: Store, tmp_path: Path) -> None:
    stages = "process,stage,position,kind\nloan,Signed,9,won\nloan,Perdu,8,open\n"
    rows = "O1,2024-02-01,,5,EUR,Signed,2024-03-01,,\nO2,2024-02-01,,5,EUR,Perdu,2024-03-01,,\n"
    header = OPPORTUNITIES.replace("Level", "process")
    rows = rows.replace(",,\n", ",,loan\n")
    brought(store, write(tmp_path, stages=stages, opportunities=header + rows))
    assert column(store, "opportunities", "outcome") == ["won", None]


def test_a_row_given_twice_counts_once_and_a_conflicting_one_is_set_aside(store: Store, tmp_path: Path) -> None:
    rows = "O1,Ann,north\nO1,Ann,north\nO1,Ann,south\nO2,Bob,\n"
    report = brought(store, write(tmp_path, owners="owner_id,name,team\n" + rows))
    assert rules(report) == {
        ("owner_id", "duplicate row"): ("repaired", 1), ("owner_id", "conflicting row"): ("quarantined", 1),
    }  # fmt: skip
    assert column(store, "owners", "team") == ["north", None]
    counts = report.counts
    assert (counts.given, counts.accepted, counts.repaired, counts.quarantined, counts.new) == (4, 2, 1, 1, 2)


def test_the_same_import_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        opportunities=OPPORTUNITIES + "O1,01/02/2024,A1,5,EUR,talks,,,high\nO2,bad,,,,,,,\n",
        changes="entity,entity_id,field,old,new,occurred_at\nopportunity,O1,stage,new,talks,2024-02-05T00:00:00Z\n",
    )
    brought(store, folder)
    before, token = holds(store), store.version()
    again = brought(store, folder, SEEN + WEEK)
    assert (holds(store), store.version()) == (before, token)
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 0, 2)
    assert len(store.quarantined()) == 1


def test_an_altered_record_becomes_changes(store: Store, tmp_path: Path) -> None:
    brought(store, write(tmp_path, opportunities=OPPORTUNITIES + "O1,2024-02-01,A1,5.5,EUR,talks,,,high\n"))
    altered = OPPORTUNITIES + "O1,2024-02-01,A1,7,EUR,signing,2024-05-01T00:00:00Z,won,low\n"
    report = brought(store, write(tmp_path, opportunities=altered), SEEN + WEEK)
    assert report.counts.changed == 1
    changes = store.read("changes", ["field", "old", "new", "occurred_at", "recorded_at", "seen"])
    told = list(zip(*(changes[name].tolist() for name in ("field", "old", "new")), strict=True))
    assert told == [
        ("Level", "high", "low"),
        ("amount", "5.5", "7"),
        ("closed_at", None, "2024-05-01T00:00:00Z"),
        ("outcome", None, "won"),
        ("stage", "talks", "signing"),
    ]
    for name, value in (("occurred_at", SEEN + WEEK), ("recorded_at", SEEN + WEEK), ("seen", 1)):
        assert changes[name].tolist() == [value] * 5
    assert column(store, "opportunities", "first_seen") == [SEEN]


def test_a_change_the_crm_tells_itself_is_not_told_twice(store: Store, tmp_path: Path) -> None:
    header = "opportunity_id,created_at,amount,currency,expected_close,stage\n"
    brought(store, write(tmp_path, opportunities=header + "O1,2024-02-01,5,EUR,2024-06-01,new\n"))
    changes = [
        "entity,entity_id,field,old,new,occurred_at",
        'opportunity,O1,amount,5,"1 200,00",2024-03-01T00:00:00Z',
        "opportunity,O1,expected_close,2024-06-01,30/06/2024,2024-03-01T00:00:00Z",
        "opportunity,O1,stage,new,talks,2024-03-01T00:00:00Z",
        "opportunity,O1,stage,talks,signing,2024-03-01T00:00:00Z",
    ]
    folder = write(
        tmp_path,
        opportunities=header + "O1,2024-02-01,1200,EUR,2024-06-30,signing\n",
        changes="\n".join(changes),
    )
    brought(store, folder, SEEN + WEEK)
    assert column(store, "changes", "seen") == [0, 0, 0, 0]
    assert column(store, "changes", "new") == ["1200", "2024-06-30T22:00:00Z", "talks", "signing"]


def test_an_older_export_does_not_overwrite_a_newer_one(store: Store, tmp_path: Path) -> None:
    header = "lead_id,created_at,status\n"
    brought(store, write(tmp_path, leads=header + "L1,2024-02-01,hot\n"), SEEN)
    brought(store, write(tmp_path, leads=header + "L1,2024-02-01,hot\n"), SEEN + 2 * WEEK)
    report = brought(store, write(tmp_path, leads=header + "L1,2024-02-01,cold\nL0,2024-01-01,new\n"), SEEN + WEEK)
    assert rules(report) == {("", "older"): ("warning", 1)}
    assert column(store, "leads", "status") == ["new", "hot"]
    assert store.count("changes") == 0


def test_a_column_or_custom_field_that_is_absent_keeps_its_value(store: Store, tmp_path: Path) -> None:
    brought(store, write(tmp_path, leads="lead_id,created_at,status,City,Size\nL1,2024-02-01,hot,Lyon,4\n"))
    brought(store, write(tmp_path, leads="lead_id,created_at,company,Size\nL1,2024-02-01,Acme,\n"), SEEN + WEEK)
    assert column(store, "leads", "status") == ["hot"]
    assert column(store, "leads", "custom") == ['{"City": "Lyon"}']
    assert column(store, "changes", "field") == ["Size", "company"]


def test_a_source_keeps_its_ids_apart(store: Store, tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        opportunities="opportunity_id,created_at,owner_id\n1,2024-02-01,7\n",
        changes="entity,entity_id,field,old,new,occurred_at\nopportunity,1,owner_id,6,7,2024-02-05\n",
    )
    brought(store, folder, crm="north")
    brought(store, folder, crm="south")
    assert column(store, "opportunities", "opportunity_id") == ["north:1", "south:1"]
    assert column(store, "opportunities", "owner_id") == ["north:7", "south:7"]
    assert column(store, "changes", "new") == ["north:7", "south:7"]
    assert column(store, "changes", "crm") == ["north", "south"]


def test_a_dry_run_tells_the_same_and_keeps_nothing(store: Store, tmp_path: Path) -> None:
    folder = write(tmp_path, opportunities=OPPORTUNITIES + "O1,01/02/2024,A1,5,EUR,talks,,,\nO2,bad,,,,,,,\n")
    tried = import_folder(store, folder, settings=Settings(), seen_at=SEEN, dry_run=True)
    assert (store.count("opportunities"), store.quarantined(), store.imports()) == (0, [], [])
    done = brought(store, folder)
    assert tried.counts == done.counts
    assert tried.problems == done.problems
    assert [report["files"] for report in store.imports()] == [done.as_dict()["files"]]


def test_an_import_cut_short_is_simply_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.crm.delimited.MAX_ROWS", 3)
    folder = write(
        tmp_path / "in",
        leads="lead_id,created_at\n" + "".join(f"L{at},2024-01-0{at % 8 + 1}\n" for at in range(8)) + "L1,bad\n",
        owners="owner_id\nO1\nO2\n",
    )
    whole, cut = Store.open(f"sqlite:///{tmp_path}/whole.db"), Store.open(f"sqlite:///{tmp_path}/cut.db")
    brought(whole, folder)

    def killed(file: str, done: int, total: int) -> None:
        if file == "leads.csv":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_folder(cut, folder, settings=Settings(), seen_at=SEEN, progress=killed)
    assert cut.count("leads") == 3
    brought(cut, folder)
    assert holds(cut) == holds(whole)
    whole.close()
    cut.close()


WORDS = """,1,x1,won,Gagné,2024-01-01,31/12/2023,lead,opportunity,stage,amount,call,1 234.5,EUR,yen,nan,1e999,-3,NULL,
 a ,999999999999999999999,2026-Q4,T1 2026,\x00,\ud7ff"""
DIRTY = st.one_of(st.sampled_from(WORDS.split(",")), st.text(max_size=8))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.sampled_from(sorted(TABLES)), data=st.data(), separator=st.sampled_from(",;"))
def test_no_row_is_ever_lost(tmp_path: Path, table: str, data: st.DataObject, separator: str) -> None:
    names = [column.name for column in TABLES[table].columns] + ["Own"]
    rows = data.draw(st.lists(st.lists(DIRTY, min_size=len(names) - 1, max_size=len(names) + 1), max_size=8))
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([names, *rows])
    (tmp_path / f"{table}.csv").write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    store = Store.open("sqlite://")
    report = import_folder(store, tmp_path / f"{table}.csv", settings=Settings(), seen_at=SEEN)
    counts = report.counts
    dropped = sum(problem.count for problem in report.problems if problem.rule in ("duplicate row", "blank row"))
    assert counts.given == counts.accepted + counts.repaired + counts.quarantined
    assert counts.accepted + counts.repaired - dropped == counts.new == store.count(table)
    assert not counts.quarantined or store.quarantined()
    before = holds(store)
    again = import_folder(store, tmp_path / f"{table}.csv", settings=Settings(), seen_at=SEEN + WEEK)
    assert (again.counts.new, again.counts.changed) == (0, 0)
    assert holds(store) == before
    store.close()


@pytest.mark.skipif(not REAL.exists(), reason="the real data is not beside the project (../shared/data)")
@pytest.mark.parametrize("name", ["bpi2012", "x_education"])
def test_real_folders_import_without_an_unexplained_row(name: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(REAL), str(tmp_path)], check=True, capture_output=True)
    store = Store.open("sqlite://")
    report = brought(store, tmp_path / name)
    assert report.counts.given == report.counts.accepted > 9_000
    store.close()


@pytest.mark.parametrize(
    ("stage", "outcome"),
    [
        ("Clos - gagné", "won"), ("Won - renewal", "won"), ("Abandonné(e)", "lost"), ("8. Perdue (prix)", "lost"),
        ("Non gagné", None), ("Wonder", None), ("Won or lost?", None),
    ],
)  # fmt: skip
def test_a_stage_whose_words_speak_of_an_end_tells_the_outcome_of_what_is_closed(
    store: Store, tmp_path: Path, stage: str, outcome: str | None
) -> None:
    rows = f"O1,2024-02-01,,5,EUR,{stage},2024-03-01,,\nO2,2024-02-01,,5,EUR,{stage},,,\n"
    report = brought(store, write(tmp_path, opportunities=OPPORTUNITIES + rows))
    assert column(store, "opportunities", "outcome") == [outcome, None]
    assert ("outcome", "outcome from stage" if outcome else "closed without outcome") in rules(report)


def test_numbers_no_record_can_have_are_emptied_in_columns_and_changes_alike(store: Store, tmp_path: Path) -> None:
    strange = {"amount": "-5", "own_probability": "1e300", "employees": "1e308", "annual_revenue": "-1"}
    changes = [f"opportunity,O1,{name},1,{strange[name]},2024-03-0{n}" for n, name in enumerate(list(strange)[:2], 1)]
    changes += [f"account,A1,{name},{strange[name]},1,2024-03-0{n}" for n, name in enumerate(list(strange)[2:], 3)]
    folder = write(
        tmp_path,
        opportunities="opportunity_id,created_at,amount,own_probability\nO1,2024-02-01,-5,1e300\n",
        accounts="account_id,employees,annual_revenue\nA1,1e308,-1\n",
        activities="activity_id,kind,occurred_at,duration_s\nV1,call,2024-02-01,1e300\nV2,call,2024-02-01,-3\n",
        stages="process,stage,position\nloan,x,1e9\n",
        changes="entity,entity_id,field,old,new,occurred_at\n" + "\n".join(changes),
    )
    report = brought(store, folder)
    assert (report.counts.repaired, report.counts.quarantined) == (8, 1)
    found = {(problem.file, problem.column, problem.rule): problem.count for problem in report.problems}
    assert found == {
        ("opportunities.csv", "amount", "negative"): 1,
        ("opportunities.csv", "own_probability", "out of range"): 1,
        ("accounts.csv", "employees", "implausible"): 1,
        ("accounts.csv", "annual_revenue", "negative"): 1,
        ("activities.csv", "duration_s", "implausible"): 1,
        ("activities.csv", "duration_s", "negative"): 1,
        ("stages.csv", "position", "implausible"): 1,
        ("changes.csv", "new", "negative"): 1,
        ("changes.csv", "new", "out of range"): 1,
        ("changes.csv", "old", "implausible"): 1,
        ("changes.csv", "old", "negative"): 1,
    } | {key: count for key, count in found.items() if key[2] in ("unknown reference", "no offset")}
    assert sorted(map(str, column(store, "changes", "new"))) == ["1", "1", "None", "None"]
    assert column(store, "changes", "old").count(None) == 2


def test_amounts_still_add_up_however_large(store: Store, tmp_path: Path) -> None:
    header = "opportunity_id,created_at,amount,currency\n"
    rows = "".join(f"O{at},2024-02-01,9999999999999,EUR\n" for at in range(9_000))
    huge = "X1,2024-02-01,10000000000001,EUR\n"
    change = "entity,entity_id,field,old,new,occurred_at\nopportunity,O1,amount,1,10000000000001,2024-03-01\n"
    report = brought(store, write(tmp_path, opportunities=header + rows + huge, changes=change))
    assert {place: found for place, found in rules(report).items() if place[1] == "too large"} == {
        ("amount", "too large"): ("quarantined", 1), ("new", "too large"): ("quarantined", 1),
    }  # fmt: skip
    amounts = store.read("opportunities", ["amount"])["amount"]
    assert int(np.asarray(amounts).sum()) == 9_000 * 999_999_999_999_900


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    store = Store.open("sqlite://")
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    rows = "".join(f"L{at},2024-01-02,{'x' * 200}\n" for at in range(2_000))
    with pytest.raises(StoreError, match=r"database or disk is full\): free some disk space"):
        brought(store, write(tmp_path, leads="lead_id,created_at,company\n" + rows))


def test_an_import_seen_in_the_future_is_refused(tmp_path: Path) -> None:
    folder, store = write(tmp_path, owners="owner_id\nO1\n"), f"sqlite:///{tmp_path / 'crm.db'}"
    with pytest.raises(ValueError, match="--seen-at lies in the future"):
        import_(folder, seen_at="2199-01-01", store=store)
    assert Store.open(store).count("owners") == 0
    import_(folder, seen_at="", store=store)


@pytest.mark.parametrize("first", ["", "north"])
def test_an_id_that_another_source_makes_is_set_aside(store: Store, tmp_path: Path, first: str) -> None:
    folders = {
        "north": write(tmp_path / "a", leads="lead_id,created_at\n1,2024-01-02\n2,2024-01-02\n"),
        "": write(tmp_path / "b", leads="lead_id,created_at\nnorth:1,2024-01-02\nsouth:1,2024-01-02\n"),
    }
    [second] = set(folders) - {first}
    brought(store, folders[first], crm=first)
    report = brought(store, folders[second], crm=second)
    assert rules(report) == {("lead_id", "id of another source"): ("quarantined", 1)}
    again = brought(store, folders[first], SEEN + WEEK, crm=first)
    assert (again.counts.unchanged, again.counts.quarantined) == (2, 0)
    held = column(store, "leads", "lead_id")
    assert sorted(map(str, held)) == ["north:1", "north:2", "south:1"]
    with pytest.raises(ValueError, match="cannot be called 'north:1'"):
        brought(store, folders[""], crm="north:1")


def test_a_merge_without_its_date_is_told(store: Store, tmp_path: Path) -> None:
    rows = "L1,2024-01-02,L3,\nL2,2024-01-02,L3,2024-02-01\nL3,2024-01-02,,\n"
    report = brought(store, write(tmp_path, leads="lead_id,created_at,merged_into,deleted_at\n" + rows))
    assert rules(report) == {("merged_into", "merged without date"): ("warning", 1)}
