"""What the rows of one call may see: values and event windows as known at each row's as-of, looked up once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import MISSING, Bools, Column, Floats, Ints, Words, ints, one_vocabulary, words
from features.crm.values import exponent_of
from features.filters import Counter
from features.firmographics.rates import convert
from features.grouping import OWN, Asked, Group
from features.history import History
from features.keyed import Keyed, Streams, codes_in, pair
from features.stream import Stream, empty
from features.timeline import FEW

OF_KEY = {
    "owner": "owner_id",
    "load": "owner_id",
    "account": "account_id",
    "open": "account_id",
    "person": "contact_id",
}
"""The field that names each row's key in a cross-record stream, where it is called otherwise."""


WORD = "word:"
"""Before the reference of a field of words, names the stream of outcomes by that field."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is asked: `record` positions in a history and the instants `as_of` (int64 microseconds), one each a row."""

    record: Ints
    as_of: Ints

    def __len__(self) -> int:
        return len(self.record)

    def take(self, rows: Ints | Bools | slice) -> "Rows":
        """The rows at these positions, in this slice, or where this mask is true."""
        return Rows(self.record[rows], self.as_of[rows])

    def part(self, start: int, end: int) -> "Rows":
        """The rows `[start, end)`."""
        return Rows(self.record[start:end], self.as_of[start:end])


@dataclass(frozen=True, slots=True)
class Windows:
    """What n rows may see of a stream: `bounds` are positions in it, int64[i, n], one for each of the instants that
    `asked` names; `counts` what lies before them, int64[i, n, lanes].
    """

    stream: Stream
    asked: Asked
    bounds: Ints
    counter: Counter
    counts: Ints

    def count(self, places: Ints) -> Ints:
        """int64[f, n]: how many events, for the questions at these places."""
        asked = self.asked
        return self.counter.between(self.counts, asked.low_of[places], asked.high_of[places], asked.filter_of[places])

    def total(self, places: Ints, columns: tuple[tuple[str, int], ...]) -> Ints:
        """int64[f, n]: the sum of an int64 column, exact; `columns` has each question's with its filter."""
        totals, row = self.stream.totals(self.asked.filters, columns), np.arange(len(columns))[:, None]
        low, high = self._window(places)
        return totals[row, high] - totals[row, low]

    def latest(self, group: Group) -> Ints:
        """int64[f, n]: the position of the latest event in each row's window; -1 where there is none."""
        low, high = self._window(group.places[0])
        found = self.stream.latest(self.asked.filters, group.wanted)[np.arange(len(low))[:, None], high]
        return np.where(found >= low, found, -1)

    def earliest(self, group: Group) -> Ints:
        """int64[f, n]: the position of the earliest event in each row's window; -1 where there is none."""
        low, high = self._window(group.places[0])
        found = self.stream.earliest(self.asked.filters, group.wanted)[np.arange(len(low))[:, None], low]
        return np.where(found < high, found, -1)

    def _window(self, places: Ints) -> tuple[Ints, Ints]:
        return self.bounds[self.asked.low_of[places]], self.bounds[self.asked.high_of[places]]


class View:
    """One call's rows over a history and the cross-record streams; every look-up is made once and kept."""

    def __init__(self, history: History, streams: Streams, rows: Rows) -> None:
        self.history, self.streams, self.rows = history, streams, rows
        self._values: dict[str, Column] = {}
        self._windows: dict[str, Windows] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def few(self) -> bool:
        """Whether it is quicker to look up each row's word than to make a table of the whole vocabulary."""
        return len(self.rows) <= FEW

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
            self._values[reference] = found[0] if len(found) == 1 else self._first_known(reference, found)
        return self._values[reference]

    def money(self, reference: str) -> Ints:
        """An amount as known at as-of, in minor units of the reporting currency at the last rate known then."""
        amount, (linked, dot, _) = self.value(reference), reference.rpartition(".")
        if amount is None or isinstance(amount, Words):
            return np.full(len(self), MISSING)
        of, to = self.words(f"{linked}{dot}currency"), self.history.currency
        amount = self._restated(amount.astype(np.int64), of, linked)
        if all(word == to for word in of.words):
            return amount
        code = np.where(of.codes < 0, np.int32(len(of.words)), of.codes)
        return convert(amount, Words(code, (*of.words, to)), to, self.rows.as_of)

    def _restated(self, amount: Ints, known: Words, linked: str) -> Ints:
        """The amounts in minor units of the currency known at as-of; they are kept in those of the present one, which
        may have been corrected since and have more decimals or fewer."""
        table, record = self.history.own.table, self.rows.record
        if linked:
            table, record = self.history.linked[linked].table, self._linked(linked)
        present = words(table, "currency")
        if len({exponent_of(word) for word in (*known.words, *present.words, self.history.currency)}) == 1:
            return amount
        then, now = (_exponents(column, self.history.currency) for column in (known, present.take(record)))
        more, fewer = 10 ** np.maximum(then - now, 0), 10 ** np.maximum(now - then, 0)
        return np.where(amount == MISSING, MISSING, amount * more // fewer)

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

    def windows(self, group: Group) -> Windows:
        """What the rows may see of a group's stream."""
        if group.stream not in self._windows:
            self._windows[group.stream] = self._look_up(group.stream, group.asked)
        return self._windows[group.stream]

    def _look_up(self, name: str, asked: Asked) -> Windows:
        stream, keys = self._stream(name, asked.bys)
        timed, of = len(asked.back), keys[asked.by_of]
        bounds = np.concatenate([stream.before(of[:timed], self.rows.as_of - asked.back), stream.first(of[timed:])])
        counter = stream.counter(asked.filters)
        return Windows(stream, asked, bounds, counter, counter.at(bounds))

    def _stream(self, name: str, bys: tuple[str, ...]) -> tuple[Stream, Ints]:
        """A stream, and each row's key in it by each of `bys`."""
        if name in OWN:
            own: Stream = getattr(self.history, name)
            records, place = self._records
            return own.part(records), place[None]
        keyed = self.streams.by_name.get(name)
        if keyed is None:
            return empty(0), np.full((len(bys), len(self)), -1)
        return keyed.stream, np.stack([self._keys(keyed, by) for by in bys])

    @cached_property
    def _records(self) -> tuple[Ints, Ints]:
        """The different records of the rows, and each row's place among them."""
        if len(self.history.ids) == 1:
            return self.rows.record, self.rows.record
        records, place = np.unique(self.rows.record, return_inverse=True)
        return records, place

    def _keys(self, keyed: Keyed, by: str) -> Ints:
        """Each row's key by its own word; -1 where it has no events."""
        key, index = self.key(by), keyed.index.get(by, _NO_KEYS)
        return self._coded(("key", by), key, index)

    def _coded(self, name: object, column: Words, index: dict[str, int]) -> Ints:
        """What `index` gives each row's word; -1 where it has none."""
        if self.few:
            return np.array([index.get(word or "", -1) for word in column.tolist()], np.int64)
        table = self.history.tables.of(name, lambda: codes_in(index, column.words), index, column.words)
        return table[column.codes]

    def key(self, by: str) -> Words:
        """The word by which each row is looked up in a cross-record stream."""
        if by == "all":
            return Words(np.zeros(len(self), np.int32), ("all",))
        if by == "team":
            return self.streams.teams.at(self.words("owner_id"), self.rows.as_of)
        if by == "stage":
            return pair(self.words("process"), self.words("stage"), self.history.tables)
        return self.words(OF_KEY.get(by, by.removeprefix(WORD)))

    def _field(self, name: str) -> Column | None:
        entity, _, field = name.partition(".")
        if entity not in self.history.linked:
            line = self.history.own.fields.get(name)
            return line.at(self.rows.record, self.rows.as_of) if line else None
        linked = self.history.linked[entity]
        if field not in linked.fields or not linked.ids:
            return None
        return linked.fields[field].at(self._linked(entity), self.rows.as_of)

    def _linked(self, entity: str) -> Ints:
        """The position of each row's account or contact; -1 where it has none."""
        name = f"position of {entity}"
        if name not in self._values:
            self._values[name] = self._coded(name, self.words(f"{entity}_id"), self.history.linked[entity].index)
        return ints(self._values, name)

    def _first_known(self, reference: str, columns: list[Column]) -> Column:
        """Row by row, the first of several columns of words that is not missing."""
        texts = [column for column in columns if isinstance(column, Words)]
        if self.few:
            rows = zip(*(text.tolist() for text in texts), strict=True)
            return Words.of([next(filter(None, row), None) for row in rows])
        every = [Words(np.arange(-1, len(text.words), dtype=np.int32), text.words) for text in texts]
        union = self.history.tables.of(reference, lambda: one_vocabulary(*every), *(text.words for text in texts))
        codes = np.full(len(self), -1, np.int32)
        for text, into in zip(texts, union, strict=True):
            codes = np.where(codes < 0, into.codes[text.codes + 1], codes)
        return Words(codes, union[0].words)


def _exponents(currency: Words, otherwise: str) -> Ints:
    """int64[n]: decimals of each row's currency, those of `otherwise` where it is missing."""
    return np.array([exponent_of(word) for word in (*currency.words, otherwise)], np.int64)[currency.codes]


_NO_KEYS: dict[str, int] = {}


def as_floats(column: Column | None, rows: int) -> Floats:
    """A column of numbers as float64, NaN where missing; all NaN where there is no such column."""
    if column is None or isinstance(column, Words):
        return np.full(rows, np.nan)
    if column.dtype.kind == "f":
        return column.astype(np.float64, copy=False)
    return np.where(column == MISSING, np.nan, column.astype(np.float64))
