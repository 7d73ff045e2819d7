"""A store that holds its canonical tables in memory as columns: what `load_history` reads, without a database."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from features.columns import MISSING, Column, Columns, Words, ints, words
from features.crm.schema import TABLES
from features.crm.store import Store
from features.crm.tables import extras
from features.stream import take


class Tables(Store):
    """Canonical tables by name, read as a `Store` reads them; columns a table lacks are all missing.

    >>> store = Tables({"owners": {"owner_id": Words.of(["O1", "O2"]), "team": Words.of(["north", "south"])}})
    >>> store.read("owners", where={"owner_id": ["O2"]})["team"].tolist()
    ['south']
    """

    def __init__(self, tables: Mapping[str, Columns]) -> None:
        self.tables = tables

    def count(self, table: str) -> int:
        """Rows of a table."""
        return next((len(column) for column in self.tables.get(table, {}).values()), 0)

    def read(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
        order_by: Sequence[str] = (),
    ) -> Columns:
        """The columns asked for, of the rows `where` keeps, in the order in which the table was given."""
        assert not order_by, "tables in memory keep their order"
        types = {column.name: column.type for column in TABLES[table].columns} | extras(TABLES[table])
        held = self.tables.get(table, {})
        rows = self.count(table)
        kept = np.ones(rows, bool)
        for name, values in (where or {}).items():
            column = words({name: held[name]} if name in held else {name: _missing("text", rows)}, name)
            kept &= column.recode(dict.fromkeys(values, 1)) == 1
        chosen = None if kept.all() else np.flatnonzero(kept)
        found = {name: held[name] if name in held else _missing(types[name], rows) for name in columns or types}
        return found if chosen is None else {name: take(column, chosen) for name, column in found.items()}

    def read_custom(
        self, table: str, fields: Sequence[str], where: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, Words]:
        """Custom fields as text columns."""
        texts = words(self.read(table, ["custom"], where), "custom")
        parsed = [json.loads(word) for word in texts.words]
        found = {field: Words.of([row.get(field) for row in parsed]) for field in fields}
        return {
            field: Words(np.append(column.codes, np.int32(-1))[texts.codes], column.words)
            for field, column in found.items()
        }

    def since(self, table: str, column: str, *instants: str) -> dict[str, int]:
        """When each word of a column first came up, earliest first."""
        rows = self.read(table, [column, *instants])
        word, at = words(rows, column), np.max([ints(rows, name) for name in instants], axis=0)
        first = np.full(len(word.words) + 1, np.iinfo(np.int64).max)
        np.minimum.at(first, word.codes, at)
        return dict(sorted(zip(word.words, first.tolist(), strict=False), key=lambda pair: (pair[1], pair[0])))


def _missing(sort: str, rows: int) -> Column:
    """A column without a value, which takes no memory."""
    if sort in ("id", "text"):
        return Words(np.broadcast_to(np.int32(-1), rows), ())
    return np.broadcast_to(np.nan, rows) if sort == "number" else np.broadcast_to(np.int64(MISSING), rows)
