"""The features of a record's own streams: what it did, what moved, and the state of its plans."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.features.sql.known import Known
from benchmarks.features.sql.phrases import condition, days, divided, quoted, scaled
from features.columns import MICROSECONDS_A_DAY
from features.feature import Feature
from features.filters import Where

OWN = ("activities", "plans", "moves")
"""The streams of a record itself."""


@dataclass(slots=True)
class Events:
    """The filters of one source's features, each computed once an event, and the fields that go with them.

    In the aggregates `ago` is the event's time less as-of, `place` its place in the stream.
    """

    known: Known
    minor: int
    names: dict[str, str] = field(default_factory=dict)
    fields: dict[str, None] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)

    def within(self, where: Where, window: float | None) -> str:
        """Passing, in [as_of - window, as_of)."""
        parts = [self.names.setdefault(condition(where), f"p{len(self.names)}")] if where else []
        parts += [] if window is None else [f"ago >= -{round(window * MICROSECONDS_A_DAY)}"]
        return " AND ".join(parts) or "ago IS NOT NULL"

    def filtered(self, row: Feature) -> str:
        """The row's own filter and window, after an aggregate."""
        return f" FILTER ({self.within(row.where, row.window)})" if row.where or row.window else ""

    def count(self, where: Where, window: float | None) -> str:
        """How many."""
        return f"coalesce(count_if({self.within(where, window)}), 0)"

    def total(self, row: Feature, column: str = "") -> str:
        """The sum of a column."""
        self.fields[column or row.column] = None
        return f"coalesce(sum({quoted(column or row.column)}){self.filtered(row)}, 0)"

    def latest(self, row: Feature) -> str:
        """The column of the latest event, missing or not."""
        self.fields |= {row.column: None, "place": None}
        return f"arg_max_null({quoted(row.column)}, place){self.filtered(row)}"

    def carry(self, expression: str) -> str:
        """A value of the row itself, the same for all its events."""
        name = self.carried.setdefault(expression, f"c{len(self.carried)}")
        return f"any_value({name})"

    def statement(self, source: str, wanted: str) -> str:
        """Every event before as-of, joined once."""
        said = [f"{flag} AS {name}" for flag, name in self.names.items()]
        columns = ", ".join(["record", "time", *map(quoted, self.fields), *said])
        carried = "".join(f", {expression} AS {name}" for expression, name in self.carried.items())
        return f"""CREATE OR REPLACE TABLE "of {source}" AS
          WITH e AS MATERIALIZED (SELECT {columns} FROM {quoted(source)}),
          j AS (SELECT k.id, e.time - k.as_of AS ago{carried}, e.* EXCLUDE (record, time) FROM known k
            LEFT JOIN e ON e.record = k.record AND e.time < k.as_of)
          SELECT id, {wanted} FROM j GROUP BY id"""


def _waited(events: Events, row: Feature) -> str:
    first = f"min(ago){events.filtered(row)} + {events.carry('k.as_of - k.created')}"
    return f"CASE WHEN {first} IS NOT NULL THEN greatest({first}, 0) / {float(row.scale)} END"


def _apart(events: Events, row: Feature) -> str:
    when = events.filtered(row)
    steps = f"greatest({events.count(row.where, row.window)} - 1, 0)"
    return divided(f"max(ago){when} - min(ago){when}", f"({steps} * {MICROSECONDS_A_DAY})")


def _growth(events: Events, row: Feature) -> str:
    moved = events.total(row, "by")
    first = f"({events.carry(events.known.field(row.column))} - {moved})"
    return f"CASE WHEN {first} > 0 THEN CAST({moved} AS DOUBLE) / {first} END"


EVENTS: dict[str, Callable[[Events, Feature], str]] = {
    "count": lambda events, row: events.count(row.where, row.window),
    "total": lambda events, row: scaled(events.total(row), row, events.minor),
    "mean": lambda events, row: divided(events.total(row), f"({events.count(row.where, row.window)} * {row.scale})"),
    "share": lambda events, row: divided(events.count(row.where, row.window), events.count(row.over, row.window)),
    "trend": lambda events, row: (
        f"2 * {events.count(row.where, (row.window or 0) / 2)} - {events.count(row.where, row.window)}"
    ),
    "days_since_last": lambda events, row: days(f"-max(ago){events.filtered(row)}"),
    "days_since_first": lambda events, row: days(f"-min(ago){events.filtered(row)}"),
    "after_creation": _waited,
    "days_apart": _apart,
    "latest": lambda events, row: events.latest(row),
    "growth": _growth,
}
"""Aggregates over a record's own events, by aggregation."""

STATES: dict[str, Callable[[Feature], str]] = {
    "state": lambda row: f"coalesce(s.{quoted(row.column)}, 0)",
    "days_until": lambda row: days(f"s.{quoted(row.column)} - r.as_of"),
}
"""Looked up in the latest event of a stream of states, by aggregation."""


def of_events(known: Known, minor: int, source: str, rows: Sequence[Feature]) -> str:
    """The statement of one of a record's own streams."""
    events = Events(known, minor)
    wanted = ", ".join(f"{EVENTS[row.aggregation](events, row)} AS {quoted(row.name)}" for row in rows)
    return events.statement(source, wanted)


def of_states(source: str, rows: Sequence[Feature]) -> str:
    """The statement of a stream of states: its last event before as-of."""
    wanted = ", ".join(f"{STATES[row.aggregation](row)} AS {quoted(row.name)}" for row in rows)
    return f"""CREATE OR REPLACE TABLE "of {source}" AS SELECT r.id, {wanted} FROM rows r
      ASOF LEFT JOIN {quoted(source)} s ON s.record = r.record AND s.time < r.as_of"""
