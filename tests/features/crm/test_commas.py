"""Decimal commas are a habit of a whole column: of its file, of the source's later files, and of custom fields too."""

from pathlib import Path

import pytest

from features.crm.accept import accept_rows
from features.crm.store import Store
from features.settings import Settings
from tests.features.crm.folders import SEEN, WEEK, brought, column, rules, write

HEADER = "opportunity_id;created_at;amount;currency;Budget;Version;Note\n"
FIRST = "O1;2024-01-01;12.500;EUR;12.500;12.500;un 12.500\n"
LATER = "O2;2024-01-01;3,5;EUR;3,5;4.5;deux 3,5\n"


@pytest.fixture
def store() -> Store:
    return Store.open("sqlite://")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.crm.delimited.MAX_ROWS", 1)  # the comma stands in another chunk than the point


def custom(store: Store, name: str) -> list[str | None]:
    return store.read_custom("opportunities", [name])[name].tolist()


def test_a_column_is_judged_over_its_whole_file(store: Store, tmp_path: Path) -> None:
    report = brought(store, write(tmp_path, opportunities=HEADER + FIRST + LATER))
    assert column(store, "opportunities", "amount") == [1_250_000, 350]
    assert custom(store, "Budget") == ["12500", "3,5"]  # 3,5 reads as it stands
    assert custom(store, "Version") == ["12.500", "4.5"]
    assert custom(store, "Note") == ["un 12.500", "deux 3,5"]
    assert rules(report)["Budget", "thousands separator"] == ("repaired", 1)


def test_what_a_source_does_is_remembered_for_its_later_files_and_rows(store: Store, tmp_path: Path) -> None:
    brought(store, write(tmp_path, opportunities=HEADER + LATER))
    brought(store, write(tmp_path, opportunities=HEADER + FIRST), SEEN + WEEK)
    deal = {"created_at": "2024-01-01", "currency": "EUR", "amount": "2.500", "Budget": "2.500"}
    for crm in ("", "other"):
        rows = [deal | {"opportunity_id": "O3"}]
        accept_rows(store, "opportunities", rows, settings=Settings(), crm=crm, arrival=SEEN + WEEK)
    assert column(store, "opportunities", "amount") == [1_250_000, 350, 250_000, 250]
    assert custom(store, "Budget") == ["12500", "3,5", "2500", "2.500"]


def test_changes_of_a_field_follow_the_habit_of_its_column(store: Store, tmp_path: Path) -> None:
    changes = "entity;entity_id;field;old;new;occurred_at\n"
    changes += "opportunity;O1;amount;1.500;12.500;2024-02-01\nopportunity;O1;Budget;1.500;12.500;2024-02-01\n"
    changes += "opportunity;O1;Version;1.500;12.500;2024-02-01\n"
    brought(store, write(tmp_path, opportunities=HEADER + FIRST + LATER, changes=changes))
    assert column(store, "changes", "field") == ["Budget", "Version", "amount"]
    assert column(store, "changes", "old") == ["1500", "1.500", "1500"]
    assert column(store, "changes", "new") == ["12500", "12.500", "12500"]
    again = brought(store, tmp_path, SEEN + WEEK)
    assert again.counts.new == again.counts.changed == 0


def test_a_column_of_words_among_numbers_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    rows = "O3;2024-01-01;1;EUR;à voir;1;x\n"
    brought(store, write(tmp_path, opportunities=HEADER + FIRST + LATER + rows))
    assert custom(store, "Budget") == ["12.500", "3,5", "à voir"]


def test_a_column_with_decimal_points_too_follows_no_habit(store: Store, tmp_path: Path) -> None:
    rows = "O3;2024-01-01;7.5;EUR;7.25;1;x\n"
    brought(store, write(tmp_path, opportunities=HEADER + FIRST + LATER + rows))
    assert column(store, "opportunities", "amount") == [1_250, 350, 750]
    assert custom(store, "Budget") == ["12.500", "3,5", "7.25"]
