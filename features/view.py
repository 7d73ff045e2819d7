"""What the rows of one call may see: values and event windows as known at each row's as-of, looked up once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Floats, Ints, Words, ints, one_vocabulary
from features.history import History
from features.stream import Stream, Where
from features.streams import Streams, pair


@dataclass(frozen=True, slots=True)
class Rows:
    """What is asked: `record` positions in a history and the instants `as_of` (int64 microseconds), one each a row."""

    record: Ints
    as_of: Ints

    def __len__(self) -> int:
        return len(self.record)

    def take(self, rows: Ints | Bools) -> "Rows":
        """The rows at these positions, or where this mask is true."""
        return Rows(self.record[rows], self.as_of[rows])


@dataclass(frozen=True, slots=True)
class Window:
    """What each row may see of a filtered stream: passing events `[low, high)`, known in [as_of - w, as_of)."""

    stream: Stream
    where: Where
    low: Ints
    high: Ints

    def count(self) -> Ints:
        """How many events."""
        return self.high - self.low

    def total(self, column: str) -> Ints:
        """The sum of an int64 column, exact."""
        totals = self.stream.totals(column, self.where)
        return totals[self.high] - totals[self.low]

    def last_time(self) -> Ints:
        """When the latest event became known; MISSING where there is none."""
        return self._pick(self.stream.time, self.high - 1)

    def first_time(self) -> Ints:
        """When the earliest event became known; MISSING where there is none."""
        return self._pick(self.stream.time, self.low)

    def last(self, column: str) -> Ints:
        """An int64 column of the latest event; MISSING where there is none."""
        return self._pick(ints(self.stream.columns, column), self.high - 1)

    def _pick(self, values: Ints, position: Ints) -> Ints:
        picked = np.full(len(position), MISSING)
        some = self.high > self.low
        picked[some] = values[self.stream.passing(self.where)[0][position[some]]]
        return picked


class View:
    """One call's rows over a history and the cross-record streams; every look-up is made once and kept."""

    def __init__(self, history: History, streams: Streams, rows: Rows) -> None:
        self.history, self.streams, self.rows = history, streams, rows
        self._values: dict[str, Column] = {}
        self._bounds: dict[tuple[str, int | None], Ints] = {}
        self._sources: dict[str, tuple[Stream, Ints]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def age(self) -> Ints:
        """Microseconds since the record's creation."""
        return self.rows.as_of - self.history.created[self.rows.record]

    def value(self, reference: str) -> Column | None:
        """A field as known at as-of: `amount`, `account.industry`, or the first one known of `title|contact.title`.

        None where no record of this kind has the field.
        """
        if reference not in self._values:
            found = [column for name in reference.split("|") if (column := self._field(name)) is not None]
            if not found:
                return None
            self._values[reference] = found[0] if len(found) == 1 else _first_known(found)
        return self._values[reference]

    def words(self, reference: str) -> Words:
        """A field of words as known at as-of; all missing where no record of this kind has it."""
        column = self.value(reference)
        if column is None:
            return Words(np.full(len(self), -1, np.int32), ())
        assert isinstance(column, Words), f"{reference} is not a field of words"
        return column

    def entered(self, field: str) -> Ints:
        """When the present value of one of the record's own fields was taken; MISSING where unknown."""
        if field not in self.history.own.fields:
            return np.full(len(self), MISSING)
        return self.history.own.fields[field].entered_at(self.rows.record, self.rows.as_of)

    def window(self, source: str, where: Where = (), days: float | None = None) -> Window:
        """The passing events of a source in [as_of - days, as_of); all before as_of where `days` is None."""
        stream, key = self.source(source)
        span = None if days is None else round(days * MICROSECONDS_A_DAY)
        _, count = stream.passing(where)
        return Window(
            stream, where, count[self._bound(source, stream, key, span)], count[self._bound(source, stream, key, 0)]
        )

    def source(self, name: str) -> tuple[Stream, Ints]:
        """A stream and each row's key in it."""
        if name not in self._sources:
            self._sources[name] = self._own(name) or self._cross(name)
        return self._sources[name]

    def _own(self, name: str) -> tuple[Stream, Ints] | None:
        own = {"activities": self.history.activities, "plans": self.history.plans, "moves": self.history.moves}
        return (own[name], self.rows.record) if name in own else None

    def _cross(self, name: str) -> tuple[Stream, Ints]:
        """A cross-record stream, `owner` (of this kind) or `opportunities.account`, keyed by the row's own word."""
        kind, _, by = name.rpartition(".")
        keyed = self.streams.by_name[f"{kind or self.history.kind}.{by}"]
        return keyed.stream, keyed.key(self._key(by))

    def _key(self, by: str) -> Words:
        if by == "all":
            return Words(np.zeros(len(self), np.int32), ("all",))
        if by == "team":
            return self.streams.teams.at(self.words("owner_id"), self.rows.as_of)
        if by == "stage":
            return pair(self.words("process"), self.words("stage"))
        return self.words({"owner": "owner_id", "load": "owner_id", "account": "account_id"}.get(by, by))

    def _bound(self, source: str, stream: Stream, key: Ints, span: int | None) -> Ints:
        if (source, span) not in self._bounds:
            at = stream.first(key) if span is None else stream.before(key, self.rows.as_of - span)
            self._bounds[source, span] = at
        return self._bounds[source, span]

    def _field(self, name: str) -> Column | None:
        entity, _, field = name.rpartition(".")
        if not entity:
            line = self.history.own.fields.get(field)
            return line.at(self.rows.record, self.rows.as_of) if line else None
        linked = self.history.linked[entity]
        if field not in linked.fields or not linked.ids:
            return None
        row = self.words(f"{entity}_id").recode(linked.index).astype(np.int64)
        return linked.fields[field].at(row, self.rows.as_of)


def _first_known(columns: list[Column]) -> Column:
    """Row by row, the first of several columns of words that is not missing."""

    texts = one_vocabulary(*(column for column in columns if isinstance(column, Words)))
    codes = texts[0].codes.copy()
    for other in texts[1:]:
        codes = np.where(codes < 0, other.codes, codes)
    return Words(codes, texts[0].words)


def as_floats(column: Column | None, rows: int) -> Floats:
    """A column of numbers as float64, NaN where missing; all NaN where there is no such column."""
    if column is None or isinstance(column, Words):
        return np.full(rows, np.nan)
    if column.dtype.kind == "f":
        return column.astype(np.float64, copy=False)
    return np.where(column == MISSING, np.nan, column.astype(np.float64))
