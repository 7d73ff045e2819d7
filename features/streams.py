"""What happened across records: outcomes, load and stage times by owner, team, source, process and account.

Small enough to hold in memory; looked up by bisection, online as in batch. Every event is timed by when it was known.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Columns, Ints, Words, ints, words
from features.crm.store import Store
from features.entity import Reader, Starts, load_starts
from features.history import TARGETS, History, Kind, load_history
from features.outcomes import LOST, OPEN, REACHED
from features.settings import Settings
from features.stream import Stream
from features.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Keyed:
    """A stream whose keys are words: `index` gives each word its key."""

    index: dict[str, int]
    stream: Stream

    def key(self, column: Words) -> Ints:
        """The key of each row's word; -1 where it has no events."""
        return column.recode(self.index).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Teams:
    """Each owner's team, as it was known at any instant."""

    index: dict[str, int]
    line: Timeline

    def at(self, owner: Words, as_of: Ints) -> Words:
        """The team of each row's owner; missing where there is none."""
        team = self.line.at(owner.recode(self.index).astype(np.int64), as_of)
        assert isinstance(team, Words)
        return team

    def by_owner(self, as_of: int) -> dict[str, str]:
        """The team of every owner who has one, as it was known at an instant."""
        owners = Words.of(self.index)
        team = self.at(owners, np.full(len(owners), as_of)).tolist()
        return {owner: name for owner, name in zip(self.index, team, strict=True) if name}


@dataclass(frozen=True, slots=True)
class Streams:
    """Cross-record streams by name: `opportunities.owner` (outcomes), `leads.load`, `opportunities.stage` and so on."""

    by_name: dict[str, Keyed]
    teams: Teams
    starts: Starts
    """What history each source keeps; hand it to `load_history` when reading a few records."""


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

    Outcome streams have columns `reached` and `ended` (int64 1 or 0), `worth` (minor units of what was won) and `took`
    (int64 microseconds from creation to the end); load streams `open` (+1, -1); stage streams `took`.
    """
    by_name: dict[str, Keyed] = {}
    for history in histories:
        by_name |= {f"{history.kind}.{name}": keyed for name, keyed in _outcome_streams(history, teams).items()}
        by_name[f"{history.kind}.load"] = _load(history)
        if history.kind == "opportunities":
            by_name["opportunities.stage"] = _stage_times(history)
    return Streams(by_name, teams, starts)


def _outcome_streams(history: History, teams: Teams) -> dict[str, Keyed]:
    events = history.outcomes[TARGETS[history.kind]].events
    state = ints(events.columns, "state")
    ended = np.flatnonzero((state == REACHED) | (state == LOST))
    record = events.keys()[ended]
    known, reached = events.time[ended], (state[ended] == REACHED).astype(np.int64)
    worth = np.zeros(len(ended), np.int64)
    if "amount" in history.own.fields:
        amount = history.own.fields["amount"].at(record, known)
        assert not isinstance(amount, Words)
        worth = np.where((reached == 1) & (amount != MISSING), amount, 0).astype(np.int64)
    columns: Columns = {
        "reached": reached, "ended": np.ones(len(ended), np.int64), "worth": worth,
        "took": np.maximum(known - history.created[record], 0),
    }  # fmt: skip
    owner = words_at(history, "owner_id", record, known)
    keys = {
        "owner": owner,
        "team": teams.at(owner, known),
        "source": words_at(history, "source", record, known),
        "process": words_at(history, "process", record, known),
        "account": words_at(history, "account_id", record, known),
        "all": Words(np.zeros(len(ended), np.int32), ("all",)),
    }
    return {name: _keyed(key, known, columns) for name, key in keys.items()}


def _load(history: History) -> Keyed:
    """+1 when an owner gets an open record, -1 when it ends, is deleted or goes to another owner."""
    line = history.own.fields["owner_id"]
    new = line.changes.columns["new"]
    assert isinstance(line.first, Words)
    assert isinstance(new, Words)
    ends = history.outcomes[TARGETS[history.kind]]
    everyone = np.arange(len(history.ids))
    handed, ended = line.changes.keys(), ends.events.keys()
    deleted = ints(history.own.table, "deleted_at")
    gone = np.flatnonzero(deleted != MISSING)
    record = np.concatenate([everyone, handed, ended, gone])
    time = np.concatenate(
        [history.created, line.changes.time, ends.events.time, np.maximum(deleted, history.created)[gone]]
    )
    # what each event says of the owner (-1 none), of being open and of being there; -2 where it says nothing
    owner, open_, there = np.full((3, len(record)), -2)
    owner[: len(everyone)], open_[: len(everyone)], there[: len(everyone)] = line.first.codes, 1, 1
    owner[len(everyone) : len(everyone) + len(handed)] = new.codes
    open_[len(everyone) + len(handed) : len(record) - len(gone)] = ends.column("state") == OPEN
    there[len(record) - len(gone) :] = 0
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
    return _keyed(Words(key, line.first.words), np.tile(time[moved], 2), {"open": step})


def _latest(said: Ints) -> Ints:
    """What was said last, row after row; -2 says nothing. The first row always says something."""
    at = np.where(said != -2, np.arange(len(said)), 0)
    return said[np.maximum.accumulate(at)]


def _stage_times(history: History) -> Keyed:
    """How long each finished visit to a stage took, by `process|stage`."""
    line = history.own.fields["stage"]
    (record, entered), left, stage = line.visits(), line.changes.time, line.changes.columns["old"]
    assert isinstance(stage, Words)
    place = pair(words_at(history, "process", record, left), stage)
    rows = np.flatnonzero((entered != MISSING) & (place.codes >= 0))
    return _keyed(place.take(rows), left[rows], {"took": (left - entered)[rows], "ended": np.ones(len(rows), np.int64)})


def _keyed(key: Words, time: Ints, columns: Columns) -> Keyed:
    stream = Stream.of(key.codes.astype(np.int64), time, columns, keys=len(key.words))
    return Keyed({word: code for code, word in enumerate(key.words)}, stream)


def words_at(history: History, field: str, record: Ints, as_of: Ints) -> Words:
    """A word field of these records at these instants."""
    column = history.own.fields[field].at(record, as_of)
    assert isinstance(column, Words), f"{field} is not a field of words"
    return column


def pair(left: Words, right: Words) -> Words:
    """`left|right` of each row; missing where either is.

    >>> pair(Words.of(["p", "p"]), Words.of(["new", None])).tolist()
    ['p|new', None]
    """
    code = left.codes.astype(np.int64) * max(len(right.words), 1) + right.codes
    code[(left.codes < 0) | (right.codes < 0)] = -1
    used, inverse = np.unique(code, return_inverse=True)
    names = [f"{left.words[c // len(right.words)]}|{right.words[c % len(right.words)]}" for c in used if c >= 0]
    offset = len(used) - len(names)
    return Words((inverse - offset).astype(np.int32), tuple(names))
