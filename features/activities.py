"""Activities as streams of a record: what happened, and what was planned at each instant.

An activity has happened once it is both done and recorded; one with a due date and no done date has not happened. It is
planned between being recorded and its due date, and overdue from then until it is done (DESIGN section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Bools, Columns, Ints, Words, floats, ints, words
from features.stream import Stream, take

NEVER = int(np.iinfo(np.int64).max)
NEAREST = 20
"""Of the records of one person (or lead), an activity goes to so many made last before it was known, and as many made
first after: who is named by thousands is a placeholder, and each activity would be copied to each of them."""
_PAIRS = 4_000_000
"""Instants and plans compared at a time."""


@dataclass(frozen=True, slots=True)
class Link:
    """One way an activity names a record. `keeps`: whether the activity is then the record's alone (one entry each
    activity): only where what it names was there already when the activity became known. `since`: from when the record
    is known to be what `records` says, `begin` and `until`: the record is given what was known in [begin, until), see
    `spans` (one entry each record, int64 microseconds; MISSING: always)."""

    named: Words
    records: Words
    keeps: Bools
    since: Ints
    begin: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class Pairs:
    """Activities and the records they belong to, by position; `since` when each came to (MISSING: from the start)."""

    activity: Ints
    record: Ints
    since: Ints

    def take(self, rows: Ints | Bools) -> "Pairs":
        """The pairs at these positions, or where this mask is true."""
        return Pairs(self.activity[rows], self.record[rows], self.since[rows])


def spans(named: Words, created: Ints) -> tuple[Ints, Ints]:
    """The activities each record is given of what it names: those known in [begin, until), int64 microseconds, from the
    creation of the record `NEAREST` before it among those that name the same until that of the one `NEAREST` after it;
    MISSING and NEVER where there are fewer. Records are in order of id, which decides between those of one instant.

    Nothing later is asked: whoever is made in between is there when the record is, or when the activity is known.

    >>> begin, until = spans(Words.of(["c"] * 22), np.arange(22))
    >>> begin[-3:].tolist() == [MISSING, 0, 1], until[:3].tolist() == [20, 21, NEVER]
    (True, True)
    """
    begin, until = np.full(len(created), MISSING), np.full(len(created), NEVER)
    order = np.lexsort((created, named.codes))
    earlier, later = order[:-NEAREST], order[NEAREST:]
    same = named.codes[earlier] == named.codes[later]
    begin[later[same]], until[earlier[same]] = created[earlier[same]], created[later[same]]
    return begin, until


def belonging(links: Sequence[Link], known: Ints) -> Pairs:
    """What belongs to what, from links tried in turn: the opportunity's, else the lead's, else the person's. `known`:
    when each activity was.

    An activity that was re-attached to an opportunity made later is that opportunity's, and still the person's as well:
    so it was until then.

    >>> kept, always, never = np.array([True, True, True]), np.array([MISSING, MISSING]), np.array([NEVER, NEVER])
    >>> own = Link(Words.of(["o1", None, None]), Words.of(["o1", "o2"]), kept, always, always, never)
    >>> person = Link(Words.of(["c1", "c1", "c9"]), Words.of(["c1", "c1"]), kept, always, always, never)
    >>> pairs = belonging([own, person], np.array([7, 8, 9]))
    >>> pairs.activity.tolist(), pairs.record.tolist()
    ([0, 1, 1], [0, 0, 1])
    """
    activities, records, sinces = [], [], []
    free = np.ones(len(links[0].named), bool)
    for link in links:
        rows = np.flatnonzero(free & (link.named.codes >= 0))
        free[rows[link.keeps[rows]]] = False
        codes = link.named.recode({word: code for code, word in enumerate(link.records.words)})[rows]
        theirs = Stream.of(codes.astype(np.int64), known[rows], {"activity": rows}, keys=len(link.records.words))
        named = link.records.codes.astype(np.int64)
        low, high = theirs.before(named, link.begin), theirs.before(named, link.until)
        count = np.maximum(high - low, 0)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        activities.append(ints(theirs.columns, "activity")[np.repeat(low, count) + within])
        records.append(np.repeat(np.arange(len(count)), count))
        sinces.append(link.since[records[-1]])
    pairs = Pairs(np.concatenate(activities), np.concatenate(records), np.concatenate(sinces))
    pairs = pairs.take(np.lexsort((pairs.since, pairs.record, pairs.activity)))
    return pairs.take((np.diff(pairs.activity, prepend=-1) != 0) | (np.diff(pairs.record, prepend=-1) != 0))


def known_at(table: Columns) -> Ints:
    """When each activity was known at all: planned, or done."""
    occurred, recorded, due = (ints(table, name) for name in ("occurred_at", "recorded_at", "due_at"))
    # a plan of which nobody knows when it was recorded was made by the time it was due
    begun = np.where(due == MISSING, occurred, np.minimum(occurred, due))
    return np.where(recorded == MISSING, begun, recorded)


def happened(table: Columns, pairs: Pairs, met: Ints, *, records: int) -> Stream:
    """What was done, timed by when that was known, and known to be the record's. `met`: when the contact that each
    activity names was created (MISSING: unknown); what was done before was done with nobody.

    Columns `kind`, `direction`, `outcome`, `timed`, `duration` (int64 microseconds, 0 unless `timed`), `reply` (`ours`,
    `theirs`), `delay` (int64 microseconds, 0 unless `reply`), `person` and `colleague` (`new`: the record's first with
    this contact, this owner).
    """
    occurred, recorded = ints(table, "occurred_at"), ints(table, "recorded_at")
    due, done = ints(table, "due_at"), ints(table, "done_at")
    known = np.maximum(np.where(done == MISSING, occurred, done), np.where(recorded == MISSING, occurred, recorded))
    pairs = pairs.take(((due == MISSING) | (done != MISSING))[pairs.activity])
    time = np.maximum(known[pairs.activity], pairs.since)
    person = words(table, "contact_id").take(pairs.activity)
    person = Words(np.where(met[pairs.activity] <= time, person.codes, np.int32(-1)), person.words)
    duration = floats(table, "duration_s")
    timed = np.isfinite(duration)
    microseconds = np.zeros(len(duration), np.int64)
    microseconds[timed] = np.rint(duration[timed] * 1e6).astype(np.int64)
    columns: Columns = {
        name: take(column, pairs.activity)
        for name, column in {
            "kind": table["kind"], "direction": table["direction"], "outcome": table["outcome"],
            "colleague": table["owner_id"],
            "timed": Words(np.where(timed, 0, -1).astype(np.int32), ("yes",)), "duration": microseconds,
        }.items()
    }  # fmt: skip
    return _with_replies(Stream.of(pairs.record, time, {**columns, "person": person}, keys=records))


def _with_replies(stream: Stream) -> Stream:
    """Mark each event that answers the one before it, coming from the other side."""
    sides = words(stream.columns, "direction").recode({"in": 0, "out": 1})
    key = stream.keys()
    answers = np.zeros(len(sides), bool)
    answers[1:] = (key[1:] == key[:-1]) & (sides[1:] >= 0) & (sides[:-1] >= 0) & (sides[1:] != sides[:-1])
    reply = np.where(answers, np.where(sides == 1, 0, 1), -1).astype(np.int32)
    delay = np.where(answers, np.diff(stream.time, prepend=stream.time[:1]), 0)
    columns = {**stream.columns, "reply": Words(reply, ("ours", "theirs")), "delay": delay}
    columns |= {name: _first_time(key, words(stream.columns, name)) for name in ("person", "colleague")}
    return Stream(stream.start, stream.time, columns)


def _first_time(key: Ints, column: Words) -> Words:
    """`new` where a key has a word for the first time, else missing; events are in order of key and time."""
    code = np.full(len(key), -1, np.int32)
    named = np.flatnonzero(column.codes >= 0)
    _, first = np.unique(key[named] * max(len(column.words), 1) + column.codes[named], return_index=True)
    code[named[first]] = 0
    return Words(code, ("new",))


def plans(table: Columns, pairs: Pairs, *, records: int) -> Stream:
    """The state of a record's plans after each instant it changed.

    Columns `planned` and `overdue` (how many), `next_due` (earliest due date ahead, int64 microseconds, MISSING: none).
    """
    due, done = ints(table, "due_at"), ints(table, "done_at")
    pairs = pairs.take(due[pairs.activity] != MISSING)
    pairs = pairs.take(np.argsort(pairs.record, kind="stable"))
    begins = np.maximum(known_at(table)[pairs.activity], pairs.since)
    ends = np.where(done == MISSING, NEVER, np.maximum(done, ints(table, "recorded_at")))[pairs.activity]
    return _states(Plans(pairs.record, begins, due[pairs.activity], ends), records)


@dataclass(frozen=True, slots=True)
class Plans:
    """Things to be done, by record: planned on (begin, min(due, end)], overdue on (max(begin, due), end]."""

    record: Ints
    begin: Ints
    due: Ints
    end: Ints


def _states(plans: Plans, records: int) -> Stream:
    """How many are planned and overdue, and which is due next, after each instant at which that changes."""
    until, late = np.minimum(plans.due, plans.end), np.maximum(plans.begin, plans.due)
    was, lapses = until > plans.begin, plans.end > late
    record = np.concatenate([plans.record[part] for part in (was, was, lapses, lapses)])
    time = np.concatenate([plans.begin[was], until[was], late[lapses], plans.end[lapses]])
    step = np.repeat(
        np.array([[1, -1, 0, 0], [0, 0, 1, -1]]), [was.sum(), was.sum(), lapses.sum(), lapses.sum()], axis=1
    )
    order = np.lexsort((time, record))
    order = order[time[order] < NEVER]
    record, time, step = record[order], time[order], step[:, order]
    starts = np.searchsorted(record, np.arange(records))
    running = np.concatenate([np.zeros((2, 1), np.int64), np.cumsum(step, axis=1)], axis=1)
    planned, overdue = running[:, 1:] - running[:, starts[record]]
    settled = (np.diff(record, append=-1) != 0) | (np.diff(time, append=-1) != 0)
    record, time, planned = record[settled], time[settled], planned[settled]
    ahead = np.flatnonzero(planned > 0)
    next_due = np.full(len(record), MISSING)
    next_due[ahead] = _next_due(plans, until, record[ahead], time[ahead])
    columns: Columns = {"planned": planned, "overdue": overdue[settled], "next_due": next_due}
    return Stream.of(record, time, columns, keys=records)


def _next_due(plans: Plans, until: Ints, record: Ints, time: Ints) -> Ints:
    """The earliest due date among a record's plans at each of these instants, at which it has at least one."""
    low, high = (np.searchsorted(plans.record, record, side=side) for side in ("left", "right"))
    found = np.empty(len(record), np.int64)
    parts = np.cumsum(high - low) // _PAIRS
    for part in np.split(np.arange(len(record)), np.flatnonzero(np.diff(parts)) + 1):
        count = (high - low)[part]
        first = np.cumsum(count) - count
        plan = np.repeat(low[part] - first, count) + np.arange(count.sum())
        now = np.repeat(time[part], count)
        due = np.where((plans.begin[plan] <= now) & (now < until[plan]), plans.due[plan], NEVER)
        if len(part):
            found[part] = np.minimum.reduceat(due, first)
    return found
