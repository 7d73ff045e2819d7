"""THE CATALOGUE: one row per feature. The engine knows none by name; reasons, docs and the oracle read these rows.

The rows themselves are in `features/rows/`, by what they speak of. `says_en` and `says_fr` are the sentences a reason
prints; `{value}` is the record's own value with its unit. A sentence in parts divided by "|" has one part for each of
none, one and more (or of none and some), `models/wording.py` picks.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple
from functools import lru_cache

from features.entity import Attribute
from features.feature import FAMILIES, Feature
from features.grouping import Catalog
from features.history import History
from features.rows.across import ACCOUNT, AGE, CALENDAR, OWNER
from features.rows.activity import ACTIVITY, PLAN, RESPONSE
from features.rows.custom import custom_features
from features.rows.people import COMPANY, CONTACT, SOURCE
from features.rows.pipeline import AMOUNT, CLOSE, OWN_GUESS, STAGE
from features.rows.words import own_words

__all__ = ["CATALOG", "FAMILIES", "Catalog", "Feature", "catalog_for", "catalog_hash", "custom_features"]

CATALOG: tuple[Feature, ...] = (
    *SOURCE, *COMPANY, *CONTACT, *ACTIVITY, *RESPONSE, *PLAN, *STAGE, *AMOUNT, *CLOSE, *ACCOUNT, *OWNER, *OWN_GUESS,
    *AGE, *CALENDAR,
)  # fmt: skip


def catalog_for(history: History, known_by: int | None = None) -> Catalog:
    """The rows that apply to a history's kind; the CRM's own words (those that came up before `known_by`, int64
    microseconds; None: all) and custom fields last."""
    accepted = [("", attribute) for attribute in history.own.attributes]
    accepted += [(name, attribute) for name, entity in history.linked.items() for attribute in entity.attributes]
    words = tuple(word for word, since in history.words if known_by is None or since < known_by)
    return _catalog(history.kind, words, tuple(accepted))


@lru_cache(maxsize=64)
def _catalog(kind: str, words: tuple[str, ...], accepted: tuple[tuple[str, Attribute], ...]) -> Catalog:
    own = [row for word in words for row in own_words(word)]
    custom = [row for owner, attribute in accepted for row in custom_features(attribute, kind, owner)]
    return Catalog([*(row for row in CATALOG if kind in row.kinds), *own, *custom], kind)


def catalog_hash(rows: Iterable[Feature]) -> str:
    """SHA-256 of what the rows compute (not of what they say): equal hashes mean interchangeable features."""
    meaning = [repr(astuple(row)[:3] + astuple(row)[8:]) for row in rows]
    return hashlib.sha256("\n".join(meaning).encode()).hexdigest()
