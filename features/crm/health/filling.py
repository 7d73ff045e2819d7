"""Fields that a month's records stopped filling, or began to."""

from collections.abc import Iterator

import numpy as np

from features.columns import MISSING, Bools, Column, Words
from features.crm.health.check import Check, Found
from features.crm.health.links import ENTITIES
from features.crm.health.snapshot import CUSTOM, Snapshot, is_word, label
from features.crm.health.statistics import ALARM, break_of
from features.crm.schema import TRACKED

FIELDS: dict[str, tuple[str, ...]] = {
    "opportunities": (
        "account_id", "contact_id", "owner_id", "process", "product", "source", "amount", "expected_close",
        "own_probability",
    ),
    "leads": ("company", "email", "phone", "title", "country", "source", "campaign", "process", "owner_id", "status"),
    "accounts": ("domain", "country", "region", "postal_code", "industry", "employees", "annual_revenue",
                 "company_number"),
    "contacts": ("email", "phone", "title"),
}  # fmt: skip
"""The fields filled when a record is made, or soon after."""


def _known(column: Column) -> Bools:
    if isinstance(column, Words):
        return column.codes >= 0
    known: Bools = ~np.isnan(column) if column.dtype.kind == "f" else column != MISSING
    return known


def _fields(snapshot: Snapshot) -> Iterator[tuple[str, str, Bools]]:
    """The fields judged, with the rows that have them; custom ones too, unless they tell of the outcome."""
    for table, names in FIELDS.items():
        yield from ((table, name, _known(snapshot.table(table)[name])) for name in names)
    refused = _refused(snapshot)
    for table in CUSTOM:
        yield from (
            (table, name, rows) for name, rows in snapshot.custom(table).items() if (table, name) not in refused
        )


def _refused(snapshot: Snapshot) -> set[tuple[str, str]]:
    """The custom fields that may never be used."""
    known_at = is_word(snapshot.words("attributes", "known_at"), "never")
    names = (snapshot.words("attributes", name).take(known_at).tolist() for name in ("entity", "field"))
    return {(ENTITIES.get(entity or "", ""), field or "") for entity, field in zip(*names, strict=True)}


def _emptied(snapshot: Snapshot, gained: bool) -> Iterator[Found]:
    """Fields filled by a month's records and by next to none from then on (or, `gained`, the other way round).

    Fields that are worked on, and custom ones, are judged among closed records: those of one age in their life.
    """
    fields = list(_fields(snapshot))
    for table, field, filled in fields:
        when = snapshot.ints(table, "created_at")
        worked = table in ("leads", "opportunities") and (field in TRACKED or field not in FIELDS[table])
        judged = (when != MISSING) & (snapshot.closed(table) if worked else True)
        month = snapshot.months(np.where(judged, when, MISSING))
        if not judged.any():
            continue
        of, hits = (np.bincount(month[rows]).astype(np.int64) for rows in (judged, judged & filled))
        hits = np.append(hits, np.zeros(len(of) - len(hits), np.int64))
        change = break_of(hits, of)
        if change is None or change.chance >= ALARM / len(fields):
            continue
        before, after = (change.after, change.before) if gained else (change.before, change.after)
        if before > 0.3 and after < before / 5:
            in_part = (month >= 0) & ((month < change.at) if gained else (month >= change.at))
            yield snapshot.found(
                table, in_part & ~filled, in_part, field=label(field), before=change.before, after=change.after,
                month=snapshot.month_name(when[judged], change.at),
            )  # fmt: skip


def _went_empty(snapshot: Snapshot) -> Iterator[Found]:
    yield from _emptied(snapshot, gained=False)


def _came_later(snapshot: Snapshot) -> Iterator[Found]:
    yield from _emptied(snapshot, gained=True)


_TEST = "hypergeometric, over all splits by month and all fields; false alarms at most 1 in 1,000 stores"
_TABLES = (*FIELDS, "attributes")

CHECKS = (
    Check(
        "field_went_empty", "suspect", _TABLES, _went_empty,
        ("made since {month} leave {field} empty: {before} filled it before, {after} since",
         "création depuis {month}, {field} vide : {before} de remplissage avant, {after} depuis"),
        ("Find what changed: a form, a connector, a renamed field. Until it is back, train `--without` it.",
         "Cherchez ce qui a changé : formulaire, connecteur, champ renommé. D'ici là, entraînez `--without` lui."),
        _TEST,
        above="over 30% filled before, under a fifth of that since",
    ),
    Check(
        "field_came_later", "worth knowing", _TABLES, _came_later,
        ("made before {month} lack {field}: {after} filled it then, {before} since",
         "création avant {month}, {field} vide : {after} de remplissage alors, {before} depuis"),
        ("Nothing to do: the field is learned from where it is filled.",
         "Rien à faire : le champ s'apprend là où il est rempli."),
        _TEST,
        above="over 30% filled since, under a fifth of that before",
    ),
)  # fmt: skip
