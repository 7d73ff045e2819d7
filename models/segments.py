"""Which part of the pipeline speaks for a record: its process, then its stage there, then its age."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import Floats, Ints, Words
from features.matrix import Matrix

READ = frozenset({"process", "stage", "age_days"})
"""The features that tell a record's part of the pipeline."""


def by_process(matrix: Matrix, values: Mapping[str, float], otherwise: float) -> Floats:
    """float64[n]: the value of each row's process ("" for a record without one), `otherwise` where it has none.

    >>> by_process(Matrix({}, {"process": Words.of(["tender", None])}), {"tender": 90.0}, 30.0).tolist()
    [90.0, 30.0]
    """
    process = _words(matrix, "process")
    table = np.array([values.get(word, otherwise) for word in (*process.words, "")])
    found: Floats = table[process.codes]
    return found


def _words(matrix: Matrix, name: str) -> Words:
    """A category; all missing where the matrix lacks it (leads have no stage)."""
    if name in matrix.categories:
        return matrix.categories[name]
    return Words(np.full(len(matrix), -1, np.int32), ())


@dataclass(frozen=True)
class Segments:
    """Parts of the pipeline, each named by (), (process,), (process, stage) or (process, stage, age band).

    A record belongs to the finest one listed; () must be there, it takes whatever no other does. An age band is the
    number of `age_edges` (days) that are <= the record's age, as text; what is missing is "".

    >>> segments = Segments(((), ("tender",), ("tender", "offer")))
    >>> process, stage = Words.of(["tender", "tender", "shop"]), Words.of(["offer", None, "offer"])
    >>> segments.locate(Matrix({"age_days": np.zeros(3)}, {"process": process, "stage": stage})).tolist()
    [2, 1, 0]
    """

    keys: tuple[tuple[str, ...], ...]
    age_edges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if () not in self.keys:
            raise ValueError("segments need the key (), for records that no other key fits")

    @cached_property
    def _places(self) -> dict[tuple[str, ...], int]:
        return {key: place for place, key in enumerate(self.keys)}

    def locate(self, matrix: Matrix) -> Ints:
        """int64[n]: the position in `keys` of each row's segment."""
        parts = self.parts(matrix)
        width = max((len(key) for key in self.keys), default=0)
        if width == 0:
            return np.full(len(matrix), self._places[()], np.int64)
        code = np.zeros(len(matrix), np.int64)
        for codes, words in parts[:width]:
            code = code * len(words) + codes + 1
        distinct, back = np.unique(code, return_inverse=True)
        found = [self._find(_names(one, [words for _, words in parts[:width]])) for one in distinct.tolist()]
        return np.array(found, np.int64)[back]

    def parts(self, matrix: Matrix) -> list[tuple[Ints, tuple[str, ...]]]:
        """Process, stage and age band of each row, each as codes into words (the last word, code -1, is "")."""
        process, stage = _words(matrix, "process"), _words(matrix, "stage")
        age = matrix.numbers.get("age_days", np.full(len(matrix), np.nan))
        band = np.where(np.isnan(age), -1, np.searchsorted(np.array(self.age_edges), age, side="right"))
        bands = Words(band.astype(np.int32), tuple(str(place) for place in range(len(self.age_edges) + 1)))
        return [(column.codes.astype(np.int64), (*column.words, "")) for column in (process, stage, bands)]

    def names(self, matrix: Matrix) -> list[tuple[str, str, str]]:
        """Each row's full name (process, stage, age band): what training counts to fill a table."""
        columns: Iterable[list[str]] = ([words[code] for code in codes] for codes, words in self.parts(matrix))
        return list(zip(*columns, strict=True))

    def _find(self, name: tuple[str, ...]) -> int:
        return next(self._places[key] for end in range(len(name), -1, -1) if (key := name[:end]) in self._places)


def _names(code: int, words: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The words a mixed code stands for: place - 1 in each list, so that 0 is the last one, ""."""
    names: list[str] = []
    for column in reversed(words):
        code, place = divmod(code, len(column))
        names.insert(0, column[place - 1])
    return tuple(names)
