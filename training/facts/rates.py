"""Base rates: how many records reached the target by process, source and owner, how fast, and why others were lost."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from features.columns import Bools, Words, words
from features.crm.store import Store
from features.history import Kind
from features.labels import NOT_SAID
from training.censoring import Spells, horizons, incidence
from training.facts.records import Records, Told
from training.facts.shares import Share

TOP = 10
FEWEST = 5
"""Below so many outcomes of a sort no median is told."""

DIMENSIONS = ("process", "source", "owner_id")


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share a value; `name` is "" where it is not filled. `open`: not closed yet."""

    name: str
    records: int
    open: int
    share: Share


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The groups of one field, by share; `others`: how many smaller groups are left out."""

    field: str
    groups: tuple[Group, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast records of a process end (Aalen-Johansen, records still open counted up to when they were last seen).

    `whole`: all processes together. `within`: days in which 99 % of the closed ones closed; `reached` and `lost`: the
    shares expected by then; the medians are the days by which half of those had come, None below `FEWEST` outcomes.
    """

    process: str
    whole: bool
    records: int
    within: float
    reached: float
    lost: float
    median_reached: float | None
    median_lost: float | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A loss reason; `name` is "" for losses without one."""

    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class Rates:
    """The base rates of one kind; `other_reasons` are left out of `reasons`."""

    kind: Kind
    target: str
    records: int
    open: int
    share: Share
    breakdowns: tuple[Breakdown, ...]
    paces: tuple[Pace, ...]
    reasons: tuple[Reason, ...]
    other_reasons: int


def rates(store: Store, told: Told) -> tuple[Rates, ...]:
    """The base rates of each kind that has records that teach."""
    owners = store.read("owners", ["owner_id", "name"])
    names = dict(zip(words(owners, "owner_id").tolist(), words(owners, "name").tolist(), strict=True))
    return tuple(_rates(records, names) for records in told.kinds if records.teaches.any())


def _rates(records: Records, owners: dict[str | None, str | None]) -> Rates:
    reasons = sorted(_reasons(records), key=lambda reason: (-reason.share.hits, reason.name))
    return Rates(
        records.kind, records.target, int(records.teaches.sum()), int((records.teaches & ~records.closed).sum()),
        records.share, tuple(_breakdowns(records, owners)), tuple(_paces(records)),
        tuple(reasons[:TOP]), max(0, len(reasons) - TOP),
    )  # fmt: skip


def _parts(records: Records, column: Words) -> Iterator[tuple[str, Bools]]:
    """The records that teach, by the value of a column."""
    for code, name in [*enumerate(column.words), (-1, "")]:
        here = records.teaches & (column.codes == code)
        if here.any():
            yield name, here


def _breakdowns(records: Records, owners: dict[str | None, str | None]) -> Iterator[Breakdown]:
    for field in DIMENSIONS:
        column = records.field(field)
        found = [_group(records, name, here) for name, here in _parts(records, column)]
        if [group.name for group in found] == [""]:
            continue
        top = sorted(found, key=lambda group: (-group.share.n, -group.records, group.name))[:TOP]
        if field == "owner_id":
            top = [Group(owners.get(g.name) or g.name, g.records, g.open, g.share) for g in top]
        yield Breakdown(field, tuple(sorted(top, key=lambda g: (-g.share.value, g.name))), len(found) - len(top))


def _group(records: Records, name: str, here: Bools) -> Group:
    closed, reached = (here & records.closed), (here & records.reached)
    share = Share(float(reached.sum()), float(closed.sum()))
    return Group(name, int(here.sum()), int((here & ~closed).sum()), share)


def _paces(records: Records) -> Iterator[Pace]:
    parts = list(_parts(records, records.field("process")))
    parts = sorted(parts, key=lambda part: (-int(part[1].sum()), part[0]))[:TOP]
    if len(parts) > 1:
        yield from _pace(records, "", True, records.teaches)
    for name, here in parts:
        yield from _pace(records, name, False, here)


def _pace(records: Records, name: str, whole: bool, here: Bools) -> Iterator[Pace]:
    """The pace of these records; nothing when none has closed."""
    cause = records.labels.cause[here]
    if not (cause >= 0).any():
        return
    spells = Spells(np.zeros(len(cause)), records.days[here], cause)
    within = float(horizons(spells, np.zeros(len(cause), np.int32), 1)[0])
    curve = incidence(spells)
    _, reached, lost = (share[0] for share in curve.cumulative())
    grid = np.concatenate([[0.0], curve.grid])
    end = int(np.searchsorted(grid, within, side="right"))
    medians = [
        float(grid[np.searchsorted(total[:end], total[end - 1] / 2)]) if count >= FEWEST else None
        for total, count in ((reached, (cause == 0).sum()), (lost, (cause > 0).sum()))
    ]
    yield Pace(name, whole, len(cause), within, float(reached[end - 1]), float(lost[end - 1]), *medians)


def _reasons(records: Records) -> Iterator[Reason]:
    cause = records.labels.cause[records.closed]
    lost = int((cause > 0).sum())
    for number, name in enumerate(records.labels.reasons, 1):
        if count := int((cause == number).sum()):
            yield Reason("" if name == NOT_SAID else name, Share(float(count), float(lost)))
