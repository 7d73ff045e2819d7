"""Whatever a file holds: no row is lost, none is refused without where and why, and the same file again adds none."""

import json
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from features.crm.findings import Problem
from features.crm.importer import import_folder, render
from features.crm.report import ImportReport
from features.crm.rules import RULES
from features.crm.schema import TABLES
from features.crm.store import Store
from features.settings import Settings
from tests.features.crm.folders import SEEN, WEEK, holds

TABLE = st.sampled_from(["leads", "opportunities", "changes", "activities", "stages"])
PIECES = st.lists(
    st.one_of(
        st.sampled_from([
            b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b",", b";", b"\t", b"\xff", b"\xe9", b"\xed\xa0\x80",
            b"\xef\xbb\xbf", b"2024-01-02", b"31/12/2024", b"lead", b"amount", b"12,5", b"12.500", b"won", b"1e999",
            b"=1+1", b" ", b"NULL", "é".encode(), b"\x1a", b"x" * 300, b"2024-02-30", b"\xe2\x80\xa8",
        ]),
        st.binary(max_size=6),
    ),
    max_size=40,
).map(b"".join)  # fmt: skip
EVERYTHING = settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def tried(folder: Path, table: str, content: bytes) -> tuple[Store, ImportReport]:
    """Import a file with these bytes, twice; the second time changes nothing and tells the same."""
    path = folder / f"{table}.csv"
    path.write_bytes(content)
    store = Store.open("sqlite://")
    report = import_folder(store, path, settings=Settings(), seen_at=SEEN)
    before, token, aside = holds(store), store.version(), store.quarantined()
    again = import_folder(store, path, settings=Settings(), seen_at=SEEN + WEEK)
    assert (holds(store), store.version(), store.quarantined()) == (before, token, aside)
    assert (again.counts.given, again.counts.quarantined) == (report.counts.given, report.counts.quarantined)
    assert again.counts.new == again.counts.changed == 0
    return store, report


def accounted(store: Store, report: ImportReport) -> None:
    """Every row given is accepted, repaired or quarantined; the quarantined are kept, each told."""
    counts = report.counts
    assert counts.given == counts.accepted + counts.repaired + counts.quarantined
    for row in store.quarantined():
        assert row.file
        assert row.line >= 1
        assert row.column
        assert RULES[row.rule].says
        assert RULES[row.rule].advice
        assert json.loads(row.raw)
    assert bool(store.quarantined()) == bool(counts.quarantined)
    told = sum(problem.count for problem in report.problems if problem.outcome == "quarantined")
    assert told >= counts.quarantined
    assert render(report)
    json.dumps(report.as_dict()).encode()
    store.close()


@EVERYTHING
@given(table=TABLE, content=PIECES)
@example("leads", b'lead_id,created_at\n"')
@example("leads", b'"lead_id,created_at\nL1,2024-01-02\n')
@example("leads", b"sep=\n\n")
@example("leads", b"\xff\xfe\x00\x00")
def test_any_bytes_are_a_file_that_is_read_or_refused_in_words(tmp_path: Path, table: str, content: bytes) -> None:
    accounted(*tried(tmp_path, table, content))


@EVERYTHING
@given(table=TABLE, content=PIECES, separator=st.sampled_from([b",", b";", b"\t"]))
def test_any_bytes_after_a_good_header_lose_no_row(
    tmp_path: Path, table: str, content: bytes, separator: bytes
) -> None:
    header = separator.join(column.name.encode() for column in TABLES[table].columns)
    store, report = tried(tmp_path, table, header + b"\n" + content)
    assert not any(file.error for file in report.files)
    accounted(store, report)


PERSON = "Zoé.Martin-Quux@exemple.example"


@EVERYTHING
@given(
    data=st.lists(
        st.lists(st.sampled_from([PERSON, f"{PERSON};", f'"{PERSON}', "", "2024-01-02"]), max_size=6), max_size=6
    ),
    header=st.booleans(),
)
def test_no_report_holds_a_persons_value(tmp_path: Path, data: list[list[str]], header: bool) -> None:
    lines = [",".join(row) for row in data]
    text = "\n".join(["lead_id,created_at,amount,email", *lines] if header else [PERSON, *lines])
    _, report = tried(tmp_path, "leads", text.encode())
    for part in ("zoé", "martin", "quux", "exemple"):
        assert part not in render(report).casefold()
        assert part not in json.dumps(report.as_dict(), ensure_ascii=False).casefold()


def test_lines_are_those_a_text_editor_shows(tmp_path: Path) -> None:
    header = 'sep=;\r\nlead_id;created_at;"free\r\ntext"\r\n\r\n'
    content = header + 'L1;bad;"a\nb\n\nc"\r\nL2;bad;x\r\n;;\r\nL3;bad;"y\nL4;bad;z;\r\n'
    store, report = tried(tmp_path, "leads", content.encode())
    shown = content.replace("\r\n", "\n").split("\n")
    lines = {json.loads(row.raw)["lead_id"]: row.line for row in store.quarantined()}
    assert lines == {name: 1 + next(at for at, line in enumerate(shown) if line.startswith(name)) for name in lines}
    assert sorted(lines) == ["L1", "L2", "L3", "L4"]
    blank = next(problem for problem in report.problems if problem.rule == "blank row")
    assert isinstance(blank, Problem)
    assert shown[blank.lines[0] - 1] == ";;"
