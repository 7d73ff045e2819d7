"""THE AGGREGATIONS: how catalogue rows become columns, one function each, for all rows of one source together.

Integers until the last division, so that a million rows and one row give the same bits. Missing: NaN, or -1 (word).
"""

from collections.abc import Callable, Sequence
from functools import cache, partial, wraps

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Floats, Ints, Words, ints
from features.feature import Feature
from features.grouping import Group, kind_of
from features.terms import buckets
from features.through import through
from features.view import View, as_floats

SHRINKAGE = 10.0
"""A rate over n outcomes is pulled towards its parent's as if that many outcomes more had gone the parent's way."""

Aggregation = Callable[[View, Group], Sequence[Column] | Floats]


def _one_by_one(function: Callable[[View, Feature], Column]) -> Aggregation:
    """An aggregation whose rows have nothing to share."""

    @wraps(function)
    def aggregation(view: View, group: Group) -> Sequence[Column]:
        return [function(view, row) for row in group.rows]

    return aggregation


def count(view: View, group: Group) -> Floats:
    """Events in [as_of - window, as_of)."""
    return view.windows(group).count(group.places[0]).astype(np.float64)


def total(view: View, group: Group) -> Floats:
    """Sum of `column` over the events in [as_of - window, as_of), in units of `scale`; 0 without events."""
    return view.windows(group).total(group.places[0], group.columns) / _scales(view, group)


def mean(view: View, group: Group) -> Floats:
    """Mean of `column` over the events in [as_of - window, as_of), in units of `scale`; missing without events."""
    windows, own = view.windows(group), group.places[0]
    return _divide(windows.total(own, group.columns), windows.count(own) * _scales(view, group))


def share(view: View, group: Group) -> Floats:
    """Events passing `where` over those passing `over`, in [as_of - window, as_of); missing when none pass `over`."""
    windows, (part, whole) = view.windows(group), group.places
    return _divide(windows.count(part), windows.count(whole))


def trend(view: View, group: Group) -> Floats:
    """Events in the later half of [as_of - window, as_of) less those in the earlier half."""
    windows, (whole, later) = view.windows(group), group.places
    return (2 * windows.count(later) - windows.count(whole)).astype(np.float64)


def days_since_last(view: View, group: Group) -> Floats:
    """Days from the latest event in [as_of - window, as_of); missing without events."""
    windows = view.windows(group)
    return _days_between(_picked(windows.stream.time, windows.latest(group)), view.rows.as_of)


def days_since_first(view: View, group: Group) -> Floats:
    """Days from the earliest event in [as_of - window, as_of); missing without events."""
    windows = view.windows(group)
    return _days_between(_picked(windows.stream.time, windows.earliest(group)), view.rows.as_of)


def after_creation(view: View, group: Group) -> Floats:
    """Time from the record's creation to its first event, in units of `scale`; 0 for one before, missing without."""
    windows, created = view.windows(group), view.history.created[view.rows.record]
    first = _picked(windows.stream.time, windows.earliest(group))
    waited = np.where(first == MISSING, 0, np.maximum(first - created, 0))
    return np.where(first == MISSING, np.nan, waited / _scales(view, group))


def days_apart(view: View, group: Group) -> Floats:
    """Mean days between an event and the next in [as_of - window, as_of); missing with fewer than two."""
    windows = view.windows(group)
    steps, time = windows.count(group.places[0]) - 1, windows.stream.time
    first, last = _picked(time, windows.earliest(group)), _picked(time, windows.latest(group))
    return _divide(np.where(steps > 0, last - first, 0), np.maximum(steps, 0) * MICROSECONDS_A_DAY)


def latest(view: View, group: Group) -> list[Column]:
    """The word `column` of the latest event in [as_of - window, as_of); missing without one."""
    windows = view.windows(group)
    found: list[Column] = []
    for place, row in zip(windows.latest(group), group.rows, strict=True):
        words = windows.stream.columns[row.column]
        assert isinstance(words, Words)
        code = np.full(len(place), -1, np.int32)
        code[place >= 0] = words.codes[place[place >= 0]]
        found.append(Words(code, words.words))
    return found


def state(view: View, group: Group) -> list[Column]:
    """`column` of the latest event before as_of: the state a stream of states is in; 0 before the first."""
    return [np.where(last == MISSING, 0, last).astype(np.float64) for last in _last(view, group)]


def days_until(view: View, group: Group) -> list[Column]:
    """Days from as_of to the instant in `column` of the latest event; negative once past, missing without one."""
    return [_days_between(view.rows.as_of, last) for last in _last(view, group)]


def value(view: View, row: Feature) -> Column:
    """The field `column` as known at as_of: a word through `through`, an amount in units of `scale`, or a number."""
    if row.category:
        return through(view, row)
    return as_floats(view.value(row.column), len(view)) / row.scale


def money(view: View, row: Feature) -> Column:
    """The amount `column` as known at as_of, in whole units of the reporting currency at that day's rate."""
    return as_floats(view.money(row.column), len(view)) / view.history.minor


def number(view: View, row: Feature) -> Column:
    """1 where the word `column` has the property `through`, 0 where not, missing where the word is."""
    words = through(view, row)
    yes = [float(name == "yes") for name in words.words]
    return np.array([*yes, np.nan])[words.codes]


def terms(view: View, group: Group) -> list[Column]:
    """How many terms of the text `column` fall into the `bucket`; missing where the text is."""
    found: list[Column] = []
    for row in group.rows:
        text = view.words(row.column)
        table = view.history.tables.of(("terms", row.column), partial(buckets, text.words), text.words)
        found.append(table[row.bucket][text.codes])
    return found


def filled(view: View, row: Feature) -> Column:
    """1 where the field `column` is known at as_of, else 0."""
    column = view.value(row.column)
    if isinstance(column, Words):
        return (column.codes >= 0).astype(np.float64)
    return (~np.isnan(as_floats(column, len(view)))).astype(np.float64)


def days_to(view: View, row: Feature) -> Column:
    """Days from as_of to the date in the field `column`; negative when it has passed, missing when unknown."""
    return _days_between(view.rows.as_of, _instants(view, row.column))


def age(view: View, _: Feature) -> Column:
    """Days since the record was created."""
    return view.age / MICROSECONDS_A_DAY


def days_in(view: View, row: Feature) -> Column:
    """Days since the field `column` took its present value; missing where that is not known."""
    return _days_between(view.entered(row.column), view.rows.as_of)


def place(view: View, _: Feature) -> Column:
    """Place of the present stage among those of its process active at as_of; missing where it had no such stage."""
    history = view.history
    return history.stages.places(view.words("process"), view.words("stage"), view.rows.as_of, history.tables)


def days_in_over_usual(view: View, group: Group) -> Floats:
    """Days since the field `column` took its value over the mean length of finished visits; missing without any."""
    windows, own = view.windows(group), group.places[0]
    now = np.stack([view.entered(row.column) for row in group.rows])
    length = np.where(now == MISSING, np.nan, (view.rows.as_of - now).astype(np.float64))
    return length / _usual(windows.total(own, group.each("took")), windows.count(own))


def age_over_usual(view: View, group: Group) -> Floats:
    """Age over the mean time it took the source's records to reach the target; missing where none has."""
    windows, (own, reached) = view.windows(group), group.places
    return view.age / _usual(windows.total(own, group.each("took")), windows.count(reached))


def value_over_usual(view: View, group: Group) -> Floats:
    """The amount `column` over the mean worth of what the source won; missing where nothing of worth was won."""
    windows, (own, reached) = view.windows(group), group.places
    amount = np.stack([as_floats(view.money(row.column), len(view)) for row in group.rows])
    return amount / _usual(windows.total(own, group.each("worth")), windows.count(reached))


def growth(view: View, group: Group) -> Floats:
    """The amount `column` now less its first value, over the first; missing where it had none or that was 0."""
    moved = view.windows(group).total(group.places[0], group.each("by"))
    now = np.stack([as_floats(view.value(row.column), len(view)) for row in group.rows])
    first = now - moved
    return np.where(first > 0, moved / np.where(first > 0, first, 1), np.nan)


def rate(view: View, group: Group) -> Floats:
    """Share of ended records that reached the target, shrunk towards the parent's (owner to team, team to all); one
    over a window is shrunk towards the same source's share of all time."""
    counts = view.windows(group).count(np.concatenate(group.places))
    own_n, ever_n, parent_n, every_n, own, ever, parent, every = np.split(counts, 8)
    of_all = (every + 1) / (every_n + 2)
    below, alone, lasting = _branches(group)
    known = np.where(below, _shrunk(parent, parent_n, of_all), of_all)
    known = np.where(alone, of_all, _shrunk(ever, ever_n, known))
    return np.where(lasting, known, _shrunk(own, own_n, known))


def calendar(view: View, row: Feature) -> Column:
    """A figure of the local calendar at as_of, by the name in `column`."""
    return _calendar(view, row.column, view.rows.as_of)


def calendar_at_creation(view: View, row: Feature) -> Column:
    """A figure of the local calendar at the record's creation, by the name in `column`."""
    return _calendar(view, row.column, view.history.created[view.rows.record])


_ALL: tuple[Aggregation, ...] = (
    count, total, mean, share, trend, days_since_last, days_since_first, after_creation, days_apart, latest, state,
    days_until, terms, days_in_over_usual, age_over_usual, value_over_usual, growth, rate,
    *map(_one_by_one, (value, money, number, filled, days_to, age, days_in, place, calendar, calendar_at_creation)),
)  # fmt: skip

AGGREGATIONS = {aggregation.__name__: aggregation for aggregation in _ALL}


@cache
def _branches(group: Group) -> tuple[Bools, Bools, Bools]:
    """bool[f, 1] each: whether a rate's parent is not that of all, whether it is that of all, whether of all time."""
    bys = [kind_of(row.source)[1] for row in group.rows]
    below, alone = ([[by == name] for by in bys] for name in ("owner", "all"))
    return np.array(below), np.array(alone), np.array([[row.window is None] for row in group.rows])


def _last(view: View, group: Group) -> list[Ints]:
    windows = view.windows(group)
    columns = [ints(windows.stream.columns, row.column) for row in group.rows]
    return [_picked(column, place) for place, column in zip(windows.latest(group), columns, strict=True)]


def _picked(values: Ints, place: Ints) -> Ints:
    """The value of the event at each position; MISSING for -1."""
    picked, some = np.full(place.shape, MISSING), place >= 0
    picked[some] = values[place[some]]
    return picked


def _usual(whole: Ints, count: Ints) -> Floats:
    """The mean, missing where the sum is 0."""
    return _divide(whole, np.where(whole > 0, count, 0))


def _shrunk(reached: Ints, ended: Ints, parent: Floats) -> Floats:
    return (reached + SHRINKAGE * parent) / (ended + SHRINKAGE)


def _calendar(view: View, name: str, instant: Ints) -> Floats:
    figure: Callable[[Ints], Ints] = getattr(view.history.zone, name)
    return as_floats(figure(instant), len(instant))


def _scales(view: View, group: Group) -> Ints:
    return _divisors(group, view.history.minor)


@cache
def _divisors(group: Group, minor: int) -> Ints:
    """int64[f, 1]: what each row's sums are divided by; `minor` units make a whole one of money."""
    return np.array([[minor if row.unit == "money" else row.scale] for row in group.rows], np.int64)


def _instants(view: View, reference: str) -> Ints:
    column = view.value(reference)
    if column is None:
        return np.full(len(view), MISSING)
    assert not isinstance(column, Words), f"{reference} is not a date"
    return column.astype(np.int64)


def _divide(part: Ints, whole: Ints) -> Floats:
    some = whole != 0
    return np.where(some, part / np.where(some, whole, 1), np.nan)


def _days_between(start: Ints, end: Ints) -> Floats:
    known: Bools = (start != MISSING) & (end != MISSING)
    return np.where(known, (np.where(known, end, 0) - np.where(known, start, 0)) / MICROSECONDS_A_DAY, np.nan)
