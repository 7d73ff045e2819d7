"""Rows set aside by earlier imports, whose records may come in again, corrected: they then need not wait any longer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from features.crm.kept import Quarantined
from features.crm.schema import Table
from features.crm.store import Store
from features.crm.tables import row_key


@dataclass(slots=True)
class Waiting:
    """Rows of one table and source that wait, by the id of their record; rows without a readable id wait for a hand."""

    rows: dict[str, list[Quarantined]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _refused: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, store: Store, table: Table, crm: str, seen_at: int) -> Self:
        """The rows set aside until `seen_at`."""
        waiting, key = cls(), row_key(table)
        for row in store.quarantined(table.name) if key != "row_key" else ():
            name = json.loads(row.raw).get(key, "").strip()
            if name and row.crm == crm and row.seen_at <= seen_at:
                waiting.rows.setdefault(f"{crm}:{name}" if crm else name, []).append(row)
        return waiting

    def see(self, keys: Iterable[str], refused: Iterable[Quarantined]) -> None:
        """Some rows came in (their keys), others were refused."""
        if self.rows:
            self._seen.update(key for key in keys if key in self.rows)
            self._refused.update(row.key for row in refused)

    def over(self) -> list[Quarantined]:
        """The rows whose record came in and which were not refused again."""
        return [row for key in sorted(self._seen) for row in self.rows[key] if row.key not in self._refused]
