"""The features of streams across records: running totals by key, looked up at both ends of a window."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.features.sql.known import Known
from benchmarks.features.sql.phrases import days, divided, kind_of, passing, quoted, scaled
from features.columns import MICROSECONDS_A_DAY
from features.feature import REACHED, Feature

SHRINKAGE = 10.0
PARENT = {"owner": "team", "all": ""}
"""What a rate is pulled towards, as if by ten more records: that of all unless named."""


@dataclass(slots=True)
class Across:
    """Collects the totals and instants asked of each stream, then says the statements that look them up."""

    known: Known
    kind: str
    minor: int
    running: dict[str, dict[str, str]] = field(default_factory=dict)
    looked: dict[tuple[str, int], str] = field(default_factory=dict)

    def count(self, row: Feature) -> str:
        """Events in the row's window."""
        return self._window(row.source, f"count(*){passing(row.where)}", row.window)

    def reached(self, row: Feature) -> str:
        """Events in the row's window that reached the target."""
        return self._window(row.source, f"count(*){passing(REACHED)}", row.window)

    def total(self, row: Feature, column: str = "") -> str:
        """The sum of a column over the row's window."""
        return self._window(row.source, f"sum({quoted(column or row.column)}){passing(row.where)}", row.window)

    def edge(self, row: Feature, what: str) -> str:
        """Microseconds since the `max` or `min` of the instants of the events before as-of."""
        assert row.window is None
        return f"k.as_of - {self._at(row.source, f'{what}(time){passing(row.where)}', 0)}"

    def rate(self, row: Feature) -> str:
        """Reached over ended, pulled towards the parent's; one over a window towards that of all time."""
        ever = self._ever(row.source)
        if row.window is None:
            return ever
        return f"(({self.reached(row)} + {SHRINKAGE} * {ever}) / ({self.count(row)} + {SHRINKAGE}))"

    def _ever(self, source: str) -> str:
        kind, by = kind_of(source)
        reached, ended = (self._window(source, f"count(*){passing(where)}", None) for where in (REACHED, ()))
        parent = PARENT.get(by, "all")
        if not parent:
            return f"(({reached} + 1) / CAST({ended} + 2 AS DOUBLE))"
        above = self._ever(f"{kind}.{parent}" if kind else parent)
        return f"(({reached} + {SHRINKAGE} * {above}) / ({ended} + {SHRINKAGE}))"

    def _window(self, source: str, total: str, window: float | None) -> str:
        now = f"coalesce({self._at(source, total, 0)}, 0)"
        if window is None:
            return now
        return f"({now} - coalesce({self._at(source, total, round(window * MICROSECONDS_A_DAY))}, 0))"

    def _at(self, source: str, total: str, ago: int) -> str:
        kind, by = kind_of(source)
        name = f"{kind or self.kind}.{by}"
        totals = self.running.setdefault(name, {})
        column = totals.setdefault(total, f"t{len(totals)}")
        return f"{self.looked.setdefault((name, ago), f'w{len(self.looked)}')}.{column}"

    def keys(self, name: str) -> list[str]:
        """The columns a stream is looked up by."""
        _, by = kind_of(name)
        return [self.known.key(part) for part in {"all": [], "stage": ["process", "stage"]}.get(by, [by])]

    def statements(self, wanted: str) -> Iterator[str]:
        """The running totals of each stream, then the features from all of them."""
        for name, totals in self.running.items():
            keys = ", ".join(map(quoted, self.keys(name)))
            over = f"OVER ({f'PARTITION BY {keys}' if keys else ''} ORDER BY time)"
            columns = ", ".join(f"{total} {over} AS {column}" for total, column in totals.items())
            yield f"""CREATE OR REPLACE TABLE {quoted(f"running {name}")} AS
              SELECT {", ".join(filter(None, [keys, "time", columns]))} FROM {quoted(name)}"""
        looked = " ".join(self._look(name, ago, alias) for (name, ago), alias in self.looked.items())
        yield f'CREATE OR REPLACE TABLE "of across" AS SELECT k.id, {wanted} FROM known k {looked}'

    def _look(self, name: str, ago: int, alias: str) -> str:
        """One ASOF join in a subquery of its own: chained, each would carry what those before it found."""
        same = "".join(f"t.{quoted(key)} = k.{quoted(key)} AND " for key in self.keys(name))
        totals = ", ".join(f"t.{column}" for column in self.running[name].values())
        return f"""JOIN (SELECT k.id, {totals} FROM known k ASOF LEFT JOIN {quoted(f"running {name}")} t
          ON {same}t.time < k.as_of - {ago}) {alias} ON {alias}.id = k.id"""


def _usual(total: str, count: str) -> str:
    """The mean of what is usual; null where nothing was."""
    return f"({divided(total, f'CASE WHEN {total} > 0 THEN {count} END')})"


def _over_usual(across: Across, row: Feature, now: str, column: str) -> str:
    return f"{now} / {_usual(across.total(row, column), across.reached(row))}"


def _in_over_usual(across: Across, row: Feature) -> str:
    now = f"CAST(k.as_of - {across.known.since(row.column)} AS DOUBLE)"
    return f"{now} / {_usual(across.total(row, 'took'), across.count(row))}"


ACROSS: dict[str, Callable[[Across, Feature], str]] = {
    "count": lambda across, row: across.count(row),
    "total": lambda across, row: scaled(across.total(row), row, across.minor),
    "days_since_last": lambda across, row: days(across.edge(row, "max")),
    "days_since_first": lambda across, row: days(across.edge(row, "min")),
    "rate": lambda across, row: across.rate(row),
    "days_in_over_usual": _in_over_usual,
    "age_over_usual": lambda across, row: _over_usual(across, row, "(k.as_of - k.created)", "took"),
    "value_over_usual": lambda across, row: _over_usual(across, row, across.known.field(row.column), "worth"),
}
"""By aggregation."""
