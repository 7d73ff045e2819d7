"""What the figures rest on, and about how many more closed records would make them better."""

from dataclasses import dataclass
from typing import Literal

from features.history import Kind
from training.estimators import ESTIMATORS
from training.facts.records import Records, Told

THIN = 50
"""Closed records below which everything said of a kind is thin."""


@dataclass(frozen=True, slots=True)
class More:
    """How a kind would get better. `what`: the rung that so many `more` closed records put in reach (with `each` at
    least on either side), or half_range: as many again as make the range of the share half as wide."""

    kind: Kind
    closed: int
    rarer: int
    what: str
    more: int
    more_rarer: int


Evidence = Literal["none", "thin", "ok"]


def more(told: Told) -> tuple[More, ...]:
    """What the next records of each kind would bring."""
    return tuple(_more(records) for records in told.kinds if len(records))


def evidence(closed: float, rarer: float) -> Evidence:
    """How much a kind's closed records allow to say; the marks are those of `models.model.Evidence`.

    >>> evidence(9, 4), evidence(30, 12), evidence(500, 9), evidence(500, 50)
    ('none', 'thin', 'thin', 'ok')
    """
    if closed < 10:
        return "none"
    return "thin" if closed < THIN or rarer < 10 else "ok"


def rarer(records: Records) -> int:
    """How many closed records have the rarer of the two outcomes."""
    return int(min(records.share.hits, records.share.n - records.share.hits))


def _more(records: Records) -> More:
    closed, few = int(records.share.n), rarer(records)
    ahead = [row for row in ESTIMATORS.values() if row.fit and (row.closed > closed or row.each > few)]
    if not ahead:
        return More(records.kind, closed, few, "half_range", 3 * closed, 0)
    rung = ahead[0]
    return More(records.kind, closed, few, rung.name, max(0, rung.closed - closed), max(0, rung.each - few))
