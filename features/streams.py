"""What happened across records: outcomes by owner, team, source, process, account and more, load, stage times.

Small enough to hold in memory; looked up by bisection, online as in batch. Every event is timed by when it was known.
"""

from collections.abc import Iterable

import numpy as np

from features.columns import MISSING, Columns, Ints, Words, ints, words
from features.crm.store import Store
from features.entity import Reader, Starts, load_starts
from features.grouping import OUTCOMES
from features.history import TARGETS, History, Kind, load_history
from features.keyed import Keyed, Streams, Teams, pair
from features.outcomes import LOST, OPEN, REACHED
from features.settings import Settings
from features.timeline import NEVER_KNOWN
from features.view import OF_KEY, WORD, Rows, View

__all__ = ["Streams", "load_streams", "streams_of"]

BY = ("all", "owner", "team", "source", "campaign", "product", "process", "account", "person")
"""What outcomes are added up by, beside each custom field of words."""


def load_streams(store: Store, settings: Settings) -> Streams:
    """The streams of the whole store."""
    kinds: tuple[Kind, ...] = ("leads", "opportunities")
    starts = load_starts(store)
    reader = Reader(store, settings, starts, some=False)
    table = reader.table("owners", None)
    index = {word: place for place, word in enumerate(words(table, "owner_id").tolist()) if word}
    owners = reader.entity("owners", table, reader.changes("owners", index), np.zeros(len(index), bool))
    histories = [load_history(store, settings, kind, starts=starts, activities=False) for kind in kinds]
    return streams_of(histories, Teams(index, owners.fields["team"]), starts)


def streams_of(histories: Iterable[History], teams: Teams, starts: Starts) -> Streams:
    """The streams of these histories.

    The streams of outcomes have columns `ended` (the word `reached` or `lost`), `worth` (what was won, in minor units
    of the reporting currency at that day's rate) and `took` (int64 microseconds from creation to the target, 0 where
    it was not reached); load streams `open` (+1, -1); stage streams `took` of a visit.
    """
    streams = Streams({}, teams, starts)
    for history in histories:
        named = {
            OUTCOMES: _outcomes(history, streams), "load": _load(history, "load"), "open": _load(history, "open")
        }  # fmt: skip
        if history.kind == "opportunities":
            named["stage"] = _stage_times(history)
        streams.by_name.update({f"{history.kind}.{name}": keyed for name, keyed in named.items()})
    return streams


def _outcomes(history: History, streams: Streams) -> Keyed:
    events = history.outcomes[TARGETS[history.kind]].events
    state = ints(events.columns, "state")
    ended = np.flatnonzero((state == REACHED) | (state == LOST))
    record, known = events.keys()[ended], events.time[ended]
    view = View(history, streams, Rows(record, known))
    reached = state[ended] == REACHED
    worth = view.money("amount")
    columns: Columns = {
        "ended": Words(reached.astype(np.int32), ("lost", "reached")),
        "worth": np.where(reached & (worth != MISSING), worth, 0),
        "took": np.maximum(known - history.created[record], 0) * reached,
    }  # fmt: skip
    return Keyed.of({by: view.key(by) for by in (*BY, *_accepted_words(history))}, known, columns)


def _accepted_words(history: History) -> list[str]:
    """The custom fields of words, each a stream of its own."""
    linked = [(f"{name}.{a.field}", a.type) for name, entity in history.linked.items() for a in entity.attributes]
    own = [(attribute.field, attribute.type) for attribute in history.own.attributes]
    return [f"{WORD}{reference}" for reference, sort in (*own, *linked) if sort == "category"]


def _load(history: History, name: str) -> Keyed:
    """+1 when an owner (or an account) gets an open record, -1 when it ends, is deleted or goes to another one."""
    line = history.own.fields[OF_KEY[name]]
    new = line.changes.columns["new"]
    assert isinstance(line.first, Words)
    assert isinstance(new, Words)
    ends = history.outcomes[TARGETS[history.kind]]
    everyone = np.arange(len(history.ids))
    handed, ended, (there_of, there_at, is_there) = line.changes.keys(), ends.events.keys(), _there(history)
    record = np.concatenate([everyone, handed, ended, there_of])
    time = np.concatenate([history.created, line.changes.time, ends.events.time, there_at])
    # what each event says of the holder (-1 none), of being open and of being there; -2 where it says nothing
    owner, open_, there = np.full((3, len(record)), -2)
    owner[: len(everyone)], open_[: len(everyone)], there[: len(everyone)] = line.first.codes, 1, 1
    owner[len(everyone) : len(everyone) + len(handed)] = new.codes
    open_[len(everyone) + len(handed) : len(record) - len(there_of)] = ends.column("state") == OPEN
    there[len(record) - len(there_of) :] = is_there
    order = np.lexsort((time, record))
    record, time = record[order], time[order]
    owner, open_, there = (_latest(part[order]) for part in (owner, open_, there))
    has = np.where((open_ == 1) & (there == 1), owner, -1)
    # what counts is the state after the last event of an instant
    settled = (np.diff(record, append=-1) != 0) | (np.diff(time, append=-1) != 0)
    record, time, has = record[settled], time[settled], has[settled]
    had = np.where(np.diff(record, prepend=-1) != 0, -1, np.roll(has, 1))
    moved = had != has
    key = np.concatenate([had[moved], has[moved]]).astype(np.int32)
    step = np.repeat(np.array([-1, 1]), int(moved.sum()))
    return Keyed.of({name: Words(key, line.first.words)}, np.tile(time[moved], 2), {"open": step})


def _there(history: History) -> tuple[Ints, Ints, Ints]:
    """When records were deleted (0) or turned out not to be (1), as it was known: record, instant, which."""
    line = history.own.ends["deleted_at"]
    first = ints({"": line.first}, "")
    touched = np.flatnonzero((first != MISSING) | (np.diff(line.changes.start) > 0))
    record = np.append(touched, line.changes.keys())
    known = np.append(history.created[touched], line.changes.time)
    stated = np.append(first[touched], ints(line.changes.columns, "new"))
    order = np.lexsort((known, record))
    record, known, stated = record[order], known[order], stated[order]
    until = np.where(np.diff(record, append=-1) == 0, np.roll(known, -1), NEVER_KNOWN)
    later = np.flatnonzero((stated > known) & (stated < until))
    now = np.where((stated != MISSING) & (stated <= known), 0, 1)
    zero = np.zeros(len(later), np.int64)
    return np.append(record, record[later]), np.append(known, stated[later]), np.append(now, zero)


def _latest(said: Ints) -> Ints:
    """What was said last, row after row; -2 says nothing. The first row always says something."""
    at = np.where(said != -2, np.arange(len(said)), 0)
    return said[np.maximum.accumulate(at)]


def _stage_times(history: History) -> Keyed:
    """How long each finished visit to a stage took, by `process|stage`."""
    line = history.own.fields["stage"]
    (record, entered), left, stage = line.visits(), line.changes.time, line.changes.columns["old"]
    process = history.own.fields["process"].at(record, left)
    assert isinstance(stage, Words)
    assert isinstance(process, Words)
    place = pair(process, stage)
    rows = np.flatnonzero((entered != MISSING) & (place.codes >= 0))
    return Keyed.of({"stage": place.take(rows)}, left[rows], {"took": (left - entered)[rows]})
