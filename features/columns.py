"""Columns in memory: int64 for instants and money, float64 for numbers, coded words for text.

Missing is `MISSING` in an int64 column, NaN in a float64 column, code -1 in a `Words` column.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int32]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

MISSING = int(np.iinfo(np.int64).min)
"""An unknown instant (int64 microseconds since 1970 UTC) or amount (int64 minor units)."""

MICROSECONDS_A_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Words:
    """A text column as codes into its own words; code -1 means missing.

    >>> column = Words.of(["web", None, "fair", "web"])
    >>> column.codes.tolist(), column.words
    ([0, -1, 1, 0], ('web', 'fair'))
    >>> column.tolist()
    ['web', None, 'fair', 'web']
    """

    codes: Codes
    words: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[str | None]) -> "Words":
        """Code `values` in order of first appearance; None and "" are missing."""
        seen: dict[str, int] = {}
        codes = [seen.setdefault(value, len(seen)) if value else -1 for value in values]
        return cls(np.asarray(codes, np.int32), tuple(seen))

    def __len__(self) -> int:
        return len(self.codes)

    def tolist(self) -> list[str | None]:
        """The words themselves, None where missing."""
        return [self.words[code] if code >= 0 else None for code in self.codes]

    def take(self, rows: npt.NDArray[np.integer] | Bools | slice) -> "Words":
        """The rows at these positions (in this slice, or where this mask is true), with the same words."""
        return Words(self.codes[rows], self.words)

    def recode(self, vocabulary: Mapping[str, int]) -> Codes:
        """Codes in another vocabulary; a word it lacks becomes -1.

        >>> Words.of(["web", "fair"]).recode({"fair": 7}).tolist()
        [-1, 7]
        """
        table = np.fromiter((vocabulary.get(word, -1) for word in self.words), np.int32, len(self.words))
        return np.append(table, np.int32(-1))[self.codes]

    def used(self) -> "Words":
        """The same column, without the words that no row has.

        >>> Words.of(["web", "fair"]).take(np.array([1, 1])).used()
        Words(codes=array([0, 0], dtype=int32), words=('fair',))
        """
        held, codes = np.unique(self.codes[self.codes >= 0], return_inverse=True)
        kept = np.full(len(self.codes), -1, np.int32)
        kept[self.codes >= 0] = codes
        return Words(kept, tuple(self.words[code] for code in held.tolist()))

    def through(self, turn: Callable[[str], str]) -> "Words":
        """Every word turned into another; "" means missing.

        >>> Words.of(["web", "fair", "web"]).through(lambda word: word[0]).tolist()
        ['w', 'f', 'w']
        """
        turned = Words.of([turn(word) for word in self.words])
        return Words(np.append(turned.codes, np.int32(-1))[self.codes], turned.words)


Column: TypeAlias = Ints | Floats | Words
Columns: TypeAlias = dict[str, Column]
"""A table in memory: column name -> column, all of one length."""


_Table = TypeVar("_Table")


@dataclass(frozen=True, slots=True)
class Tables:
    """What is made of whole vocabularies, kept as long as they are the same: a million rows ask in many parts."""

    _kept: dict[object, tuple[tuple[object, ...], Any]] = field(default_factory=dict)

    def of(self, name: object, make: Callable[[], _Table], *vocabularies: object) -> _Table:
        """What `make` makes of these vocabularies, made anew when one of them is another object than last time."""
        kept = self._kept.get(name)
        if kept is None or any(was is not now for was, now in zip(kept[0], vocabularies, strict=True)):
            kept = vocabularies, make()
            self._kept[name] = kept
        made: _Table = kept[1]
        return made


def ints(table: Columns, name: str) -> Ints:
    """A column of instants, amounts or counts."""
    column = table[name]
    assert not isinstance(column, Words), f"{name} is a column of words"
    return column.astype(np.int64, copy=False)


def floats(table: Columns, name: str) -> Floats:
    """A column of numbers."""
    column = table[name]
    assert not isinstance(column, Words), f"{name} is a column of words"
    return column.astype(np.float64, copy=False)


def words(table: Columns, name: str) -> Words:
    """A column of words."""
    column = table[name]
    assert isinstance(column, Words), f"{name} is not a column of words"
    return column


def one_vocabulary(*columns: Words) -> list[Words]:
    """The same columns, coded into the union of their words.

    >>> [column.codes.tolist() for column in one_vocabulary(Words.of(["a"]), Words.of(["b", "a"]))]
    [[0], [1, 0]]
    """
    if all(column.words is columns[0].words for column in columns):
        return list(columns)
    union: dict[str, int] = {}
    for column in columns:
        for word in column.words:
            union.setdefault(word, len(union))
    return [Words(column.recode(union), tuple(union)) for column in columns]


def concatenate(columns: Sequence[Column]) -> Column:
    """One column after another; all words, or all numbers of one type."""
    texts = [column for column in columns if isinstance(column, Words)]
    if texts:
        coded = one_vocabulary(*texts)
        return Words(np.concatenate([column.codes for column in coded]), coded[0].words)
    return np.concatenate([column for column in columns if not isinstance(column, Words)])
