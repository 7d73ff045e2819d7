"""Words turned into other words before they are features: a job title into seniority, a code into a sector."""

from collections.abc import Callable

import numpy as np

from features import firmographics as firm
from features.columns import Floats, Words
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
    if view.few:
        told = zip(*(view.words(name).tolist() for name in row.column.split(" + ")), strict=True)
        return Words.of([turn(*(word or "" for word in words)) if words[0] else "" for words in told])
    tables = view.history.tables
    if len(parts) == 1:
        table = tables.of(("through", row.name), lambda: _table(first, turn), first.words)
        return Words(table.codes[first.codes], table.words)
    second = parts[1] if isinstance(parts[1], Words) else Words(np.full(len(view), -1, np.int32), ())
    made: dict[int, str] = tables.of(("made", row.name), dict, first.words, second.words)
    return _turned(first, second, turn, made)


def _table(column: Words, turn: Callable[..., str]) -> Words:
    """What each of the column's words is turned into; missing last."""
    codes = np.append(np.arange(len(column.words), dtype=np.int32), np.int32(-1))
    return Words(codes, column.words).through(turn)


def _numbers(column: Floats, turn: Callable[..., str]) -> Words:
    """What each different number is turned into."""
    values, places = np.unique(column, return_inverse=True)
    return Words.of(["" if np.isnan(value) else turn(repr(value)) for value in values.tolist()]).take(places)


def _turned(first: Words, second: Words, turn: Callable[..., str], made: dict[int, str]) -> Words:
    """What each row's words are turned into together; a row without the first has none. `made`: what was made before,
    by the pair of codes.
    """
    many = len(second.words) + 1
    pairs = first.codes.astype(np.int64) * many + second.codes + 1
    different, places = np.unique(pairs, return_inverse=True)
    for pair in different.tolist():
        if pair not in made:
            other = second.words[pair % many - 1] if pair % many else ""
            made[pair] = turn(first.words[pair // many], other) if pair >= 0 else ""
    return Words.of([made[pair] for pair in different.tolist()]).take(places)
