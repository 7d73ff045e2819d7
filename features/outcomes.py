"""When each record's outcome became known: an event of its own, never a feature of the record itself.

An outcome is known from its change row, else from the date the CRM states. A record reopened is open again from that
change. What happened to a record is read from here by the labels and, once known, by the cross-record streams.
"""

from dataclasses import dataclass

import numpy as np

from features.changes import Changes
from features.columns import MISSING, Columns, Ints, Words, ints, words
from features.stream import Stream

OPEN, REACHED, LOST = 0, 1, 2
"""States of a record with respect to a target; OPEN after an end means reopened."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcome events of n records for one target, keyed by record and timed by when they became known.

    Columns: `state`, `at` (when it happened, int64 microseconds), `reason` (words; missing when not lost or not said).
    """

    events: Stream

    def column(self, name: str) -> Ints:
        """An int64 column of the events: `state` or `at`."""
        return ints(self.events.columns, name)

    @property
    def reasons(self) -> Words:
        """The reason of each event."""
        return words(self.events.columns, "reason")

    def last(self, record: Ints, known_by: Ints) -> Ints:
        """Position of the end each record is in, as known strictly before `known_by`; -1 where it is open then."""
        after = self.events.before(record, known_by)
        position = np.where(after > self.events.first(record), after - 1, -1)
        ended = np.flatnonzero(position >= 0)
        position[ended[self.column("state")[position[ended]] == OPEN]] = -1
        return position

    def closed(self, known_by: int) -> Ints:
        """When each record's present end became known, before `known_by`; MISSING where it is open then."""
        records = np.arange(len(self.events.start) - 1)
        position = self.last(records, np.full(len(records), known_by))
        closed = np.full(len(records), MISSING)
        closed[position >= 0] = self.events.time[position[position >= 0]]
        return closed


@dataclass(frozen=True, slots=True)
class _Ends:
    """Outcome events before they are sorted: one array each, all of one length."""

    record: Ints
    known: Ints
    state: Ints
    at: Ints
    reason: list[str | None]


def of_opportunities(table: Columns, changes: Changes) -> Outcomes:
    """Outcome events of opportunities: change rows of `outcome`, and the record's own closing where these lack it."""
    closed_at, first_seen = ints(table, "closed_at"), ints(table, "first_seen")
    state = words(table, "outcome").recode({"won": REACHED, "lost": LOST}).astype(np.int64)
    state[state < 0] = OPEN
    reasons = words(table, "loss_reason").tolist()
    rows = changes.of("outcome")
    told = rows.new.recode({"won": REACHED, "lost": LOST}).astype(np.int64)
    told[told < 0] = OPEN
    final = np.full(len(state), OPEN)
    final[rows.record] = told  # rows are in order of `known`: the last one stands
    stated = (told != OPEN) & (told == state[rows.record]) & (closed_at[rows.record] != MISSING)
    happened = np.where(stated, np.minimum(closed_at[rows.record], rows.known), rows.occurred)
    silent = np.flatnonzero((state != OPEN) & (final != state))
    date = np.where(closed_at == MISSING, first_seen, closed_at)[silent]
    record = np.concatenate([rows.record, silent])
    all_states = np.concatenate([told, state[silent]])
    return _build(_Ends(
        record, np.concatenate([rows.known, date]), all_states, np.concatenate([happened, date]),
        [reasons[r] if s == LOST else None for r, s in zip(record.tolist(), all_states.tolist(), strict=True)],
    ), records=len(state))  # fmt: skip


def of_leads(table: Columns, changes: Changes, first_opportunity: Ints) -> Outcomes:
    """Outcome events of leads, target `converted`: `converted_at`, else the creation of an opportunity naming it.

    `first_opportunity`: per lead, when the first opportunity naming it was created; MISSING where none does.
    """
    converted = ints(table, "converted_at")
    converted = np.where(converted == MISSING, first_opportunity, converted)
    won = _dated(converted, changes.of("converted_at"), REACHED, None)
    lost = _disqualified(table, changes)
    return _build(_joined(won, lost), records=len(converted))


def of_leads_won(table: Columns, changes: Changes, deals: Outcomes, lead_of_deal: Ints) -> Outcomes:
    """Outcome events of leads, target `won`: an opportunity of the lead is won; lost with it or when disqualified."""
    deal = np.repeat(np.arange(len(deals.events.start) - 1), np.diff(deals.events.start))
    lead, reasons = lead_of_deal[deal], deals.reasons.tolist()
    kept = np.flatnonzero(lead >= 0)
    from_deals = _Ends(
        lead[kept], deals.events.time[kept], deals.column("state")[kept], deals.column("at")[kept],
        [reasons[i] for i in kept.tolist()],
    )  # fmt: skip
    return _build(_joined(from_deals, _disqualified(table, changes)), records=len(ints(table, "created_at")))


def _disqualified(table: Columns, changes: Changes) -> _Ends:
    rows = changes.of("disqualified_at")
    return _dated(ints(table, "disqualified_at"), rows, LOST, words(table, "disqualified_reason"))


def _dated(date: Ints, rows: Changes, state: int, reason: Words | None) -> _Ends:
    """Ends stated by a date column; known from the change row that set it, where there is one."""
    known = date.copy()
    set_later = np.flatnonzero(rows.new.codes >= 0)
    known[rows.record[set_later]] = rows.known[set_later]
    record = np.flatnonzero(date != MISSING)
    reasons: list[str | None] = [None] * len(record)
    if reason:
        reasons = reason.take(record).tolist()
    known = np.maximum(known, date)[record]
    return _Ends(record, known, np.full(len(record), state, np.int64), date[record], reasons)


def _joined(left: _Ends, right: _Ends) -> _Ends:
    return _Ends(
        np.concatenate([left.record, right.record]), np.concatenate([left.known, right.known]),
        np.concatenate([left.state, right.state]), np.concatenate([left.at, right.at]), left.reason + right.reason,
    )  # fmt: skip


def _build(ends: _Ends, *, records: int) -> Outcomes:
    """Outcome events in order; one that repeats the state before it, or reopens what was open, is dropped."""
    order = np.lexsort((ends.at, ends.known, ends.record))
    record, state = ends.record[order], ends.state[order]
    before = np.where(np.diff(record, prepend=-1) != 0, OPEN, np.roll(state, 1))
    kept = order[state != before]
    columns: Columns = {
        "state": ends.state[kept], "at": ends.at[kept], "reason": Words.of([ends.reason[i] for i in kept.tolist()]),
    }  # fmt: skip
    return Outcomes(Stream.of(ends.record[kept], ends.known[kept], columns, keys=records))
