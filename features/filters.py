"""Many filters over one stream of events, answered together.

Each event gets one joint class: what its words say to all filters at once. Counts of several filters share an int64,
each in a lane of its own; a running sum may overflow a lane, the difference of two of its positions does not, as long
as no key has more events than a lane holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from features.columns import Bools, Columns, Ints, Words

Classes = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int32]

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""A filter: ((column, (allowed words, ...)), ...); an event passes when every column holds one of its words."""


@dataclass(frozen=True, eq=False)
class Filters:
    """Different filters, in order.

    >>> calls, inbound = (("kind", ("call",)),), (("direction", ("in",)),)
    >>> filters = Filters((calls, inbound, ()))
    >>> columns = {"kind": Words.of(["call", "note", "call"]), "direction": Words.of(["in", "in", None])}
    >>> filters.passes[:, filters.classes(columns, 3)].astype(int).tolist()
    [[1, 0, 1], [1, 1, 0], [1, 1, 1]]
    """

    wheres: tuple[Where, ...]
    _packed: dict[int, Ints] = field(default_factory=dict, repr=False)

    @cached_property
    def columns(self) -> dict[str, dict[str, int]]:
        """By column, the class of each word that a filter names; every other word, and none, is class 0."""
        names = dict.fromkeys(name for where in self.wheres for name, _ in where)
        return {name: self._classes(name) for name in names}

    def _classes(self, name: str) -> dict[str, int]:
        """Words are of one class when no filter tells them apart."""
        asked = [dict(where).get(name) for where in self.wheres]
        words = dict.fromkeys(word for allowed in asked for word in allowed or ())
        told = {word: tuple(allowed is None or word in allowed for allowed in asked) for word in words}
        kinds = list(dict.fromkeys(told.values()))
        return {word: kinds.index(kind) + 1 for word, kind in told.items()}

    @cached_property
    def passes(self) -> Bools:
        """bool[f, j]: whether an event of each joint class passes each filter."""
        passes = np.ones((len(self.wheres), 1), bool)
        for name, classes in self.columns.items():
            own = np.ones((len(self.wheres), 1 + max(classes.values())), bool)
            for row, where in enumerate(self.wheres):
                allowed = dict(where).get(name)
                if allowed is not None:
                    own[row] = False
                    own[row, [classes[word] for word in allowed]] = True
            passes = (passes[:, :, None] & own[:, None, :]).reshape(len(passes), -1)
        return passes

    def classes(self, columns: Columns, events: int) -> Classes:
        """intp[n]: the joint class of each event. TypeError where a filter names a column that is not of words."""
        joint = np.zeros(events, np.intp)
        for name, classes in self.columns.items():
            column = columns[name]
            if not isinstance(column, Words):
                raise TypeError(f"cannot filter on {name}: it is not a column of words")
            table = np.array([*(classes.get(word, 0) for word in column.words), 0], np.intp)
            joint *= 1 + max(classes.values())
            joint += table[column.codes]
        return joint

    def packed(self, bits: int) -> Ints:
        """int64[j, lanes]: what an event of each joint class adds to the counts, 63 // `bits` of them an integer."""
        if bits not in self._packed:
            per = 63 // bits
            lanes = np.zeros((self.passes.shape[1], -(-len(self.wheres) // per)), np.int64)
            for row, passes in enumerate(self.passes):
                lanes[:, row // per] += passes.astype(np.int64) << np.int64(bits * (row % per))
            self._packed[bits] = lanes
        return self._packed[bits]


@dataclass(frozen=True, slots=True)
class Counter:
    """How many events of a stream pass each filter before each position: `running` is int64[n + 1, lanes]."""

    running: Ints
    bits: int

    @classmethod
    def of(cls, filters: Filters, classes: Classes, most: int) -> "Counter":
        """From the joint class of each event; `most`: events of the busiest key."""
        bits = max(most.bit_length(), 8)
        packed = filters.packed(bits)
        running = np.zeros((len(classes) + 1, packed.shape[1]), np.int64)
        np.cumsum(packed[classes], axis=0, out=running[1:])
        return cls(running, bits)

    def at(self, position: Ints) -> Ints:
        """int64[..., lanes]: the running counts at these positions."""
        return self.running[position]

    def between(self, at: Ints, low: Ints, high: Ints, filter_of: Ints) -> Ints:
        """int64[q, n]: events that pass filter `filter_of[q]` between positions `low[q]` and `high[q]` of `at`, which
        is int64[i, n, lanes].
        """
        per = 63 // self.bits
        lane, shift = filter_of // per, self.bits * (filter_of % per)
        packed = at[high, :, lane] - at[low, :, lane]
        return (packed >> shift[:, None]) & ((1 << self.bits) - 1)


def latest(classes: Classes, filters: Filters, wanted: Sequence[int]) -> Counts:
    """int32[w, n + 1]: the last event before each position that passes each wanted filter; -1 where there is none."""
    found = np.full((len(wanted), len(classes) + 1), -1, np.int32)
    place = np.arange(len(classes), dtype=np.int32)
    for row, one in zip(found, wanted, strict=True):
        np.maximum.accumulate(np.where(filters.passes[one][classes], place, np.int32(-1)), out=row[1:])
    return found


def earliest(classes: Classes, filters: Filters, wanted: Sequence[int]) -> Counts:
    """int32[w, n + 1]: the first event from each position on that passes each wanted filter; n where there is none."""
    n = len(classes)
    found = np.full((len(wanted), n + 1), n, np.int32)
    place = np.arange(n, dtype=np.int32)
    for row, one in zip(found, wanted, strict=True):
        np.minimum.accumulate(np.where(filters.passes[one][classes], place, np.int32(n))[::-1], out=row[:n][::-1])
    return found
