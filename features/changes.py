"""The change rows of one entity, as the rest of the package reads them: by record, in order of when they were known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.columns import MISSING, Bools, Columns, Ints, Words, ints, words


@dataclass(frozen=True, slots=True)
class Changes:
    """Change rows ordered by `known`. `record`: position of the record; rows of unknown records are left out.

    `known` is when the change was recorded, `occurred` when it took place (int64 microseconds); `seen`: written by us.
    """

    record: Ints
    field: Words
    old: Words
    new: Words
    occurred: Ints
    known: Ints
    seen: Bools

    @classmethod
    def of_table(cls, table: Columns, index: Mapping[str, int]) -> "Changes":
        """The `changes` table of one entity; `index` gives each record id its position."""
        record = words(table, "entity_id").recode(index).astype(np.int64)
        when, recorded = ints(table, "occurred_at"), ints(table, "recorded_at")
        known = np.where(recorded == MISSING, when, np.maximum(when, recorded))
        order = np.lexsort((when, known))
        order = order[record[order] >= 0]
        return cls(
            record[order], words(table, "field").take(order), words(table, "old").take(order),
            words(table, "new").take(order), when[order], known[order], ints(table, "seen")[order] > 0,
        )  # fmt: skip

    def of(self, field: str) -> "Changes":
        """The rows of one field, whose words are its own only."""
        code = self.field.words.index(field) if field in self.field.words else -2
        rows = self.take(np.flatnonzero(self.field.codes == code))
        return replace(rows, old=rows.old.used(), new=rows.new.used())

    def take(self, rows: Ints) -> "Changes":
        """The rows at these positions."""
        return Changes(
            self.record[rows], self.field.take(rows), self.old.take(rows), self.new.take(rows),
            self.occurred[rows], self.known[rows], self.seen[rows],
        )  # fmt: skip
