"""THE AGGREGATIONS: how a catalogue row becomes a column, one function each.

Integers until the last division, so that a million rows and one row give the same bits. Missing: NaN, or -1 (word).
"""

from collections.abc import Callable

import numpy as np

from features import firmographics as firm
from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Column, Floats, Ints, Words
from features.feature import Feature
from features.moves import places
from features.view import View, as_floats

SHRINKAGE = 10.0
"""A rate over n outcomes is pulled towards its parent's as if that many outcomes more had gone the parent's way."""

PARENT = {"owner": "team", "team": "all", "source": "all", "process": "all", "account": "all"}


def count(view: View, row: Feature) -> Column:
    """Events in [as_of - window, as_of)."""
    return view.window(row.source, row.where, row.window).count().astype(np.float64)


def total(view: View, row: Feature) -> Column:
    """Sum of `column` over the events in [as_of - window, as_of), in units of `scale`; 0 without events."""
    return view.window(row.source, row.where, row.window).total(row.column) / row.scale


def mean(view: View, row: Feature) -> Column:
    """Mean of `column` over the events in [as_of - window, as_of), in units of `scale`; missing without events."""
    window = view.window(row.source, row.where, row.window)
    return _divide(window.total(row.column), window.count() * row.scale)


def share(view: View, row: Feature) -> Column:
    """Events passing `where` over those passing `over`, in [as_of - window, as_of); missing when none pass `over`."""
    part = view.window(row.source, row.where, row.window).count()
    return _divide(part, view.window(row.source, row.over, row.window).count())


def trend(view: View, row: Feature) -> Column:
    """Events in the later half of [as_of - window, as_of) less those in the earlier half."""
    assert row.window is not None
    later = view.window(row.source, row.where, row.window / 2).count()
    return (2 * later - view.window(row.source, row.where, row.window).count()).astype(np.float64)


def days_since_last(view: View, row: Feature) -> Column:
    """Days from the latest event before as_of; missing without events."""
    return _days_between(view.window(row.source, row.where, row.window).last_time(), view.rows.as_of)


def days_since_first(view: View, row: Feature) -> Column:
    """Days from the earliest event; missing without events."""
    return _days_between(view.window(row.source, row.where, row.window).first_time(), view.rows.as_of)


def state(view: View, row: Feature) -> Column:
    """`column` of the latest event before as_of: the state a stream of states is in; 0 before the first."""
    last = view.window(row.source, row.where).last(row.column)
    return np.where(last == MISSING, 0, last).astype(np.float64)


def days_until(view: View, row: Feature) -> Column:
    """Days from as_of to the instant in `column` of the latest event; negative once past, missing without one."""
    return _days_between(view.rows.as_of, view.window(row.source, row.where).last(row.column))


def value(view: View, row: Feature) -> Column:
    """The field `column` as known at as_of: a word through `through`, an amount in units of `scale`, or a number."""
    column = view.value(row.column)
    if row.category:
        return _through(column, row.through, len(view))
    return as_floats(column, len(view)) / row.scale


def number(view: View, row: Feature) -> Column:
    """1 where the word `column` has the property `through`, 0 where not, missing where the word is."""
    words = _through(view.value(row.column), row.through, len(view))
    return np.append(np.array([name == "yes" for name in words.words], np.float64), np.nan)[words.codes]


def filled(view: View, row: Feature) -> Column:
    """1 where the field `column` is known at as_of, else 0."""
    column = view.value(row.column)
    if column is None:
        return np.zeros(len(view))
    if isinstance(column, Words):
        return (column.codes >= 0).astype(np.float64)
    return (~np.isnan(as_floats(column, len(view)))).astype(np.float64)


def days_to(view: View, row: Feature) -> Column:
    """Days from as_of to the date in the field `column`; negative when it has passed, missing when unknown."""
    column = view.value(row.column)
    if column is None:
        return np.full(len(view), np.nan)
    assert not isinstance(column, Words)
    return _days_between(view.rows.as_of, column.astype(np.int64))


def age(view: View, _: Feature) -> Column:
    """Days since the record was created."""
    return view.age / MICROSECONDS_A_DAY


def days_in(view: View, row: Feature) -> Column:
    """Days since the field `column` took its present value; missing where that is not known."""
    return _days_between(view.entered(row.column), view.rows.as_of)


def place(view: View, _: Feature) -> Column:
    """Place of the present stage in its process; missing where the process does not list it."""
    return places(view.history.positions, view.words("process"), view.words("stage"))


def days_in_over_usual(view: View, row: Feature) -> Column:
    """Days since the field `column` took its value over the mean length of finished visits; missing without any."""
    window = view.window(row.source)
    now, usual, visits = view.entered(row.column), window.total("took"), window.count()
    length = np.where(now == MISSING, np.nan, (view.rows.as_of - now).astype(np.float64))
    return length / _divide(usual, np.where(usual > 0, visits, 0))


def rate(view: View, row: Feature) -> Column:
    """Share of ended records that reached the target, shrunk towards the parent's (owner to team, team to all)."""
    return _rate(view, row.source)


def calendar(view: View, row: Feature) -> Column:
    """A figure of the local calendar at as_of, by the name in `column`."""
    figure: Callable[[Ints], Ints] = getattr(view.history.zone, row.column)
    return figure(view.rows.as_of).astype(np.float64)


AGGREGATIONS: dict[str, Callable[[View, Feature], Column]] = {
    function.__name__: function
    for function in (
        count, total, mean, share, trend, days_since_last, days_since_first, state, days_until, value, number, filled,
        days_to, age, days_in, place, days_in_over_usual, rate, calendar,
    )
}  # fmt: skip


def _free_mail(email: str) -> str:
    domain = firm.email_domain(email)
    return ("yes" if firm.is_free_mail(domain) else "no") if domain else ""


def _size(heads: str) -> str:
    return firm.size_band(float(heads))


THROUGH: dict[str, Callable[[str], str]] = {
    "": str,
    "sector": firm.sector,
    "department": firm.department,
    "region": firm.region,
    "seniority": firm.seniority,
    "function": firm.function,
    "free_mail": _free_mail,
    "phone_country": firm.phone_country,
    "size_band": _size,
}
"""What a word is turned into before it is a feature; "" means unknown."""


def _through(column: Column | None, name: str, rows: int) -> Words:
    if column is None:
        return Words(np.full(rows, -1, np.int32), ())
    if not isinstance(column, Words):
        distinct, inverse = np.unique(column, return_inverse=True)
        column = Words.of(["" if np.isnan(number) else repr(float(number)) for number in distinct]).take(inverse)
    if not name:
        return column
    turned = Words.of([THROUGH[name](word) for word in column.words])
    return Words(np.append(turned.codes, np.int32(-1))[column.codes], turned.words)


def _rate(view: View, source: str) -> Floats:
    kind, dot, by = source.rpartition(".")
    window = view.window(source)
    reached, ended = window.total("reached"), window.count()
    if by == "all":
        return (reached + 1) / (ended + 2)
    parent = _rate(view, f"{kind}{dot}{PARENT[by]}")
    return (reached + SHRINKAGE * parent) / (ended + SHRINKAGE)


def _divide(part: Ints, whole: Ints) -> Floats:
    some = whole != 0
    return np.where(some, part / np.where(some, whole, 1), np.nan)


def _days_between(start: Ints, end: Ints) -> Floats:
    known: Bools = (start != MISSING) & (end != MISSING)
    return np.where(known, (np.where(known, end, 0) - np.where(known, start, 0)) / MICROSECONDS_A_DAY, np.nan)
