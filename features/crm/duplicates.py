"""Rows whose key was already given by the same file, found in 16 bytes a row.

The first row of a key is kept: it needs no second reading of the file, and a file gives no reason to believe a later
line over an earlier one. The same values again are a duplicate; other values are set aside to be looked at.
"""

from collections.abc import Sequence

import numpy as np

from features.columns import Bools, Ints


class Seen:
    """The keys a file has given so far, with the digests of their rows.

    >>> seen = Seen()
    >>> [mask.tolist() for mask in seen.add(["a", "b", "a"], [1, 2, 9])]
    [[False, False, True], [False, False, True]]
    >>> [mask.tolist() for mask in seen.add(["b", "c"], [2, 3])]
    [[True, False], [False, False]]
    """

    def __init__(self) -> None:
        self._runs: list[tuple[Ints, Ints]] = []

    def add(self, keys: Sequence[str], digests: Sequence[int]) -> tuple[Bools, Bools]:
        """Which of these rows repeat a key, and which of those do so with other values."""
        hashes = np.fromiter((hash(key) for key in keys), np.int64, len(keys))
        rows = np.asarray(digests, np.int64)
        unique, first, back = np.unique(hashes, return_index=True, return_inverse=True)
        repeats = first[back] != np.arange(len(keys))
        told = rows[first][back]
        for run, known in self._runs:
            place = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            hit = run[place] == hashes
            repeats |= hit
            told = np.where(hit, known[place], told)
        self._merge(unique, told[first])
        return repeats, repeats & (told != rows)

    def _merge(self, hashes: Ints, digests: Ints) -> None:
        """Keep few sorted runs: two of like size become one, so that a row is sorted again only log(n) times."""
        while self._runs and len(self._runs[-1][0]) <= 2 * len(hashes):
            run, known = self._runs.pop()
            hashes, place = np.unique(np.concatenate([run, hashes]), return_index=True)
            digests = np.concatenate([known, digests])[place]
        if len(hashes):
            self._runs.append((hashes, digests))
