"""What a scan looks at: one kind's records that may teach, and each field's value as it stood at their creation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Floats, Ints, Words, one_vocabulary
from features.crm.fields import CustomField
from features.crm.schema import TABLES, TRACKED
from features.crm.store import Store
from features.crm.values import read_instant, read_number
from features.entity import Entity
from features.history import History, Kind
from features.labels import outcomes_of
from features.settings import Settings
from features.timeline import KEPT_WITHOUT_HISTORY, FieldChanges, Kept, Timeline, timeline
from features.view import Rows
from training.facts.records import latest_told
from training.leaks.terms import filled

CANONICAL: dict[str, dict[str, str]] = {
    "lead": {
        "owner_id": "category", "source": "category", "campaign": "category", "country": "category",
        "process": "category", "title": "text", "company": "filled", "email": "filled", "phone": "filled",
        "status": "category",
    },
    "opportunity": {
        "owner_id": "category", "amount": "number", "recurring_amount": "number", "product": "category",
        "source": "category", "process": "category", "name": "text", "stage": "category", "expected_close": "date",
        "own_probability": "number",
    },
    "account": {
        "country": "category", "region": "category", "industry": "category", "employees": "number",
        "annual_revenue": "number", "domain": "filled", "company_number": "filled",
    },
    "contact": {"title": "text", "email": "filled", "phone": "filled"},
}  # fmt: skip
"""Canonical fields that features read, and how: creation values wherever no history says otherwise, and ONLY_KEPT."""
ONLY_KEPT = TRACKED - KEPT_WITHOUT_HISTORY
"""Those known at creation by their source's history alone: holes in it are read as values that never changed."""
VOUCHED, VOUCHED_ONLY_KEPT = 0.20, 0.80
"""Share of ended records with a value that have change rows of it, from which a history counts as kept. Fields that
people alter now and then reach 0.27; those ONLY_KEPT, which a close rewrites, 0.99.
"""
FEWEST = 20
"""Ended records with a value without which a history says nothing."""

STALE = 0.99
"""A record open for longer than this share of the reached ones took counts as not reached (the house horizon)."""


@dataclass(frozen=True, slots=True)
class FieldName:
    """One field. `canonical`: a column of the schema, not a custom field. `sort`: number, category, text, date, flag,
    or `filled` (only whether there is a value).
    """

    entity: str
    name: str
    sort: str
    canonical: bool = False


@dataclass(frozen=True)
class Sample:
    """Records of one kind that may teach, created before `as_of`, one entry each in every array.

    `row`: position in `history`; `created` and `end` int64 microseconds, `end` being when the outcome took place or
    `as_of`; `reached` the target; `ended` lost or reached; `judged` ended, or open for so long that it counts as lost.
    """

    history: History
    as_of: int
    row: Ints
    end: Ints
    reached: Bools
    ended: Bools

    @cached_property
    def created(self) -> Ints:
        """When each was created."""
        return self.history.created[self.row]

    @cached_property
    def days(self) -> Floats:
        """From creation to the outcome, or to the scan."""
        return (self.end - self.created) / MICROSECONDS_A_DAY

    @cached_property
    def judged(self) -> Bools:
        """Those whose label is known."""
        took = self.days[self.reached]
        horizon = float(np.quantile(took, STALE)) if len(took) else np.inf
        return self.ended | (self.days > horizon)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Judged records that reached the target, judged ones that did not, and those still open."""
        return int(self.reached.sum()), int((self.judged & ~self.reached).sum()), int((~self.judged).sum())

    def take(self, rows: Bools) -> "Sample":
        """The records where the mask is true."""
        return Sample(self.history, self.as_of, self.row[rows], self.end[rows], self.reached[rows], self.ended[rows])


@dataclass(frozen=True, slots=True)
class Series:
    """One field of a sample's records. `value`: as known when the record was created, going back along the changes.

    `kept`: whether the sources keep the field's history, and it speaks of enough records (see VOUCHED); then `sample`
    holds only the records that it covers (the mask `covered` of all), as it always does for fields ONLY_KEPT.
    `holder`: of all records, the row of the entity that holds the field, -1 for none; `line`: its timeline, of texts
    unless the field is canonical.
    """

    field: FieldName
    sample: Sample
    value: Column
    kept: bool
    covered: Bools
    holder: Ints
    line: Timeline
    timezone: str

    @property
    def group(self) -> Ints:
        """The holder of each record of `sample`."""
        return self.holder[self.covered]

    def at(self, record: Ints, as_of: Ints) -> Column:
        """Typed values as known at instants; `record` are positions among all records, covered or not."""
        return _typed(self.line.at(self.holder[record], as_of), self.field.sort, self.timezone)


def sample(history: History, target: str, as_of: int) -> Sample:
    """The records of a history that may teach a target at `as_of`, with what had become of them by then; a record still
    open counts as last seen when the data ends, not at a later `as_of`.
    """
    as_of = min(as_of, (latest_told(history, target, as_of) or as_of) + 1)
    row = np.flatnonzero(history.created < as_of)
    labels = outcomes_of(history, Rows(row, history.created[row]), target, as_of)
    end = history.created[row] + np.round(labels.days * MICROSECONDS_A_DAY).astype(np.int64)
    whole = Sample(history, as_of, row, end, labels.cause == 0, labels.cause >= 0)
    return whole.take(labels.teaches)


def fields_of(kind: Kind, customs: list[CustomField], kept: dict[tuple[str, str], dict[str, Kept]]) -> list[FieldName]:
    """Every field that a scan of a kind looks at, custom ones first. `kept`: as for `series_of`."""
    own = TABLES[kind].entity
    entities = (own, "account", "contact")
    found = [FieldName(f.entity, f.name, f.type or "category") for f in customs if f.entity in entities]
    for entity in entities:
        read = [name for name in CANONICAL[entity] if name not in ONLY_KEPT or (entity, name) in kept]
        found += [FieldName(entity, name, CANONICAL[entity][name], canonical=True) for name in read]
    return found


def series_of(
    store: Store, settings: Settings, records: Sample, fields: list[FieldName],
    kept: dict[tuple[str, str], dict[str, Kept]],
) -> Iterator[Series]:  # fmt: skip
    """The values of each field in turn. `kept`: which source keeps the history of which field (see `load_starts`)."""
    own = TABLES[records.history.kind].entity
    for entity in dict.fromkeys(field.entity for field in fields):
        rows = records.history.own if entity == own else records.history.linked[entity]
        place = records.row if entity == own else _linked(records, entity)
        chosen = [field for field in fields if field.entity == entity]
        table = next(name for name, of in TABLES.items() if of.entity == entity)
        custom = store.read_custom(table, [field.name for field in chosen if not field.canonical])
        for field in chosen:
            line = rows.fields[field.name] if field.canonical else _custom_line(rows, field, custom[field.name])
            histories = kept.get((entity, field.name), {})
            yield _series(records, field, rows, place, line, histories, settings.timezone)


def _linked(records: Sample, entity: str) -> Ints:
    """The account's or contact's row as known when each record was created; -1 for none."""
    link = records.history.own.fields[f"{entity}_id"].at(records.row, records.created)
    assert isinstance(link, Words)
    return link.recode(records.history.linked[entity].index).astype(np.int64)


def _custom_line(rows: Entity, field: FieldName, current: Words) -> Timeline:
    """The timeline of a custom field, accepted or not, as text."""
    told = rows.changes.of(field.name)
    changes = None
    if len(told.record):
        current, old, new = one_vocabulary(current, told.old, told.new)
        changes = FieldChanges(told.record, told.occurred, told.known, old, new)
    return timeline(current, rows.records, changes, field=field.name, overwritten=False, kept={})


def _series(
    records: Sample, field: FieldName, rows: Entity, holder: Ints, line: Timeline, kept: dict[str, Kept], timezone: str
) -> Series:
    inside = np.ones(len(holder), bool)
    if kept:
        since = np.array([kept[crm].since if crm in kept else records.as_of for crm in [*rows.records.crm.words, ""]])
        inside = (holder < 0) | (records.created >= since[rows.records.crm.codes[holder]])
    only_kept = field.canonical and field.name in ONLY_KEPT
    logged = _logged(records, rows, holder, line, field.name, inside) if kept else 0.0
    vouched = logged >= (VOUCHED_ONLY_KEPT if only_kept else VOUCHED)
    limited = vouched or only_kept
    covered = inside if limited else np.ones(len(holder), bool)
    within = records.take(covered) if limited else records
    value = _typed(line.at(holder[covered], within.created), field.sort, timezone)
    return Series(field, within, value, vouched, covered, holder, line, timezone)


def _logged(records: Sample, rows: Entity, holder: Ints, line: Timeline, name: str, inside: Bools) -> float:
    """The share of ended records with a value that have change rows of it, in the source where it is lowest; 0 where
    none has FEWEST of them.
    """
    at = holder[inside & records.ended & (holder >= 0)]
    at = at[filled(line.at(at, np.full(len(at), records.as_of)))]
    told = rows.changes.of(name)
    logged, crm = np.isin(at, told.record[told.known < records.as_of]), rows.records.crm.codes[at]
    sources = [logged[crm == code] for code in np.unique(crm).tolist()]
    return min((float(source.mean()) for source in sources if len(source) >= FEWEST), default=0.0)


def _typed(column: Column, sort: str, timezone: str) -> Column:
    """Texts as what they say; what cannot be read is missing. Columns that are typed already stay."""
    if not isinstance(column, Words):
        return column
    if sort == "number":
        numbers = [read_number(word)[0] for word in column.words]
        return np.array([*(np.nan if number is None else number for number in numbers), np.nan])[column.codes]
    if sort == "date":
        read = [read_instant(word, ZoneInfo(timezone), start=False)[0] for word in column.words]
        return np.array([*(MISSING if at is None else at for at in read), MISSING], np.int64)[column.codes]
    if sort == "filled":
        return Words(np.minimum(column.codes, 0), ("filled",))
    return column


def channel_of(records: Sample) -> Ints:
    """A number for each record's source and process together, as known at its creation: which form it came by."""
    code = np.zeros(len(records.row), np.int64)
    for name in ("source", "process"):
        column = records.history.own.fields[name].at(records.row, records.created)
        assert isinstance(column, Words)
        code = code * (len(column.words) + 1) + column.codes
    return code
