"""Events of many keys in one sorted block, looked up by bisection: the engine's only index.

A key is whatever the events belong to: a record, an owner, an account. Event `i` of key `k` lies in
`[start[k], start[k + 1])`, in order of the instant at which it became known. Filters are answered from tables made once
a stream, so that many questions about many rows are look-ups.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from features.columns import Bools, Column, Columns, Ints, Words, ints

Where = tuple[tuple[str, tuple[str, ...]], ...]
"""A filter: ((column, (allowed words, ...)), ...); an event passes when every column holds one of its words."""

Filters = tuple[Where, ...]
Counts = npt.NDArray[np.int32]

_FEW = 64
"""Up to so many are bisected one by one, each in its own slice; more of them all at once, step by step."""


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
    _counts: dict[Filters, Counts] = field(default_factory=dict, repr=False, compare=False)
    _passing: dict[Filters, tuple[Ints, Ints]] = field(default_factory=dict, repr=False, compare=False)
    _totals: dict[tuple[tuple[str, Where], ...], Ints] = field(default_factory=dict, repr=False, compare=False)

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

    def first(self, key: Ints) -> Ints:
        """Position of the first event of each key; 0 for key -1."""
        return np.where(key >= 0, self.start[key], 0)

    def before(self, key: Ints, instant: Ints) -> Ints:
        """Position after the last event of `key` known strictly before `instant`; key -1 gives an empty range at 0.

        `key` and `instant` are int64 of one shape, which the answer has too.
        """
        if key.size <= _FEW:
            return self._one_by_one(key, instant)
        low, end = self.first(key), np.where(key >= 0, self.start[key + 1], 0)
        step = 1 << int((end - low).max(initial=0)).bit_length()
        while step > 1:
            step >>= 1
            probe = low + step
            earlier = np.take(self.time, probe - 1, mode="clip") < instant
            low = np.where(earlier & (probe <= end), probe, low)
        return low

    def _one_by_one(self, key: Ints, instant: Ints) -> Ints:
        found = []
        for one, at in zip(key.ravel().tolist(), instant.ravel().tolist(), strict=True):
            low, end = (int(self.start[one]), int(self.start[one + 1])) if one >= 0 else (0, 0)
            found.append(low + int(self.time[low:end].searchsorted(at)) if low < end else low)
        return np.array(found, np.int64).reshape(key.shape)

    def counts(self, filters: Filters) -> Counts:
        """int32[f, n + 1]: how many events that pass each filter lie before each position."""
        if filters not in self._counts:
            counts = np.zeros((len(filters), len(self.time) + 1), np.int32)
            np.cumsum(self._mask(filters), axis=1, out=counts[:, 1:])
            self._counts[filters] = counts
        return self._counts[filters]

    def passing(self, filters: Filters) -> tuple[Ints, Ints]:
        """Positions of the events that pass each filter, one filter after another, and where each one's begin."""
        if filters not in self._passing:
            place = np.flatnonzero(self._mask(filters))
            begins = np.concatenate([[0], np.cumsum(self.counts(filters)[:, -1], dtype=np.int64)])
            self._passing[filters] = place % max(len(self.time), 1), begins[:-1]
        return self._passing[filters]

    def totals(self, asked: tuple[tuple[str, Where], ...]) -> Ints:
        """int64[t, n + 1]: the sum of an int64 column over the passing events before each position, for each (column,
        filter). Exact: what overflows comes back in the difference of two positions.
        """
        if asked not in self._totals:
            totals = np.zeros((len(asked), len(self.time) + 1), np.int64)
            for (name, where), total in zip(asked, totals, strict=True):
                values = ints(self.columns, name)
                np.cumsum(values * self._mask((where,))[0] if where else values, out=total[1:])
            self._totals[asked] = totals
        return self._totals[asked]

    def _mask(self, filters: Filters) -> Bools:
        """bool[f, n]: which events pass each filter."""
        mask = np.ones((len(filters), len(self.time)), bool)
        for name in dict.fromkeys(name for where in filters for name, _ in where):
            column = self.columns[name]
            if not isinstance(column, Words):
                raise TypeError(f"cannot filter on {name}: it is not a column of words")
            code = {word: code for code, word in enumerate(column.words)}
            allowed = np.ones((len(filters), len(code) + 1), bool)
            for row, where in enumerate(filters):
                for named, words in where:
                    if named == name:
                        allowed[row] = False
                        allowed[row, [code[word] for word in words if word in code]] = True
            mask &= allowed[:, column.codes]
        return mask


def take(column: Column, rows: Ints) -> Column:
    """The rows of a column at these positions."""
    return column.take(rows) if isinstance(column, Words) else column[rows]


def empty(keys: int, columns: Columns | None = None) -> Stream:
    """A stream in which no key has an event."""
    return Stream(np.zeros(keys + 1, np.int64), np.zeros(0, np.int64), columns or {})
