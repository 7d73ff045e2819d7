"""The report on one's own data: its figures by hand, its honesty about time, and a page that holds up to any data."""

import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

from features.crm.importer import import_folder
from features.crm.rules import RULES
from features.crm.store import Store
from features.crm.values import parse_instant
from features.settings import Settings
from models.bundle import write_bundle
from models.keys import load_private, make_keys
from training.dataset import Dataset
from training.estimators import ESTIMATORS
from training.facts.replayed import Replayed
from training.facts.shares import Point, Share, Verdict, verdict
from training.facts.worth import Basis, Problem
from training.job import golden, learn
from training.report import collect, render, write_report
from training.report_words import Speech, table

HEAD = (
    "opportunity_id,created_at,process,owner_id,source,amount,currency,stage,own_probability,"
    "closed_at,outcome,loss_reason"
)
CHANGES = "entity,entity_id,field,old,new,occurred_at"
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>"


def at(day: str) -> int:
    return parse_instant(day, "Europe/Paris", start=True)


def imported(folder: Path, files: dict[str, list[str]], seen_at: str = "2026-04-10") -> tuple[Store, Settings]:
    """A store holding these files (lines with their header)."""
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    settings = Settings(artifacts=folder.parent / "artifacts")
    store = Store.open("sqlite://")
    if files:
        import_folder(store, folder, settings=settings, seen_at=at(seen_at))
    return store, settings


def page(store: Store, settings: Settings, as_of: str, language: Any = "en") -> str:
    return render(collect(store, settings, at(as_of)), Speech(language, "Europe/Paris"))


class Outline(HTMLParser):
    """The elements, attributes and words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def pipeline(tmp_path: Path) -> tuple[Store, Settings]:
    """Nine opportunities: 3 won, 2 lost (one without a reason), 2 open, 1 born closed, 1 deleted; a line unreadable."""
    lines = [
        "W1,2026-01-01,shop,ann,web,100,EUR,won,,2026-01-11,won,",
        "W2,2026-01-02,shop,ann,web,100,EUR,won,,2026-01-22,won,",
        "W3,2026-01-03,tender,bob,fair,,EUR,won,,2026-02-02,won,",
        "L1,2026-01-04,shop,bob,web,100,EUR,lost,,2026-01-09,lost,Price",
        "L2,2026-01-05,tender,bob,,100,EUR,lost,,2026-01-25,lost,",
        "O1,2026-01-06,shop,ann,web,100,EUR,new,,,,",
        "B1,2026-01-07,shop,ann,web,100,EUR,won,,2026-01-07T00:00:00+01:00,won,",
        "D1,2026-01-08,shop,ann,web,100,EUR,new,,,,",
        "O2,2026-02-02,tender,bob,web,100,EUR,new,,,,",
        "X1,not a date,shop,ann,web,100,EUR,new,,,,",
    ]
    lines = [
        f"{line},{'2026-02-01' if line.startswith('D1') else ''},{'tall' * (n < 2)}" for n, line in enumerate(lines)
    ]
    owners = ["owner_id,name", "ann,Ann Lee", "bob,Bob Roy"]
    return imported(tmp_path / "crm", {"opportunities": [f"{HEAD},deleted_at,Height", *lines], "owners": owners})


def test_base_rates_count_only_what_teaches_and_never_the_open_as_lost(pipeline: tuple[Store, Settings]) -> None:
    report = collect(*pipeline, at("2026-04-01"))
    (rates,) = report.rates
    assert (rates.share, rates.records, rates.open) == (Share(3, 5), 7, 2)
    groups = {b.field: {g.name: (g.share.hits, g.share.n, g.open) for g in b.groups} for b in rates.breakdowns}
    assert groups["process"] == {"shop": (2.0, 3.0, 1), "tender": (1.0, 2.0, 1)}
    assert groups["owner_id"] == {"Ann Lee": (2.0, 2.0, 1), "Bob Roy": (1.0, 3.0, 1)}
    assert groups["source"][""] == (0.0, 1.0, 0)
    assert {reason.name: reason.share for reason in rates.reasons} == {"Price": Share(1, 2), "": Share(1, 2)}


def test_open_records_count_in_how_fast_they_end(pipeline: tuple[Store, Settings]) -> None:
    """Aalen-Johansen by hand: of six, one is lost at 6 days, one won at 11, one won and one lost at 21; the last win,
    at 31 days, lies past the horizon. One open was last seen at 28 days; the other at 1, when the data ends, so that it
    is never at risk, however much later the page is made.
    """
    pace = collect(*pipeline, at("2026-04-01")).rates[0].paces[0]
    assert pace.records == 7
    assert [pace.reached, pace.lost] == pytest.approx([2 / 6, 2 / 6])
    assert pace.median_reached is None  # three wins are too few for a median


def test_health_tells_rows_teaching_histories_and_checks(pipeline: tuple[Store, Settings]) -> None:
    report = collect(*pipeline, at("2026-04-01"))
    total = report.health.imports[0].total
    assert (total.given, total.accepted + total.repaired, total.quarantined) == (12, 11, 1)
    assert [(p.rule, p.count) for p in report.health.imports[0].problems if p.outcome == "quarantined"] == [
        ("not a date", 1)
    ]
    (row,) = report.health.teaching
    assert (row.records, row.teach, row.gone, row.born_closed, row.bulk) == (9, 7, 1, 1, 0)
    assert {h.field: h.status for h in report.health.histories} == {
        "amount": "creation", "outcome": "first_seen", "owner_id": "creation", "stage": "first_seen",
    }  # fmt: skip
    assert [(field.name, field.filled) for field in report.health.proposed] == [("Height", 2 / 9)]
    assert {c.name: (c.count, c.of) for c in report.checks if c.count} == {"lost_without_reason": (1, 2)}
    assert {(f.field, f.filled, f.rows) for f in report.health.filled} >= {("amount", 8, 9), ("own_probability", 0, 9)}


def test_what_was_closed_after_the_instant_is_open_before_it(pipeline: tuple[Store, Settings]) -> None:
    """A date alone is known from its end: the loss of 9 January from the 10th on, the win of the 11th from the 12th."""
    early = collect(*pipeline, at("2026-01-11"))
    assert early.rates[0].share == Share(0, 1)
    assert early.rates[0].reasons[0].name == "Price"
    assert collect(*pipeline, at("2025-12-01")).until is None


def test_success_too_good_to_be_true_is_told(tmp_path: Path) -> None:
    lines = [f"W{n},2026-01-{n:02},shop,,,,,,,2026-02-{n:02},won," for n in range(1, 25)]
    lines += [f"O{n},2025-10-{n:02},shop,,,,,,,,," for n in range(1, 25)]
    store, settings = imported(tmp_path / "crm", {"opportunities": [HEAD, *lines]})
    html = page(store, settings, "2026-04-01")
    assert "24 of 24 closed opportunities (shop) succeeded" in html
    assert "24 of the 24 closed succeeded: too good to be true" in html


DEALS = [
    "A,2026-01-10,shop,,,,,new,1,2026-02-15T12:00:00+01:00,won,",
    "B,2026-01-12,shop,,,,,new,0,2026-03-20T12:00:00+01:00,lost,",
    "C,2026-01-15,shop,,,,,new,0.4,,,",
    "D,2026-02-05,shop,,,,,new,0,2026-02-20T12:00:00+01:00,lost,",
    "E,2026-01-20,shop,,,,,new,0,2026-03-15T12:00:00+01:00,lost,",
]
SAID = [
    "opportunity,A,own_probability,,0.8,2026-01-10T00:00:00+01:00",
    "opportunity,A,own_probability,0.8,1,2026-02-15T12:00:00+01:00",
    "opportunity,B,own_probability,0.8,0.4,2026-02-10T12:00:00+01:00",
    "opportunity,B,own_probability,0.4,0,2026-03-20T12:00:00+01:00",
    "opportunity,D,own_probability,0.85,0,2026-02-20T12:00:00+01:00",
    "opportunity,E,own_probability,0.45,0,2026-03-15T12:00:00+01:00",
]


def test_own_percentages_are_read_as_they_stood_and_each_opportunity_counts_once(tmp_path: Path) -> None:
    """On 1 Feb A and B said 0.8, C 0.4, E 0.45; on 1 Mar B and C said 0.4, E 0.45. D came and went within February."""
    store, settings = imported(tmp_path / "crm", {"opportunities": [HEAD, *DEALS], "changes": [CHANGES, *SAID]})
    worth = collect(store, settings, at("2026-04-09")).worth
    assert (worth.problem, worth.basis, worth.rows, worth.open) == ("", "own", 5, 1)
    assert worth.won == Share(1, 3)
    assert worth.said == pytest.approx((0.8 + (0.8 + 0.4) / 2 + 0.45) / 3)
    assert worth.brier == pytest.approx((0.04 + (0.64 + 0.16) / 2 + 0.45**2) / 3)
    assert worth.base_brier == pytest.approx(1 / 3 * 2 / 3)
    assert [(b.low, b.rows, b.open, b.point.seen) for b in worth.bands] == [
        (0.4, 3, 1, Share(0, 2)), (0.8, 2, 0, Share(1, 2)),
    ]  # fmt: skip
    assert collect(store, settings, at("2026-02-02")).worth.problem == "none_closed"
    assert collect(store, settings, at("2026-01-30")).worth.problem == "none_read"


def test_percentages_without_history_are_not_judged(tmp_path: Path) -> None:
    """The value of a closed opportunity is 0 or 1: taking it for what was said would make any CRM look perfect."""
    store, settings = imported(tmp_path / "crm", {"opportunities": [HEAD, *DEALS]})
    assert collect(store, settings, at("2026-04-09")).worth.problem == "no_history"
    assert "It cannot be told honestly" in page(store, settings, "2026-04-09")


def test_stages_stand_in_where_their_history_is_known(tmp_path: Path) -> None:
    moves = [
        f"opportunity,{name},stage,,new,2026-01-{day}T00:00:00+01:00"
        for name, day in zip("ABCE", (10, 12, 15, 20), strict=True)
    ]
    stages = ["process,stage,position,default_probability", "shop,new,1,0.3"]
    files = {"opportunities": [HEAD, *DEALS], "changes": [CHANGES, *moves], "stages": stages}
    worth = collect(*imported(tmp_path / "crm", files), at("2026-04-09")).worth
    assert (worth.basis, worth.won) == ("stage", Share(1, 3))
    assert worth.said == pytest.approx(0.3)


@pytest.fixture
def modelled(pipeline: tuple[Store, Settings], make_up: Callable[..., Dataset]) -> tuple[Store, Settings, Replayed]:
    """The pipeline with a model fitted on a made-up history as its champion."""
    store, settings = pipeline
    data = make_up(80)
    model, _, _ = learn(data, None, 0, lambda _: None)
    make_keys(settings.signing_key_path, settings.verify_key_path)
    version = write_bundle(model, golden(data), settings.artifacts, load_private(settings.signing_key_path))
    store.set_champion("opportunities", "won", version, 0)
    (found,) = collect(store, settings, at("2026-04-01")).models
    assert found.figures
    assert found.figures.log_loss == model.meta["metrics"]["log_loss"]
    assert found.points[0].seen.n == model.intervals.bands[0].n
    return store, settings, found


def test_the_replay_is_that_of_the_champion_and_survives_a_damaged_bundle(
    modelled: tuple[Store, Settings, Replayed],
) -> None:
    store, settings, found = modelled
    html = page(store, settings, "2026-04-01")
    assert found.champion
    assert found.version in html
    assert html.count("<circle") == len(found.points) > 2
    (settings.artifacts / found.version / "model.json").write_text("{}")
    assert f"Model {found.version} is damaged" in page(store, settings, "2026-04-01")
    shutil.rmtree(settings.artifacts)
    assert f"Le modèle {found.version} est abîmé" in page(store, settings, "2026-04-01", "fr")


def test_a_version_that_is_not_champion_says_so(modelled: tuple[Store, Settings, Replayed]) -> None:
    store, settings, found = modelled
    store.set_champion("opportunities", "won", "0" * 16, 1)
    assert "is damaged" in page(store, settings, "2026-04-01")
    fresh, _ = imported(settings.artifacts.parent / "crm", {"opportunities": [HEAD, *DEALS]})
    (latest,) = collect(fresh, settings, at("2026-04-01")).models
    assert (latest.version, latest.champion) == (found.version, False)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "files",
    [
        {},
        {"owners": ["owner_id", "ann"]},
        {"opportunities": [HEAD, "A,2026-01-10,,,,,,,,,,"]},
        {"opportunities": [HEAD, "A,2026-01-10,,,,,,,,2026-02-01,won,"]},
        {"leads": ["lead_id,created_at,disqualified_at", "L,2026-03-20,2026-03-28"]},
        {"opportunities": ["opportunity_id", "A"]},
    ],
    ids=["empty", "no record", "none closed", "one closed", "one month of leads", "file refused"],
)
def test_little_or_nothing_still_makes_a_page(tmp_path: Path, files: dict[str, list[str]], language: str) -> None:
    store, settings = imported(tmp_path / "crm", files)
    outline = Outline(page(store, settings, "2026-04-01", language))
    assert [value for name, value in outline.attributes if name == "id"] == [
        "health",
        "rates",
        "replay",
        "worth",
        "doubt",
    ]
    assert "plumbline " in outline.words.partition("}\n")[2]
    assert "nan" not in outline.words.lower().replace("finance", "").split()


def test_thin_evidence_says_how_much_is_missing(pipeline: tuple[Store, Settings]) -> None:
    report = collect(*pipeline, at("2026-04-01"))
    assert (report.answers[0].evidence, report.answers[0].rarer) == ("none", 2)
    (more,) = report.more
    assert (more.what, more.more, more.more_rarer) == ("stage_table", 15, 1)


def test_words_from_the_data_are_inert(tmp_path: Path) -> None:
    bad = HOSTILE.replace('"', "")
    lines = [f"{bad}{n},2026-01-{n:02},{bad},{bad},{bad},,,{bad},0.5,2026-02-{n:02},lost,{bad}" for n in range(1, 25)]
    files = {
        "opportunities": [f"{HEAD},{bad}", *(f"{line},{bad}" for line in lines)],
        "owners": ["owner_id,name", f"{bad},{bad}"],
        "changes": [CHANGES, f"opportunity,{bad}1,stage,{bad},{bad},2026-01-02"],
        "stages": ["process,stage,position", f"{bad},{bad},{bad}"],
    }
    store, settings = imported(tmp_path / "crm", files)
    outline = Outline(page(store, settings, "2026-04-01"))
    assert "<script>alert(1)</script>" in outline.words
    assert not {"script", "img", "iframe", "link", "object"} & set(outline.elements)
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name == "src"]
    assert all(value.startswith("#") for name, value in outline.attributes if name == "href")


def test_the_page_is_one_whole_file_in_the_language_asked(pipeline: tuple[Store, Settings], tmp_path: Path) -> None:
    out = tmp_path / "new" / "page.html"
    steps: list[str] = []
    write_report(*pipeline, at("2026-04-01"), out, language="fr", progress=steps.append)
    text = out.read_text("utf-8")
    assert '<html lang="fr">' in text
    assert "60\u00a0%" in text
    assert "url(" not in text
    assert "01/04/2026" in text
    assert steps[-1] == "writing the page"
    assert list(out.parent.iterdir()) == [out]
    before = text
    write_report(*pipeline, at("2026-04-01"), out, language="fr", progress=steps.append)
    assert out.read_text("utf-8") == before


def test_both_languages_say_the_same_figures() -> None:
    for section, entries in table("report.toml").items():
        for name, said in entries.items():
            assert set(said) == {"en", "fr"}, (section, name)
            figures = [
                {field for _, field, _, _ in Formatter().parse(said[language]) if field} for language in ("en", "fr")
            ]
            assert figures[0] == figures[1], (section, name)


def test_every_state_has_its_words() -> None:
    said = table("report.toml")
    assert {*get_args(Verdict)} <= set(said["chart"])
    assert {name + end for name in get_args(Problem) if name for end in ("", "_do")} <= set(said["worth"])
    assert {f"basis_{name}" for name in get_args(Basis)} | {"better", "worse", "same"} <= set(said["worth"])
    assert set(ESTIMATORS) == set(said["rung"])


def test_every_reason_of_the_importer_has_its_french() -> None:
    assert set(table("rules.fr.toml")) == set(RULES)


@pytest.mark.parametrize(
    ("points", "slope", "says"),
    [
        ([(0.2, 10, 50), (0.8, 40, 50)], 1.0, "agrees"),
        ([(0.2, 10, 50), (0.8, 20, 50)], 1.0, "high"),
        ([(0.2, 25, 50), (0.8, 45, 50)], 1.0, "low"),
        ([(0.2, 20, 50), (0.8, 30, 50)], 0.5, "bold"),
        ([(0.2, 2, 50), (0.8, 48, 50)], 2.0, "timid"),
        ([(0.2, 20, 50), (0.8, 30, 50)], None, "uneven"),
        ([(0.2, 2, 10), (0.8, 8, 10)], 1.0, "few"),
    ],
)
def test_the_title_of_a_reliability_chart(points: list[tuple[float, int, int]], slope: float | None, says: str) -> None:
    assert verdict([Point(said, Share(hits, n)) for said, hits, n in points], slope) == says
