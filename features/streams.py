"""What happened across records: outcomes, load and stage times by owner, team, source, process and account.

Small enough to hold in memory; looked up by bisection, online as in batch. Every event is timed by when it was known.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Columns, Ints, Words, ints, words
from features.crm.store import Store
from features.entity import Starts, load_starts
from features.history import History, Kind, load_history
from features.outcomes import OPEN, REACHED
from features.settings import Settings
from features.stream import Stream


@dataclass(frozen=True, slots=True)
class Keyed:
    """A stream whose keys are words: `index` gives each word its key."""

    index: dict[str, int]
    stream: Stream

    def key(self, column: Words) -> Ints:
        """The key of each row's word; -1 where it has no events."""
        return column.recode(self.index).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Streams:
    """Cross-record streams by name: `opportunities.owner` (outcomes), `leads.load`, `opportunities.stage` and so on."""

    by_name: dict[str, Keyed]
    team: dict[str, str]
    """Team of each owner."""
    starts: Starts
    """What history each source keeps; hand it to `load_history` when reading a few records."""


def load_streams(store: Store, settings: Settings) -> Streams:
    """The streams of the whole store."""
    kinds: tuple[Kind, ...] = ("leads", "opportunities")
    owners = store.read("owners")
    team = dict(zip(words(owners, "owner_id").tolist(), words(owners, "team").tolist(), strict=True))
    teams = {owner: name for owner, name in team.items() if owner and name}
    starts = load_starts(store)
    histories = [load_history(store, settings, kind, starts=starts, activities=False) for kind in kinds]
    return streams_of(histories, teams, starts)


def streams_of(histories: Iterable[History], team: dict[str, str], starts: Starts) -> Streams:
    """The streams of these histories.

    Outcome streams have columns `reached` and `ended` (int64 1 or 0), `worth` (minor units of what was won) and `took`
    (int64 microseconds from creation to the end); load streams `open` (+1, -1); stage streams `took`.
    """
    by_name: dict[str, Keyed] = {}
    for history in histories:
        by_name |= {f"{history.kind}.{name}": keyed for name, keyed in _outcome_streams(history, team).items()}
        by_name[f"{history.kind}.load"] = _load(history)
        if history.kind == "opportunities":
            by_name["opportunities.stage"] = _stage_times(history)
    return Streams(by_name, team, starts)


def _outcome_streams(history: History, team: dict[str, str]) -> dict[str, Keyed]:
    events = history.outcomes["won" if history.kind == "opportunities" else "converted"].events
    state = ints(events.columns, "state")
    ended = np.flatnonzero(state != OPEN)
    record = np.repeat(np.arange(len(history.ids)), np.diff(events.start))[ended]
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
        "team": map_words(owner, team),
        "source": words_at(history, "source", record, known),
        "process": words_at(history, "process", record, known),
        "account": words_at(history, "account_id", record, known),
        "all": Words(np.zeros(len(ended), np.int32), ("all",)),
    }
    return {name: _keyed(key, known, columns) for name, key in keys.items()}


def _load(history: History) -> Keyed:
    """+1 when an owner gets a record, -1 when it ends or goes to another owner."""
    n = len(history.ids)
    line = history.own.fields["owner_id"]
    assert isinstance(line.first, Words)
    new = line.changes.columns["new"]
    assert isinstance(new, Words)
    moved = np.repeat(np.arange(n), np.diff(line.changes.start))
    ends = history.outcomes["won" if history.kind == "opportunities" else "converted"].events
    state = ints(ends.columns, "state")
    ended = np.repeat(np.arange(n), np.diff(ends.start))
    parts = [
        (line.first, history.created, np.ones(n, np.int64)),
        (words_at(history, "owner_id", moved, line.changes.time), line.changes.time, np.full(len(moved), -1)),
        (new, line.changes.time, np.ones(len(moved), np.int64)),
        (words_at(history, "owner_id", ended, ends.time), ends.time, np.where(state == OPEN, 1, -1)),
    ]
    vocabulary = {word: code for code, word in enumerate(line.first.words)}
    key = np.concatenate([owner.recode(vocabulary) for owner, _, _ in parts])
    time, step = np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])
    return _keyed(Words(key, line.first.words), time, {"open": step})


def _stage_times(history: History) -> Keyed:
    """How long each finished visit to a stage took, by `process|stage`."""
    line = history.own.fields["stage"]
    record, left = np.repeat(np.arange(len(history.ids)), np.diff(line.changes.start)), line.changes.time
    entered = line.entered_at(record, left)
    place = pair(words_at(history, "process", record, left), words_at(history, "stage", record, left))
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


def map_words(column: Words, mapping: dict[str, str]) -> Words:
    """Each word replaced by another; missing where it has none.

    >>> map_words(Words.of(["ann", "bob"]), {"ann": "north"}).tolist()
    ['north', None]
    """
    mapped = Words.of([mapping.get(word) for word in column.words])
    return Words(np.append(mapped.codes, np.int32(-1))[column.codes], mapped.words)


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
