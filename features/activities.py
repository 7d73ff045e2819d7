"""Activities as streams of a record: what happened, and what was planned at each instant.

An activity has happened once it is both done and recorded; one with a due date and no done date has not happened. It is
planned between being recorded and its due date, and overdue from then until it is done (DESIGN section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Bools, Columns, Ints, Words, floats, ints, words
from features.stream import Stream, take

_NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Link:
    """One way an activity names a record. `keeps`: whether the activity is then the record's alone (one entry each
    activity): only where what it names was there already when the activity became known."""

    named: Words
    records: Words
    keeps: Bools


def belonging(links: Sequence[Link]) -> tuple[Ints, Ints]:
    """(activity, record) pairs from links tried in turn: the opportunity's, else the lead's, else the person's.

    An activity that was re-attached to an opportunity made later is that opportunity's, and still the person's as well:
    so it was until then.

    >>> kept = np.array([True, True, True])
    >>> own = Link(Words.of(["o1", None, None]), Words.of(["o1", "o2"]), kept)
    >>> person = Link(Words.of(["c1", "c1", "c9"]), Words.of(["c1", "c1"]), kept)
    >>> [part.tolist() for part in belonging([own, person])]
    [[0, 1, 1], [0, 0, 1]]
    """
    activities, records = [], []
    free = np.ones(len(links[0].named), bool)
    for link in links:
        rows = np.flatnonzero(free & (link.named.codes >= 0))
        free[rows[link.keeps[rows]]] = False
        codes = link.named.recode({word: code for code, word in enumerate(link.records.words)})[rows]
        order = np.argsort(link.records.codes, kind="stable")
        low = np.searchsorted(link.records.codes[order], codes, side="left")
        high = np.searchsorted(link.records.codes[order], codes, side="right")
        count = np.where(codes >= 0, high - low, 0)
        activities.append(np.repeat(rows, count))
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        records.append(order[np.repeat(low, count) + within])
    pairs = np.unique(np.stack([np.concatenate(activities), np.concatenate(records)]), axis=1)
    return pairs[0], pairs[1]


def known_at(table: Columns) -> Ints:
    """When each activity was known at all: planned, or done."""
    occurred, recorded = ints(table, "occurred_at"), ints(table, "recorded_at")
    return np.where(recorded == MISSING, occurred, recorded)


def happened(table: Columns, activity: Ints, record: Ints, *, records: int) -> Stream:
    """What was done, timed by when that was known.

    Columns `kind`, `direction`, `outcome`, `timed`, `duration` (int64 microseconds, 0 unless `timed`), `reply` (`ours`,
    `theirs`) and `delay` (int64 microseconds, 0 unless `reply`).
    """
    occurred, recorded = ints(table, "occurred_at"), ints(table, "recorded_at")
    due, done = ints(table, "due_at"), ints(table, "done_at")
    known = np.maximum(np.where(done == MISSING, occurred, done), np.where(recorded == MISSING, occurred, recorded))
    took_place = ((due == MISSING) | (done != MISSING))[activity]
    activity, record = activity[took_place], record[took_place]
    duration = floats(table, "duration_s")
    timed = np.isfinite(duration)
    microseconds = np.zeros(len(duration), np.int64)
    microseconds[timed] = np.rint(duration[timed] * 1e6).astype(np.int64)
    columns: Columns = {
        name: take(column, activity)
        for name, column in {
            "kind": table["kind"], "direction": table["direction"], "outcome": table["outcome"],
            "timed": Words(np.where(timed, 0, -1).astype(np.int32), ("yes",)), "duration": microseconds,
        }.items()
    }  # fmt: skip
    return _with_replies(Stream.of(record, known[activity], columns, keys=records))


def _with_replies(stream: Stream) -> Stream:
    """Mark each event that answers the one before it, coming from the other side."""
    sides = words(stream.columns, "direction").recode({"in": 0, "out": 1})
    key = stream.keys()
    answers = np.zeros(len(sides), bool)
    answers[1:] = (key[1:] == key[:-1]) & (sides[1:] >= 0) & (sides[:-1] >= 0) & (sides[1:] != sides[:-1])
    reply = np.where(answers, np.where(sides == 1, 0, 1), -1).astype(np.int32)
    delay = np.where(answers, np.diff(stream.time, prepend=stream.time[:1]), 0)
    columns = {**stream.columns, "reply": Words(reply, ("ours", "theirs")), "delay": delay}
    return Stream(stream.start, stream.time, columns)


def plans(table: Columns, activity: Ints, record: Ints, *, records: int) -> Stream:
    """The state of a record's plans after each instant it changed.

    Columns `planned` and `overdue` (how many), `next_due` (earliest due date ahead, int64 microseconds, MISSING: none).
    """
    due, done = ints(table, "due_at"), ints(table, "done_at")
    occurred, recorded = ints(table, "occurred_at"), ints(table, "recorded_at")
    chosen = np.flatnonzero(due[activity] != MISSING)
    activity, record = activity[chosen], record[chosen]
    order = np.argsort(record, kind="stable")
    activity, record = activity[order], record[order]
    begins = np.where(recorded == MISSING, np.minimum(occurred, due), recorded)[activity]
    ends = np.where(done == MISSING, _NEVER, np.maximum(done, np.where(recorded == MISSING, done, recorded)))[activity]
    bounds = np.searchsorted(record, np.arange(records + 1))
    keys: list[int] = []
    rows: list[tuple[int, int, int, int]] = []
    for key in np.flatnonzero(np.diff(bounds)).tolist():
        part = slice(bounds[key], bounds[key + 1])
        states = _sweep(begins[part].tolist(), due[activity[part]].tolist(), ends[part].tolist())
        keys += [key] * len(states)
        rows += states
    time, planned, overdue, next_due = np.array(rows, np.int64).reshape(-1, 4).T
    columns: Columns = {"planned": planned, "overdue": overdue, "next_due": next_due}
    return Stream.of(np.array(keys, np.int64), time, columns, keys=records)


def _sweep(begins: list[int], due: list[int], ends: list[int]) -> list[tuple[int, int, int, int]]:
    """(instant, planned, overdue, next due) after each instant at which a plan of one record begins, falls due or ends.

    A plan counts as planned on (begin, min(due, end)] and as overdue on (max(begin, due), end].
    """
    moments = sorted(
        {t for b, d, e in zip(begins, due, ends, strict=True) for t in (b, max(b, d), e) if b <= t < _NEVER}
    )
    by_begin = sorted(zip(begins, due, ends, strict=True))
    ahead: list[tuple[int, int]] = []
    late: list[int] = []
    states, position = [], 0
    for moment in moments:
        while position < len(by_begin) and by_begin[position][0] <= moment:
            ahead.append(by_begin[position][1:])
            position += 1
        ahead = [plan for plan in ahead if plan[1] > moment]
        late += [end for day, end in ahead if day <= moment]
        ahead = sorted(plan for plan in ahead if plan[0] > moment)
        late = [end for end in late if end > moment]
        states.append((moment, len(ahead), len(late), ahead[0][0] if ahead else MISSING))
    return states
