"""When a value is known: one field of every record, as it read at any instant (DESIGN section 3).

A field's value is its first value (what it read before the first change we know of), then whatever each change made it.
How early the first value may be believed depends on whether the source kept that field's history at all:

* a field that is not overwritten as a record is worked is known from the record's creation;
* a field that is (`stage`, `amount`, `owner_id` ...) is known from creation where the source keeps its history and the
  record is not older than that history;
* without history `amount` and `owner_id` still count as creation values, every other field is known only from the
  instant we first saw it, and never for a record that was closed by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Floats, Ints, Words
from features.stream import Stream, empty, take

NEVER_KNOWN = int(np.iinfo(np.int64).max)
WEEK = 7 * MICROSECONDS_A_DAY
KEPT_WITHOUT_HISTORY = frozenset({"amount", "recurring_amount", "owner_id"})
"""Overwritten fields that count as creation values where no history tells otherwise."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One field of n records. `first`: value before the first change, believed from `since` (int64 microseconds) on.

    `entered`: when the first value was taken, MISSING where that is not known. `changes`: events with column `new`.
    """

    first: Column
    since: Ints
    entered: Ints
    changes: Stream

    def at(self, record: Ints, as_of: Ints) -> Column:
        """The value as known at `as_of`: first values at or after `since`, changes strictly before `as_of`."""
        after, changed = self._last(record, as_of)
        believed = (record >= 0) & (as_of >= self.since[record])
        first, new = self.first, self.changes.columns["new"]
        if isinstance(first, Words) and isinstance(new, Words):
            codes = np.where(believed, first.codes[record], np.int32(-1))
            codes[changed] = new.codes[after[changed] - 1]
            return Words(codes, first.words)
        assert not isinstance(first, Words)
        assert not isinstance(new, Words)
        missing = np.nan if first.dtype.kind == "f" else MISSING
        values = np.where(believed, first[record], np.asarray(missing, first.dtype))
        values[changed] = new[after[changed] - 1]
        return values

    def entered_at(self, record: Ints, as_of: Ints) -> Ints:
        """When the value known at `as_of` was taken; MISSING where unknown."""
        after, changed = self._last(record, as_of)
        believed = (record >= 0) & (as_of >= self.since[record])
        entered = np.where(believed, self.entered[record], MISSING)
        entered[changed] = self.changes.time[after[changed] - 1]
        return entered

    def _last(self, record: Ints, as_of: Ints) -> tuple[Ints, Bools]:
        after = self.changes.before(record, as_of)
        return after, after > self.changes.first(record)


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """The change rows of one field: record (-1 unknown), when known, old and new values, and whether we wrote them."""

    record: Ints
    known: Ints
    old: Column
    new: Column
    seen: Bools


@dataclass(frozen=True, slots=True)
class Records:
    """What the rule needs to know of n records (int64 microseconds; `closed` MISSING while open)."""

    created: Ints
    first_seen: Ints
    closed: Ints
    crm: Words


@dataclass(frozen=True, slots=True)
class Kept:
    """That a source keeps a field's history: back to when (`since`), and its first change row (int64 microseconds)."""

    since: int
    first_row: int


def timeline(
    current: Column,
    records: Records,
    changes: FieldChanges | None,
    *,
    field: str,
    overwritten: bool,
    kept: Mapping[str, Kept],
) -> Timeline:
    """The timeline of one field from its current values and its change rows.

    `current` and the changes' `old` and `new` share one vocabulary when they are words. `overwritten`: the field is
    altered as a record is worked, so that its current value may be later than creation. `kept`: by source (`crm`), the
    history it keeps of this field; a source that keeps none is left out.
    """
    n = len(records.created)
    since, entered = _believed_from(records, kept, field) if overwritten else (records.created, records.created)
    if changes is None or not len(changes.record):
        return Timeline(current, since, entered, empty(n, {"new": take(current, np.zeros(0, np.int64))}))
    events, first = _collapse(current, records, changes)
    return Timeline(first, since, entered, Stream.of(events.record, events.known, {"new": events.new}, keys=n))


def _believed_from(records: Records, kept: Mapping[str, Kept], field: str) -> tuple[Ints, Ints]:
    """(since, entered) of an overwritten field's first value."""
    if field in KEPT_WITHOUT_HISTORY:
        return records.created, records.created
    closed_when_seen = (records.closed != MISSING) & (records.closed <= records.first_seen)
    since = np.where(closed_when_seen, NEVER_KNOWN, np.maximum(records.first_seen, records.created))
    crms = [*records.crm.words, ""]  # code -1 is the source without a name
    none = Kept(NEVER_KNOWN, NEVER_KNOWN - 1)
    history_from = np.array([kept.get(crm, none).since for crm in crms])[records.crm.codes]
    first_row = np.array([kept.get(crm, none).first_row for crm in crms])[records.crm.codes]
    since_creation = history_from <= records.created
    # that a source keeps history is itself known only once its first change row is
    from_history = np.where(since_creation, np.maximum(records.created, first_row + 1), NEVER_KNOWN)
    return np.minimum(since, from_history), np.where(since_creation, records.created, MISSING)


def kept_since(first_row: int, first_record: int) -> Kept:
    """History reaches back to the source's first record when its changes start within a week of it.

    >>> kept_since(first_row=5, first_record=3).since, kept_since(first_row=5 + WEEK, first_record=3).since == 5 + WEEK
    (3, True)
    """
    return Kept(first_record if first_row - first_record <= WEEK else first_row, first_row)


def _collapse(current: Column, records: Records, changes: FieldChanges) -> tuple[FieldChanges, Column]:
    """Changes after creation that change something, in order, and the value before the first of them."""
    order = np.lexsort((changes.known, changes.record))
    order = order[changes.record[order] >= 0]
    record, known = changes.record[order], changes.known[order]
    old, new = _raw(changes.old)[order], _raw(changes.new)[order]
    first = _raw(current).copy()
    starts = np.flatnonzero(np.diff(record, prepend=-1))
    first[record[starts]] = old[starts]
    at_creation = known <= records.created[record]
    first[record[at_creation]] = new[at_creation]  # in order: the last one stands
    later = ~at_creation
    record, known, new, seen = record[later], known[later], new[later], changes.seen[order][later]
    before = np.roll(new, 1)
    starts = np.flatnonzero(np.diff(record, prepend=-1))
    before[starts] = first[record[starts]]
    differs = ~_same(before, new)
    kept = FieldChanges(
        record[differs], known[differs], _like(current, before[differs]), _like(current, new[differs]), seen[differs]
    )
    return kept, _like(current, first)


def _raw(column: Column) -> Ints | Floats:
    return column.codes.astype(np.int64) if isinstance(column, Words) else column


def _like(column: Column, raw: Ints | Floats) -> Column:
    return Words(raw.astype(np.int32), column.words) if isinstance(column, Words) else raw


def _same(left: Ints | Floats, right: Ints | Floats) -> Bools:
    same: Bools = (left == right) | (np.isnan(left) & np.isnan(right))
    return same
