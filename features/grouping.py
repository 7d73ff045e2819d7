"""Rows of the catalogue that are answered together: one aggregation over one stream, many filters and windows."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, overload

import numpy as np

from features.columns import MICROSECONDS_A_DAY, Ints
from features.feature import BOTH, REACHED, Feature
from features.filters import Filters, Where

OWN = ("activities", "plans", "moves")
"""The streams of a record's own events; any other source is a stream across records."""

OUTCOMES = "outcomes"
"""The stream of outcomes by owner, source ...: every source across records that is not one of `_ALONE`."""

_ALONE = ("load", "open", "stage")


class Question(NamedTuple):
    """Which events count: by what they are looked up ("": the record), filtered how, in how many microseconds before
    as-of (None: ever)."""

    by: str
    where: Where = ()
    span: int | None = None


def kind_of(source: str) -> tuple[str, str]:
    """The kind of records a source across records speaks of ("": the rows' own kind), and by what.

    >>> kind_of("opportunities.account"), kind_of("owner"), kind_of("word:account.Tier")
    (('opportunities', 'account'), ('', 'owner'), ('', 'word:account.Tier'))
    """
    kind, _, by = source.partition(".")
    return (kind, by) if kind in BOTH else ("", source)


def across(source: str) -> bool:
    """Whether a source tells of other records.

    >>> across("owner"), across("activities"), across("")
    (True, False, False)
    """
    return bool(source) and source not in OWN


def stream_of(source: str, own: str) -> tuple[str, str]:
    """The stream a source of records of the kind `own` is found in, and by what its events are looked up there.

    >>> stream_of("activities", "leads"), stream_of("opportunities.account", "leads"), stream_of("load", "leads")
    (('activities', ''), ('opportunities.outcomes', 'account'), ('leads.load', 'load'))
    """
    if not across(source):
        return source, ""
    kind, by = kind_of(source)
    return f"{kind or own}.{by if by in _ALONE else OUTCOMES}", by


def _own(row: Feature, days: float | None = None) -> Question:
    window = row.window if days is None else days
    return Question(_by(row), row.where, None if window is None else round(window * MICROSECONDS_A_DAY))


def _by(row: Feature) -> str:
    return stream_of(row.source, "")[1]


def _and_whole(row: Feature) -> tuple[Question, ...]:
    return _own(row), _own(row)._replace(where=row.over)


def _and_later_half(row: Feature) -> tuple[Question, ...]:
    return _own(row), _own(row, (row.window or 0) / 2)


def _and_parents(row: Feature) -> tuple[Question, ...]:
    """A rate is pulled towards its own of all time, that towards the team's (of an owner), that towards that of all:
    first what ended of each of these, then what reached the target."""
    by = _by(row)
    ended = _own(row), Question(by), Question({"owner": "team"}.get(by, "all")), Question("all")
    return *ended, *(question._replace(where=REACHED) for question in ended)


def _and_reached(row: Feature) -> tuple[Question, ...]:
    return _own(row), _own(row)._replace(where=REACHED)


_ASKS: dict[str, Callable[[Feature], tuple[Question, ...]]] = {
    "share": _and_whole, "trend": _and_later_half, "rate": _and_parents,
    "age_over_usual": _and_reached, "value_over_usual": _and_reached,
}  # fmt: skip
"""What an aggregation asks of its stream for one row, where that is more than the row's own filter and window."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The different questions that all rows of a catalogue ask of one stream.

    Question q looks from instant `low_of[q]` to `high_of[q]` for what passes filter `filter_of[q]`; instant i is looked
    up by `bys[by_of[i]]`. It lies `back[i]` microseconds before as-of; those after the last of `back` lie before
    everything.
    """

    bys: tuple[str, ...]
    by_of: Ints
    back: Ints
    filters: Filters
    low_of: Ints
    high_of: Ints
    filter_of: Ints

    @classmethod
    def of(cls, questions: Sequence[Question]) -> "Asked":
        """From different questions, in their order."""
        bys = list(dict.fromkeys(question.by for question in questions))
        filters = list(dict.fromkeys(question.where for question in questions))
        every = list(dict.fromkeys((q.by, span) for q in questions for span in (q.span, 0)))
        instants = sorted(every, key=lambda instant: instant[1] is None)
        return cls(
            tuple(bys), np.array([bys.index(by) for by, _ in instants], np.int64),
            np.array([[span] for _, span in instants if span is not None], np.int64).reshape(-1, 1),
            Filters(tuple(filters)),
            np.array([instants.index((question.by, question.span)) for question in questions], np.int64),
            np.array([instants.index((question.by, 0)) for question in questions], np.int64),
            np.array([filters.index(question.where) for question in questions], np.int64),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Group:
    """Rows of one aggregation over one stream, in the catalogue's order.

    `asked` is what the whole catalogue asks of that stream, `places[q]` where in it each row's q-th question is.
    """

    rows: tuple[Feature, ...]
    stream: str
    asked: Asked
    places: tuple[Ints, ...]

    @property
    def aggregation(self) -> str:
        """What all of them compute."""
        return self.rows[0].aggregation

    @cached_property
    def wanted(self) -> tuple[int, ...]:
        """The filter of each row's first question."""
        return tuple(self.asked.filter_of[self.places[0]].tolist())

    @cached_property
    def columns(self) -> tuple[tuple[str, int], ...]:
        """What each row adds up of what passes its filter."""
        return tuple((row.column, place) for row, place in zip(self.rows, self.wanted, strict=True))

    def each(self, column: str) -> tuple[tuple[str, int], ...]:
        """One column, added up by every row of what passes its filter."""
        return tuple((column, place) for place in self.wanted)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The rows' names."""
        return tuple(row.name for row in self.rows)


class Catalog(Sequence[Feature]):
    """Rows to be computed for records of a kind, in order, with their groups; `only` the ones that somebody needs."""

    def __init__(self, rows: Iterable[Feature], kind: str) -> None:
        self.rows, self.kind = tuple(rows), kind
        self._only: dict[frozenset[str], Catalog] = {}

    @overload
    def __getitem__(self, index: int) -> Feature: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Feature]: ...
    def __getitem__(self, index: int | slice) -> Feature | Sequence[Feature]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.rows)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The rows by aggregation and stream."""
        found: dict[tuple[str, str], list[Feature]] = {}
        for row in self.rows:
            found.setdefault((row.aggregation, self._stream(row)), []).append(row)
        questions = {stream: self._questions(stream) for _, stream in found}
        asked = {stream: Asked.of(several) for stream, several in questions.items()}
        return tuple(
            Group(tuple(rows), stream, asked[stream], _places(rows, questions[stream]))
            for (_, stream), rows in found.items()
        )

    def _stream(self, row: Feature) -> str:
        return stream_of(row.source, self.kind)[0]

    def _questions(self, stream: str) -> list[Question]:
        rows = [row for row in self.rows if self._stream(row) == stream]
        return list(dict.fromkeys(question for row in rows for question in _asks(row))) if stream else []

    def only(self, names: Collection[str]) -> "Catalog":
        """The rows of these names; names that no row has are left out.

        >>> from features.catalog import CATALOG
        >>> [row.name for row in Catalog(CATALOG, "opportunities").only(["stage", "amount", "nothing"])]
        ['stage', 'amount']
        """
        wanted = frozenset(names)
        if wanted not in self._only:
            self._only[wanted] = Catalog((row for row in self.rows if row.name in wanted), self.kind)
        return self._only[wanted]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The rows' names, in order."""
        return tuple(row.name for row in self.rows)

    @cached_property
    def by_name(self) -> dict[str, Feature]:
        """Each row by its name."""
        return {row.name: row for row in self.rows}


def _asks(row: Feature) -> tuple[Question, ...]:
    asks = _ASKS.get(row.aggregation)
    return asks(row) if asks else (_own(row),)


def _places(rows: Sequence[Feature], asked: list[Question]) -> tuple[Ints, ...]:
    """Where in `asked` each row's questions are: its first, its second ..."""
    if not asked:
        return ()
    places = zip(*([asked.index(question) for question in _asks(row)] for row in rows), strict=True)
    return tuple(np.array(place, np.int64) for place in places)
