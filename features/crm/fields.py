"""Custom fields: those a history brought, and the acceptance that lets a model use one (an `attributes` row)."""

import json
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from features.columns import Words, words
from features.crm.header import is_flag
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crm.values import read_instant, read_number

_SAMPLE = 2000
_CATEGORY_WORDS = 200


@dataclass(frozen=True, slots=True)
class CustomField:
    """A column no canonical table has. `known_at` is "" while proposed; `filled`: share of rows that have it [0, 1];
    `constant`: every row has it, and the same value.
    """

    entity: str
    name: str
    known_at: str
    type: str
    filled: float
    constant: bool = False


def custom_fields(store: Store) -> list[CustomField]:
    """Every custom field of the store, in order of entity and name; a proposed one has the type its values show."""
    judged = _judged(store)
    found: list[CustomField] = []
    for table in TABLES.values():
        if table.entity:
            texts = words(store.read(table.name, ["custom"]), "custom")
            for name, (count, sample) in sorted(_seen(texts).items()):
                known_at, sort = judged.get((table.entity, name), ("", sort_of(sample)))
                constant = len(sample) == 1 and count == len(texts)
                found.append(CustomField(table.entity, name, known_at, sort, count / len(texts), constant))
    return found


def set_field(store: Store, entity: str, name: str, known_at: str, sort: str, *, seen_at: int) -> None:
    """Accept a field (`known_at` creation or changes) or forbid it (`never`). ValueError when no record has it."""
    if not any((field.entity, field.name) == (entity, name) for field in custom_fields(store)):
        raise ValueError(f"no {entity} has a field {name!r}; `plumbline fields list` shows those there are")
    row = {"entity": entity, "field": name, "known_at": known_at, "type": sort}
    store.upsert("attributes", {column: Words.of([value]) for column, value in row.items()}, seen_at=seen_at)


def sort_of(sample: Counter[str]) -> str:
    """The type that a field's values show; two words that do not mean yes and no are a category.

    >>> [sort_of(Counter(values)) for values in (["1", "2,5"], ["2024-01-31", "31/01/2024"], ["yes", "no"], ["N", "S"])]
    ['number', 'date', 'flag', 'category']
    """
    if all(read_number(value)[0] is not None for value in sample):
        return "number"
    if all(read_instant(value, ZoneInfo("UTC"), start=False)[0] is not None for value in sample):
        return "date"
    if is_flag(sample):
        return "flag"
    return "category" if len(sample) <= _CATEGORY_WORDS else "text"


def _judged(store: Store) -> dict[tuple[str, str], tuple[str, str]]:
    rows = store.read("attributes", ["entity", "field", "known_at", "type"])
    columns = [words(rows, name).tolist() for name in ("entity", "field", "known_at", "type")]
    return {(e or "", f or ""): (known or "", sort or "category") for e, f, known, sort in zip(*columns, strict=True)}


def _seen(texts: Words) -> dict[str, tuple[int, Counter[str]]]:
    """How many rows have each field, and a sample of its values."""
    counts: Counter[str] = Counter()
    samples: dict[str, Counter[str]] = {}
    rows = Counter(texts.codes[texts.codes >= 0].tolist())
    for code, times in rows.items():
        for name, value in json.loads(texts.words[code]).items():
            counts[name] += times
            sample = samples.setdefault(name, Counter())
            if len(sample) < _SAMPLE:
                sample[str(value)] += times
    return {name: (counts[name], samples[name]) for name in counts}
