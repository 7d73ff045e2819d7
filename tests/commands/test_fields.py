"""`plumbline fields` from end to end: what is listed, what bulk acceptance takes, and what it takes to use a leak."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from commands.evidence import left_out
from features.crm.accept import accept_rows
from features.crm.fields import custom_fields
from features.crm.store import Store
from features.settings import Settings
from tests.commands.test_commands import Said, run
from tests.training.leaks.planted import HONEST, PLANTS, given, pipeline, store_of
from training.leaks.result import Row, accepted_leaks

TABLE = "Pass: nothing says that the outcome wrote them"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """A store with fields that pass, one of them of no use, two that leak, and one that is doubted."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    deals = pipeline(11, deals=700)
    there = deals.chance(0.4)
    fields = {name: HONEST[name](deals) for name in ("graded", "last_name", "mood")}
    fields |= {"paid": PLANTS["filled_at_win"](deals), "decided": given(there, np.where(deals.won, "b", "a"))}
    fields |= {"beside": given(there, deals.words("x", "y"))}
    store_of(deals, fields, url=url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMBLINE_STORE", url)
        patch.setenv("PLUMBLINE_ARTIFACTS", str(tmp_path / "artifacts"))
        yield url


def states(url: str) -> dict[str, str]:
    return {field.name: field.known_at for field in custom_fields(Store.open(url)) if field.known_at}


def under(said: Said, head: str) -> list[str]:
    """The lines of a section."""
    lines = said.out.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(head)) + 1
    return lines[
        start : next(number for number in range(start, len(lines) + 1) if not "\n".join(lines[number : number + 1]))
    ]


def test_the_list_shows_evidence_by_gain_and_is_there_at_once_the_second_time(place: str) -> None:
    first = run("fields", "list")
    assert "scanning the fields of opportunities" in first.err
    passing = under(first, "Pass")
    assert [line.split("opportunity.")[1].split()[0] for line in passing[1:]] == ["graded", "mood", "last_name"]
    assert "proposed" in passing[1]
    assert "AUC 0.7" in passing[1]
    leaks = "\n".join(under(first, "Leak"))
    assert "opportunity.paid" in leaks
    assert "of won opportunities and 0% of the others" in leaks
    assert "accepts the 2 proposed that pass" in first.out
    again = run("fields", "list")
    assert again.out == first.out
    assert again.err == ""


def test_without_a_scan_fields_are_listed_unjudged(place: str) -> None:
    said = run("fields", "list", "--no-scan")
    assert said.err == ""
    assert len(under(said, "Not judged")) == 7


def test_the_list_as_json_and_in_french(place: str) -> None:
    said = json.loads(run("fields", "list", "--json").out)
    assert datetime.fromisoformat(said["as_of"]).tzinfo
    fields = {field["name"]: field for field in said["fields"]}
    assert fields["graded"]["scan"]["gain"]["log_loss"] > 0.05
    assert fields["mood"]["scan"]["known_at"] == "changes"
    assert (fields["paid"]["scan"]["verdict"], fields["paid"]["scan"]["gain"]) == ("leaks", None)
    assert set(fields["paid"]["scan"]["says"]) == {"en", "fr"}
    french = run("fields", "list", "--language", "fr").out
    assert "des affaires gagnées" in french
    assert re.search(r"catégorie +100\u202f%", french)
    assert "AUC 0," in french
    assert not re.search(r"\d\.\d|\d%|category", french)
    assert "Fuient" in french


def test_a_trial_scan_is_said_to_be_one_and_nothing_rests_on_it(place: str) -> None:
    trial = run("fields", "scan", "--as-of", "2020-01-01")
    assert "scanning the fields" in run("fields", "accept", "opportunity.graded").err  # anew, as of now
    assert run("fields", "accept", "opportunity.paid").code == 1
    before = run("fields", "scan", "--as-of", "2025-01-01").out
    assert "Scanned as known on 2025-01-01. A trial: " in before
    assert "A trial" not in run("fields", "list").out
    assert "Not judged" in trial.out


def test_a_field_that_is_settled_says_how_to_change_it(place: str) -> None:
    assert (
        run("fields", "set", "opportunity.graded", "--known-at", "never").out == "opportunity graded: never, category\n"
    )
    refused = run("fields", "accept", "opportunity.graded")
    assert "`plumbline fields set opportunity 'graded' --known-at creation` changes that" in refused.err
    assert states(place) == {"graded": "never"}


def test_what_no_scan_judged_or_makes_a_model_worse_is_not_accepted_in_bulk(place: str) -> None:
    folder = Path(place.removeprefix("sqlite:///")).parent / "more"
    folder.mkdir()
    (folder / "leads.csv").write_text("lead_id,created_at,Model,Region\nL1,2024-01-02,v1,Nord\nL2,2024-01-02,v1,Sud\n")
    (folder / "owners.csv").write_text("owner_id,Desk\nO1,a\n")
    run("import", folder)
    refused = run("fields", "accept", "owner.Desk")
    assert "owner.Desk: no scan judged it, though outcomes are known. --anyway" in refused.err
    assert "although not judged" in run("fields", "accept", "owner.Desk", "--anyway").out
    found = {field.name: field for field in custom_fields(Store.open(place))}
    assert (found["Model"].constant, found["Region"].constant) == (True, False)
    assert found["Region"].type == "category"  # two words, neither of them yes or no
    passes = Row("lead", "Region", "category", False, "leads", "passes", "creation", {"en": [""]}, {}, None)
    assert "the same on every record" in left_out(found["Model"], passes)
    for log_loss, why in ((-0.02, "gain -0.020 ± 0.010"), (-0.009, ""), (0.02, "")):
        gain = {"log_loss": log_loss, "error": 0.01, "share": log_loss}
        assert why in left_out(found["Region"], replace(passes, gain=gain))
        assert bool(left_out(found["Region"], replace(passes, gain=gain))) == bool(why)


def test_bulk_acceptance_takes_what_passes_and_names_the_rest(place: str) -> None:
    said = run("fields", "accept", "--passed")
    assert said.code == 0
    assert states(place) == {"graded": "creation", "mood": "changes"}
    lines = {line.split(":")[0]: line for line in said.out.splitlines()}
    assert "left out, it leaks" in lines["opportunity.paid"]
    assert "left out, it needs your word" in lines["opportunity.beside"]
    assert "left out, on records it has not seen a quick model does worse" in lines["opportunity.last_name"]
    again = run("fields", "accept", "opportunity.*")
    assert "accepted" not in again.out
    assert "accepted" in run("fields", "list").out


def test_a_doubted_field_is_accepted_by_its_name_and_a_leak_only_with_anyway(place: str) -> None:
    assert "accepted, creation, flag although it needs your word" in run("fields", "accept", "opportunity.beside").out
    refused = run("fields", "accept", "opportunity.graded", "opportunity.paid")
    assert refused.code == 1
    assert refused.err.splitlines()[-1].startswith("plumbline: opportunity.paid leaks (")
    assert "--anyway" in refused.err
    assert states(place) == {"beside": "creation"}
    taken = run("fields", "accept", "opportunity.paid", "--anyway")
    assert "although it leaks: alone it seems to reach AUC 0.9" in taken.out
    assert states(place)["paid"] == "creation"
    assert "opportunity.paid is accepted and leaks: `plumbline fields set" in run("fields", "list").out
    settings, kept = Settings(store=place), Store.open(place)
    assert [warned.split(" (")[0] for warned in accepted_leaks(kept, settings, "opportunities", 2**61)] == [
        "paid leaks"
    ]
    assert accepted_leaks(kept, settings, "leads", 2**61) == []
    assert run("fields", "set", "opportunity", "paid", "--known-at", "never").code == 0
    assert accepted_leaks(kept, settings, "opportunities", 2**61) == []


@pytest.mark.parametrize("names", [(), ("opportunity.nothing",), ("lead.*",)])
def test_a_name_that_stands_for_nothing_is_one_line(place: str, names: tuple[str, ...]) -> None:
    said = run("fields", "accept", *names)
    assert said.code == 1
    assert said.err.count("\n") == 1


def test_a_scan_as_of_an_earlier_day_says_so_in_its_figures(place: str) -> None:
    def records(*arguments: str) -> float:
        rows = json.loads(run("fields", "scan", "--json", *arguments).out)["fields"]
        return float(next(row["scan"]["figures"]["records"] for row in rows if row["name"] == "graded"))

    assert 100 < records("--as-of", "2025-01-01") < 0.7 * records()


def test_no_name_of_a_field_moves_the_cursor_or_feigns_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, name = f"sqlite:///{tmp_path / 'few.db'}", "a\x1b[2J\nb\u202e"
    monkeypatch.setenv("PLUMBLINE_STORE", url)
    row = {"lead_id": "L1", "created_at": "2024-01-02", name: "x"}
    accept_rows(Store.open(url), "leads", [row], settings=Settings(store=url), arrival=1_750_000_000_000_000)
    listed, as_json = run("fields", "list").out, run("fields", "list", "--json").out
    assert "lead.a\ufffd[2J\ufffdb\ufffd" in listed
    assert json.loads(as_json)["fields"][0]["name"] == name  # programs get the name itself
    told = [run("fields", "accept", f"lead.{name}").out, run("fields", "accept", f"lead.{name}").err]
    assert "although not judged: no scan says" in told[0]  # a field that no outcome can judge is taken with a word
    assert not set("\x1b\u202e") & set("".join([listed, as_json, *told]))
