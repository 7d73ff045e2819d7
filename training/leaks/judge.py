"""The verdict on one field: which evidence crosses which threshold (docs/decisions/0006-leak-scanner.md says why)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from training.leaks.evidence import Evidence

Verdict = Literal["leaks", "suspect", "passes"]

FEW = 10
"""Outcomes of either kind without which nothing is judged."""
MANY = 200
"""Judged records from which a blank alone may refuse a field that no open record speaks for or against."""
CERTAIN, STRONG = 0.90, 0.85
"""Lower bounds of a single field's AUC: no field known at creation is that good; few are."""
MISSING, MISSING_LOW, MISSING_HIGH = 0.60, 0.58, 0.75
"""AUC of being filled; its lower bound; the bound from which open records that tell nothing do not excuse it."""
NAMED, NAMED_SUSPECT = 0.60, 0.55
"""Lower bound of the AUC where the name or the words speak of the end."""
APART = 0.62
"""Lower bound of telling open records from ended ones by the value, both against older records and against those of the
same weeks.
"""
EMPTIER = 0.20
"""Difference in the share filled between open and ended records that counts by itself."""
TRACKED = 0.80
"""Lower bound of the rank correlation with how long records took."""
ON_END, LATER, AHEAD = 0.15, 0.30, 0.10
"""Dates: lower bounds of the share on the day of the outcome and of the share after creation; upper bound of those
ahead of the outcome.
"""
WRITTEN, WRITTEN_SUSPECT = 0.50, 0.25
"""Lower bound of the share of first fills, or of altered records, whose change came with the outcome."""
CHANCE = 2.0
"""Times over what chance would give."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of evidence that counts: its `code` (see `words`), what it asks for, and the figures its words need."""

    code: str
    asks: Verdict
    figures: dict[str, float | str] = field(default_factory=dict)


def judge(seen: Evidence, z: float) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict, and the findings by weight; `z` standard errors make a bound (see `strictness`)."""
    found = [
        *_alone(seen, z),
        *_filled(seen, z),
        *_open(seen, z),
        *_dates(seen, z),
        *_changes(seen, z),
        *_named(seen, z),
    ]
    if min(seen.reached, seen.missed) < FEW:
        found.append(Finding("few", "suspect", {"reached": seen.reached, "missed": seen.missed}))
    order: tuple[Verdict, ...] = ("leaks", "suspect", "passes")
    found.sort(key=lambda finding: order.index(finding.asks))
    return (found[0].asks if found else "passes"), tuple(found)


def _same(seen: Evidence, z: float) -> bool:
    """Whether open records are shown to have the values that ended ones have, and as telling ones."""
    by_value, steady = seen.of_value, [shift.steady for shift in (seen.of_fill, seen.of_weight) if shift]
    return by_value is not None and by_value.verdict(z) == "same" and all(steady)


def _vouched(seen: Evidence, z: float) -> bool:
    """Whether the source keeps a history and open records do not contradict it: a log with holes reads what the end
    wrote as what never changed.
    """
    shifts = [shift.verdict(z) for shift in (seen.of_fill, seen.of_value) if shift]
    return seen.kept and "other" not in shifts and not (seen.apart and seen.apart.low(z) >= APART)


def _fixed(seen: Evidence, z: float) -> bool:
    """Whether the values were there at creation: by a history that vouches for them, or by the open records."""
    return _vouched(seen, z) or _same(seen, z)


def _alone(seen: Evidence, z: float) -> Iterator[Finding]:
    low = seen.auc.low(z)
    if low >= CERTAIN:
        yield Finding("alone", "suspect" if _fixed(seen, z) else "leaks", {"auc": seen.auc.value})
    elif seen.within.low(z) >= CERTAIN and not _fixed(seen, z):
        yield Finding("within", "leaks", {"auc": seen.within.value, "filled": seen.filled})
    elif low >= STRONG and not _fixed(seen, z):
        yield Finding("alone", "suspect", {"auc": seen.auc.value})


def _filled(seen: Evidence, z: float) -> Iterator[Finding]:
    informative = seen.missing.value >= MISSING and seen.missing.low(z) >= MISSING_LOW and seen.channel >= MISSING
    compared = seen.of_fill.verdict(z) if seen.of_fill else "none"
    if informative and not _vouched(seen, z) and compared != "same":
        alone = compared == "none" and seen.auc.n >= MANY
        sure = compared == "other" or alone or seen.missing.low(z) >= MISSING_HIGH
        yield Finding(
            "filled", "leaks" if sure else "suspect", {"reached": seen.filled_reached, "missed": seen.filled_missed}
        )


def _open(seen: Evidence, z: float) -> Iterator[Finding]:
    tells = seen.missing.low(z) > 0.5 or (seen.of_fill and abs(seen.of_fill.difference.value) >= EMPTIER)
    if seen.of_fill and seen.of_fill.verdict(z) == "other" and tells:
        yield Finding("open_empty", "leaks", {"open": seen.of_fill.open.value, "ended": seen.of_fill.expected.value})
    other = seen.of_value.verdict(z) if seen.of_value else "unclear"
    low = seen.auc.low(z)
    if other == "other" and low >= NAMED_SUSPECT:
        yield Finding("open_other", "leaks", {"auc": seen.auc.value})
    elif seen.of_value and not seen.kept and other == "unclear" and not seen.of_value.steady and low >= NAMED:
        yield Finding("open_other", "suspect", {"auc": seen.auc.value})
    if seen.apart and seen.apart.low(z) >= APART:
        yield Finding("apart", "leaks", {"auc": min(seen.apart.older.value, seen.apart.beside.value)})


def _dates(seen: Evidence, z: float) -> Iterator[Finding]:
    if _vouched(seen, z):
        return
    if seen.follows and seen.follows.low(z) >= TRACKED:
        yield Finding("follows", "leaks", {"rho": seen.follows.value})
    when = seen.dated
    if when is None:
        return
    if when.on_end.low(z) >= ON_END and when.on_end.value >= CHANCE * when.by_chance:
        yield Finding("on_end", "leaks", {"share": when.on_end.value, "chance": when.by_chance})
    if when.later.low(z) >= LATER and when.ahead.high(z) <= AHEAD:
        yield Finding("trace", "leaks", {"share": when.later.value, "ahead": when.ahead.value})


def _changes(seen: Evidence, z: float) -> Iterator[Finding]:
    """A canonical field whose history is kept is read through it, and CRMs do touch it at the close."""
    when = seen.rewritten
    if when is None or seen.field.canonical:
        return
    for code, share in (("filled_late", when.filled), ("altered_late", when.altered)):
        if share.low(z) >= WRITTEN_SUSPECT and share.value >= CHANCE * when.by_chance:
            asks: Verdict = "leaks" if share.low(z) >= WRITTEN else "suspect"
            yield Finding(code, asks, {"share": share.value, "n": share.n})


def _named(seen: Evidence, z: float) -> Iterator[Finding]:
    low, vouched = seen.auc.low(z), _vouched(seen, z)
    if seen.words:
        sure = low >= NAMED and not vouched
        yield Finding("words", "leaks" if sure else "suspect", {"word": seen.words[0]})
    if seen.meaning == "latest" and low >= NAMED_SUSPECT and not vouched:
        sure = low >= NAMED and not _same(seen, z)
        yield Finding("latest", "leaks" if sure else "suspect", {"auc": seen.auc.value})
    if seen.meaning == "score" and low >= NAMED_SUSPECT and not _fixed(seen, z):
        yield Finding("score", "suspect", {"auc": seen.auc.value})
