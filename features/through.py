"""Words turned into other words before they are features: a job title into seniority, a code into a sector."""

from collections.abc import Callable

import numpy as np

from features import firmographics as firm
from features.columns import Column, Words
from features.feature import Feature
from features.view import View


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
    parts = [_as_words(view.value(name), len(view)) for name in row.column.split(" + ")]
    if not row.through:
        return parts[0]
    turn, tables, vocabularies = THROUGH[row.through], view.history.tables, [part.words for part in parts]
    if len(parts) > 1:
        made: dict[tuple[int, ...], str] = tables.of(("together", row.name), dict, *vocabularies)
        return _together(turn, parts, made)
    words = parts[0]
    table = tables.of(("through", row.name), lambda: _table(words, turn), *vocabularies)
    return Words(table.codes[words.codes], table.words)


def _table(column: Words, turn: Callable[..., str]) -> Words:
    """What each of the column's words is turned into; missing last."""
    return Words(np.append(np.arange(len(column.words), dtype=np.int32), np.int32(-1)), column.words).through(turn)


def _together(turn: Callable[..., str], parts: list[Words], made: dict[tuple[int, ...], str]) -> Words:
    """What is made of each row's words together; a row without the first has none. `made`: what was made before."""
    rows = list(zip(*(part.codes.tolist() for part in parts), strict=True))
    texts = [(*part.words, "") for part in parts]
    for codes in set(rows) - made.keys():
        made[codes] = turn(*(text[code] for text, code in zip(texts, codes, strict=True))) if codes[0] >= 0 else ""
    return Words.of([made[codes] for codes in rows])


def _as_words(column: Column | None, rows: int) -> Words:
    if column is None:
        return Words(np.full(rows, -1, np.int32), ())
    if isinstance(column, Words):
        return column
    return Words.of([repr(number) if number == number else None for number in column.tolist()])  # noqa: PLR0124
