"""Which SQL answers which catalogue row, and the statements that answer all of them."""

from collections.abc import Callable, Iterator, Sequence

from benchmarks.features.sql.across import ACROSS, Across
from benchmarks.features.sql.events import EVENTS, OWN, STATES, of_events, of_states
from benchmarks.features.sql.known import Known
from benchmarks.features.sql.phrases import Tables, days, quoted, scaled
from features.feature import Feature

CALENDAR = {
    "weekday": "isodow({local}) - 1",
    "month": "month({local})",
    "hour": "hour({local})",
    "day_of_quarter": "date_diff('day', date_trunc('quarter', {local}), date_trunc('day', {local})) + 1",
    "days_to_quarter_end": (
        "date_diff('day', date_trunc('day', {local}), date_trunc('quarter', {local}) + INTERVAL 3 MONTH) - 1"
    ),
}
"""Figures of the local calendar."""


class Values:
    """The features of fields as known at as-of, by aggregation: one method each."""

    def __init__(self, known: Known, zone: str, minor: int) -> None:
        self.known, self.zone, self.minor = known, zone, minor

    def value(self, row: Feature) -> str:
        """A word, or a number in the row's unit."""
        if row.through:
            return self.known.through(row.column, row.through)
        found = self.known.field(row.column)
        return found if row.category else scaled(found, row, row.scale)

    def money(self, row: Feature) -> str:
        """An amount; every record is in the reporting currency here."""
        return f"{self.known.field(row.column)} / {float(self.minor)}"

    def number(self, row: Feature) -> str:
        """1 where the word has the property, 0 where not."""
        return f"CASE {self.value(row)} WHEN 'yes' THEN 1 WHEN 'no' THEN 0 END"

    def terms(self, row: Feature) -> str:
        """Terms of the text in one bucket."""
        return self.known.through(row.column, f"terms {row.bucket}")

    def filled(self, row: Feature) -> str:
        """Whether the field is known."""
        return f"({self.known.field(row.column)} IS NOT NULL)"

    def days_to(self, row: Feature) -> str:
        """Days until a date."""
        return days(f"{self.known.field(row.column)} - k.as_of")

    def days_from(self, row: Feature) -> str:
        """Days since a date."""
        return days(f"k.as_of - {self.known.field(row.column)}")

    def age(self, _: Feature) -> str:
        """Days since creation."""
        return days("k.as_of - k.created")

    def days_in(self, row: Feature) -> str:
        """Days since the field took its value."""
        return days(f"k.as_of - {self.known.since(row.column)}")

    def place(self, _: Feature) -> str:
        """Place of the stage."""
        return self.known.place()

    def calendar(self, row: Feature) -> str:
        """At as-of."""
        return self._local(row.column, "k.as_of")

    def calendar_at_creation(self, row: Feature) -> str:
        """At creation."""
        return self._local(row.column, "k.created")

    def _local(self, name: str, instant: str) -> str:
        return CALENDAR[name].format(local=f"(make_timestamptz({instant}) AT TIME ZONE '{self.zone}')")


def answered(row: Feature) -> bool:
    """Whether there is SQL for a row."""
    if row.source in OWN:
        return row.aggregation in EVENTS or row.aggregation in STATES
    return row.aggregation in ACROSS if row.source else hasattr(Values, row.aggregation)


def statements(tables: Tables, kind: str, zone: str, minor: int, catalog: Sequence[Feature]) -> Iterator[str]:
    """In order; the last one puts every feature side by side in `answers` (id, one column a feature)."""
    known = Known(tables)
    across, values = Across(known, kind, minor), Values(known, zone, minor)
    made = {source: _own(known, minor, source, catalog) for source in OWN}
    others = [row for row in catalog if row.source and row.source not in OWN]
    made["across"] = list(across.statements(_listed(others, lambda row: ACROSS[row.aggregation](across, row))))
    plain = [row for row in catalog if not row.source]
    wanted = _listed(plain, lambda row: str(getattr(values, row.aggregation)(row)))
    made["values"] = [f'CREATE OR REPLACE TABLE "of values" AS SELECT k.id, {wanted} FROM known k {known.joins()}']
    yield known.statement()
    for part in made.values():
        yield from part
    first, *rest = [quoted(f"of {name}") for name, part in made.items() if part]
    joined = " ".join(f"JOIN {name} USING (id)" for name in rest)
    yield f"CREATE OR REPLACE TABLE answers AS SELECT * FROM {first} {joined}"


def _own(known: Known, minor: int, source: str, catalog: Sequence[Feature]) -> list[str]:
    rows = [row for row in catalog if row.source == source]
    if not rows:
        return []
    return [of_states(source, rows) if rows[0].aggregation in STATES else of_events(known, minor, source, rows)]


def _listed(rows: Sequence[Feature], say: Callable[[Feature], str]) -> str:
    return ", ".join(f"{say(row)} AS {quoted(row.name)}" for row in rows)
