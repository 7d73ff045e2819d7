"""Streams across records, keyed by words: what a row is looked up in, online as in batch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.columns import Columns, Ints, Tables, Words, concatenate
from features.entity import Starts
from features.stream import Stream
from features.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Keyed:
    """A stream whose keys are words; `index` gives each word its key, for each thing the events are looked up by."""

    index: dict[str, dict[str, int]]
    stream: Stream

    @classmethod
    def of(cls, keys: Mapping[str, Words], time: Ints, columns: Columns) -> "Keyed":
        """Events at these instants, each belonging to its word, once for each way it is looked up.

        >>> events = Keyed.of({"owner": Words.of(["ann", "bob", None])}, np.array([3, 1, 2]), {})
        >>> events.index, events.stream.time.tolist()
        ({'owner': {'ann': 0, 'bob': 1}}, [3, 1])
        """
        index: dict[str, dict[str, int]] = {}
        codes, first = [], 0
        for by, words in keys.items():
            codes.append(np.where(words.codes >= 0, words.codes + np.int64(first), -1))
            index[by] = {word: code for code, word in enumerate(words.words, first)}
            first += len(words.words)
        repeated = {name: concatenate([column] * len(keys)) for name, column in columns.items()}
        return cls(index, Stream.of(np.concatenate(codes), np.tile(time, len(keys)), repeated, keys=first))


@dataclass(frozen=True, slots=True)
class Teams:
    """Each owner's team, as it was known at any instant."""

    index: dict[str, int]
    line: Timeline

    def at(self, owner: Words, as_of: Ints) -> Words:
        """The team of each row's owner; missing where there is none."""
        team = self.line.at(owner.recode(self.index).astype(np.int64), as_of)
        assert isinstance(team, Words)
        return team

    def by_owner(self, as_of: int) -> dict[str, str]:
        """The team of every owner who has one, as it was known at an instant."""
        owners = Words.of(self.index)
        team = self.at(owners, np.full(len(owners), as_of)).tolist()
        return {owner: name for owner, name in zip(self.index, team, strict=True) if name}


@dataclass(frozen=True, slots=True)
class Streams:
    """Cross-record streams by name: `opportunities.outcomes`, `leads.load` and so on."""

    by_name: dict[str, Keyed]
    teams: Teams
    starts: Starts
    """What history each source keeps; hand it to `load_history` when reading a few records."""


def pair(left: Words, right: Words, tables: Tables | None = None) -> Words:
    """`left|right` of each row; missing where either is. `tables` keeps the names between calls.

    >>> pair(Words.of(["p", "p"]), Words.of(["new", None])).tolist()
    ['p|new', None]
    """
    names = (tables or Tables()).of("pair", lambda: _names(left.words, right.words), left.words, right.words)
    code = left.codes * np.int32(len(right.words)) + right.codes
    return Words(np.where((left.codes < 0) | (right.codes < 0), np.int32(-1), code), names)


def _names(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{one}|{other}" for one in left for other in right)


def codes_in(index: Mapping[str, int], words: tuple[str, ...]) -> Ints:
    """int64[words + 1]: what `index` gives each word, -1 where it has none; the last entry is what is missing.

    >>> codes_in({"b": 7}, ("a", "b")).tolist()
    [-1, 7, -1]
    """
    return np.fromiter((*(index.get(word, -1) for word in words), -1), np.int64, len(words) + 1)
