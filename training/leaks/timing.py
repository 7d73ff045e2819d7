"""When a value was written against when the outcome came: dates, durations, and the rows of the change history."""

from dataclasses import dataclass

import numpy as np

from features.columns import MICROSECONDS_A_DAY, Bools, Column, Ints, Words
from training.leaks.figures import Estimate, rank_correlation, share_estimate
from training.leaks.sample import Sample, Series
from training.leaks.terms import filled

DAY = MICROSECONDS_A_DAY
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Dated:
    """Of a date field. `on_end`: share within a day of the outcome; `by_chance`: the same with the durations of other
    records; `later`: share that lies after the record's creation; `ahead`: share of those beyond the outcome (or the
    scan, where the record is open): a plan looks ahead, a trace of work never does.
    """

    on_end: Estimate
    by_chance: float
    later: Estimate
    ahead: Estimate


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Of a field with change rows. Over ended records that lasted more than two days: `filled`: share, of those filled
    after creation, that were first filled in the last day before the outcome or after it; `altered`: share, of those
    altered at all, whose value was altered then; `by_chance`: the share that any moment of their lives would give.
    """

    filled: Estimate
    altered: Estimate
    by_chance: float


def dated(value: Ints, records: Sample) -> Dated:
    """The figures of a date field, one int64 instant a record."""
    known = filled(value)
    lasted = known & (records.days > 2)
    ended = np.flatnonzero(lasted & records.ended)
    gap = value - records.created
    took = records.end - records.created
    shuffled = np.random.default_rng(0).permutation(took[ended])
    near = np.abs(gap[ended] - took[ended]) <= DAY
    later = lasted & (gap > DAY)
    return Dated(
        share_estimate(near), float(np.mean(np.abs(gap[ended] - shuffled) <= DAY)) if len(ended) else 0.0,
        share_estimate(later[lasted]), share_estimate((value > records.end + DAY)[later]),
    )  # fmt: skip


def follows(value: Column, sort: str, records: Sample) -> Estimate | None:
    """Rank correlation of a number, or of a date's distance to creation, with how long the record took to end; None for
    other types or fewer than FEWEST values. The error is that of Fisher's z, brought back.
    """
    if isinstance(value, Words):
        return None
    known = filled(value) & records.ended
    if known.sum() < FEWEST:
        return None
    numbers = (value - records.created if sort == "date" else value)[known].astype(np.float64)
    rho = abs(rank_correlation(numbers, records.days[known]))
    return Estimate(rho, float((1 - min(rho, 0.99) ** 2) / np.sqrt(known.sum() - 3)), int(known.sum()))


def rewritten(series: Series) -> Rewritten | None:
    """When the change rows of a field were known, against the outcome; None without rows."""
    records, events = series.sample, series.line.changes
    if not len(events.time):
        return None
    lasted = records.ended & (records.days > 2) & (series.group >= 0)
    group, created, end = series.group[lasted], records.created[lasted], records.end[lasted]
    first, low, high = (
        _between(series, group, created),
        _at(series, group, end - DAY),
        _at(series, group, _scan(series, group)),
    )
    changed = high > first
    empty = ~_known(series, group, created)
    late_fill = first >= low
    chance = np.minimum(DAY / np.maximum(end - created, DAY), 1.0)
    gained = changed & empty & _known(series, group, _scan(series, group))
    return Rewritten(
        share_estimate(late_fill[gained]), share_estimate((high > low)[changed]),
        float(chance[changed].mean()) if changed.any() else 0.0,
    )  # fmt: skip


def _scan(series: Series, group: Ints) -> Ints:
    return np.full(len(group), series.sample.as_of)


def _at(series: Series, group: Ints, instant: Ints) -> Ints:
    """Position after each group's last change known before an instant."""
    return series.line.changes.before(group, instant)


def _between(series: Series, group: Ints, created: Ints) -> Ints:
    """Position of each group's first change known after the record's creation."""
    return _at(series, group, created + 1)


def _known(series: Series, group: Ints, instant: Ints) -> Bools:
    return filled(series.line.at(group, instant))
