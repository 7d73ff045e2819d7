"""The stages of each process and their places in it, as known at any instant."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.columns import MISSING, Columns, Floats, Ints, Tables, Words, floats, ints, words
from features.crm.vocabulary import closing_kind
from features.keyed import pair
from features.stream import Stream
from features.timeline import NEVER_KNOWN, Timeline


@dataclass(frozen=True, slots=True)
class Stages:
    """`index` gives each `process|stage` its key in `ranks`: events with its `place` in its process from then on."""

    index: dict[str, int]
    ranks: Stream

    @classmethod
    def of(cls, table: Columns) -> "Stages":
        """The rows of the `stages` table. Only the order of the CRM's own numbers means anything: a place is the rank,
        from 1, among the stages active then; a stage that is no more keeps the place it would have among them.

        >>> never = MISSING
        >>> table: Columns = {
        ...     "process": Words.of(["p", "p", "p"]), "stage": Words.of(["new", "demo", "offer"]),
        ...     "position": np.array([10.0, 20.0, 30.0]), "active_from": np.array([never, 5, never]),
        ...     "active_until": np.array([never, 9, never]),
        ... }
        >>> stages, process, at = Stages.of(table), Words.of(["p", "p", "p"]), np.array([5, 6, 10])
        >>> stages.places(process, Words.of(["offer", "offer", "offer"]), at).tolist()
        [2.0, 3.0, 2.0]
        >>> stages.places(process, Words.of(["demo", "demo", "demo"]), at).tolist()
        [nan, 2.0, 2.0]
        """
        names = (words(table, name).tolist() for name in ("process", "stage"))
        spans = (ints(table, name).tolist() for name in ("active_from", "active_until"))
        processes: dict[str, dict[str, _Stage]] = {}
        for process, stage, position, begin, end in zip(
            *names, floats(table, "position").tolist(), *spans, strict=True
        ):
            processes.setdefault(process or "", {})[f"{process}|{stage}"] = _Stage(position, begin, end)
        index: dict[str, int] = {}
        events = [
            (index.setdefault(name, len(index)), time, place)
            for stages in processes.values()
            for name, time, place in _ranked(stages)
        ]
        key, time, place = np.array(events, np.int64).reshape(-1, 3).T
        return cls(index, Stream.of(key, time, {"place": place}, keys=len(index)))

    def places(self, process: Words, stage: Words, at: Ints, tables: Tables | None = None) -> Floats:
        """Each row's place as known strictly before `at`; NaN where the process had no such stage by then, or either
        is missing. `tables` keeps the names of the pairs between calls."""
        key = pair(process, stage, tables).recode(self.index).astype(np.int64)
        last = self.ranks.before(key, at)
        known = last > self.ranks.first(key)
        found = np.full(len(key), np.nan)
        found[known] = ints(self.ranks.columns, "place")[last[known] - 1]
        return found


@dataclass(frozen=True, slots=True)
class _Stage:
    """A row: active on (begin, end], in int64 microseconds; MISSING: always, for ever."""

    position: float
    begin: int
    end: int


def _ranked(stages: Mapping[str, _Stage]) -> Iterator[tuple[str, int, int]]:
    """The instants at which a stage of one process gets a place, and that place."""
    last: dict[str, int] = {}
    for at in sorted({MISSING, *(instant for stage in stages.values() for instant in (stage.begin, stage.end))}):
        known = {name: stage for name, stage in stages.items() if stage.begin <= at}
        active = sorted({stage.position for stage in known.values() if stage.end == MISSING or at < stage.end})
        for name, stage in known.items():
            place = bisect_left(active, stage.position) + 1
            if last.get(name) != place:
                last[name] = place
                yield name, at, place


def begin_open(fields: dict[str, Timeline], table: Columns, created: Ints) -> None:
    """No record begins in a stage that closes it (by the rows of the `stages` table, or by its name), nor sure of its
    end: where the log says so it has lost how it began, and what the record reads now is its end. Such a first value is
    unknown.
    """
    stage, guess = fields["stage"], fields["own_probability"]
    assert isinstance(stage.first, Words)
    spoken = {word: (MISSING if closing_kind(word) else NEVER_KNOWN, NEVER_KNOWN) for word in stage.first.words}
    listed = _closing(table)
    since = [listed.get(word, spoken[word]) for word in stage.first.words]
    closes, is_open = np.array([*since, (NEVER_KNOWN, NEVER_KNOWN)], np.int64)[stage.first.codes].T
    codes = np.where((created >= closes) & (created < is_open), np.int32(-1), stage.first.codes)
    said = floats({"": guess.first}, "")
    fields["stage"] = replace(stage, first=Words(codes, stage.first.words))
    fields["own_probability"] = replace(guess, first=np.where((said == 0.0) | (said == 1.0), np.nan, said))


def _closing(table: Columns) -> dict[str, tuple[int, int]]:
    """Since when each stage is listed as won or lost, and since when as one that is open."""
    listed: dict[str, tuple[int, int]] = {}
    names, since = (words(table, name).tolist() for name in ("stage", "kind")), ints(table, "active_from").tolist()
    for stage, kind, begin in zip(*names, since, strict=True):
        closes, is_open = listed.get(stage or "", (NEVER_KNOWN, NEVER_KNOWN))
        ends = kind in ("won", "lost")
        listed[stage or ""] = (min(closes, begin), is_open) if ends else (closes, min(is_open, begin))
    return listed
