"""Sowing one fault into the healthy CRM: which rows to take, and what a check must then say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from features.crm.health.snapshot import NAMES
from features.crm.schema import TABLES
from tests.crm_folder import Crm, Row
from tests.features.crm.health.clean import SEEN


@dataclass(frozen=True)
class Sown:
    """What must be found: how many, the first three ids, and other checks that the same fault cannot help but meet."""

    count: int
    ids: tuple[str, ...]
    also: tuple[str, ...] = ()


Fault = Callable[[Crm], Sown]
Which = Callable[[Row], bool]


def key(table: str, row: Row) -> str:
    """How a row is named in an example."""
    return " / ".join(str(row.get(name) or "-") for name in NAMES.get(table, TABLES[table].key[:1]))


def rows_of(crm: Crm, table: str, where: Which = lambda _: True) -> list[Row]:
    """The rows of a table that are so, in order of key."""
    return sorted((row for row in crm[table] if where(row)), key=lambda row: key(table, row))


def some(crm: Crm, table: str, count: int, where: Which = lambda _: True) -> list[Row]:
    """Some of the rows that are so, away from one another."""
    found = rows_of(crm, table, where)[3::5][:count]
    assert len(found) == count, f"only {len(found)} such {table}"
    return found


def sown(table: str, rows: list[Row], *also: str) -> Sown:
    """These rows must be found."""
    return Sown(len(rows), tuple(sorted(key(table, row) for row in rows)[:3]), also)


def put(table: str, count: int, where: Which = lambda _: True, also: tuple[str, ...] = (), **values: Any) -> Fault:
    """A fault that gives some rows these values (a function is asked for each row's own)."""

    def fault(crm: Crm) -> Sown:
        rows = some(crm, table, count, where)
        for row in rows:
            row |= {name: value(row) if callable(value) else value for name, value in values.items()}
        return sown(table, rows, *also)

    return fault


def forget(crm: Crm, rows: list[Row], key_name: str, *fields: str) -> None:
    """Take away the changes of these fields of these records."""
    ids = {row[key_name] for row in rows}
    crm["changes"] = [row for row in crm["changes"] if not (row["entity_id"] in ids and row["field"] in fields)]


def drop(crm: Crm, table: str, rows: list[Row]) -> None:
    """Take records away, with their changes, activities and whatever names them."""
    key_name = TABLES[table].key[0]
    ids = {row[key_name] for row in rows}
    crm[table] = [row for row in crm[table] if row[key_name] not in ids]
    crm["changes"] = [row for row in crm["changes"] if row["entity_id"] not in ids]
    crm["activities"] = [row for row in crm["activities"] if row.get(key_name) not in ids]
    for name in ("leads", "opportunities"):
        for row in crm[name]:
            if row.get(key_name) in ids and name != table:
                row[key_name] = None


def add(crm: Crm, table: str, *rows: Row) -> Sown:
    """More rows, which must be found."""
    made = [{"crm": "", "first_seen": SEEN, **row} for row in rows]
    crm[table] += made
    return sown(table, made)


def change(row: Row, field: str, old: str | None, new: str | None, at: int) -> Row:
    """A change row of a deal."""
    told = {"entity": "opportunity", "entity_id": row["opportunity_id"], "field": field, "old": old, "new": new}
    return told | {"occurred_at": at, "recorded_at": None, "seen": 0}


def won(row: Row) -> bool:
    return row.get("outcome") == "won"


def lost(row: Row) -> bool:
    return row.get("outcome") == "lost"


def closed(row: Row) -> bool:
    return row.get("outcome") is not None


def still_open(row: Row) -> bool:
    return row.get("outcome") is None


def direct(row: Row) -> bool:
    return row.get("lead_id") is None


def fresh(row: Row) -> bool:
    """An open deal that no lead led to."""
    return still_open(row) and direct(row)


def refused(row: Row) -> bool:
    return row.get("disqualified_at") is not None


def converted(row: Row) -> bool:
    return row.get("converted_at") is not None


def local(at: int) -> datetime:
    """An instant on the clock of Paris."""
    return datetime.fromtimestamp(at / 1e6, ZoneInfo("Europe/Paris"))


def share(table: str, where: Which, **values: object) -> Fault:
    """Two rows in three of those that are so."""

    def fault(crm: Crm) -> Sown:
        rows = [row for place, row in enumerate(rows_of(crm, table, where)) if place % 3]
        for row in rows:
            row.update(values)
        return sown(table, rows)

    return fault


def most(table: str, field: str, value: str, where: Which) -> Fault:
    """Two in three of those that are so read this; all that read it must be found."""

    def fault(crm: Crm) -> Sown:
        share(table, where, **{field: value})(crm)
        return sown(table, rows_of(crm, table, lambda row: where(row) and row[field] == value))

    return fault
