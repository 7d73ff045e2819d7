"""The change rows of one entity, as the rest of the package reads them: by record, in order of when they were known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from features.columns import MISSING, Bools, Columns, Floats, Ints, Words, ints, words

_Raw: TypeAlias = Ints | Floats


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


def in_turn(order: Ints, moment: tuple[Ints, Ints, Ints], old: _Raw, new: _Raw, now: _Raw) -> Ints:
    """`order` (positions of rows, by moment) with the rows of one moment in the order in which they follow, old to new.

    `moment` is the record, and when a row was known and took place; `now` what each record reads at present. Rows of a
    moment that come back to where they began are told where by the row after them, or by what the record reads now.

    >>> same = np.zeros(2, np.int64)
    >>> in_turn(np.array([0, 1]), (same, same, same), np.array([3, 4]), np.array([4, 3]), np.array([4])).tolist()
    [1, 0]
    """
    moments = np.stack([part[order] for part in moment])
    starts = np.append(np.flatnonzero((np.diff(moments, axis=1, prepend=-1) != 0).any(axis=0)), len(order))
    together = np.flatnonzero(np.diff(starts) > 1)
    if not len(together):
        return order
    codes = np.unique(np.concatenate([old, new, now]), return_inverse=True)[1]  # what is missing is one value too
    before, after, at_present = np.split(codes, [len(old), 2 * len(old)])
    records, turned = moments[0], order.copy()
    for start, end in zip(starts[together][::-1].tolist(), starts[together + 1][::-1].tolist(), strict=True):
        record = records[start]
        follows = before[turned[end]] if end < len(order) and records[end] == record else at_present[record]
        came = after[order[start - 1]] if start and records[start - 1] == record else -1
        rows = order[start:end].tolist()
        steps = [(int(before[row]), int(after[row])) for row in rows]
        turned[start:end] = [rows[step] for step in _walk(steps, (int(follows), int(came)))]
    return turned


def _walk(steps: list[tuple[int, int]], ends: tuple[int, ...]) -> list[int]:
    """Positions of the steps (from, to) in an order in which each begins where the one before it ended.

    A walk that comes back to where it began does so at the first of `ends` that it passes. Where no walk takes all
    steps there are several, one after another, the last one ending at the first of `ends` if one can.
    """
    left, walked = set(range(len(steps))), list[int]()
    while left:
        into = Counter(steps[step][1] for step in left)
        spare = into - Counter(steps[step][0] for step in left)
        at = next(end for end in (*ends, *spare, *into) if end in (spare or into))
        walked = [*_back(steps, left, at), *walked]
    return walked


def _back(steps: list[tuple[int, int]], left: set[int], at: int) -> list[int]:
    """The longest walk there is that ends at a place, taken out of `left`: back and forth over every way in."""
    walk: list[int] = []
    stack: list[tuple[int, int]] = [(at, -1)]
    while stack:
        place, came_by = stack[-1]
        step = max((step for step in left if steps[step][1] == place), default=-1)
        if step >= 0:
            left.discard(step)
            stack.append((steps[step][0], step))
        else:
            stack.pop()
            walk.append(came_by)
    return walk[:-1]
