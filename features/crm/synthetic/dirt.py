"""Rows spoilt on purpose, as exports spoil them; dirt.csv lists every one, so that a test can ask for them all."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.columns import Bools, Ints
from features.crm.synthetic.frame import Frame
from features.crm.synthetic.text import Text

Spoil = Callable[[dict[str, str | None]], str]

OPPORTUNITY: dict[str, tuple[str, Spoil]] = {
    "decimal comma": ("amount", lambda row: f'"{(row["amount"] or "999.50").replace(".", ",")}"'),
    "not a date": ("created_at", lambda _: "31/02/2026"),
    "unknown account": ("account_id", lambda _: "A9999999"),
    "odd word": ("outcome", lambda _: "peut-être"),
    "closed before created": ("closed_at", lambda row: "2001" + (row["closed_at"] or "")[4:]),
    "closed without outcome": ("outcome", lambda _: ""),
    "duplicate row": ("opportunity_id", lambda row: str(row["opportunity_id"])),
}
ACTIVITY: dict[str, tuple[str, Spoil]] = {
    "odd word": ("kind", lambda _: "télécopie"),
    "not a date": ("occurred_at", lambda _: "hier"),
    "duplicate row": ("activity_id", lambda row: str(row["activity_id"])),
}
_CLOSED = ("closed before created", "closed without outcome")


class Dirt:
    """The rows to spoil, and the list of those spoilt: (table, id, field, kind, value)."""

    def __init__(self, frame: Frame, closed: Bools) -> None:
        rng, rate = frame.rng("dirt"), frame.law.dirt.rate
        self._rng, self._rate = rng, rate
        self.listed: list[tuple[str, str, str, str, str]] = []
        self.spoilt = np.zeros(frame.size, bool)
        each = max(1, round(rate * frame.size)) if rate else 0
        self._rows: dict[str, Ints] = {}
        for kind in OPPORTUNITY:
            free = np.flatnonzero(~self.spoilt & (closed == (kind in _CLOSED)))
            self._rows[kind] = np.sort(rng.choice(free, min(each, len(free)), replace=False))
            self.spoilt[self._rows[kind]] = True

    def opportunities(self, columns: dict[str, Text], low: int, high: int) -> dict[str, Text]:
        """The columns of opportunities `low` to `high`, some of them spoilt."""
        rows = {kind: at[(at >= low) & (at < high)] - low for kind, at in self._rows.items()}
        return self._spoil("opportunities", OPPORTUNITY, columns, rows)

    def activities(self, columns: dict[str, Text]) -> dict[str, Text]:
        """The columns of some activities, some of them spoilt."""
        count = len(columns["activity_id"])
        if not self._rate or count < len(ACTIVITY):
            return columns
        each = min(max(1, round(self._rate * count)), count // len(ACTIVITY))
        parts = np.split(self._rng.choice(count, len(ACTIVITY) * each, replace=False), len(ACTIVITY))
        return self._spoil("activities", ACTIVITY, columns, dict(zip(ACTIVITY, parts, strict=True)))

    def _spoil(
        self, table: str, kinds: dict[str, tuple[str, Spoil]], columns: dict[str, Text], rows: dict[str, Ints]
    ) -> dict[str, Text]:
        columns = dict(columns)
        key = next(iter(columns))
        for kind, (field, spoil) in kinds.items():
            edits = {}
            for at in rows[kind].tolist():
                value = spoil({name: columns[name][at].as_py() for name in {field, key}})
                edits[at] = value
                self.listed.append((table, str(columns[key][at].as_py()), field, kind, value.strip('"')))
            columns[field] = _patched(columns[field], edits)
        twice = np.sort(np.concatenate([np.arange(len(columns[key])), rows["duplicate row"]]))
        return {name: column.take(pa.array(twice)) for name, column in columns.items()}

    def write(self, folder: Path) -> None:
        """dirt.csv."""
        with (folder / "dirt.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("table", "id", "field", "kind", "value"))
            writer.writerows(self.listed)


def _patched(column: Text, edits: dict[int, str]) -> Text:
    if not edits:
        return column
    values = column.to_pylist()
    for at, value in edits.items():
        values[at] = value
    return pa.array(values, pa.string())
