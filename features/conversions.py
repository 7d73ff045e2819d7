"""When each lead's outcome became known: by its own dates, or by what became of the opportunities that name it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.changes import Changes
from features.columns import MISSING, Columns, Ints, ints, words
from features.outcomes import LOST, OPEN, REACHED, Ends, Outcomes, build, instants, said, spans_of, told
from features.stream import Stream

_LEFT = -1
"""An opportunity no longer names the lead."""


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
    spans = spans_of(said(deals, changes, "lead_id", created), created)
    lead = words({"": spans.value}, "").recode(index).astype(np.int64)
    names = np.flatnonzero((lead >= 0) & (spans.since < spans.until))  # one named for no time is not
    return Named(spans.record[names], lead[names], spans.since[names], spans.until[names])


def of_leads(table: Columns, changes: Changes, spans: Named) -> Outcomes:
    """Outcome events of leads, target `converted`: by `converted_at`, or by the first opportunity to name it."""
    created = ints(table, "created_at")
    order = np.argsort(spans.since, kind="stable")
    lead, first = np.unique(spans.lead[order], return_index=True)
    since = spans.since[order[first]]
    by_deal = Ends.of(lead, since, np.full(len(lead), REACHED), since)
    ends = _dated(table, changes, "converted_at", REACHED).then(
        by_deal, _dated(table, changes, "disqualified_at", LOST)
    )
    return Outcomes(build(ends, created), said(table, changes, "disqualified_reason", created))


def of_leads_won(table: Columns, changes: Changes, deals: Outcomes, spans: Named) -> Outcomes:
    """Outcome events of leads, target `won`: reached when an opportunity that names the lead is won, lost when all that
    do are lost or the lead is disqualified."""
    created = ints(table, "created_at")
    own = _dated(table, changes, "disqualified_at", LOST)
    span, event = _within(spans, deals.events)
    told = Ends(
        spans.lead[span],
        deals.events.time[event],
        deals.column("state")[event],
        deals.column("at")[event],
        spans.deal[span],
    )
    before = deals.last(spans.deal, spans.since + 1)
    state = np.where(before < 0, OPEN, np.append(deals.column("state"), OPEN)[before])
    births = Ends(spans.lead, spans.since, state, spans.since, spans.deal)
    ended = np.flatnonzero(spans.until < np.iinfo(np.int64).max)
    until = spans.until[ended]
    leaves = Ends(spans.lead[ended], until, np.full(len(ended), _LEFT), until, spans.deal[ended])
    events = build(_together(leaves.then(births, told, own)), created)
    return Outcomes(events, said(table, changes, "disqualified_reason", created), deals.own_reason)


def _within(spans: Named, events: Stream) -> tuple[Ints, Ints]:
    """(span, event) pairs: the events of each span's opportunity known in (since, until)."""
    low = events.before(spans.deal, spans.since + 1)
    count = events.before(spans.deal, spans.until) - low
    span = np.repeat(np.arange(len(count)), count)
    return span, np.repeat(low, count) + np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)


def _together(events: Ends) -> Ends:
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
    return Ends(events.record, events.known, state, events.at, blamed)


def _dated(table: Columns, changes: Changes, field: str, state: int) -> Ends:
    """Ends stated by a date column: one for each change row of it (cleared is open again), the date it had before the
    first, and the date it has now."""
    rows, date = told(table, changes, field), ints(table, field)
    new = instants(rows.new)
    at = np.where(new == MISSING, rows.occurred, new)
    ends = Ends.of(rows.record, np.maximum(rows.known, at), np.where(rows.new.codes < 0, OPEN, state), at)
    record, first = np.unique(rows.record, return_index=True)
    was = instants(rows.old.take(first))
    before = np.flatnonzero((was != MISSING) & (was < rows.known[first]))
    last = np.full(len(date), MISSING)
    last[rows.record] = new
    silent = np.flatnonzero((date != MISSING) & (last != date))
    record, at = np.append(record[before], silent), np.append(was[before], date[silent])
    return ends.then(Ends.of(record, at, np.full(len(record), state), at))
