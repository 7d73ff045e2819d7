"""The store's SQL tables: one made from each canonical table, and those the store keeps for itself.

A table whose key is one id uses it as its row key; any other has a `row_key`, a digest of its key's parts, so that long
texts never enter an index and every table is looked up the same way.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Text
from sqlalchemy import Table as SqlTable

from features.crm.schema import TABLES, Table

METADATA = MetaData()

_TYPES: dict[str, Any] = {  # instants and money stay exact: 64-bit integers
    "id": Text,
    "text": Text,
    "time": BigInteger,
    "money": BigInteger,
    "number": Double,
}

_LOOKUPS = ("lead_id", "contact_id", "account_id", "opportunity_id", "merged_into")


def row_key(table: Table) -> str:
    """The column that identifies a row of `table` within its source.

    >>> row_key(TABLES["leads"]), row_key(TABLES["roles"])
    ('lead_id', 'row_key')
    """
    return table.key[0] if len(table.key) == 1 else "row_key"


def extras(table: Table) -> dict[str, str]:
    """The columns `Store.read` adds to the canonical ones, with their types.

    >>> extras(TABLES["leads"])
    {'crm': 'text', 'first_seen': 'time', 'custom': 'text'}
    """
    seen = {"seen": "time"} if table.name == "changes" else {}
    return {"crm": "text", "first_seen": "time", "custom": "text", **seen}


def _columns(table: Table) -> Iterator[Column[Any]]:
    key = row_key(table)
    yield Column("crm", Text, primary_key=True)
    if key == "row_key":
        yield Column(key, Text, primary_key=True)
    for column in table.columns:
        yield Column(column.name, _TYPES[column.type], primary_key=column.name == key)
    if table.name == "changes":
        yield Column("seen", Integer, nullable=False, server_default="0")
    yield Column("custom", Text)
    yield Column("first_seen", BigInteger, nullable=False)
    yield Column("last_seen", BigInteger, nullable=False)
    yield Column("digest", BigInteger, nullable=False)


def _indexes(table: Table, sql: SqlTable) -> Iterator[Index]:
    if table.name == "changes":
        yield Index("changes_by_entity", sql.c.entity_id, sql.c.entity)
    for name in _LOOKUPS:
        if name in sql.c and name != row_key(table):
            given = sql.c[name].is_not(None)
            yield Index(f"{table.name}_by_{name}", sql.c[name], sqlite_where=given, postgresql_where=given)


def _made(table: Table) -> SqlTable:
    sql = SqlTable(table.name, METADATA, *_columns(table))
    list(_indexes(table, sql))  # an index joins its table when it is made
    return sql


SQL: dict[str, SqlTable] = {name: _made(table) for name, table in TABLES.items()}

STATE = SqlTable("store_state", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
"""The format of the store, and one token per table that changes with every write to it."""

CHAMPIONS = SqlTable(
    "champions",
    METADATA,
    Column("id", Integer, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("kind", "target", "version")),
    Column("at", BigInteger, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("by", "note")),
)

IMPORTS = SqlTable(
    "imports",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seen_at", BigInteger, nullable=False),
    Column("report", Text, nullable=False),
)

QUARANTINE = SqlTable(
    "quarantine",
    METADATA,
    Column("row_key", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("crm", "table", "file", "rule", "column", "raw")),
    Column("line", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
