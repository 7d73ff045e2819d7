"""Events of many keys in one sorted block, looked up by bisection: the engine's only index.

A key is whatever the events belong to: a record, an owner, an account. Event `i` of key `k` lies in
`[start[k], start[k + 1])`, in order of the instant at which it became known. Filters are answered from tables made once
a stream, so that many questions about many rows are look-ups.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from features.columns import Column, Columns, Ints, Words, ints
from features.filters import Classes, Counter, Counts, Filters, earliest, latest

_Table = TypeVar("_Table")

_FEW = 64
"""Up to so many are bisected one by one, each in its own slice; more of them all at once, step by step."""


@dataclass(frozen=True)
class Stream:
    """Events sorted by (key, time). `time`: int64 microseconds, when each became known.

    >>> calls = Stream.of(np.array([1, 0, 1]), np.array([50, 10, 20]), {}, keys=2)
    >>> calls.time.tolist(), calls.before(np.array([1, 1, 0]), np.array([50, 51, 10])).tolist()
    ([10, 20, 50], [2, 3, 0])
    """

    start: Ints
    time: Ints
    columns: Columns
    _kept: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, key: Ints, time: Ints, columns: Columns, *, keys: int) -> "Stream":
        """Sort events by (key, time); ties keep their order; events of key -1 belong to nobody and are dropped."""
        order = np.lexsort((time, key))
        order = order[np.searchsorted(key[order], 0) :]
        start = np.searchsorted(key[order], np.arange(keys + 1))
        return cls(start.astype(np.int64), time[order], {name: take(column, order) for name, column in columns.items()})

    def part(self, keys: Ints) -> "Stream":
        """The events of these keys (ascending, each once), which become keys 0, 1 ...; side by side, none is copied.

        >>> calls = Stream.of(np.array([2, 0, 2]), np.array([50, 10, 20]), {}, keys=3)
        >>> part = calls.part(np.array([1, 2]))
        >>> part.start.tolist(), part.time.tolist()
        ([0, 0, 2], [20, 50])
        """
        if len(keys) == len(self.start) - 1:
            return self
        first, end = self.start[keys], self.start[keys + 1]
        start = np.append(np.int64(0), np.cumsum(end - first))
        rows: Ints | slice = np.arange(start[-1]) + np.repeat(first - start[:-1], end - first)
        if len(keys) and start[-1] == end[-1] - first[0]:
            rows = slice(first[0], end[-1])
        return Stream(start, self.time[rows], {name: take(column, rows) for name, column in self.columns.items()})

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
        if key.ndim > 1:
            return np.stack([self.before(keys, instants) for keys, instants in zip(key, instant, strict=True)])
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

    @cached_property
    def _most(self) -> int:
        """Events of the busiest key."""
        return int(np.diff(self.start).max(initial=0))

    def counter(self, filters: Filters) -> Counter:
        """How many events pass each filter before each position."""
        return self._made(("counter", filters), lambda: Counter.of(filters, self._classes(filters), self._most))

    def latest(self, filters: Filters, wanted: tuple[int, ...]) -> Counts:
        """int32[w, n + 1]: the last event before each position that passes each wanted filter; -1 where there is none.

        An event of another key may be meant: the caller knows where the key's own begin.
        """
        return self._made(("latest", filters, wanted), lambda: latest(self._classes(filters), filters, wanted))

    def earliest(self, filters: Filters, wanted: tuple[int, ...]) -> Counts:
        """int32[w, n + 1]: the first event from each position on that passes each wanted filter; n where none does."""
        return self._made(("earliest", filters, wanted), lambda: earliest(self._classes(filters), filters, wanted))

    def totals(self, filters: Filters, asked: tuple[tuple[str, int], ...]) -> Ints:
        """int64[t, n + 1]: the sum of an int64 column over the events before each position that pass a filter, for each
        (column, place of the filter). Exact: what overflows comes back in the difference of two positions.
        """
        return self._made(("totals", filters, asked), lambda: self._totals(filters, asked))

    def _totals(self, filters: Filters, asked: tuple[tuple[str, int], ...]) -> Ints:
        classes, totals = self._classes(filters), np.zeros((len(asked), len(self.time) + 1), np.int64)
        for (column, one), total in zip(asked, totals, strict=True):
            np.cumsum(ints(self.columns, column) * filters.passes[one][classes], out=total[1:])
        return totals

    def _classes(self, filters: Filters) -> Classes:
        return self._made(("classes", filters), lambda: filters.classes(self.columns, len(self.time)))

    def _made(self, name: object, make: Callable[[], _Table]) -> _Table:
        """A table made once."""
        if name not in self._kept:
            self._kept[name] = make()
        made: _Table = self._kept[name]
        return made


def take(column: Column, rows: Ints | slice) -> Column:
    """The rows of a column at these positions."""
    return column.take(rows) if isinstance(column, Words) else column[rows]


def empty(keys: int, columns: Columns | None = None) -> Stream:
    """A stream in which no key has an event."""
    return Stream(np.zeros(keys + 1, np.int64), np.zeros(0, np.int64), columns or {})
