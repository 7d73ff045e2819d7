"""The whole catalogue again, slow and obvious: plain SQL over the raw rows, one (record, as-of) row at a time.

Independent of the engine: when a value is known is in `tests/known.py`, from DESIGN section 3; here is one function an
aggregation, building the SQL of a row's declaration.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from features import firmographics as firm
from features.catalog import Feature
from features.crm.schema import TABLES
from features.stream import Where
from tests.crm_folder import Row
from tests.known import DAY, SCHEMA, SCRIPTS

ENTITIES = {name: table.entity for name, table in TABLES.items() if table.entity}
OVERWRITTEN = ("stage", "status", "outcome", "expected_close", "own_probability")
"""Fields altered as a record is worked; amounts and the owner are too, but count as creation values."""
SQL_TYPES = {"id": "TEXT", "text": "TEXT", "time": "INTEGER", "money": "INTEGER", "number": "REAL"}


def value(entity: str, field: str, record: str, at: str) -> str:
    """SQL: a field of a record as known at an instant; creation values from creation on, changes strictly before."""
    mine = f"entity = '{entity}' AND field = '{field}' AND id = {record}"
    return f"""(SELECT CASE WHEN EXISTS (SELECT 1 FROM step WHERE {mine} AND known < {at})
      THEN (SELECT new FROM step WHERE {mine} AND known < {at} ORDER BY place DESC LIMIT 1)
      WHEN since <= {at} THEN first END FROM line WHERE {mine})"""


def state(entity: str, record: str, at: str) -> str:
    """SQL: the end a record is in as known strictly before an instant; NULL while it is open."""
    return f"""(SELECT state FROM ended WHERE entity = '{entity}' AND id = {record} AND known < {at}
      ORDER BY known DESC, at DESC, rowid DESC LIMIT 1)"""


class Oracle:
    """Answers one feature of one record at one instant."""

    def __init__(self, crm: Mapping[str, Sequence[Row]], zone: str = "Europe/Paris") -> None:
        self.zone = ZoneInfo(zone)
        self.sql = sqlite3.connect(":memory:")
        self.custom = {(row["entity"], row["field"]): row for row in crm["attributes"]}
        for count, function in ((3, self.read), (2, self.overwritten), (2, through), (2, self.local)):
            self.sql.create_function(function.__name__, count, function, deterministic=True)
        self.load(crm)
        for script in SCRIPTS:
            self.sql.executescript(script)

    def load(self, crm: Mapping[str, Sequence[Row]]) -> None:
        """The rows as they are, and each record's current values one by one."""
        self.sql.executescript(SCHEMA)
        for name, table in TABLES.items():
            names = [column.name for column in table.columns] + ["crm", "first_seen", "seen"]
            types = {column.name: SQL_TYPES[column.type] for column in table.columns}
            columns = ", ".join(f'"{column}" {types.get(column, "")}' for column in names)
            self.sql.execute(f"CREATE TABLE {name} ({columns})")
            rows = [[row.get(column, "" if column == "crm" else None) for column in names] for row in crm.get(name, ())]
            self.sql.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))})", rows)
        for name, entity in ENTITIES.items():
            created = "NULL" if name == "owners" else "created_at"
            record = f"SELECT '{entity}', {entity}_id, crm, {created}, first_seen FROM {name}"
            self.sql.execute(f"INSERT INTO record {record}")
            for row in crm.get(name, ()):
                fields = {column.name: row.get(column.name) for column in TABLES[name].columns}
                accepted = [field for of, field in self.custom if of == entity]
                own = {field: self.read(entity, field, row.get("custom", {}).get(field)) for field in accepted}
                values = [(entity, row[f"{entity}_id"], *item) for item in (fields | own).items()]
                self.sql.executemany("INSERT INTO current VALUES (?, ?, ?, ?)", values)

    def read(self, entity: str, field: str, text: str | None) -> str | int | float | None:
        """A text of a change row, or of a custom field, as what it says."""
        table = next(name for name, of in ENTITIES.items() if of == entity)
        column = TABLES[table].column(field)
        kinds = {"number": "number", "date": "time"}
        kind = column.type if column else kinds.get(self.custom[entity, field]["type"], "text")
        if not text:
            return None
        if kind == "time":
            return round(datetime.fromisoformat(text).timestamp() * 1e6)
        if kind == "money":
            return int(Decimal(text) * 100)
        return float(text) if kind == "number" else text

    def overwritten(self, entity: str, field: str) -> bool:
        """Whether a field's first value may not be believed from creation without its history."""
        accepted = self.custom.get((entity, field))
        if accepted is not None:
            return bool(accepted["known_at"] == "changes")
        return field in OVERWRITTEN

    def local(self, part: str, at: int) -> int:
        """A figure of the local calendar."""
        day = datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(self.zone).date()
        quarter = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return {"weekday": day.weekday(), "month": day.month, "day_of_quarter": (day - quarter).days + 1}[part]

    def is_open(self, entity: str, record: str, at: int) -> bool:
        """Whether a record was open as known at an instant."""
        answer = self.sql.execute(f"SELECT {state(entity, ':id', ':t')}", {"id": record, "t": at}).fetchone()
        return answer[0] is None

    def ask(self, kind: str, feature: Feature, record: str, at: int) -> str | float | None:
        """The feature of a record at an instant; None where missing."""
        expression = QUESTIONS[feature.aggregation](ENTITIES[kind], feature)
        answer = self.sql.execute(f"SELECT {expression}", {"id": record, "t": at}).fetchone()[0]
        return answer if answer is None or isinstance(answer, str) else float(answer)


def through(name: str, text: str | float | None) -> str | None:
    """A word turned into another; None where it says nothing."""
    if text is None:
        return None
    if name == "free_mail":
        domain = firm.email_domain(str(text))
        return ("1" if firm.is_free_mail(domain) else "0") if domain else None
    if name == "size_band":
        return firm.size_band(float(text)) or None
    turn: Callable[[str], str] = getattr(firm, name)
    return turn(str(text)) or None


# one function an aggregation: the SQL of a row's declaration, with :id and :t bound


def own(entity: str, reference: str) -> str:
    """The first known of `title|contact.title`, each the record's own field or one of its account or contact."""
    parts = []
    for name in reference.split("|"):
        linked, _, field = name.rpartition(".")
        record = value(entity, f"{linked}_id", ":id", ":t") if linked else ":id"
        parts.append(value(linked or entity, field, record, ":t"))
    return f"COALESCE({', '.join(parts)}, NULL)"


def key(entity: str, by: str) -> str:
    """What a record is looked up by in a cross-record source."""
    if by == "team":
        return value("owner", "team", value(entity, "owner_id", ":id", ":t"), ":t")
    field = {"owner": "owner_id", "account": "account_id"}.get(by, by)
    return value(entity, field, ":id", ":t")


def events(entity: str, source: str) -> str:
    """SQL of a source's events that bear on the record, with the columns a row may name."""
    if source == "activities":
        return f"SELECT * FROM happened WHERE entity = '{entity}' AND id = :id"
    if source == "moves":
        return moves(entity)
    kind, _, by = source.rpartition(".")
    if by == "stage":
        return visits(entity)
    of = ENTITIES.get(kind, entity)
    field = {"owner": "owner_id", "account": "account_id"}.get(by, by)
    theirs = value(of, field, "e.id", "e.known")
    if by == "team":
        theirs = value("owner", "team", value(of, "owner_id", "e.id", "e.known"), "e.known")
    same = "1" if by == "all" else f"{theirs} = {key(entity, by)}"
    worth = f"IIF(e.state = 'reached', IFNULL({value(of, 'amount', 'e.id', 'e.known')}, 0), 0)"
    return f"""SELECT e.known, e.state = 'reached' AS reached, {worth} AS worth FROM ended e
      WHERE e.entity = '{of}' AND e.state IS NOT NULL AND {same}"""


def moves(entity: str) -> str:
    """What moved of a record, and which way: places of a process's stages, or the numbers themselves."""
    process = value(entity, "process", ":id", "s.known")
    position = f"(SELECT position FROM stages p WHERE p.process = {process} AND p.stage = {{}})"
    by = f"IIF(field = 'stage', {position.format('s.new')} - {position.format('s.before')}, s.new - s.before)"
    return f"""SELECT known, field, CASE WHEN field = 'owner_id' OR field = 'status' THEN NULL
        WHEN field = 'stage' AND by > 1 THEN 'skip' WHEN by > 0 THEN 'up' WHEN by < 0 THEN 'down' END AS way
      FROM (SELECT s.known, s.field, {by} AS by FROM step s WHERE s.entity = '{entity}' AND s.id = :id)"""


def visits(entity: str) -> str:
    """Finished visits of any record to the stage the record is in, and how long each took."""
    theirs = "x.entity = 'opportunity' AND x.field = 'stage' AND x.id = s.id"
    return f"""SELECT known, known - entered AS took FROM (SELECT s.*, IFNULL(
          (SELECT MAX(x.known) FROM step x WHERE {theirs} AND x.place < s.place),
          (SELECT entered FROM line x WHERE {theirs} AND x.told <= s.known)) AS entered
        FROM step s WHERE s.entity = 'opportunity' AND s.field = 'stage') s
      WHERE entered IS NOT NULL AND before = {value(entity, "stage", ":id", ":t")}
        AND {value("opportunity", "process", "s.id", "s.known")} = {value(entity, "process", ":id", ":t")}"""


def window(entity: str, row: Feature, what: str, where: Where | None = None, days: float | None = None) -> str:
    """SQL of an aggregate over the passing events in [as_of - days, as_of)."""
    wanted = row.where if where is None else where
    words = "".join(f" AND {name} IN ({', '.join(map(repr, allowed))})" for name, allowed in wanted)
    days = row.window if days is None else days
    since = "" if days is None else f" AND known >= :t - {round(days * DAY)}"
    return f"(SELECT {what} FROM ({events(entity, row.source)}) WHERE known < :t{since}{words})"


def divided(part: str, whole: str) -> str:
    """SQL of a division; NULL by 0."""
    return f"(CAST({part} AS REAL) / NULLIF({whole}, 0))"


def load(entity: str) -> str:
    """Open records of the record's owner."""
    owner = value(entity, "owner_id", ":id", ":t")
    plural = next(name for name, of in ENTITIES.items() if of == entity)
    return f"""(SELECT COUNT(*) FROM {plural} x WHERE x.created_at < :t
      AND {value(entity, "owner_id", f"x.{entity}_id", ":t")} = {owner}
      AND {state(entity, f"x.{entity}_id", ":t")} IS NULL AND (x.deleted_at IS NULL OR x.deleted_at >= :t))"""


def total(entity: str, row: Feature) -> str:
    """A sum; the load is counted outright."""
    if row.source == "load":
        return load(entity)
    return divided(window(entity, row, f"IFNULL(SUM({row.column}), 0)"), str(row.scale))


def trend(entity: str, row: Feature) -> str:
    """The later half less the earlier."""
    assert row.window is not None
    return f"2 * {window(entity, row, 'COUNT(*)', days=row.window / 2)} - {window(entity, row, 'COUNT(*)')}"


def planned(row: Feature) -> str:
    """The plans of a record at an instant: planned until due, overdue from then, until done."""
    ahead, what = "due >= :t", {"planned": "COUNT(*)", "overdue": "COUNT(*)", "next_due": "MIN(due)"}[row.column]
    if row.column == "overdue":
        ahead = "due < :t"
    return f"""(SELECT {what} FROM plan WHERE entity = :kind AND id = :id AND begins < :t AND {ahead}
      AND (ends IS NULL OR ends >= :t))"""


def plan(entity: str, row: Feature) -> str:
    """A state of the plans, or the days until one."""
    answer = planned(row).replace(":kind", f"'{entity}'")
    return divided(f"({answer} - :t)", str(DAY)) if row.aggregation == "days_until" else answer


def read(entity: str, row: Feature) -> str:
    """A field as known at the instant."""
    if row.through:
        return f"through('{row.through}', {own(entity, row.column)})"
    return own(entity, row.column) if row.category else divided(own(entity, row.column), str(row.scale))


def entered(entity: str, field: str) -> str:
    """When a field took the value known at the instant."""
    mine = f"entity = '{entity}' AND field = '{field}' AND id = :id"
    return f"""IFNULL((SELECT MAX(known) FROM step WHERE {mine} AND known < :t),
      (SELECT entered FROM line WHERE {mine} AND told <= :t))"""


def rate(entity: str, row: Feature, source: str = "") -> str:
    """Reached over ended, pulled towards the parent's as by ten more records."""
    by = source or row.source
    events_of = f"({events(entity, by)}) WHERE known < :t"
    reached, count = f"(SELECT IFNULL(SUM(reached), 0) FROM {events_of})", f"(SELECT COUNT(*) FROM {events_of})"
    if by == "all":
        return f"(({reached} + 1.0) / ({count} + 2))"
    return f"(({reached} + 10.0 * {rate(entity, row, 'team' if by == 'owner' else 'all')}) / ({count} + 10.0))"


QUESTIONS: dict[str, Callable[[str, Feature], str]] = {
    "count": lambda entity, row: window(entity, row, "COUNT(*)"),
    "total": total,
    "mean": lambda entity, row: divided(
        window(entity, row, f"SUM({row.column})"), f"({window(entity, row, 'COUNT(*)')} * {row.scale})"
    ),
    "share": lambda entity, row: divided(
        window(entity, row, "COUNT(*)"), window(entity, row, "COUNT(*)", row.over)
    ),
    "trend": trend,
    "days_since_last": lambda entity, row: divided(f"(:t - {window(entity, row, 'MAX(known)')})", str(DAY)),
    "days_since_first": lambda entity, row: divided(f"(:t - {window(entity, row, 'MIN(known)')})", str(DAY)),
    "state": plan,
    "days_until": plan,
    "value": read,
    "number": lambda entity, row: f"CAST({read(entity, row)} AS REAL)",
    "filled": lambda entity, row: f"({own(entity, row.column)} IS NOT NULL)",
    "days_to": lambda entity, row: divided(f"({own(entity, row.column)} - :t)", str(DAY)),
    "age": lambda entity, _: divided(
        f"(:t - (SELECT created FROM record WHERE entity = '{entity}' AND id = :id))", str(DAY)
    ),
    "days_in": lambda entity, row: divided(f"(:t - {entered(entity, row.column)})", str(DAY)),
    "place": lambda entity, _: (
        f"(SELECT position FROM stages WHERE process = {own(entity, 'process')} AND stage = {own(entity, 'stage')})"
    ),
    "days_in_over_usual": lambda entity, row: "(CAST(:t - {} AS REAL) / {})".format(
        entered(entity, row.column), divided(window(entity, row, "SUM(took)"), window(entity, row, "COUNT(*)"))
    ),
    "rate": rate,
    "calendar": lambda _, row: f"local('{row.column}', :t)",
}  # fmt: skip
