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
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from features.changes import in_turn
from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Columns, Floats, Ints, Words, concatenate, ints
from features.stream import Stream, empty, take

_Raw = TypeVar("_Raw", Ints, Floats, Ints | Floats)

_NO_WORD, _NAN, _MISSING = np.int32(-1), np.float64(np.nan), np.int64(MISSING)

NEVER_KNOWN = int(np.iinfo(np.int64).max)
FEW = 4
"""Up to so many rows it is quicker to ask one after another than each step of all of them."""
WEEK = 7 * MICROSECONDS_A_DAY
KEPT_WITHOUT_HISTORY = frozenset({"amount", "recurring_amount", "owner_id"})
"""Overwritten fields that count as creation values where no history tells otherwise."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """One field of n records. `first`: value before the first change, believed from `since` (int64 microseconds) on.

    `entered`: when the first value was taken, which is itself known from `told` on. `changes`: events with columns
    `new`, `old` and `since` (when the old value was taken by an earlier change; MISSING for the first change).
    """

    first: Column
    since: Ints
    entered: Ints
    told: Ints
    changes: Stream

    def at(self, record: Ints, as_of: Ints) -> Column:
        """The value as known at `as_of`: first values at or after `since`, changes strictly before `as_of`."""
        if not len(self.since):
            return self._unknown(len(record))
        if len(record) <= FEW:
            return self._one_by_one(record, as_of)
        believed = (record >= 0) & (as_of >= self.since[record])
        value = _where(believed, self.first, record)
        if len(self.changes.time):
            after, changed = self._last(record, as_of)
            _bare(value)[changed] = _bare(self.changes.columns["new"])[after[changed] - 1]
        return value

    def _one_by_one(self, record: Ints, as_of: Ints) -> Column:
        """The same for a few rows: quicker than each step for all of them."""
        first, new, start = _bare(self.first), _bare(self.changes.columns["new"]), self.changes.start
        after = self.changes.before(record, as_of).tolist() if len(new) else [0] * len(record)
        found = np.full(len(record), _nothing(self.first))
        for row, (one, at, place) in enumerate(zip(record.tolist(), as_of.tolist(), after, strict=True)):
            if place and place > start.item(one):
                found[row] = new[place - 1]
            elif one >= 0 and at >= self.since.item(one):
                found[row] = first[one]
        return Words(found, self.first.words) if isinstance(self.first, Words) else found

    def _unknown(self, rows: int) -> Column:
        nothing = np.full(rows, _nothing(self.first))
        return Words(nothing, self.first.words) if isinstance(self.first, Words) else nothing

    def entered_at(self, record: Ints, as_of: Ints) -> Ints:
        """When the value known at `as_of` was taken; MISSING where unknown."""
        after, changed = self._last(record, as_of)
        believed = (as_of >= self.since[record]) & (as_of >= self.told[record])
        entered = np.where((record >= 0) & believed, self.entered[record], MISSING)
        entered[changed] = self.changes.time[after[changed] - 1]
        return entered

    def visits(self) -> tuple[Ints, Ints]:
        """The record of each change, and when the value it ended was taken; MISSING where unknown."""
        record = self.changes.keys()
        told = np.where(self.changes.time >= self.told[record], self.entered[record], MISSING)
        since = ints(self.changes.columns, "since")
        return record, np.where(since == MISSING, told, since)

    def _last(self, record: Ints, as_of: Ints) -> tuple[Ints, Bools]:
        after = self.changes.before(record, as_of)
        return after, after > self.changes.first(record)


def _where(believed: Bools, column: Column, record: Ints) -> Column:
    """Each record's value where it is believed, else missing."""
    held = np.where(believed, _bare(column)[record], _nothing(column))
    return Words(held, column.words) if isinstance(column, Words) else held


def _nothing(column: Column) -> Any:
    """What is missing in such a column."""
    if isinstance(column, Words):
        return _NO_WORD
    return _NAN if column.dtype.kind == "f" else _MISSING


def _bare(column: Column) -> npt.NDArray[Any]:
    return column.codes if isinstance(column, Words) else column


@dataclass(frozen=True, slots=True)
class FieldChanges:
    """The change rows of one field, by position of their record: when each took place and was known, and its values."""

    record: Ints
    occurred: Ints
    known: Ints
    old: Column
    new: Column


@dataclass(frozen=True, slots=True)
class Records:
    """What the rule needs to know of n records: int64 microseconds, and whether each was closed when first seen."""

    created: Ints
    first_seen: Ints
    closed_when_seen: Bools
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
    since, told = _believed_from(records, kept, field) if overwritten else (records.created, records.created)
    if changes is None or not len(changes.record):
        nothing = take(current, np.zeros(0, np.int64))
        none = empty(n, {"new": nothing, "old": nothing, "since": np.zeros(0, np.int64)})
        return Timeline(current, since, records.created, told, none)
    first, events = _collapse(current, records, changes)
    return Timeline(first, since, records.created, told, events)


def _believed_from(records: Records, kept: Mapping[str, Kept], field: str) -> tuple[Ints, Ints]:
    """From when an overwritten field's first value is believed, and from when it is told that it is creation's."""
    if field in KEPT_WITHOUT_HISTORY:
        return records.created, records.created
    since = np.where(records.closed_when_seen, NEVER_KNOWN, np.maximum(records.first_seen, records.created))
    crms = [*records.crm.words, ""]  # code -1 is the source without a name
    none = Kept(NEVER_KNOWN, NEVER_KNOWN - 1)
    history_from = np.array([kept.get(crm, none).since for crm in crms])[records.crm.codes]
    first_row = np.array([kept.get(crm, none).first_row for crm in crms])[records.crm.codes]
    # that a source keeps history is itself known only once its first change row is
    told = np.where(history_from <= records.created, np.maximum(records.created, first_row + 1), NEVER_KNOWN)
    return np.minimum(since, told), told


def kept_since(first_row: int, first_record: int) -> Kept:
    """History reaches back to the source's first record when its changes start within a week of it.

    >>> kept_since(first_row=5, first_record=3).since, kept_since(first_row=5 + WEEK, first_record=3).since == 5 + WEEK
    (3, True)
    """
    return Kept(first_record if first_row - first_record <= WEEK else first_row, first_row)


def told_at(line: Timeline, later: Ints) -> Timeline:
    """The same field of words, each record's first value told only at an instant (int64 microseconds; MISSING: as it
    was); never where a change had taken its place by then.
    """
    first, changes = line.first, line.changes
    assert isinstance(first, Words)
    if (later == MISSING).all():
        return line
    told = np.flatnonzero((later != MISSING) & (changes.before(np.arange(len(later)), later) == changes.start[:-1]))
    nothing = Words(np.full(len(told), -1, np.int32), first.words)
    event: Columns = {"new": first.take(told), "old": nothing, "since": np.full(len(told), MISSING)}
    columns = {name: concatenate([event[name], changes.columns[name]]) for name in event}
    record, time = np.append(told, changes.keys()), np.append(later[told], changes.time)
    unsaid = Words(np.where(later == MISSING, first.codes, np.int32(-1)), first.words)
    return Timeline(unsaid, line.since, line.entered, line.told, Stream.of(record, time, columns, keys=len(later)))


def _collapse(current: Column, records: Records, changes: FieldChanges) -> tuple[Column, Stream]:
    """The value before the first change after creation, and the changes that change something, in order."""
    order = in_order(changes, current)
    record, known = changes.record[order], changes.known[order]
    old, new = _raw(changes.old)[order], _raw(changes.new)[order]
    first = _raw(current).copy()
    starts = np.flatnonzero(np.diff(record, prepend=-1))
    first[record[starts]] = old[starts]
    at_creation = known <= records.created[record]
    first[record[at_creation]] = new[at_creation]  # in order: the last one stands
    record, known, new = record[~at_creation], known[~at_creation], new[~at_creation]
    before = _shifted(record, new, first[record])
    differs = ~_same(before, new)
    record, known, before, new = record[differs], known[differs], before[differs], new[differs]
    since = _shifted(record, known, np.full(len(record), MISSING))
    columns: Columns = {"new": _like(current, new), "old": _like(current, before), "since": since}
    return _like(current, first), Stream.of(record, known, columns, keys=len(records.created))


def in_order(changes: FieldChanges, current: Column) -> Ints:
    """Positions of the rows by record and when known; one that took place before another already known is left out.

    Rows of one moment come in the order in which they follow from one another."""
    order = np.lexsort((changes.occurred, changes.known, changes.record))
    order = order[changes.record[order] >= 0]
    record, occurred = changes.record[order], changes.occurred[order]
    place = np.unique(occurred, return_inverse=True)[1] + record * (len(order) + 1)
    order = order[place == np.maximum.accumulate(place)] if len(order) else order
    moment = (changes.record, changes.known, changes.occurred)
    return in_turn(order, moment, _raw(changes.old), _raw(changes.new), _raw(current))


def _shifted(record: Ints, values: _Raw, first: _Raw) -> _Raw:
    """Each row's value of the row before it of the same record; `first` for a record's first row."""
    shifted = np.roll(values, 1)
    starts = np.flatnonzero(np.diff(record, prepend=-1))
    shifted[starts] = first[starts]
    return shifted


def _raw(column: Column) -> Ints | Floats:
    return column.codes.astype(np.int64) if isinstance(column, Words) else column


def _like(column: Column, raw: Ints | Floats) -> Column:
    return Words(raw.astype(np.int32), column.words) if isinstance(column, Words) else raw


def _same(left: Ints | Floats, right: Ints | Floats) -> Bools:
    same: Bools = (left == right) | (np.isnan(left) & np.isnan(right))
    return same
