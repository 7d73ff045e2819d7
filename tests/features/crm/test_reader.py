from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer import Exit

from commands.data import import_
from features.crm.importer import render
from features.crm.reader import Source, cannot_be_read, open_source
from features.crm.schema import TABLES
from features.crm.store import Store
from tests.features.crm.folders import brought, column, rules, write

LEADS = "lead_id,created_at,company\nL1,2024-01-02T00:00:00Z,Bâtir\nL2,2024-01-03T00:00:00Z,Égée\n"


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_found_out(store: Store, tmp_path: Path, encoding: str, separator: str) -> None:
    report = brought(store, write(tmp_path, leads=LEADS.replace(",", separator).encode(encoding)))
    assert column(store, "leads", "company") == ["Bâtir", "Égée"]
    assert report.counts.repaired == (2 if encoding == "cp1252" else 0)
    written = {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())
    assert report.files[0].written.partition(",")[0] == written
    assert report.counts.quarantined == 0


def test_header_names_match_whatever_their_case_and_spaces(store: Store, tmp_path: Path) -> None:
    report = brought(store, write(tmp_path, leads="Lead ID;CREATED AT;Shoe Size\nL1;2024-01-02;43\n"))
    assert column(store, "leads", "lead_id") == ["L1"]
    assert store.read_custom("leads", ["Shoe Size"])["Shoe Size"].tolist() == ["43"]
    assert rules(report)["lead_id", "header"] == ("repaired", 1)
    assert report.files[0].custom == ("Shoe Size",)


def test_a_missing_column_refuses_the_file_and_names_the_nearest(store: Store, tmp_path: Path) -> None:
    folder = write(tmp_path, leads="lead_ref,created_at,name\nL1,2024-01-02,x\n", owners="owner_id\nO1\n")
    report = brought(store, folder)
    error = next(file.error for file in report.files if file.file == "leads.csv")
    assert (
        "leads.csv, line 1, lacks the required column lead_id (found: lead_ref, created_at, name). Rename lead_ref?"
        in error
    )
    assert (store.count("leads"), store.count("owners")) == (0, 1)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"lead_id,created_at\n", b"lead_id,created_at\r\n\r\n\r\n"])
def test_an_empty_file_is_said_to_be_empty(store: Store, tmp_path: Path, content: bytes) -> None:
    report = brought(store, write(tmp_path, leads=content))
    assert rules(report) == {("", "empty file"): ("warning", 1)}


def test_other_files_are_left_alone_and_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "invoices.csv").write_text("a,b\n1,2\n")
    assert brought(store, write(tmp_path, leads=LEADS)).others == ("invoices.csv",)


def test_nothing_to_import_says_what_was_looked_for(store: Store, tmp_path: Path) -> None:
    for folder, says in ((tmp_path, "accounts, contacts, leads"), (tmp_path / "nowhere", "does not exist")):
        report = brought(store, folder)
        assert says in render(report)
        assert report.as_dict()["error"] == render(report)
        with pytest.raises(Exit) as left:
            import_(folder, store="sqlite://")
        assert left.value.exit_code == 2
    assert store.imports() == []


def test_rows_that_cannot_be_read_are_set_aside_and_those_around_them_kept(store: Store, tmp_path: Path) -> None:
    rows = [
        "L1,2024-01-02,fine",
        "L2,2024-01-02",  # a cell short
        "L3,2024-01-02,one,too many",
        "L4,2024-01-02,trailing,,",
        'L5,2024-01-02,"two\nlines"',
        'L6,2024-01-02,"he said "yes" twice"',
        "L7,2024-01-02,n\0ul",
        ",,",
        "",
        'L8,2024-01-02,"never closed',
        "L9,2024-01-02,after it,",
    ]
    report = brought(store, write(tmp_path, leads="lead_id,created_at,company\n" + "\n".join(rows) + "\n"))
    assert column(store, "leads", "lead_id") == ["L1", "L4", "L5", "L6", "L7", "L8", "L9"]
    assert column(store, "leads", "company")[2] == "two\nlines"
    assert [(row.line, row.rule) for row in store.quarantined()] == [
        (3, "wrong number of cells"),
        (4, "wrong number of cells"),
    ]
    counts = report.counts
    assert (counts.given, counts.accepted, counts.repaired, counts.quarantined) == (10, 2, 6, 2)
    lines = {problem.rule: problem.lines for problem in report.problems}
    assert lines["null character"] == (9,)
    assert lines["stray quote"] == (8, 12)
    assert lines["extra empty cells"] == (5, 13)


def test_a_huge_cell_and_rubbish_do_not_stop_the_import(store: Store, tmp_path: Path) -> None:
    huge = "x" * 10_000_000
    rubbish = bytes(range(256)) * 40
    folder = write(
        tmp_path,
        leads=f"lead_id,created_at,company\nL1,2024-01-02,{huge}\n",
        owners=b"owner_id,name\n" + rubbish + b"\nO1,Ann\n",
        accounts=b"PK\x03\x04" + rubbish,
    )
    report = brought(store, folder)
    assert len(str(column(store, "leads", "company")[0])) == 10_000_000
    assert "O1" in column(store, "owners", "owner_id")
    counts = report.counts
    assert counts.given == counts.accepted + counts.repaired + counts.quarantined


def test_parquet_reads_as_its_csv_does(store: Store, tmp_path: Path) -> None:
    table = pa.table(
        {
            "opportunity_id": pa.array([7, 8]),
            "created_at": pa.array([1_700_000_000_123_456_000, None], pa.timestamp("ns", tz="Europe/Paris")),
            "amount": pa.array([12000.5, 1e6]),
            "expected_close": pa.array([20000, None], pa.date32()),
            "process": pa.array(["loan", "loan"]).dictionary_encode(),
            "Hot": [True, False],
            "Key": pa.array([UUID(int=1).bytes, None], pa.uuid()),
        }
    )
    pq.write_table(table, tmp_path / "opportunities.parquet")
    report = brought(store, tmp_path)
    assert column(store, "opportunities", "opportunity_id") == ["7"]
    assert column(store, "opportunities", "created_at") == [1_700_000_000_123_456]
    assert column(store, "opportunities", "amount") == [1_200_050]
    assert store.read_custom("opportunities", ["Hot"])["Hot"].tolist() == ["true"]
    assert store.read_custom("opportunities", ["Key"])["Key"].tolist() == [str(UUID(int=1))]
    assert rules(report) == {("created_at", "missing"): ("quarantined", 1)}


def test_a_broken_parquet_file_is_an_error_of_that_file(store: Store, tmp_path: Path) -> None:
    (tmp_path / "leads.parquet").write_bytes(b"PAR1 not really")
    report = brought(store, write(tmp_path, owners="owner_id\nO1\n"))
    assert any("not a Parquet file" in file.error for file in report.files)
    assert store.count("owners") == 1


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (b"PK\x03\x04", "a zip archive or an Excel workbook: save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0", "an Excel workbook: save the sheet as CSV"),
        (b"\x1f\x8b\x08\x00", "a gzip archive: unpack it"),
        (b"PAR1", "a Parquet file: name it .parquet"),
    ],
)
def test_a_file_that_is_no_text_is_said_to_be_what_it_is(store: Store, tmp_path: Path, start: bytes, says: str) -> None:
    [file] = brought(store, write(tmp_path, leads=start + bytes(range(256)))).files
    assert file.error == f"leads.csv is not text but {says}."
    assert file.counts.given == 0


def test_files_left_alone_are_told_how_to_be_named(store: Store, tmp_path: Path) -> None:
    write(tmp_path, pistes="a\n1\n", étapes="a\n1\n")
    (tmp_path / "export.xlsx").write_bytes(b"PK")
    assert "pistes.csv: name it leads.csv." in render(brought(store, tmp_path))
    text = render(brought(store, write(tmp_path, owners="owner_id\nO1\n")))
    for line in ("étapes.csv (not one of our tables; name it stages.csv)", "export.xlsx (not one of our tables; save "):
        assert f"left alone: {line}" in text


def test_french_headers_are_told_what_to_be_renamed_to(store: Store, tmp_path: Path) -> None:
    header = "Identifiant;Date de création;Montant;Étape;Commercial;Échéance;Motif de perte;Société;stage\n"
    [file] = brought(store, write(tmp_path, opportunities=header + "1;2024-01-01;5;x;y;z;;Acme;new\n")).files
    for name, canonical in (
        ("Identifiant", "opportunity_id"), ("Date de création", "created_at"), ("Montant", "amount"),
        ("Commercial", "owner_id"), ("Échéance", "expected_close"), ("Motif de perte", "loss_reason"),
        ("Société", "account_id"),
    ):  # fmt: skip
        assert f"{name!r} to {canonical}" in file.error
    assert "'Étape'" not in file.error
    assert "docs/canonical.md" in file.error
    assert store.count("opportunities") == 0


def test_headers_beside_complete_ones_are_told_what_they_may_be(store: Store, tmp_path: Path) -> None:
    header = "lead_id,created_at,emial,Société,Origine,source,Region du monde\n"
    report = brought(store, write(tmp_path, leads=header + "L1,2024-01-02,a@b.example,Acme,x,web,y\n"))
    told = {problem.column: problem.says for problem in report.problems if problem.rule == "unknown column"}
    assert told == {
        "emial": "no column of ours, but it may be email",
        "Société": "no column of ours, but it may be company",
    }
    assert report.files[0].custom == ("emial", "Société", "Origine", "Region du monde")


def test_a_column_named_twice_is_told(store: Store, tmp_path: Path) -> None:
    report = brought(store, write(tmp_path, leads="lead_id,created_at,email,E-mail\nL1,2024-01-02,a,b\n"))
    assert rules(report) == {("email", "duplicate column"): ("warning", 1)}
    assert column(store, "leads", "email") == ["a"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            "L1,2024-01-02,ann@x.example\nL2,,\n",
            "(found: a9, 9999-99-99, aaa@a.aaaaaaa). The first line must hold the names",
        ),
        ("C1,Jean Dupont,Acme SA,dupont\nC2,,,\n", "(found: a9, aaaa aaaaaa, aaaa aa, aaaaaa). The first line must"),
        ("Leads of May\n\nlead_id,created_at\n", "(found: aaaaa aa aaa). The first line must hold the names"),
        ("lead_id^created_at\nL1^2024\n", "parted by commas, semicolons, tabs or bars"),
        ('lead_id,created_at,5" pipe\nL1,2024-01-02,x\n', "line 1: a quote among the column names is never closed"),
        ("\x01\x02\x03,\x04\nx,y\n", "is not text in its column names"),
    ],
)
def test_a_first_line_that_is_no_header_is_told_without_its_values(
    store: Store, tmp_path: Path, content: str, says: str
) -> None:
    [file] = brought(store, write(tmp_path, leads=content)).files
    assert says in file.error
    assert file.error.startswith("leads.csv")


def test_two_files_of_one_table_are_not_mixed(store: Store, tmp_path: Path) -> None:
    pq.write_table(pa.table({"owner_id": ["O2"]}), tmp_path / "owners.parquet")
    report = brought(store, write(tmp_path, owners="owner_id\nO1\n"))
    assert [file.error for file in report.files] == [
        "", "owners.parquet was left out: owners.csv holds owners too. Keep one of the two, or join them.",
    ]  # fmt: skip
    assert column(store, "owners", "owner_id") == ["O1"]


def test_parquet_that_is_damaged_or_holds_no_plain_values_is_told(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    ids = pa.array([f"L{at}" for at in range(1000)])
    for table, says in (
        (pa.table({"lead_id": [[1]], "created_at": ["2024-01-02"]}), "column lead_id, holds values of several parts"),
        (
            pa.table({"lead_id": ids, "created_at": ["2024-01-02"] * 1000}),
            "damaged and cannot be read beyond its first 0",
        ),
    ):
        pq.write_table(table, path)
        if len(table) > 1:
            whole = path.read_bytes()
            path.write_bytes(whole[:100] + bytes(600) + whole[700:])
        [file] = brought(store, tmp_path).files
        assert says in file.error
    path.write_bytes(b"lead_id,created_at\n")
    [file] = brought(store, tmp_path).files
    assert "name it .csv if it is text" in file.error


def test_parquet_bytes_and_missing_numbers_read_as_text_does(store: Store, tmp_path: Path) -> None:
    names = pa.array([b"\xe9t\xe9", "été".encode()])
    table = pa.table({"owner_id": [7.0, 8.0], "name": names, "Size": [float("nan"), 2.5], "team": [None, "b"]})
    pq.write_table(table, tmp_path / "owners.parquet")
    report = brought(store, tmp_path)
    assert column(store, "owners", "owner_id") == ["7", "8"]
    assert column(store, "owners", "name") == ["été", "été"]
    assert store.read_custom("owners", ["Size"])["Size"].tolist() == [None, "2.5"]
    assert rules(report) == {("", "encoding"): ("repaired", 1)}
    assert "(row 1)" in render(report)


def test_a_line_too_long_to_be_a_row_costs_itself_alone(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.crm.delimited.MAX_TEXT", 100)
    rows = f'L1,2024-01-02,"{"x" * 500}"\nL2,2024-01-02,ok\nL3,2024-01-02,"open\n{"y" * 300}\nL4,2024-01-02,ok\n'
    report = brought(store, write(tmp_path, leads="lead_id,created_at,company\n" + rows))
    assert column(store, "leads", "lead_id") == ["L2", "L3", "L4"]
    assert [(row.line, row.rule) for row in store.quarantined()] == [(2, "line too long"), (5, "line too long")]
    assert report.counts.given == 5


def test_what_cannot_be_read_is_told_with_what_to_do(store: Store, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").symlink_to("/proc/self/mem")
    [file] = brought(store, tmp_path).files
    assert file.error == (
        "leads.csv cannot be read (Input/output error): copy it to this machine again, then import again."
    )
    assert "let this user read it" in cannot_be_read("leads.csv", PermissionError(13, "Permission denied"))


def test_rows_that_cannot_be_parted_say_how_they_look_and_where_they_end(store: Store, tmp_path: Path) -> None:
    rows = 'L1,2024-01-02\nL2;2024-01-02;x\nL3,2024-01-02,"open\n'
    report = brought(store, write(tmp_path, leads="lead_id,created_at,company\n" + rows))
    told = {row.line: (row.rule, row.column) for row in store.quarantined()}
    assert told == {2: ("wrong number of cells", "company"), 3: ("wrong number of cells", "created_at")}
    text = render(report)
    assert "like '2 cells, not 3'" in text


def packed(path: Path, **columns: object) -> Source:
    pq.write_table(pa.table(columns), path / "leads.parquet", compression="zstd")
    return Source(path / "leads.parquet", TABLES["leads"])


def test_a_few_bytes_of_parquet_are_written_out_some_rows_at_a_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.crm.parquet.MAX_TEXT", 10_000)
    ids, days = [f"L{at}" for at in range(100)], ["2024-01-02"] * 100
    notes = [["y" * 2_000], None] * 50
    companies = ["x" * 3_000] * 99 + ["z" * 20_000]
    tags = pa.ExtensionArray.from_storage(pa.json_(), pa.array([f'"{"t" * 1_000}"'] * 100))
    source = packed(tmp_path, lead_id=ids, created_at=days, company=companies, notes=notes, tags=tags)
    reading = open_source(source)
    assert reading is not None
    held = [sum(pc.sum(pc.binary_length(texts)).as_py() or 0 for texts in (chunk.texts | chunk.custom).values())
            for chunk, _ in reading.chunks]  # fmt: skip
    assert max(held) < 11_000
    report = brought(store, tmp_path)
    assert (report.counts.given, report.counts.accepted, report.counts.quarantined) == (100, 99, 1)
    assert column(store, "leads", "company") == companies[:99]
    assert store.read_custom("leads", ["notes"])["notes"].tolist()[:2] == [str(notes[0]), None]
    [row] = store.quarantined()
    assert (row.rule, row.column, row.line) == ("row too long", "company", 100)
    assert "row too long to be one" in render(report)
    assert "zz" not in row.raw
    assert "L99" in row.raw


def test_parquet_that_unpacks_beyond_reason_is_not_unpacked(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.crm.parquet.MAX_UNPACKED", 2**20)
    ids, days = [f"L{at}" for at in range(2_000)], ["2024-01-02"] * 2_000
    for name, values in (("company", [f"{at:06}{'x' * 5_000}" for at in range(2_000)]), ("sizes", [[0] * 5_000] * 400)):
        packed(tmp_path, lead_id=ids[: len(values)], created_at=days[: len(values)], **{name: values})
        [file] = brought(store, tmp_path).files
        assert f"its rows 1 to {len(values):,} unpack to " in file.error
        assert f"most of it in the column {name}" in file.error
    assert store.count("leads") == 0


def test_parquet_the_machine_has_no_memory_for_is_not_called_damaged(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise pa.ArrowMemoryError("malloc of size 6000000000 failed")

    monkeypatch.setattr("features.crm.parquet.as_text", fail)
    packed(tmp_path, lead_id=["L1"], created_at=["2024-01-02"])
    [file] = brought(store, tmp_path).files
    assert "needs more memory than there is beyond its first 0 rows" in file.error


def test_control_characters_among_the_names_of_parquet_are_refused(store: Store, tmp_path: Path) -> None:
    packed(tmp_path, lead_id=["L1"], created_at=["2024-01-02"], **{"a\x1b[2J": ["x"]})
    report = brought(store, tmp_path)
    assert "leads.parquet is not text in its column names" in report.files[0].error
    assert "\x1b" not in render(report)
