"""Every check finds the fault planted for it, with the right count and examples, and nothing else speaks."""

import re
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from features.columns import Columns
from features.crm.health import LANGUAGES, Finding, Health, advice, check_store, render, says
from features.crm.health.imported import CLAIMED, MEASURED
from features.crm.health.snapshot import Snapshot
from features.crm.health.table import CHECKS
from features.crm.importer import import_folder
from features.crm.quarantine import write_quarantine
from features.crm.rules import RULES
from features.crm.schema import TABLES
from features.crm.store import Store
from features.settings import Settings
from tests.crm_folder import Crm, store_of
from tests.features.crm.folders import brought, write
from tests.features.crm.health.clean import SEEN, clean
from tests.features.crm.health.planted_deals import DEALS
from tests.features.crm.health.planted_events import EVENTS
from tests.features.crm.health.planted_files import FILES
from tests.features.crm.health.planted_one_sided import ONE_SIDED
from tests.features.crm.health.planted_records import RECORDS
from tests.features.crm.health.planting import Fault, Sown, forget

PLANTED: dict[str, Fault] = RECORDS | DEALS | ONE_SIDED | EVENTS
SETTINGS = Settings()


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The healthy CRM in a file, to be copied."""
    path = tmp_path_factory.mktemp("health") / "clean.db"
    store_of(clean(), f"sqlite:///{path}").engine.dispose()
    return path


def with_fault(healthy: Path, crm: Crm, path: Path) -> Store:
    """The healthy store with the tables that a fault altered written anew."""
    shutil.copy(healthy, path)
    before = clean()
    altered = {name: rows for name, rows in crm.items() if rows != before[name]}
    connection = sqlite3.connect(path)
    for name in altered:
        connection.execute(f"DELETE FROM {name}")
    connection.commit()
    connection.close()
    return store_of(altered, f"sqlite:///{path}")


def found(health: Health, name: str) -> list[Finding]:
    return [finding for finding in health.findings if finding.check.name == name]


def told(health: Health, name: str) -> Sown:
    """What a check says in all, as it was sown."""
    findings = found(health, name)
    ids = [example.id for finding in findings for example in finding.found.examples]
    return Sown(sum(finding.found.count for finding in findings), tuple(ids[:3]))


def names(health: Health) -> set[str]:
    return {finding.check.name for finding in health.findings}


def test_every_check_has_its_fault() -> None:
    assert Counter([*PLANTED, *FILES]) == Counter(check.name for check in CHECKS)
    assert len(CHECKS) >= 40


def test_a_rule_of_the_import_is_counted_by_one_check() -> None:
    claimed = [*MEASURED, *(rule for _, rules, _, _ in CLAIMED.values() for rule in rules)]
    assert max(Counter(claimed).values()) == 1
    assert set(claimed) <= set(RULES)


def test_a_healthy_crm_is_silent(healthy: Path, tmp_path: Path) -> None:
    health = check_store(with_fault(healthy, clean(), tmp_path / "crm.db"), SETTINGS)
    assert [says(finding, "en") for finding in health.findings] == []
    assert set(health.silent) == {check.name for check in CHECKS}


def test_a_check_reads_only_the_tables_it_names(healthy: Path, tmp_path: Path) -> None:
    class Watched(Snapshot):
        asked: set[str]

        def table(self, name: str) -> Columns:
            self.asked.add(name)
            return super().table(name)

    snapshot = Watched(with_fault(healthy, clean(), tmp_path / "crm.db"), SETTINGS)
    for check in CHECKS:
        snapshot.asked = set()
        snapshot.forget(TABLES)
        list(check.finds(snapshot))
        assert snapshot.asked <= set(check.tables), f"{check.name} reads a table it does not name"


def test_findings_are_told_the_worst_first_in_both_languages(healthy: Path, tmp_path: Path) -> None:
    crm = clean()
    for name in ("email_invalid", "deals_of_nobody", "merged_nowhere", "contacts_without_account"):
        PLANTED[name](crm)
    health = check_store(with_fault(healthy, crm, tmp_path / "crm.db"), SETTINGS)
    order = [finding.check.severity for finding in health.findings]
    assert order == ["wrong", "suspect", "suspect", "worth knowing"]
    english, french = (render(health, language) for language in LANGUAGES)
    for text in (english, french):
        assert "(L999)" in text
        assert "https://crm.example/leads/" in text
        assert "see below" not in text, "a personal value was shown"
    assert english.index("WRONG") < english.index("SUSPECT") < english.index("WORTH KNOWING")
    assert "2 contacts sur 240 (0,8\u00a0%)\u00a0: " in french
    assert f"{len(CHECKS) - 4} of {len(CHECKS)} checks found nothing above their threshold" in english


def test_amounts_of_weak_currencies_are_no_mistakes(healthy: Path, tmp_path: Path) -> None:
    crm = clean()
    for row in crm["accounts"][:60]:
        row |= {"annual_revenue": row["employees"] * 60_000_000 * 100, "currency": "HUF"}
    crm["accounts"][60] |= {"annual_revenue": 60_000_000 * 1000, "currency": "TND"}  # no rate is known of it
    for row in crm["opportunities"][:4]:
        row |= {"amount": row["amount"] * 18_000, "currency": "IDR"}
    health = check_store(with_fault(healthy, crm, tmp_path / "crm.db"), SETTINGS)
    assert names(health) == {"mixed_currencies"}


def test_a_source_that_keeps_no_history_has_no_holes(healthy: Path, tmp_path: Path) -> None:
    crm = clean()
    other = [row for place, row in enumerate(crm["opportunities"]) if place % 2]
    for row in other:
        row["crm"] = "old"
    forget(crm, other, "opportunity_id", "stage")
    health = check_store(with_fault(healthy, crm, tmp_path / "crm.db"), SETTINGS)
    assert "closed_without_move" not in names(health)


@pytest.mark.parametrize("name", PLANTED)
def test_a_fault_is_found_and_nothing_else(name: str, healthy: Path, tmp_path: Path) -> None:
    crm = clean()
    planted = PLANTED[name](crm)
    health = check_store(with_fault(healthy, crm, tmp_path / "crm.db"), SETTINGS)
    assert told(health, name) == Sown(planted.count, planted.ids)
    assert names(health) == {name, *planted.also}
    speaks(found(health, name))


@pytest.mark.parametrize("name", FILES)
def test_what_an_import_met_is_told_again(name: str, healthy: Path, tmp_path: Path) -> None:
    files, count, lines = FILES[name]
    store = with_fault(healthy, clean(), tmp_path / "crm.db")
    folder = tmp_path / "crm"
    folder.mkdir()
    for table, text in files.items():
        (folder / f"{table}.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    import_folder(store, folder, settings=SETTINGS, seen_at=SEEN)
    health = check_store(store, SETTINGS)
    assert told(health, name) == Sown(count, lines)
    assert names(health) == {name}
    speaks(found(health, name))


def test_what_follows_an_import_does_not_hide_it(healthy: Path, tmp_path: Path) -> None:
    """Mended rows and a refused file say nothing of the rows that the last whole file brought."""
    store = with_fault(healthy, clean(), tmp_path / "crm.db")
    many = [f"X{at},2025-11-03T10:07:21+01:00,{'' if at else '-5'}" for at in range(20)]
    head = "opportunity_id,created_at,amount"
    brought(store, write(tmp_path / "crm", opportunities="\n".join([head, *many, "X99,,9"])), SEEN)
    [path] = write_quarantine(store, tmp_path / "mend")
    path.write_text(path.read_text("utf-8-sig").replace("X99,", "X99,2025-11-03T10:07:21+01:00,"), "utf-8")
    brought(store, path.parent, SEEN)
    brought(store, write(tmp_path / "crm", opportunities="name\nX\n"), SEEN)
    health = check_store(store, SETTINGS)
    (negative,) = found(health, "negative_numbers")
    assert (negative.found.count, negative.found.of) == (1, 21)
    assert len(found(health, "file_refused")) == 1


def test_a_task_is_nobody_written_to_or_called(healthy: Path, tmp_path: Path) -> None:
    crm = clean()
    planted = PLANTED["leads_never_touched"](crm)
    for row in crm["leads"][::3]:
        crm["activities"].append({**crm["activities"][0], "activity_id": f"T{row['lead_id']}", "kind": "task",
                                  "lead_id": row["lead_id"], "opportunity_id": None})  # fmt: skip
    health = check_store(with_fault(healthy, crm, tmp_path / "crm.db"), SETTINGS)
    assert told(health, "leads_never_touched").count == planted.count


def test_repairs_in_passing_are_counted_in_rows_not_in_files(healthy: Path, tmp_path: Path) -> None:
    store = with_fault(healthy, clean(), tmp_path / "crm.db")
    brought(store, write(tmp_path / "crm", owners="owner_id,name\nU1, Zoe\nU2,Bob\n"), SEEN)
    (passing,) = found(check_store(store, SETTINGS), "other_repairs")
    assert says(passing, "en").startswith("1 of 2 owners (50%): name was repaired in passing")


def test_one_is_told_in_the_singular(healthy: Path, tmp_path: Path) -> None:
    store = with_fault(healthy, clean(), tmp_path / "crm.db")
    brought(store, write(tmp_path / "crm", owners="owner_id,name\nU1,Zoe,x\n"), SEEN)
    (damaged,) = found(check_store(store, SETTINGS), "damaged_rows")
    assert says(damaged, "fr").endswith("ligne abîmée dans le fichier\u00a0: cellules, guillemets ou caractères "
                                        "(1 ligne mise de côté)")  # fmt: skip
    assert says(damaged, "en").endswith("(1 row set aside)")


def speaks(findings: list[Finding]) -> None:
    """Each says so in both languages, with every place of its sentence filled."""
    for finding in findings:
        sentences = [says(finding, language) for language in LANGUAGES]
        assert len(set(sentences)) == 2
        for sentence in (*sentences, *(advice(finding, language) for language in LANGUAGES)):
            assert not re.search(r"[{}]|None|nan", sentence), sentence
