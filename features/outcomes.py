"""When each record's outcome became known: an event of its own, never a feature of the record itself.

An outcome is known from its change row, else from the date the CRM states. A record reopened is open again from that
change. What happened to a record is read from here by the labels and, once known, by the cross-record streams.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from features.changes import Changes
from features.columns import MISSING, Bools, Column, Columns, Ints, Words, concatenate, ints, one_vocabulary, words
from features.crm.values import read_instant
from features.stream import Stream, take
from features.timeline import FieldChanges, Records, Timeline, in_order, timeline

OPEN, REACHED, LOST, UNSAID = 0, 1, 2, 3
"""States of a record with respect to a target; OPEN after an end means reopened, UNSAID closed without saying how."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcome events of n records for one target, keyed by record and timed by when they became known.

    Columns: `state`, `at` (when it happened, int64 microseconds), `deal` (the opportunity whose reason is the loss's, a
    position in `deal_reason`; -1: the record's own). The reasons are timelines: they too are known only once given.
    """

    events: Stream
    own_reason: Timeline
    deal_reason: Timeline | None = None

    def column(self, name: str) -> Ints:
        """An int64 column of the events: `state`, `at` or `deal`."""
        return ints(self.events.columns, name)

    def reason(self, position: Ints, known_by: int) -> Words:
        """The reason of the events at these positions, as known strictly before `known_by`; missing for position -1."""
        record = np.searchsorted(self.events.start, position, side="right") - 1
        deal = np.append(self.column("deal"), -1)[position]
        by = np.full(len(position), known_by)
        own = self.own_reason.at(np.where((position >= 0) & (deal < 0), record, -1), by)
        assert isinstance(own, Words)
        if self.deal_reason is None:
            return own
        of_deal = self.deal_reason.at(np.where(position >= 0, deal, -1), by)
        assert isinstance(of_deal, Words)
        own, of_deal = one_vocabulary(own, of_deal)
        return Words(np.where(deal < 0, own.codes, of_deal.codes), own.words)

    def last(self, record: Ints, known_by: Ints) -> Ints:
        """Position of the end each record is in, as known strictly before `known_by`; -1 where it is open then."""
        after = self.events.before(record, known_by)
        position = np.where(after > self.events.first(record), after - 1, -1)
        ended = np.flatnonzero(position >= 0)
        position[ended[self.column("state")[position[ended]] == OPEN]] = -1
        return position

    def ended(self, known_by: Ints) -> Bools:
        """Which of all records had ended, as known strictly before each one's `known_by`."""
        return self.last(np.arange(len(self.events.start) - 1), known_by) >= 0

    def closed(self, known_by: int) -> Ints:
        """When each record's present end became known, before `known_by`; MISSING where it is open then."""
        records = np.arange(len(self.events.start) - 1)
        position = self.last(records, np.full(len(records), known_by))
        closed = np.full(len(records), MISSING)
        closed[position >= 0] = self.events.time[position[position >= 0]]
        return closed

    def first_reached(self) -> Ints:
        """When each record's target was first known to be reached; the last instant there is where it was not."""
        first = np.full(len(self.events.start) - 1, np.iinfo(np.int64).max)
        record = self.events.keys()
        reached = self.column("state") == REACHED
        np.minimum.at(first, record[reached], self.events.time[reached])
        return first


@dataclass(frozen=True, slots=True)
class Ends:
    """Outcome events before they are sorted: one array each, all of one length; `deal` as in `Outcomes`."""

    record: Ints
    known: Ints
    state: Ints
    at: Ints
    deal: Ints

    @classmethod
    def of(cls, record: Ints, known: Ints, state: Ints, at: Ints) -> "Ends":
        """Ends that the records tell of themselves."""
        return cls(record, known, state, at, np.full(len(record), -1))

    def then(self, *others: "Ends") -> "Ends":
        """These events and those."""
        parts = (self, *others)
        return Ends(*(np.concatenate([getattr(part, name) for part in parts]) for name in Ends.__slots__))


def of_opportunities(table: Columns, changes: Changes) -> Outcomes:
    """Outcome events of opportunities: change rows of `outcome`, and the record's own closing where these lack it."""
    created, final = ints(table, "created_at"), _state(words(table, "outcome"))
    rows, closings = told(table, changes, "outcome"), _Closings.of(table, changes)
    state = _state(rows.new)
    last = np.full(len(final), -1)
    last[rows.record] = np.arange(len(state))  # a record's rows are in order of `known`: the last one stands
    closed = (np.arange(len(state)) == last[rows.record]) & (state == final[rows.record]) & (state != OPEN)
    # the date that a record states is that of its last end
    happened = np.where(closed, np.minimum(closings.stated(rows), rows.known), rows.occurred)
    silent = np.flatnonzero((final != OPEN) & (np.append(state, OPEN)[last] != final))
    known, at = closings.after(silent, np.append(rows.known, MISSING)[last[silent]])
    ends = Ends.of(rows.record, rows.known, state, happened).then(
        Ends.of(silent, known, final[silent], at), _before_first(closings, rows)
    )
    unsaid = (final == OPEN) & (ints(table, "closed_at") != MISSING)
    unsaid[ends.record] = False
    never = np.flatnonzero(unsaid)  # they say when they closed, and never how
    known, at = closings.after(never, np.full(len(never), MISSING))
    ends = ends.then(Ends.of(never, known, np.full(len(never), UNSAID), at))
    return Outcomes(build(ends, created), said(table, changes, "loss_reason", created))


def _before_first(closings: "_Closings", rows: Changes) -> Ends:
    """The end a record was in before the first change of its outcome that we know of."""
    record, first = np.unique(rows.record, return_index=True)
    state = _state(rows.old.take(first))
    known, at = closings.after(record, np.full(len(record), MISSING))
    kept = np.flatnonzero((state != OPEN) & (known < rows.known[first]))
    return Ends.of(record[kept], known[kept], state[kept], at[kept])


@dataclass(frozen=True, slots=True)
class _Closings:
    """The date at which each record closed, as it was known: one corrected later was the earlier one until then.

    `reached`: by record, each time a date it stated was known to have come, with that date as column `at`.
    """

    dates: Timeline
    reached: Stream
    first_seen: Ints

    @classmethod
    def of(cls, table: Columns, changes: Changes) -> "_Closings":
        """The closing dates of opportunities."""
        dates = said(table, changes, "closed_at", ints(table, "created_at"))
        spans = spans_of(dates, np.full(len(dates.since), MISSING))
        date = ints({"": spans.value}, "")
        known = np.maximum(spans.since, date)
        come = np.flatnonzero((date != MISSING) & (known < spans.until))
        reached = Stream.of(spans.record[come], known[come], {"at": date[come]}, keys=len(dates.since))
        return cls(dates, reached, ints(table, "first_seen"))

    def stated(self, rows: Changes) -> Ints:
        """The date that the record of each row stated once the row was known; when it took place if none."""
        when = np.maximum(rows.known, self.dates.since[rows.record])
        date = ints({"": self.dates.at(rows.record, when + 1)}, "")
        return np.where(date == MISSING, rows.occurred, date)

    def after(self, record: Ints, instant: Ints) -> tuple[Ints, Ints]:
        """When the closing date of these records was first known to have come after an instant, and the date: the last
        time before it if never since, and when we first saw a record that never stated any."""
        end = self.reached.start[record + 1]
        place = np.minimum(self.reached.before(record, instant + 1), end - 1)
        some, seen = end > self.reached.start[record], self.first_seen[record]
        known, at = (np.append(part, MISSING)[place] for part in (self.reached.time, ints(self.reached.columns, "at")))
        return np.where(some, known, seen), np.where(some, at, seen)


@dataclass(frozen=True, slots=True)
class Spans:
    """What a field of records read, and from and until when, by record and instant (int64 microseconds)."""

    record: Ints
    since: Ints
    until: Ints
    value: Column


def spans_of(line: Timeline, since: Ints) -> Spans:
    """The values of a timeline, each record's first one from `since` on."""
    record = np.concatenate([np.arange(len(since)), line.changes.keys()])
    begin = np.concatenate([since, line.changes.time])
    order = np.lexsort((begin, record))
    record, begin = record[order], begin[order]
    last = np.diff(record, append=-1) != 0
    until = np.where(last, np.iinfo(np.int64).max, np.roll(begin, -1))
    value = take(concatenate([line.first, line.changes.columns["new"]]), order)
    return Spans(record, begin, until, value)


def build(ends: Ends, created: Ints) -> Stream:
    """Outcome events in order, none known before its record is; one that repeats the state before it is dropped."""
    known = np.maximum(ends.known, created[ends.record])
    order = np.lexsort((ends.at, known, ends.record))
    record, state = ends.record[order], ends.state[order]
    before = np.where(np.diff(record, prepend=-1) != 0, OPEN, np.roll(state, 1))
    kept = order[state != before]
    columns: Columns = {"state": ends.state[kept], "at": ends.at[kept], "deal": ends.deal[kept]}
    return Stream.of(ends.record[kept], known[kept], columns, keys=len(created))


def said(table: Columns, changes: Changes, field: str, created: Ints) -> Timeline:
    """A field that speaks of the end of each record (words, or an instant), as it was known."""
    current, given = _given(table, changes.of(field), field)
    records = Records(created, created, np.zeros(len(created), bool), words(table, "crm"))
    return timeline(current, records, given, field=field, overwritten=False, kept={})


def told(table: Columns, changes: Changes, field: str) -> Changes:
    """The change rows of such a field that alter what is known, by record, in the order in which they follow."""
    rows = changes.of(field)
    current, given = _given(table, rows, field)
    return rows.take(in_order(given, current))


def _given(table: Columns, rows: Changes, field: str) -> tuple[Column, FieldChanges]:
    """The present values of a field, and its change rows as values of one kind with them."""
    current = table[field]
    if not isinstance(current, Words):
        dates = instants(rows.old), instants(rows.new)
        return current, FieldChanges(rows.record, rows.occurred, rows.known, *dates)
    current, *both = one_vocabulary(current, rows.old, rows.new)
    return current, FieldChanges(rows.record, rows.occurred, rows.known, *both)


def _state(outcome: Words) -> Ints:
    state = outcome.recode({"won": REACHED, "lost": LOST}).astype(np.int64)
    return np.where(state < 0, OPEN, state)


def instants(texts: Words) -> Ints:
    """Instants from the canonical text that changes keep; MISSING where empty or unreadable."""
    zone = ZoneInfo("UTC")
    read = [read_instant(word, zone, start=False)[0] for word in texts.words]
    return np.array([*(MISSING if at is None else at for at in read), MISSING], np.int64)[texts.codes]
