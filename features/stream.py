"""Events of many keys in one sorted block, looked up by bisection: the engine's only index.

A key is whatever the events belong to: a record, an owner, an account. Event `i` of key `k` lies in
`[start[k], start[k + 1])`, in order of the instant at which it became known.
"""

from dataclasses import dataclass, field

import numpy as np

from features.columns import Column, Columns, Ints, Words

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""A filter: ((column, (allowed words, ...)), ...); an event passes when every column holds one of its words."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Events sorted by (key, time). `time`: int64 microseconds, when each became known.

    >>> calls = Stream.of(np.array([1, 0, 1]), np.array([50, 10, 20]), {}, keys=2)
    >>> calls.time.tolist(), calls.before(np.array([1, 1, 0]), np.array([50, 51, 10])).tolist()
    ([10, 20, 50], [2, 3, 0])
    """

    start: Ints
    time: Ints
    columns: Columns
    _passing: dict[Where, tuple[Ints, Ints]] = field(default_factory=dict, repr=False, compare=False)
    _totals: dict[tuple[str, Where], Ints] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, key: Ints, time: Ints, columns: Columns, *, keys: int) -> "Stream":
        """Sort events by (key, time); ties keep their order; events of key -1 belong to nobody and are dropped."""
        order = np.lexsort((time, key))
        order = order[np.searchsorted(key[order], 0) :]
        start = np.searchsorted(key[order], np.arange(keys + 1))
        return cls(start.astype(np.int64), time[order], {name: take(column, order) for name, column in columns.items()})

    def keys(self) -> Ints:
        """The key of each event."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def before(self, key: Ints, instant: Ints) -> Ints:
        """Position after the last event of `key` known strictly before `instant`; key -1 gives an empty range at 0."""
        low = np.where(key >= 0, self.start[key], 0)
        high = np.where(key >= 0, self.start[key + 1], 0)
        open_rows = np.flatnonzero(low < high)
        while len(open_rows):
            middle = (low[open_rows] + high[open_rows]) >> 1
            earlier = self.time[middle] < instant[open_rows]
            low[open_rows] = np.where(earlier, middle + 1, low[open_rows])
            high[open_rows] = np.where(earlier, high[open_rows], middle)
            open_rows = open_rows[low[open_rows] < high[open_rows]]
        return low

    def first(self, key: Ints) -> Ints:
        """Position of the first event of each key; 0 for key -1."""
        return np.where(key >= 0, self.start[key], 0)

    def passing(self, where: Where) -> tuple[Ints, Ints]:
        """Events that pass a filter: their positions, and how many lie before each position (length n + 1)."""
        if where not in self._passing:
            mask = np.ones(len(self.time), bool)
            for name, words in where:
                column = self.columns[name]
                if not isinstance(column, Words):
                    raise TypeError(f"cannot filter on {name}: it is not a column of words")
                mask &= column.recode(dict.fromkeys(words, 1)) == 1
            count = np.zeros(len(mask) + 1, np.int64)
            np.cumsum(mask, out=count[1:])
            self._passing[where] = np.flatnonzero(mask), count
        return self._passing[where]

    def totals(self, name: str, where: Where) -> Ints:
        """Running totals of an int64 column over the passing events (length m + 1), exact."""
        if (name, where) not in self._totals:
            values = self.columns[name]
            assert not isinstance(values, Words)
            chosen = values[self.passing(where)[0]].astype(np.int64)
            total = np.zeros(len(chosen) + 1, np.int64)
            np.cumsum(chosen, out=total[1:])
            self._totals[name, where] = total
        return self._totals[name, where]


def take(column: Column, rows: Ints) -> Column:
    """The rows of a column at these positions."""
    return column.take(rows) if isinstance(column, Words) else column[rows]


def empty(keys: int, columns: Columns | None = None) -> Stream:
    """A stream in which no key has an event."""
    return Stream(np.zeros(keys + 1, np.int64), np.zeros(0, np.int64), columns or {})
