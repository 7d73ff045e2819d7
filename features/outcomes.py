"""When each record's outcome became known: an event of its own, never a feature of the record itself.

An outcome is known from its change row, else from the date the CRM states. A record reopened is open again from that
change. What happened to a record is read from here by the labels and, once known, by the cross-record streams.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from features.changes import Changes
from features.columns import MISSING, Bools, Columns, Ints, Words, ints, one_vocabulary, words
from features.crm.values import read_instant
from features.stream import Stream
from features.timeline import FieldChanges, Records, Timeline, timeline

OPEN, REACHED, LOST, UNSAID = 0, 1, 2, 3
"""States of a record with respect to a target; OPEN after an end means reopened, UNSAID closed without saying how."""

_LEFT = -1
"""An opportunity no longer names the lead."""


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
class _Ends:
    """Outcome events before they are sorted: one array each, all of one length; `deal` as in `Outcomes`."""

    record: Ints
    known: Ints
    state: Ints
    at: Ints
    deal: Ints

    @classmethod
    def of(cls, record: Ints, known: Ints, state: Ints, at: Ints) -> "_Ends":
        """Ends that the records tell of themselves."""
        return cls(record, known, state, at, np.full(len(record), -1))

    def then(self, *others: "_Ends") -> "_Ends":
        """These events and those."""
        parts = (self, *others)
        return _Ends(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Ends.__slots__))


def of_opportunities(table: Columns, changes: Changes) -> Outcomes:
    """Outcome events of opportunities: change rows of `outcome`, and the record's own closing where these lack it."""
    created, closed_at = ints(table, "created_at"), ints(table, "closed_at")
    final = _state(words(table, "outcome"))
    rows = changes.of("outcome")
    told = _state(rows.new)
    last = np.full(len(final), OPEN)
    last[rows.record] = told  # rows are in order of `known`: the last one stands
    stated = (told != OPEN) & (told == final[rows.record]) & (closed_at[rows.record] != MISSING)
    happened = np.where(stated, np.minimum(closed_at[rows.record], rows.known), rows.occurred)
    date = np.where(closed_at == MISSING, ints(table, "first_seen"), closed_at)
    silent = np.flatnonzero((final != OPEN) & (last != final))
    ends = _Ends.of(rows.record, rows.known, told, happened).then(
        _Ends.of(silent, date[silent], final[silent], date[silent]), _before_first(table, changes, rows)
    )
    unsaid = (final == OPEN) & (closed_at != MISSING)
    unsaid[ends.record] = False
    ends = ends.then(_Ends.of(*_unsaid(np.flatnonzero(unsaid), closed_at)))
    return Outcomes(_build(ends, created), _said(table, changes, "loss_reason", created))


def _unsaid(record: Ints, closed_at: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The ends of records that say when they closed and never how."""
    return record, closed_at[record], np.full(len(record), UNSAID), closed_at[record]


def _before_first(table: Columns, changes: Changes, rows: Changes) -> _Ends:
    """The end a record was in before the first change of its outcome that we know of."""
    record, first = np.unique(rows.record, return_index=True)
    state = _state(rows.old.take(first))
    dates = changes.of("closed_at")
    date = ints(table, "closed_at").copy()
    of_date, first_date = np.unique(dates.record, return_index=True)
    date[of_date] = _instants(dates.old.take(first_date))
    date = np.where(date == MISSING, ints(table, "first_seen"), date)[record]
    kept = np.flatnonzero((state != OPEN) & (date < rows.known[first]))
    return _Ends.of(record[kept], date[kept], state[kept], date[kept])


@dataclass(frozen=True, slots=True)
class Named:
    """Spans in which opportunities name leads: opportunity and lead (positions), from and until when (microseconds)."""

    deal: Ints
    lead: Ints
    since: Ints
    until: Ints


def named(deals: Columns, changes: Changes, index: Mapping[str, int]) -> Named:
    """Which opportunity named which lead when, as it was known; `index` gives each lead's position."""
    created = ints(deals, "created_at")
    line = _said(deals, changes, "lead_id", created)
    deal = np.concatenate([np.arange(len(created)), line.visits()[0]])
    since = np.concatenate([created, line.changes.time])
    leads = [words({"": part}, "").recode(index) for part in (line.first, line.changes.columns["new"])]
    lead = np.concatenate(leads).astype(np.int64)
    order = np.lexsort((since, deal))
    deal, lead, since = deal[order], lead[order], since[order]
    last = np.diff(deal, append=-1) != 0
    until = np.where(last, np.iinfo(np.int64).max, np.roll(since, -1))
    names = np.flatnonzero(lead >= 0)
    return Named(deal[names], lead[names], since[names], until[names])


def of_leads(table: Columns, changes: Changes, spans: Named) -> Outcomes:
    """Outcome events of leads, target `converted`: by `converted_at`, or by the first opportunity to name it."""
    created = ints(table, "created_at")
    order = np.argsort(spans.since, kind="stable")
    lead, first = np.unique(spans.lead[order], return_index=True)
    since = spans.since[order[first]]
    by_deal = _Ends.of(lead, since, np.full(len(lead), REACHED), since)
    ends = _dated(table, changes, "converted_at", REACHED).then(
        by_deal, _dated(table, changes, "disqualified_at", LOST)
    )
    return Outcomes(_build(ends, created), _said(table, changes, "disqualified_reason", created))


def of_leads_won(table: Columns, changes: Changes, deals: Outcomes, spans: Named) -> Outcomes:
    """Outcome events of leads, target `won`: reached when an opportunity that names the lead is won, lost when all that
    do are lost or the lead is disqualified."""
    created = ints(table, "created_at")
    own = _dated(table, changes, "disqualified_at", LOST)
    span, event = _within(spans, deals.events)
    told = _Ends(
        spans.lead[span],
        deals.events.time[event],
        deals.column("state")[event],
        deals.column("at")[event],
        spans.deal[span],
    )
    before = deals.last(spans.deal, spans.since + 1)
    state = np.where(before < 0, OPEN, np.append(deals.column("state"), OPEN)[before])
    births = _Ends(spans.lead, spans.since, state, spans.since, spans.deal)
    ended = np.flatnonzero(spans.until < np.iinfo(np.int64).max)
    until = spans.until[ended]
    leaves = _Ends(spans.lead[ended], until, np.full(len(ended), _LEFT), until, spans.deal[ended])
    events = _build(_together(leaves.then(births, told, own)), created)
    return Outcomes(events, _said(table, changes, "disqualified_reason", created), deals.own_reason)


def _within(spans: Named, events: Stream) -> tuple[Ints, Ints]:
    """(span, event) pairs: the events of each span's opportunity known in (since, until)."""
    low = events.before(spans.deal, spans.since + 1)
    count = np.maximum(events.before(spans.deal, spans.until) - low, 0)  # none where it named the lead for no time
    span = np.repeat(np.arange(len(count)), count)
    return span, np.repeat(low, count) + np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)


def _together(events: _Ends) -> _Ends:
    """The lead's state after each event of its deals, or of itself (`deal` -1: disqualified, or taken up again)."""
    state, blamed = events.state.copy(), np.full(len(events.deal), -1)
    lead, of_deal, own = -1, dict[int, int](), OPEN
    for event in np.lexsort((events.at, events.known, events.record)).tolist():
        if events.record[event] != lead:
            lead, of_deal, own = int(events.record[event]), {}, OPEN
        if events.deal[event] < 0:
            own = int(events.state[event])
        elif events.state[event] == _LEFT:
            of_deal.pop(int(events.deal[event]), None)
        else:
            of_deal[int(events.deal[event])] = int(events.state[event])
        ends = set(of_deal.values())
        if REACHED in ends:
            state[event] = REACHED
        else:
            state[event] = LOST if own == LOST or ends == {LOST} else OPEN
            blamed[event] = events.deal[event] if own != LOST else -1
    return _Ends(events.record, events.known, state, events.at, blamed)


def _dated(table: Columns, changes: Changes, field: str, state: int) -> _Ends:
    """Ends stated by a date column: one for each change row of it (cleared is open again), and the date it has now."""
    rows, date = changes.of(field), ints(table, field)
    said = _instants(rows.new)
    at = np.where(said == MISSING, rows.occurred, said)
    told = _Ends.of(rows.record, np.maximum(rows.known, at), np.where(rows.new.codes < 0, OPEN, state), at)
    last = np.full(len(date), MISSING)
    last[rows.record] = said
    silent = np.flatnonzero((date != MISSING) & (last != date))
    return told.then(_Ends.of(silent, date[silent], np.full(len(silent), state), date[silent]))


def _build(ends: _Ends, created: Ints) -> Stream:
    """Outcome events in order, none known before its record is; one that repeats the state before it is dropped."""
    known = np.maximum(ends.known, created[ends.record])
    order = np.lexsort((ends.at, known, ends.record))
    record, state = ends.record[order], ends.state[order]
    before = np.where(np.diff(record, prepend=-1) != 0, OPEN, np.roll(state, 1))
    kept = order[state != before]
    columns: Columns = {"state": ends.state[kept], "at": ends.at[kept], "deal": ends.deal[kept]}
    return Stream.of(ends.record[kept], known[kept], columns, keys=len(created))


def _said(table: Columns, changes: Changes, field: str, created: Ints) -> Timeline:
    """The reason given for losing each record, as it was known."""
    rows = changes.of(field)
    current, old, new = one_vocabulary(words(table, field), rows.old, rows.new)
    nobody = np.zeros(len(created), bool)
    records = Records(created, created, nobody, words(table, "crm"))
    given = FieldChanges(rows.record, rows.occurred, rows.known, old, new)
    return timeline(current, records, given, field=field, overwritten=False, kept={})


def _state(outcome: Words) -> Ints:
    state = outcome.recode({"won": REACHED, "lost": LOST}).astype(np.int64)
    return np.where(state < 0, OPEN, state)


def _instants(texts: Words) -> Ints:
    """Instants from the canonical text that changes keep; MISSING where empty or unreadable."""
    zone = ZoneInfo("UTC")
    read = [read_instant(word, zone, start=False)[0] for word in texts.words]
    return np.array([*(MISSING if at is None else at for at in read), MISSING], np.int64)[texts.codes]
