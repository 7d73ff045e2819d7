"""One kind's records as they stood at the report's instant: what became of each, and whether it teaches."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.columns import MISSING, Bools, Codes, Floats, Ints, Words, ints
from features.crm.store import Store
from features.history import History, Kind, load_history
from features.labels import Labels, born_closed, gone, migrated, outcomes_of
from features.settings import Settings
from features.view import Rows
from training.facts.shares import Share

TARGETS: dict[Kind, str] = {"opportunities": "won", "leads": "converted"}
"""What each kind is judged by, in the order the report tells them."""

Why = Literal["teaches", "gone", "born_closed", "bulk"]
WHYS: tuple[Why, ...] = ("teaches", "gone", "born_closed", "bulk")


@dataclass(frozen=True, slots=True)
class Records:
    """Records created before `known_by`, one entry each in every array: `row` is its position in `history`.

    `known_by` is when the data ends, at most `as_of`; `labels` tell what was known by then. `why` is a position in
    `WHYS`, the first that holds. `target`: won or converted.
    """

    kind: Kind
    target: str
    as_of: int
    known_by: int
    history: History
    row: Ints
    labels: Labels
    why: Codes

    def __len__(self) -> int:
        return len(self.row)

    @property
    def teaches(self) -> Bools:
        """The records that teach."""
        mask: Bools = self.why == 0
        return mask

    @property
    def closed(self) -> Bools:
        """Those of them that reached the target or were lost."""
        mask: Bools = self.teaches & (self.labels.cause >= 0)
        return mask

    @property
    def reached(self) -> Bools:
        """Those of them that reached the target."""
        mask: Bools = self.teaches & (self.labels.cause == 0)
        return mask

    @property
    def days(self) -> Floats:
        """From creation to the outcome, or to when it was last seen open."""
        return self.labels.days

    @property
    def share(self) -> Share:
        """The share of the closed ones that reached the target."""
        return Share(float(self.reached.sum()), float(self.closed.sum()))

    def field(self, name: str) -> Words:
        """A field of words as known at the report's instant; all missing where the kind has no such field."""
        line = self.history.own.fields.get(name)
        value = line.at(self.row, np.full(len(self), self.as_of)) if line else None
        return value if isinstance(value, Words) else Words(np.full(len(self), -1, np.int32), ())


@dataclass(frozen=True, slots=True)
class Told:
    """Both kinds as known at `as_of`. `until`: the latest that the data tells of, None without any."""

    as_of: int
    until: int | None
    kinds: tuple[Records, ...]

    def of(self, kind: Kind) -> Records:
        """The records of one kind."""
        return next(records for records in self.kinds if records.kind == kind)


def told(store: Store, settings: Settings, as_of: int) -> Told:
    """Read both kinds. A record still open counts as last seen open when the data ends, not at a later `as_of`."""
    histories = {kind: load_history(store, settings, kind, activities=False) for kind in TARGETS}
    latest = [until for kind, history in histories.items() if (until := latest_told(history, TARGETS[kind], as_of))]
    until = max(latest, default=None)
    known_by = as_of if until is None else min(as_of, until + 1)
    kinds = tuple(_records(history, TARGETS[kind], as_of, known_by) for kind, history in histories.items())
    return Told(as_of, until, kinds)


def _records(history: History, target: str, as_of: int, known_by: int) -> Records:
    row = np.flatnonzero(history.created < known_by)
    labels = outcomes_of(history, Rows(row, history.created[row]), target, known_by)
    closed = born_closed(history, target, known_by)
    masks = (gone(history, known_by)[row], closed[row], migrated(history, known_by)[row])
    why = np.select([*masks, ~labels.teaches], [1, 2, 3, 2], 0).astype(np.int32)
    return Records(history.kind, target, as_of, known_by, history, row, labels, why)


def latest_told(history: History, target: str, as_of: int) -> int | None:
    """The latest instant before `as_of` that creations, changes, outcomes or deletions tell of."""
    own = history.own
    parts = (history.created, own.changes.known, history.outcomes[target].events.time, ints(own.table, "deleted_at"))
    instants = np.concatenate(parts)
    instants = instants[(instants != MISSING) & (instants < as_of)]
    return int(instants.max()) if len(instants) else None
