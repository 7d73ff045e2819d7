"""Rows that share a value: which group each is in, how large it is, and its first row."""

from dataclasses import dataclass

import numpy as np

from features.columns import Bools, Codes, Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of n rows. `code`: each row's group, -1 for none; `size` and `first` (the first row) are by group."""

    code: Ints
    size: Ints
    first: Ints

    @property
    def sizes(self) -> Ints:
        """How many rows share each row's value; 0 for a row without one."""
        return np.append(self.size, 0)[self.code]

    @property
    def repeats(self) -> Bools:
        """The rows that have an earlier row in their group."""
        return np.asarray((self.code >= 0) & (self.firsts != np.arange(len(self.code))))

    @property
    def firsts(self) -> Ints:
        """The first row of each row's group; -1 for a row without one."""
        return np.append(self.first, -1)[self.code]

    def distinct(self, values: Ints | Codes) -> Ints:
        """By group, how many different known (not negative) values its rows have.

        >>> grouped(np.array([0, 0, 1])).distinct(np.array([5, 6, -1])).tolist()
        [2, 0]
        """
        there = (self.code >= 0) & (values >= 0)
        pairs = np.unique(np.stack([self.code[there], values[there].astype(np.int64)]), axis=1)
        return np.bincount(pairs[0], minlength=len(self.size)).astype(np.int64)

    def count(self, rows: Bools) -> Ints:
        """By group, how many of its rows are among these."""
        there = rows & (self.code >= 0)
        return np.bincount(self.code[there], minlength=len(self.size)).astype(np.int64)


def grouped(*keys: Ints | Codes) -> Groups:
    """Rows that agree in every key; one with a missing (negative) key is in no group.

    >>> found = grouped(np.array([3, 3, -1, 7]), np.array([0, 0, 0, 0]))
    >>> found.code.tolist(), found.size.tolist(), found.repeats.tolist()
    ([0, 0, -1, 1], [2, 1], [False, True, False, False])
    """
    known = np.flatnonzero(np.all([key >= 0 for key in keys], axis=0))
    code = np.zeros(len(known), np.int64)
    for key in keys:  # coded anew each time, so that no product of keys overflows
        values, places = np.unique(key[known], return_inverse=True)
        code = np.unique(code, return_inverse=True)[1] * len(values) + places
    _, first, inverse, size = np.unique(code, return_index=True, return_inverse=True, return_counts=True)
    groups = np.full(len(keys[0]), -1, np.int64)
    groups[known] = inverse
    return Groups(groups, size.astype(np.int64), known[first])
