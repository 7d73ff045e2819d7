"""The command line from end to end on one small made-up CRM: what a person sees, and what a program reads."""

import csv
import io
import json
import re
import socket
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

import training.job
import training.promote
from features.crm.importer import import_folder
from features.crm.store import Store
from features.settings import Settings
from plumbline import main
from training.estimators import ESTIMATORS

AT = ("--as-of", "2026-06-30")


class Said(NamedTuple):
    """How a command ended: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def run(*arguments: object) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return Said(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def trained(rung: str, *more: str) -> Said:
    """One training with only two rungs to replay, and without MLflow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.job, "allowed", lambda *_: [ESTIMATORS["base_rate"], ESTIMATORS[rung]])
        patch.setattr(training.job, "track", lambda _: "")
        return run("train", "opportunities", *AT, *more)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an imported CRM, which all commands use while these tests run."""
    root = tmp_path_factory.mktemp("commands")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMBLINE_STORE", f"sqlite:///{root / 'crm.db'}")
        patch.setenv("PLUMBLINE_ARTIFACTS", str(root / "artifacts"))
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root / 'mlflow.db'}")
        patch.setattr(training.promote, "mirror", lambda *_: "")
        made = run("world", "--size", 300, "--seed", 3, "--until", "2026-06-30", "--out", root / "crm")
        assert made.code == 0
        assert (root / "crm-truth").is_dir()
        yield root


@pytest.fixture(scope="module")
def imported(place: Path) -> Said:
    return run("import", place / "crm", "--seen-at", "2026-06-30")


@pytest.fixture(scope="module")
def version(imported: Said) -> str:
    """The first version, promoted."""
    assert imported.code == 0
    return str(json.loads(trained("pooled_logistic").out.splitlines()[-1])["version"])


def test_an_import_adds_up_and_the_doctor_names_what_comes_next(imported: Said) -> None:
    given, accepted, repaired, quarantined = (
        int(number.replace(",", "")) for number in re.findall(r"([\d,]+) (?:rows|acc|rep|quar)", imported.out)[:4]
    )
    assert given == accepted + quarantined > 1000
    assert 0 < repaired < accepted
    assert "reading opportunities.csv" in imported.err.splitlines()
    seen = run("doctor")
    assert seen.code == 1
    assert "mend: plumbline train opportunities" in seen.out


def test_train_ends_with_one_line_for_programs(version: str) -> None:
    ended = trained("pooled_logistic", "--no-promote", "--without", "owner")
    *_, last = ended.out.splitlines()
    result = json.loads(last)
    assert {"version", "promoted", "rung", "metrics"} <= set(result)
    assert (ended.code, result["promoted"]) == (0, False)
    assert result["version"] != version
    assert "log loss: base_rate" in ended.err
    assert "log loss: base_rate" not in result["why"]
    assert result["metrics"]["log_loss_base_rate"] > result["metrics"]["log_loss"]


def test_the_forecast_is_a_table_that_adds_up(version: str, place: Path) -> None:
    said = run("forecast", *AT, "--period", "2026-Q3", "--by", "team", "--out", place / "forecast.csv")
    assert said.code == 0
    assert version in said.out
    table = [re.split(r"\s{2,}", line) for line in said.out.splitlines()[2:-1]]
    assert table[0] == ["EUR", "closed", "from open", "from new", "expected", "80% range", "quota", "P(quota)", "wins"]
    expected = {row[0]: int(row[4].replace(",", "")) for row in table[1:]}
    assert expected["all"] == pytest.approx(sum(expected.values()) - expected["all"], abs=len(expected))
    rows = read(place / "forecast.csv")
    assert [round(float(row["expected"])) for row in rows] == list(expected.values())
    assert run("forecast", *AT).out.splitlines()[0].startswith("Bookings from 2026-06-30 until 2026-09-28")


def test_versions_are_listed_shown_promoted_and_rolled_back(version: str) -> None:
    other = json.loads(trained("stage_table", "--no-promote").out.splitlines()[-1])["version"]
    lines = {line.split()[0]: line for line in run("models", "list").out.splitlines()[1:]}
    assert "  yes  " in lines[version]
    assert "  yes  " not in lines[other]
    assert "2026-06-30" in lines[other]
    shown = run("models", "show", version).out
    assert "learnt from" in shown
    assert "against" in shown
    assert json.loads(run("models", "show", version, "--json").out)["version"] == version
    promoted = run("models", "promote", other, "--note", "reviewed").out
    assert promoted.startswith(f"{other} serves opportunities won from now on, instead of {version}")
    assert "reviewed" in next(line for line in run("models", "list").out.splitlines() if line.startswith(other))
    back = run("models", "rollback", "opportunities").out
    assert back == f"{version} serves opportunities won again, instead of {other}.\n"
    assert run("models", "verify", version) == (0, f"ok   {version}\n", "")


def test_a_damaged_bundle_is_named_with_exit_1(version: str, place: Path) -> None:
    damaged = place / "artifacts" / ("0" * 16)
    damaged.mkdir()
    assert run("models", "verify", damaged.name).code == 1
    damaged.rmdir()


def test_scores_and_report_are_files(version: str, place: Path) -> None:
    said = run("score", "opportunities", *AT, "--out", place / "scores.csv")
    rows = read(place / "scores.csv")
    assert said.out == f"{place / 'scores.csv'}: {len(rows):,} rows\n"
    assert f"scoring {len(rows):,} opportunities" in said.err
    assert all(0 < float(row["probability"]) < 1 and row["model"] == version for row in rows)
    assert run("report", *AT, "--out", place / "report.html", "--language", "fr").code == 0
    assert '<html lang="fr"' in (place / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (("forecast", "--period", "2026-Q9"), "2026-Q9"),
        (("forecast", "--period", "2026-Q3", "--days", "30"), "--period"),
        (("forecast", "--by", "weather"), "owner, team"),
        (("forecast", "--as-of", "yesterday"), "yesterday"),
        (("score", "opportunities", "--out", "scores.txt"), ".csv"),
        (("check", "--out", "nowhere/health.csv"), "folder nowhere does not exist"),
        (("score", "opportunities", "--model", "0123456789abcdef", "--out", "scores.csv"), "0123456789abcdef"),
        (("score", "leads", "--out", "scores.csv"), "plumbline train leads"),
        (("train", "opportunities", "--without", "horoscope"), "horoscope"),
        (("models", "show", "nothing"), "nothing"),
        (("models", "rollback", "leads"), "leads"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_what_a_user_can_mend_is_one_line(command: tuple[str, ...], hint: str, version: str) -> None:
    said = run(*command)
    assert said.code == 1
    line = said.err.splitlines()[-1]
    assert line.startswith("plumbline: ")
    assert hint in line
    assert "Traceback" not in said.err


def test_a_kind_that_is_none_is_said_plainly(version: str) -> None:
    said = run("train", "lead")
    assert said.code == 2
    assert "Value error" not in said.err


def test_the_suffix_of_a_file_is_refused_before_any_work(version: str) -> None:
    for command in (("check",), ("score", "opportunities"), ("forecast",)):
        assert run(*command, "--out", "out.txt").err.count("\n") == 1


def test_an_import_of_nothing_ends_with_2(imported: Said) -> None:
    said = run("import", "nowhere")
    assert said.code == 2
    assert "nowhere" in said.out + said.err


def test_an_import_of_which_a_file_is_refused_ends_with_3(tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text("owner_id\nO1\n")
    (tmp_path / "leads.csv").write_text("name\nAnn\n")
    said = run("import", tmp_path, "--store", f"sqlite:///{tmp_path / 'crm.db'}")
    assert said.code == 3
    assert "ERROR leads.csv, line 1, lacks the required columns" in said.out


def test_an_empty_store_is_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_ARTIFACTS", str(tmp_path / "artifacts"))
    url = f"sqlite:///{tmp_path / 'none.db'}"
    says = f"the store {url} is empty: plumbline import FOLDER"
    for command in (("check",), ("fields", "list"), ("models", "verify")):
        said = run(*command, "--store", url)
        assert says in said.out
        assert len(said.out.splitlines()) == 1
    refused = run("fields", "accept", "--passed", "--store", url)
    assert (refused.code, refused.err) == (1, f"plumbline: {says}\n")


def test_an_import_cut_short_is_told_by_all_that_rest_on_it(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path / 'crm.db'}", tmp_path / "in"
    folder.mkdir()
    (folder / "owners.csv").write_text("owner_id\nO1\n")

    def stop(file: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_folder(Store.open(url), folder, settings=Settings(), seen_at=0, progress=stop)
    page = tmp_path / "report.html"
    for command in (("check",), ("fields", "list"), ("train", "leads"), ("report", "--out", page)):
        assert f"warning: an import of {folder} was cut short" in run(*command, "--store", url).err
    assert f"an import of {folder} was cut short" in page.read_text(encoding="utf-8")


def test_a_currency_that_is_none_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUMBLINE_CURRENCY", "Euro")
    said = run("check", "--store", "sqlite://")
    assert said.err == ("plumbline: PLUMBLINE_CURRENCY: 'Euro' is not a currency: use its ISO 4217 code such as EUR\n")


def test_a_setting_of_the_service_that_cannot_be_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKERS", "BATCH_LIMIT"):
        with monkeypatch.context() as patch:
            patch.setenv(f"PLUMBLINE_{name}", "0")
            said = run("serve")
        assert (said.code, said.err) == (1, f"plumbline: PLUMBLINE_{name}: Input should be greater than 0\n")
    monkeypatch.setenv("PLUMBLINE_TIMEZONE", "Mars")
    assert run("serve").err == "plumbline: 'Mars' is not a time zone: use an IANA name such as Europe/Paris\n"


def test_a_taken_port_is_told_before_any_work(place: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for command in (("serve",), ("demo", "--folder", place / "demo")):
            said = run(*command, "--port", port)
            assert said.code == 1
            assert said.err.count("\n") == 1
            assert "--port" in said.err
    assert not (place / "demo").exists()


def test_a_key_is_alone_on_standard_output_and_one_a_name(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    made = run("keys", "create", "crm", "--file", file)
    assert re.fullmatch(r"plk_\S+\n", made.out)
    assert made.out.strip() not in file.read_text(encoding="utf-8")
    assert f"PLUMBLINE_API_KEYS={file}" in made.err
    assert run("keys", "create", "crm", "--file", file).code == 1
    assert run("keys", "create", "crm", "--file", file, "--again").code == 0
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2
