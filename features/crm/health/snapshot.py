"""What checks read: the store's tables in memory, each loaded when first asked for and let go after its last check."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from features.calendar import Zone
from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Columns, Ints, Words, ints, words
from features.crm.health.check import Example, Figure, Found
from features.crm.kept import Quarantined
from features.crm.schema import TABLES
from features.crm.store import Store
from features.settings import Settings

DAY = MICROSECONDS_A_DAY
EXAMPLES = 3
UNREAD = {"activities": {"duration_s"}, "opportunities": {"loss_comment"}}
"""Columns that no check asks for, of the tables where that saves something."""
CUSTOM = ("leads", "opportunities")
"""The tables whose custom fields are looked at."""
ALSO = {"leads": ("custom",), "opportunities": ("custom", "crm"), "changes": ("seen",)}
"""What is read beside a table's own columns: custom fields, the source of a row, when we saw a change ourselves."""

NAMES = {
    "changes": ("entity_id", "field"), "stages": ("process", "stage"), "quotas": ("period", "owner_id"),
    "roles": ("opportunity_id", "contact_id"), "calls": ("period", "by"), "spend": ("period", "source"),
}  # fmt: skip
"""What names a row of a table whose first key column alone does not."""

ENDS = {"opportunities": ("closed_at",), "leads": ("converted_at", "disqualified_at")}
"""The columns that date the end of a record."""


class Snapshot:
    """A store's tables as columns, with what most checks ask of them. Positions of rows are those of `Store.read`.

    `seen` is the latest arrival of anything (int64 microseconds): what lies after it is in the future. `until` is the
    last day on which a record was made or closed: what is open or overdue is judged as of then, so that an old export
    does not look neglected.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._tables: dict[str, Columns] = {}
        self._index: dict[str, dict[str, int]] = {}
        self._counts = {name: store.count(name) for name in TABLES}
        self.zone = Zone(settings.timezone)
        self.currency = settings.currency
        self.imports: list[dict[str, Any]] = store.imports()
        self.quarantined: list[Quarantined] = store.quarantined()
        self.seen = self._seen()
        self.until = self._until()

    # tables

    def count(self, table: str) -> int:
        """Rows of a table, without reading them."""
        return self._counts[table]

    def table(self, name: str) -> Columns:
        """A table's columns."""
        if name not in self._tables:
            columns = [column.name for column in TABLES[name].columns if column.name not in UNREAD.get(name, ())]
            self._tables[name] = self._store.read(name, [*columns, *ALSO.get(name, ())])
        return self._tables[name]

    def forget(self, names: Iterable[str]) -> None:
        """Let tables go."""
        for name in names:
            self._tables.pop(name, None)
            self._index.pop(name, None)

    def custom(self, table: str) -> dict[str, Bools]:
        """Which rows have each custom field that a table of CUSTOM was given."""
        texts = self.words(table, "custom")
        held = [frozenset(json.loads(word)) for word in texts.words]
        names = sorted(frozenset[str]().union(*held))
        return {
            name: np.append(np.fromiter((name in given for given in held), bool, len(held)), False)[texts.codes]
            for name in names
        }

    def words(self, table: str, column: str) -> Words:
        """A column of words."""
        return words(self.table(table), column)

    def ints(self, table: str, column: str) -> Ints:
        """A column of instants or amounts."""
        return ints(self.table(table), column)

    def numbers(self, table: str, column: str) -> Column:
        """A column of numbers, NaN where unknown."""
        return self.table(table)[column]

    def ids(self, table: str) -> Words:
        """The ids of a table's rows."""
        return self.words(table, TABLES[table].key[0])

    # what most checks ask

    def places(self, column: Words, table: str) -> Ints:
        """Where the rows that a column of ids names stand in their table; -1 where it names none, or an unknown one."""
        if table not in self._index:
            ids = self.ids(table)
            self._index[table] = dict(zip((ids.words[code] for code in ids.codes), range(len(ids)), strict=True))
        return column.recode(self._index[table]).astype(np.int64)

    def live(self, table: str) -> Bools:
        """The leads or opportunities that were neither deleted nor merged into another."""
        merged = self.words(table, "merged_into").codes >= 0
        return np.asarray(~(merged | (self.ints(table, "deleted_at") != MISSING)))

    def closed(self, table: str) -> Bools:
        """The leads or opportunities that ended, as the CRM reads now."""
        ended = np.any([self.ints(table, name) != MISSING for name in ENDS[table]], axis=0)
        return np.asarray(ended | (self.words(table, "outcome").codes >= 0) if table == "opportunities" else ended)

    def open(self, table: str) -> Bools:
        """The live records that have not ended."""
        return self.live(table) & ~self.closed(table)

    def won(self) -> Bools:
        """The opportunities won."""
        return is_word(self.words("opportunities", "outcome"), "won")

    def lost(self) -> Bools:
        """The opportunities lost."""
        return is_word(self.words("opportunities", "outcome"), "lost")

    def months(self, when: Ints) -> Ints:
        """The local month of each instant, from the first one's as 0; -1 where unknown."""
        known = when != MISSING
        if not known.any():
            return np.full(len(when), -1, np.int64)
        days = self.zone.day(np.where(known, when, when[known].min())).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(np.int64)
        return np.where(known, months - months[known].min(), -1)

    def month_name(self, when: Ints, month: int) -> str:
        """How a month counted by `months` is written."""
        first = self.zone.day(np.array([when[when != MISSING].min()])).astype("datetime64[D]").astype("datetime64[M]")
        return str((first + np.timedelta64(month, "M"))[0])

    def day_name(self, instant: int) -> str:
        """A local date as ISO 8601 writes it."""
        return str(self.zone.day(np.array([instant])).astype("datetime64[D]")[0])

    # what is found

    def found(
        self, table: str, rows: Bools, of: int | Bools | None = None, other: Words | None = None, **figures: Figure
    ) -> Found:
        """The rows of a table that this mask selects, of all (or of so many, or of those `of` selects)."""
        base = len(rows) if of is None else int(of.sum()) if isinstance(of, np.ndarray) else of
        return self.named(table, np.flatnonzero(rows), base, other, **figures)

    def named(self, table: str, rows: Ints, of: int, other: Words | None = None, **figures: Figure) -> Found:
        """The rows at these positions; `other` names what each clashes with."""
        first, urls = rows[:EXAMPLES], self.table(table).get("url")
        parts = [self.words(table, name).take(first).tolist() for name in NAMES.get(table, TABLES[table].key[:1])]
        pages = urls.take(first).tolist() if isinstance(urls, Words) else [None] * len(first)
        others = other.take(first).tolist() if other is not None else [None] * len(first)
        examples = (
            Example(" / ".join(name or "-" for name in names), page or "", clash or "")
            for *names, page, clash in zip(*parts, pages, others, strict=True)
        )
        return Found(table, len(rows), of, tuple(examples), figures)

    def _seen(self) -> int:
        """The latest arrival: of an import, or of a record that came by itself."""
        arrivals = [int(report["seen_at"]) for report in self.imports]
        for name in ("leads", "opportunities", "accounts", "contacts"):
            first = ints(self._store.read(name, ["first_seen"]), "first_seen")
            arrivals.append(int(first.max(initial=0)))
        return max(arrivals)

    def _until(self) -> int:
        last = 0
        for name, ends in ENDS.items():
            for column in ("created_at", *ends):
                when = ints(self._store.read(name, [column]), column)
                last = max(last, int(when[when <= self.seen].max(initial=0)))
        return last or self.seen


def is_word(column: Words, word: str) -> Bools:
    """The rows that read this word.

    >>> is_word(Words.of(["won", None, "lost"]), "won").tolist()
    [True, False, False]
    """
    return np.asarray(column.codes == (column.words.index(word) if word in column.words else -2))


def label(name: str | None, nothing: str = "-") -> str:
    """A word from the data as a sentence shows it: short, and never empty.

    >>> label("x" * 60), label(None)
    ('xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...', '-')
    """
    text = name or nothing
    return text if len(text) <= 50 else f"{text[:47]}..."
