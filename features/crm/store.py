"""The store of the CRM history: the only SQL of the history. SQLAlchemy Core, SQLite now, PostgreSQL by its URL.

A row is known by its source (`crm`) and key. Writing a row again changes only the columns it names; when that alters a
known field of a lead, opportunity, account, contact or owner, a row of `changes` remembers it (`seen` = 1). A row last
seen later than the one now given is left as it is: import the oldest export first.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import reduce
from itertools import islice
from typing import Any, cast

import numpy as np
from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, exists, func, insert, inspect, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql.expression import Executable

from features.columns import Columns, Words
from features.crm.database import Database, StoreError
from features.crm.kept import Champion, Quarantined, Written
from features.crm.merge import Altered, altered_columns, altered_custom, custom_json, merged_custom
from features.crm.rows import Given, Row, columns_of, types_of
from features.crm.schema import TABLES, Table
from features.crm.tables import CHAMPIONS, IMPORTS, METADATA, QUARANTINE, SQL, STATE, extras, row_key

__all__ = ["Champion", "Quarantined", "Store", "StoreError", "Written"]

FORMAT = "1"
BATCH = 50_000
IN_LIST = 5_000
"""Values of one IN list: under the limits of SQLite (32,766) and PostgreSQL (65,535) parameters."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of one source on their way into one table."""

    schema: Table
    given: Given
    crm: str
    seen_at: int

    @property
    def sql(self) -> SqlTable:
        return SQL[self.schema.name]

    @property
    def key(self) -> str:
        return row_key(self.schema)

    def of(self, statement: Any, keys: Sequence[str]) -> Any:
        """A statement restricted to these keys of the source."""
        return statement.where(self.sql.c.crm == self.crm, self.sql.c[self.key].in_(keys))


class Store(Database):
    """The CRM history in a database.

    >>> store = Store.open("sqlite://")
    >>> store.upsert("owners", {"owner_id": Words.of(["O1"]), "team": Words.of(["north"])}, seen_at=0)
    Written(new=1, changed=0, unchanged=0, stale=0)
    >>> store.read("owners", ["owner_id", "team"])["team"].tolist()
    ['north']
    """

    def prepare(self, connection: Connection) -> None:
        """Create what is absent, refuse what is not ours."""
        names = set(inspect(connection).get_table_names())
        if names & set(METADATA.tables) and STATE.name not in names:
            raise StoreError("the database holds tables of another program: give the store one of its own")
        METADATA.create_all(connection)
        held = connection.execute(select(STATE.c.value).where(STATE.c.name == "format")).scalar()
        if held is None:
            first = [{"name": f"version {name}", "value": "0"} for name in (*TABLES, CHAMPIONS.name)]
            connection.execute(insert(STATE), [{"name": "format", "value": FORMAT}, *first])
        elif held != FORMAT:
            raise StoreError(f"the store has format {held}, this program reads {FORMAT}: use the program that made it")

    # reading

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(SQL[table])).scalar_one())

    def version(self, *tables: str) -> str:
        """A token that changes with every write (to these tables, or to any)."""
        with self.reading() as connection:
            rows = connection.execute(select(STATE.c.name, STATE.c.value).order_by(STATE.c.name)).all()
        wanted = {f"version {table}" for table in tables}
        return "-".join(value for name, value in rows if name.startswith("version ") and (not tables or name in wanted))

    def read(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
        order_by: Sequence[str] = (),
    ) -> Columns:
        """A table's columns (all, with `crm`, `first_seen` and `custom`, unless named), by `order_by`, then by key.

        `where` keeps the rows whose column is one of the given values, for every column it names.
        """
        schema, extra = TABLES[table], extras(TABLES[table])
        wanted = list(columns if columns is not None else [*(column.name for column in schema.columns), *extra])
        sort = list(dict.fromkeys((*order_by, *schema.key, "crm")))
        types = types_of(table, dict.fromkeys((*wanted, *sort)), extra)
        return columns_of(self._batches(SQL[table], list(types), where or {}), types, sort, wanted)

    def read_custom(
        self, table: str, fields: Sequence[str], where: Mapping[str, Sequence[str]] | None = None
    ) -> dict[str, Words]:
        """Custom fields as text columns, row for row with `read` of the same `where`."""
        texts = cast(Words, self.read(table, ["custom"], where)["custom"])
        parsed = [json.loads(word) for word in texts.words]
        rows = [parsed[code] if code >= 0 else {} for code in texts.codes]
        return {field: Words.of(row.get(field) for row in rows) for field in fields}

    def _batches(
        self, sql: SqlTable, names: Sequence[str], where: Mapping[str, Sequence[str]]
    ) -> Iterator[Sequence[Row]]:
        query = select(*(sql.c[name] for name in names))
        longest: str | None = max(where, key=lambda name: len(where[name]), default=None)
        for name in where:
            if name != longest:
                query = query.where(sql.c[name].in_(list(where[name])))
        parts = _parts(dict.fromkeys(where[longest])) if longest is not None else [None]
        with self.reading() as connection:
            for part in parts:
                asked = query if part is None else query.where(sql.c[str(longest)].in_(part))
                # the driver's own tuples: none of our types needs more, and a million rows cost half
                result = cast(Any, connection.execute(asked))
                while rows := result.cursor.fetchmany(BATCH):
                    yield rows
                result.close()

    # writing

    def upsert(
        self,
        table: str,
        rows: Columns,
        custom: Sequence[dict[str, str]] | None = None,
        *,
        crm: str = "",
        seen_at: int,
    ) -> Written:
        """Write rows, each key once; columns absent from `rows` keep what they hold, and so do absent custom fields."""
        return self.write(table, Given.of(TABLES[table], rows, custom), crm=crm, seen_at=seen_at)

    def write(self, table: str, given: Given, *, crm: str = "", seen_at: int) -> Written:
        """`upsert` for rows already in the form the database takes."""
        batch = _Batch(TABLES[table], given, crm, seen_at)
        if len(set(given.keys)) != len(given.keys):
            raise ValueError(f"{table}: a key comes twice in one batch of rows")
        with self.transaction() as connection:
            held = self._held(connection, batch)
            new = [at for at, key in enumerate(given.keys) if key not in held]
            differ = [at for at, key in enumerate(given.keys) if key in held and held[key][0] != given.digests[at]]
            fresh = [at for at in differ if held[given.keys[at]][1] <= seen_at]
            self._insert(connection, batch, new)
            changed = self._alter(connection, batch, fresh)
            self._touch(connection, batch, [key for key, (_, last_seen) in held.items() if last_seen < seen_at])
            if new or changed:
                self._bump(connection, table)
        return Written(len(new), changed, len(given.keys) - len(new) - changed, len(differ) - len(fresh))

    def known(self, table: str, ids: Sequence[str], crm: str = "") -> set[str]:
        """Which of these row keys the source has in a table."""
        batch = _Batch(TABLES[table], Given((), [], list(ids), [], None), crm, 0)
        with self.reading() as connection:
            return set(self._held(connection, batch))

    def sources(self, table: str) -> list[str]:
        """The names of the sources that have rows in a table."""
        crm, found = SQL[table].c.crm, [""]
        with self.reading() as connection:  # from name to name along the index: no row is read
            while (name := connection.execute(select(func.min(crm)).where(crm > found[-1])).scalar()) is not None:
                found.append(str(name))
        return found[1:]

    def since(self, table: str, column: str, *instants: str) -> dict[str, int]:
        """When each word of a column first came up (the latest of a row's instants counts), earliest first."""
        word, at, *others = (cast(ColumnElement[Any], SQL[table].c[name]) for name in (column, *instants))
        at = reduce(lambda at, other: case((other > at, other), else_=at), others, at)
        first = func.min(at).label("first")
        query = select(word, first).where(word.is_not(None)).group_by(word).order_by(first, word)
        with self.reading() as connection:
            return {str(word): int(instant) for word, instant in connection.execute(query)}

    def dangling(self, table: str, column: str, target: str, crm: str = "") -> int:
        """How many rows of a source name, in `column`, a row that `target` lacks; none while `target` is empty."""
        here, there = SQL[table], SQL[target]
        found = exists().where(there.c.crm == here.c.crm, there.c[row_key(TABLES[target])] == here.c[column])
        query = select(func.count()).select_from(here).where(here.c.crm == crm, here.c[column].is_not(None), ~found)
        with self.reading() as connection:
            empty = connection.execute(select(there.c.crm).where(there.c.crm == crm).limit(1)).first() is None
            return 0 if empty else int(connection.execute(query).scalar_one())

    def _held(self, connection: Connection, batch: _Batch) -> dict[str, tuple[int, int]]:
        """Of the batch's keys, those we hold: the digest of the row as last given, and when it was last seen."""
        query = select(batch.sql.c[batch.key], batch.sql.c.digest, batch.sql.c.last_seen)
        found: dict[str, tuple[int, int]] = {}
        for part in _parts(batch.given.keys):
            rows = connection.execute(batch.of(query, part))
            found.update((name, (digest, last_seen)) for name, digest, last_seen in rows)
        return found

    def _insert(self, connection: Connection, batch: _Batch, new: list[int]) -> None:
        given, seen_at = batch.given, batch.seen_at
        keyed = batch.key == "row_key"
        names = ("crm", *(["row_key"] if keyed else []), *given.names, "custom", "first_seen", "last_seen", "digest")
        rows: list[Row] = [
            (
                batch.crm,
                *((given.keys[at],) if keyed else ()),
                *given.rows[at],
                custom_json(given.custom[at]) if given.custom else None,
                seen_at,
                seen_at,
                given.digests[at],
            )
            for at in new
        ]
        self._many(connection, insert(batch.sql).values({name: bindparam(name) for name in names}), names, rows)

    def _alter(self, connection: Connection, batch: _Batch, differ: list[int]) -> int:
        """Update the rows that truly differ from what is held, remember what changed; returns how many."""
        given, sql = batch.given, batch.sql
        rows: list[Row] = []
        altered: dict[str, list[Altered]] = {}
        for at, before in self._before(connection, batch, differ):
            after = before | dict(zip(given.names, given.rows[at], strict=True))
            custom = given.custom[at] if given.custom else {}
            found = altered_columns(batch.schema, before, after) + altered_custom(before["custom"], custom)
            if found:
                altered[given.keys[at]] = found
                kept = custom_json(merged_custom(before["custom"], custom))
                rows.append((*given.rows[at], kept, batch.seen_at, given.digests[at], batch.crm, given.keys[at]))
        names = (*given.names, "custom", "last_seen", "digest")
        statement = (
            update(sql)
            .where(sql.c.crm == bindparam("b_crm"), sql.c[batch.key] == bindparam("b_key"))
            .values({name: bindparam(f"v_{name}") for name in names})
        )
        self._many(connection, statement, (*(f"v_{name}" for name in names), "b_crm", "b_key"), rows)
        if batch.schema.entity:
            self._remember(connection, batch, altered)
        return len(rows)

    def _before(self, connection: Connection, batch: _Batch, at: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows held for these positions of the batch, in the batch's columns."""
        extra = ["currency"] if "currency" in batch.sql.c and "currency" not in batch.given.names else []
        names = [*batch.given.names, "custom", *extra]
        query = select(batch.sql.c[batch.key].label("row key"), *(batch.sql.c[name] for name in names))
        place = {batch.given.keys[position]: position for position in at}
        for part in _parts(place):
            for key, *values in connection.execute(batch.of(query, part)).all():
                yield place[key], dict(zip(names, values, strict=True))

    def _remember(self, connection: Connection, batch: _Batch, altered: Mapping[str, list[Altered]]) -> None:
        """Write a change for each altered field, unless the history's latest change already ends at the new value."""
        latest = self._latest(connection, batch, list(altered))
        rows = [
            (key, change.field, next(iter(told)), change.new)
            for key, changes in altered.items()
            for change in changes
            if change.new not in (told := latest.get((key, change.field), (change.old,)))
        ]
        if not rows:
            return
        names = ("entity_id", "field", "old", "new")
        at = np.full(len(rows), batch.seen_at, np.int64)
        columns: Columns = {"entity": Words.of([batch.schema.entity] * len(rows))}
        columns |= {name: Words.of(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
        columns |= {"occurred_at": at, "recorded_at": at, "seen": np.ones(len(rows), np.int64)}
        self.upsert("changes", columns, crm=batch.crm, seen_at=batch.seen_at)

    def _latest(self, connection: Connection, batch: _Batch, ids: list[str]) -> dict[tuple[str, str], list[str]]:
        """The value each field of these records has by its latest change (several, when told of one instant)."""
        sql = SQL["changes"]
        query = select(sql.c.entity_id, sql.c.field, sql.c.occurred_at, sql.c.new).order_by(sql.c.occurred_at)
        query = query.where(sql.c.crm == batch.crm, sql.c.entity == batch.schema.entity)
        latest: dict[tuple[str, str], tuple[int, list[str]]] = {}
        for part in _parts(ids):
            for key, field, at, new in connection.execute(query.where(sql.c.entity_id.in_(part))):
                if latest.setdefault((key, field), (at, []))[0] != at:
                    latest[key, field] = at, []
                latest[key, field][1].append(new or "")
        return {place: sorted(values) for place, (_, values) in latest.items()}

    def _touch(self, connection: Connection, batch: _Batch, keys: list[str]) -> None:
        """Note that these rows were seen again, so that an older export does not overwrite them later."""
        for part in _parts(keys):
            connection.execute(batch.of(update(batch.sql).values(last_seen=batch.seen_at), part))

    def _many(self, connection: Connection, statement: Executable, order: Sequence[str], rows: list[Row]) -> None:
        """Run one statement for many rows, each a tuple in `order`: compiled once, without an object per row."""
        if not rows:
            return
        compiled = cast(Any, statement).compile(self.engine)
        names = tuple(compiled.positiontup)
        if names != tuple(order):
            places = [order.index(name) for name in names]
            rows = [tuple(row[place] for place in places) for row in rows]
        connection.exec_driver_sql(str(compiled), rows)

    def _bump(self, connection: Connection, table: str) -> None:
        connection.execute(update(STATE).where(STATE.c.name == f"version {table}"), {"value": secrets.token_hex(6)})

    # promotions, quarantine, imports

    def champions(self) -> tuple[Champion, ...]:
        """Every promotion, oldest first."""
        names = ("kind", "target", "version", "at", "by", "note")
        query = select(*(CHAMPIONS.c[name] for name in names)).order_by(CHAMPIONS.c.id)
        with self.reading() as connection:
            return tuple(Champion(*row) for row in connection.execute(query))

    def champion(self, kind: str, target: str) -> Champion | None:
        """The promotion in force for (kind, target)."""
        mine = [row for row in self.champions() if (row.kind, row.target) == (kind, target)]
        return mine[-1] if mine else None

    def previous_champion(self, kind: str, target: str) -> Champion | None:
        """The latest promotion of another version than the one in force."""
        mine = [row for row in self.champions() if (row.kind, row.target) == (kind, target)]
        others = [row for row in mine if row.version != mine[-1].version]
        return others[-1] if others else None

    def set_champion(self, kind: str, target: str, version: str, at: int, *, by: str = "", note: str = "") -> None:
        """Promote a version: a row is added, none is ever altered."""
        row = {"kind": kind, "target": target, "version": version, "at": at, "by": by, "note": note}
        with self.transaction() as connection:
            connection.execute(insert(CHAMPIONS), row)
            self._bump(connection, CHAMPIONS.name)

    def quarantine(self, rows: Iterable[Quarantined]) -> None:
        """Keep rows aside; the same row of the same table is kept once."""
        by_key = {row.key: row for row in rows}
        with self.transaction() as connection:
            for part in _parts(by_key):
                held = set(
                    connection.execute(select(QUARANTINE.c.row_key).where(QUARANTINE.c.row_key.in_(part))).scalars()
                )
                new = [{"row_key": key} | asdict(by_key[key]) for key in part if key not in held]
                if new:
                    connection.execute(insert(QUARANTINE), new)

    def quarantined(self, table: str = "") -> list[Quarantined]:
        """The rows kept aside (of one table, or all), by table, file and line."""
        query = select(*(QUARANTINE.c[field.name] for field in fields(Quarantined)))
        query = query.where(QUARANTINE.c.table == table) if table else query
        with self.reading() as connection:
            rows = connection.execute(query.order_by(QUARANTINE.c.table, QUARANTINE.c.file, QUARANTINE.c.line))
            return [Quarantined(*row) for row in rows]

    def release(self, rows: Iterable[Quarantined]) -> None:
        """Forget rows kept aside, once they were accepted."""
        with self.transaction() as connection:
            for part in _parts({row.key: row for row in rows}):
                connection.execute(delete(QUARANTINE).where(QUARANTINE.c.row_key.in_(part)))

    def add_import(self, seen_at: int, report: Mapping[str, object]) -> None:
        """Keep the report of an import."""
        with self.transaction() as connection:
            connection.execute(insert(IMPORTS), {"seen_at": seen_at, "report": json.dumps(report, ensure_ascii=False)})

    def imports(self) -> list[dict[str, Any]]:
        """The report of each import, oldest first."""
        with self.reading() as connection:
            return [
                json.loads(text)
                for text in connection.execute(select(IMPORTS.c.report).order_by(IMPORTS.c.id)).scalars()
            ]

    # notes: small texts by name, of what spans several writes (an import under way, how a source writes its numbers)

    def notes(self, prefix: str) -> dict[str, str]:
        """The notes whose name begins so, by name."""
        query = select(STATE.c.name, STATE.c.value).where(STATE.c.name.startswith(prefix, autoescape=True))
        with self.reading() as connection:
            return {str(name): str(value) for name, value in connection.execute(query.order_by(STATE.c.name))}

    def set_note(self, name: str, value: str) -> None:
        """Keep a note; "" forgets it."""
        with self.transaction() as connection:
            connection.execute(delete(STATE).where(STATE.c.name == name))
            if value:
                connection.execute(insert(STATE), {"name": name, "value": value})


def _parts(values: Iterable[str]) -> Iterator[list[str]]:
    """Lists short enough for one IN."""
    rest = iter(values)
    while part := list(islice(rest, IN_LIST)):
        yield part
