"""One suite for every row of the catalogue: named once, worded in both languages, computed the same twice."""

from collections import Counter

import numpy as np
import pytest

from features.aggregations import AGGREGATIONS
from features.catalog import CATALOG, FAMILIES, Feature, catalog_hash
from features.through import THROUGH
from tests.asking import KINDS, ask_store
from tests.crm_folder import Crm, make_crm, seeded, store_of
from tests.oracles import QUESTIONS

NAMES = Counter(row.name for row in CATALOG)


@pytest.fixture(scope="module")
def crm() -> Crm:
    return make_crm(seeded(13))


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: str(row.name))
def test_a_row_says_what_it_is(row: Feature) -> None:
    assert NAMES[row.name] == 1
    assert row.family in FAMILIES
    assert row.aggregation in AGGREGATIONS
    assert row.aggregation in QUESTIONS, "tests/oracles.py lacks this aggregation's SQL"
    assert not row.through or row.through in THROUGH
    assert row.missing
    assert row.missing_fr
    assert row.unit or row.category
    assert row.kinds
    assert set(row.kinds) <= set(KINDS)
    for sentence in (row.says_en, row.says_fr):
        assert sentence.count("{value}") == 1 or (row.unit == "flag" and sentence.count("|") == 1)
        assert sentence.count("|") == 0 or "{value}" not in sentence.split("|")[0]


def test_every_row_is_computed_for_its_kinds_and_the_same_twice(crm: Crm) -> None:
    for kind in KINDS:
        key = {"leads": "lead_id", "opportunities": "opportunity_id"}[kind]
        asked = [(row[key], row["created_at"] + 10**13) for row in crm[kind]]
        once, again = (ask_store(store_of(crm), kind, asked) for _ in range(2))
        assert once == again
        names = {row.name for row in CATALOG if kind in row.kinds}
        for answer in once:
            assert {name for name in answer if not name.startswith(("custom:", "activity:"))} == names
            numbers = [value for value in answer.values() if isinstance(value, float)]
            assert np.isfinite(numbers).all()


def test_the_hash_tells_what_rows_compute_and_not_what_they_say() -> None:
    from dataclasses import replace

    first, *rest = CATALOG
    reworded, rewired = replace(first, says_en="{value}!"), replace(first, column="campaign")
    assert catalog_hash((reworded, *rest)) == catalog_hash(CATALOG) != catalog_hash((rewired, *rest))
