"""The seeded worlds: a clean one shows nothing wrong, a spoilt one exactly what was spoilt."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.crm.health import Health, check_store
from features.crm.health.table import CHECKS
from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law
from features.crm.synthetic.world import make_world
from features.settings import Settings

SEEN = int(datetime(2026, 9, 30, tzinfo=UTC).timestamp() * 1e6)
TRUE = {
    "expected_close_past", "open_too_long", "same_lead", "won_for_nothing", "leads_never_touched",
    "deals_never_touched", "owner_gone",
}  # fmt: skip
"""What a world truly does, by its law: it forgets deals, asks twice, wins without an amount, leaves leads alone."""


def health_of(folder: Path, rate: float, seed: int, law_name: str = "french_sme") -> Health:
    law = load_law(law_name)
    law = law.model_copy(update={"dirt": law.dirt.model_copy(update={"rate": rate})})
    make_world(law, seed=seed, size=600, out=folder)
    store = Store.open("sqlite://")
    import_folder(store, folder, settings=Settings(), seen_at=SEEN)
    return check_store(store, Settings())


@pytest.mark.parametrize(("law", "seed"), [("french_sme", 1), ("drift", 2)])
def test_a_clean_world_shows_nothing_wrong(tmp_path: Path, law: str, seed: int) -> None:
    health = health_of(tmp_path / "crm", 0.0, seed, law)
    found = {finding.check for finding in health.findings}
    assert {check.name for check in found if check.severity == "wrong"} == set()
    assert {check.name for check in found if check.severity == "suspect"} <= TRUE
    assert not any(check.test for check in found), "a statistical check raised a false alarm"


def test_all_that_was_spoilt_is_found_and_counted(tmp_path: Path) -> None:
    health = health_of(tmp_path / "crm", 0.005, 3)
    with (tmp_path / "crm-truth" / "dirt.csv").open(encoding="utf-8") as file:
        spoilt = Counter((row["table"], row["kind"]) for row in csv.DictReader(file))
    counts = Counter[tuple[str, str]]()
    for finding in health.findings:
        counts[finding.found.table, finding.check.name] += finding.found.count
    deals, events = "opportunities", "activities"
    assert counts[deals, "number_style"] == spoilt[deals, "decimal comma"] == 3
    assert counts[deals, "unread_dates"] == spoilt[deals, "not a date"]
    assert counts[deals, "orphan_rows"] == spoilt[deals, "unknown account"]
    assert counts[deals, "unknown_words"] == spoilt[deals, "odd word"]
    assert counts[deals, "closed_before_created"] == spoilt[deals, "closed before created"]
    assert counts[deals, "outcome_from_stage"] == spoilt[deals, "closed without outcome"]
    assert counts[deals, "repeated_rows"] == spoilt[deals, "duplicate row"]
    assert counts[events, "unread_dates"] == spoilt[events, "not a date"] > 20
    assert counts[events, "unknown_words"] == spoilt[events, "odd word"]
    assert counts[events, "repeated_rows"] == spoilt[events, "duplicate row"]


def test_an_empty_store_is_silent() -> None:
    health = check_store(Store.open("sqlite://"), Settings())
    assert (health.findings, len(health.silent), health.rows) == ((), len(CHECKS), {})
