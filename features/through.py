"""Words turned into other words before they are features: a job title into seniority, a code into a sector."""

from collections.abc import Callable

import numpy as np

from features import firmographics as firm
from features.columns import Column, Floats, Ints, Words
from features.feature import Feature
from features.view import View, as_floats


def _free_mail(email: str) -> str:
    domain = firm.email_domain(email)
    return ("yes" if firm.is_free_mail(domain) else "no") if domain else ""


def _size(heads: str) -> str:
    return firm.size_band(float(heads))


THROUGH: dict[str, Callable[..., str]] = {
    "sector": firm.sector,
    "division": firm.division,
    "country": firm.country,
    "region": firm.region,
    "department": firm.department,
    "size_band": _size,
    "company_number_valid": firm.company_number_valid,
    "seniority": firm.seniority,
    "function": firm.function,
    "free_mail": _free_mail,
    "role_address": firm.is_role_address,
    "domain_matches": firm.domain_matches,
    "phone_country": firm.phone_country,
    "phone_kind": firm.phone_kind,
    "phone_valid": firm.phone_valid,
}
"""What a word, or two (`column` is then `one + other`, "" where missing), is turned into; "" means unknown."""

_FEW = 16


def through(view: View, row: Feature) -> Words:
    """The words of a row's `column` at as-of, turned through its `through`; all missing without such a field."""
    parts = [view.value(name) for name in row.column.split(" + ")]
    turn, first = THROUGH.get(row.through), parts[0]
    if first is None:
        return Words(np.full(len(view), -1, np.int32), ())
    if not isinstance(first, Words):
        return _numbers(as_floats(first, len(view)), turn or str)
    if turn is None:
        return first
    if len(parts) > 1:
        return _together(first, parts[1], turn)
    table = view.history.tables.of(("through", row.name), lambda: _table(first, turn), first.words)
    return Words(table.codes[first.codes], table.words)


def _table(column: Words, turn: Callable[..., str]) -> Words:
    """What each of the column's words is turned into; missing last."""
    codes = np.append(np.arange(len(column.words), dtype=np.int32), np.int32(-1))
    return Words(codes, column.words).through(turn)


def _numbers(column: Floats, turn: Callable[..., str]) -> Words:
    """What each different number is turned into."""
    values, places = _different(column.view(np.int64))
    return Words.of(["" if np.isnan(value) else turn(repr(value)) for value in values.view(np.float64).tolist()]).take(
        places
    )


def _together(first: Words, other: Column | None, turn: Callable[..., str]) -> Words:
    """What each different pair of words is turned into; a row without the first has none."""
    second = other if isinstance(other, Words) else Words(np.full(len(first), -1, np.int32), ())
    many = len(second.words) + 1
    pairs, places = _different(first.codes.astype(np.int64) * many + second.codes + 1)
    texts = [(pair // many, (*second.words, "")[pair % many - 1]) for pair in pairs.tolist()]
    return Words.of([turn(first.words[code], text) if code >= 0 else "" for code, text in texts]).take(places)


def _different(keys: Ints) -> tuple[Ints, Ints]:
    """The different keys, and where among them each one is; a few are taken as they are."""
    if len(keys) <= _FEW:
        return keys, np.arange(len(keys))
    different, places = np.unique(keys, return_inverse=True)
    return different, places
