"""The rows of one CRM table with what was known of each field at any instant: leads, deals, accounts, contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from features.changes import Changes
from features.columns import MISSING, Bools, Column, Columns, Ints, Words, ints, one_vocabulary, words
from features.crm.schema import NEVER, RESULTS, TABLES, TRACKED, Table
from features.crm.store import Store
from features.crm.values import exponent_of, read_instant, read_money, read_number
from features.settings import Settings
from features.timeline import FieldChanges, Kept, Records, Timeline, kept_since, timeline

OWN_WORDS = 64
"""At most so many of the CRM's own words for what became of an activity are told apart."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An accepted custom field: `known_at` creation or changes; `type` number, category, text, date or flag."""

    field: str
    known_at: str
    type: str


@dataclass(frozen=True)
class Entity:
    """The rows of one table with what is known of each field; `ids[i]` is row i.

    `fields` are those that may be features, `ends` when a record was deleted or merged.
    """

    ids: tuple[str, ...]
    records: Records
    fields: dict[str, Timeline]
    ends: dict[str, Timeline]
    attributes: tuple[Attribute, ...]
    changes: Changes
    table: Columns

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each id."""
        return {name: position for position, name in enumerate(self.ids)}


@dataclass(frozen=True, slots=True)
class Starts:
    """What a few records cannot tell of themselves; one for the whole store.

    `kept`: which source keeps the history of which field since when, (entity, field) -> source. `relinked`: the
    opportunities that name, or once named, a lead by a change. `words`: the CRM's own words for what became of an
    activity and when each came up, the earliest first.
    """

    kept: dict[tuple[str, str], dict[str, Kept]]
    relinked: dict[str, tuple[str, ...]]
    words: tuple[tuple[str, int], ...] = ()


def load_starts(store: Store) -> Starts:
    """What history each source of the store keeps, judged by its own change rows (not those we wrote)."""
    first_record = {
        TABLES[name].entity: _first_created(store, name) for name in ("leads", "opportunities", "accounts", "contacts")
    }
    starts: dict[tuple[str, str], dict[str, Kept]] = {}
    for (entity, field, crm), first_row in _first_changes(store).items():
        kept = kept_since(first_row, first_record.get(entity, {}).get(crm, first_row))
        starts.setdefault((entity, field), {})[crm] = kept
    return Starts(starts, _relinked(store), _own_words(store))


def _own_words(store: Store) -> tuple[tuple[str, int], ...]:
    """The first `OWN_WORDS` of them: what comes up later never takes the place of one known before."""
    found = store.since("activities", "outcome", "occurred_at", "recorded_at", "done_at")
    return tuple((word, since) for word, since in found.items() if word not in RESULTS)[:OWN_WORDS]


def _relinked(store: Store) -> dict[str, tuple[str, ...]]:
    where = {"entity": ["opportunity"], "field": ["lead_id"]}
    rows = store.read("changes", ["entity_id", "old", "new"], where)
    deals: dict[str, set[str]] = {}
    for deal, *leads in zip(*(words(rows, name).tolist() for name in ("entity_id", "old", "new")), strict=True):
        for lead in leads:
            deals.setdefault(lead or "", set()).add(deal or "")
    return {lead: tuple(sorted(named)) for lead, named in deals.items()}


def _first_changes(store: Store) -> dict[tuple[str, str, str], int]:
    """When the first change row of each (entity, field, source) became known."""
    table = store.read("changes", ["entity", "field", "crm", "occurred_at", "recorded_at", "seen"])
    known = np.maximum(ints(table, "occurred_at"), ints(table, "recorded_at"))
    first: dict[tuple[str, str, str], int] = {}
    key = [words(table, name) for name in ("entity", "field", "crm")]
    codes = np.stack([column.codes for column in key] + [known])[:, ints(table, "seen") <= 0]
    for *part, instant in codes[:, np.lexsort((codes[3], codes[2], codes[1], codes[0]))].T.tolist():
        names = [column.words[code] if code >= 0 else "" for column, code in zip(key, part, strict=True)]
        first.setdefault((names[0], names[1], names[2]), instant)
    return first


def _first_created(store: Store, name: str) -> dict[str, int]:
    """When the first record of each source was created."""
    table = store.read(name, ["crm", "created_at"])
    created = ints(table, "created_at")
    first: dict[str, int] = {}
    order = np.flatnonzero(created != MISSING)
    order = order[np.argsort(created[order], kind="stable")]
    for crm, instant in zip(words(table, "crm").take(order).tolist(), created[order].tolist(), strict=True):
        first.setdefault(crm or "", instant)
    return first


class Reader:
    """Builds the timelines of every field of a table that may ever be a feature."""

    def __init__(self, store: Store, settings: Settings, starts: Starts, *, some: bool) -> None:
        self.store, self.settings, self.starts, self.some = store, settings, starts, some

    def table(self, name: str, ids: Sequence[str] | None) -> Columns:
        """A table's rows: all of them, or those of these ids."""
        return self.store.read(name, where=None if ids is None or not self.some else {TABLES[name].key[0]: ids})

    def deals_of(self, leads: Sequence[str]) -> Columns:
        """The opportunities that name these leads, or once did; all of them where all records are read."""
        if not self.some:
            return self.store.read("opportunities")
        now = words(self.store.read("opportunities", ["opportunity_id"], {"lead_id": leads}), "opportunity_id").words
        once = [deal for lead in leads for deal in self.starts.relinked.get(lead, ())]
        return self.store.read("opportunities", where={"opportunity_id": sorted({*now, *once})})

    def changes(self, name: str, index: dict[str, int]) -> Changes:
        """The change rows of a table's records: of all of them, or of those in `index` where only some are read."""
        where: dict[str, Sequence[str]] = {"entity": [TABLES[name].entity]}
        if self.some:
            where["entity_id"] = list(index)
        return Changes.of_table(self.store.read("changes", where=where), index)

    def entity(self, name: str, table: Columns, changes: Changes, closed_when_seen: Bools) -> Entity:
        """The rows of one table with a timeline per field. `closed_when_seen`: see `Records`."""
        canonical = TABLES[name]
        ids = tuple(word or "" for word in words(table, canonical.key[0]).tolist())
        created = ints(table, "created_at") if "created_at" in table else np.full(len(ids), MISSING)
        records = Records(created, ints(table, "first_seen"), closed_when_seen, words(table, "crm"))
        entity = Entity(ids, records, {}, {}, _attributes(self.store, canonical), changes, table)
        for column in canonical.columns:
            if column.name not in NEVER and column.name not in (canonical.key[0], "created_at", "opportunity_id"):
                line = self._timeline(
                    entity, name, table[column.name], column.type, column.name, column.name in TRACKED
                )
                entity.fields[column.name] = line
        for field in {"deleted_at", "merged_into"} & set(table):
            sort = "time" if field == "deleted_at" else "id"
            entity.ends[field] = self._timeline(entity, name, table[field], sort, field, overwritten=False)
        where = {canonical.key[0]: list(ids)} if self.some else None
        custom = self.store.read_custom(name, [attribute.field for attribute in entity.attributes], where=where)
        for attribute in entity.attributes:
            sort = {"number": "number", "date": "time"}.get(attribute.type, "text")
            current = _typed(custom[attribute.field], sort, self.settings)
            overwritten = attribute.known_at == "changes"
            entity.fields[attribute.field] = self._timeline(entity, name, current, sort, attribute.field, overwritten)
        return entity

    def _timeline(
        self, entity: Entity, name: str, current: Column, sort: str, field: str, overwritten: bool
    ) -> Timeline:
        rows = entity.changes.of(field)
        kept = self.starts.kept.get((TABLES[name].entity, field), {})
        changes = None
        if len(rows.record):
            old: Column
            new: Column
            if isinstance(current, Words):
                current, old, new = one_vocabulary(current, rows.old, rows.new)
            else:
                currency = words(entity.table, "currency").take(rows.record) if "currency" in entity.table else None
                old, new = (_typed(part, sort, self.settings, currency) for part in (rows.old, rows.new))
            changes = FieldChanges(rows.record, rows.occurred, rows.known, old, new)
        return timeline(current, entity.records, changes, field=field, overwritten=overwritten, kept=kept)


def _attributes(store: Store, table: Table) -> tuple[Attribute, ...]:
    """The accepted custom fields of a table; a canonical column cannot be one."""
    rows = store.read("attributes", where={"entity": [table.entity]})
    columns = (words(rows, name).tolist() for name in ("field", "known_at", "type"))
    return tuple(
        Attribute(field or "", known_at or "", sort or "category")
        for field, known_at, sort in zip(*columns, strict=True)
        if known_at != "never" and table.column(field or "") is None
    )


def _typed(column: Words, sort: str, settings: Settings, currency: Words | None = None) -> Column:
    """Words as what they say: instants (`time`), minor units of the row's currency (`money`), numbers, or words."""
    if sort == "time":
        zone = ZoneInfo(settings.timezone)
        return _by_word(column, [read_instant(word, zone, start=False)[0] for word in column.words])
    if sort == "number":
        numbers = [read_number(word)[0] for word in column.words]
        return np.array([*(np.nan if number is None else number for number in numbers), np.nan])[column.codes]
    if sort != "money":
        return column
    named = currency.tolist() if currency else [None] * len(column)
    exponents = np.array([exponent_of(name or settings.currency) for name in named], np.int64)
    minor = np.full(len(column), MISSING)
    for exponent in np.unique(exponents).tolist():
        amounts = _by_word(column, [read_money(word, exponent)[0] for word in column.words])
        minor = np.where(exponents == exponent, amounts, minor)
    return minor


def _by_word(column: Words, values: list[int | None]) -> Ints:
    """Each row's value by its word; MISSING where the word is, or could not be read."""
    return np.array([*(MISSING if value is None else value for value in values), MISSING], np.int64)[column.codes]
