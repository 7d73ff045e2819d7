"""Simple checks of the records that matter to a model: each counts records and says of how many."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.columns import MISSING, Bools, Ints, Words, ints, words
from features.crm.store import Store
from features.history import Kind
from features.labels import NOT_SAID
from training.censoring import Spells, horizons
from training.facts.records import Records, Told

TOO_GOOD = 0.9
ENOUGH = 20
"""From so many closed records on, a share won above TOO_GOOD says that losses are not recorded."""

ENDS: dict[Kind, tuple[str, ...]] = {
    "opportunities": ("closed_at",), "leads": ("converted_at", "disqualified_at"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """`count` records of `of` met what `name` says; `name` is also the key of its words. `where`: a process, or ""."""

    name: str
    kind: Kind
    count: int
    of: int
    where: str = ""


def checks(store: Store, told: Told) -> tuple[Check, ...]:
    """Every check that applies, those that found something first."""
    now = _now(store, told)
    found = [check for records in told.kinds if len(records.history.ids) for check in _checks(records, now)]
    return tuple(sorted(found, key=lambda check: check.count == 0))


def _checks(records: Records, now: int) -> Iterator[Check]:
    table, kind = records.history.own.table, records.kind
    created, rows = ints(table, "created_at"), len(records.history.ids)
    ends = [ints(table, name) for name in ENDS[kind]]
    if kind == "opportunities":
        silent = (ints(table, "closed_at") != MISSING) & (words(table, "outcome").codes < 0)
        yield Check("closed_without_outcome", kind, int(silent.sum()), int((ends[0] != MISSING).sum()))
    yield Check("closed_before_created", kind, _any([(end != MISSING) & (end < created) for end in ends]), rows)
    yield Check("in_the_future", kind, _any([date > now for date in (created, *ends)]), rows)
    lost = records.closed & ~records.reached
    silent = lost & (records.labels.cause == 1 + records.labels.reasons.index(NOT_SAID))
    yield Check("lost_without_reason", kind, int(silent.sum()), int(lost.sum()))
    still = records.teaches & (records.labels.cause < 0)
    if records.share.n >= ENOUGH:
        yield Check("open_too_long", kind, int((still & (records.days > _longest(records))).sum()), int(still.sum()))
    if kind == "opportunities":
        yield Check("expected_close_past", kind, int((still & _overdue(records)).sum()), int(still.sum()))
    yield from _too_good(records)


def _now(store: Store, told: Told) -> int:
    """The latest instant at which anybody could have known anything: a date after it is a mistake."""
    seen = [int(records.history.own.records.first_seen.max()) for records in told.kinds if len(records.history.ids)]
    return max([told.as_of, *seen, *(int(report["seen_at"]) for report in store.imports())])


def _any(masks: list[Bools]) -> int:
    return int(np.any(masks, axis=0).sum())


def _longest(records: Records) -> float:
    """What 99 % of the closed records took at most, in days."""
    took = records.days[records.closed]
    spells = Spells(np.zeros(len(took)), took, np.zeros(len(took), np.int32))
    return float(horizons(spells, np.zeros(len(took), np.int32), 1)[0])


def _overdue(records: Records) -> Bools:
    line = records.history.own.fields["expected_close"]
    due = line.at(records.row, np.full(len(records), records.as_of))
    assert not isinstance(due, Words)
    dates: Ints = due.astype(np.int64)
    past: Bools = (dates != MISSING) & (dates < records.as_of)
    return past


def _too_good(records: Records) -> Iterator[Check]:
    """The processes (or, without any, the whole) whose share won is too good to be true."""
    process = records.field("process")
    for code, name in [*enumerate(process.words), (-1, "")]:
        here = records.closed & (process.codes == code)
        won = int((here & records.reached).sum())
        if here.sum() >= ENOUGH:
            yield Check("too_good", records.kind, won if won > TOO_GOOD * here.sum() else 0, int(here.sum()), name)
