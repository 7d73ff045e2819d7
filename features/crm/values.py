"""Text columns -> typed columns: instants, money, numbers. Exact, vectorised where the texts are canonical; each text
that had to be interpreted is noted under a rule of `features.crm.rules`.

Missing (None) stays missing. What cannot be read becomes missing and is noted; whether that costs the row is decided
in `features.crm.checks`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.columns import MISSING, Floats, Ints
from features.crm.texts import (
    FIRST_YEAR,
    LAST_YEAR,
    canonical,
    exponent_of,
    has_decimal_comma,
    has_decimal_point,
    micros,
    parse_instant,
    read_instant,
    read_money,
    read_number,
)

__all__ = [
    "Parsed",
    "Texts",
    "canonical",
    "exponent_of",
    "instants",
    "money",
    "numbers",
    "parse_instant",
    "read_instant",
    "read_money",
    "read_number",
]

Texts: TypeAlias = Any
"""A pyarrow string array: pyarrow is published without types."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A typed column, and under each rule the rows it concerns."""

    values: Ints | Floats
    notes: dict[str, Ints]


def instants(texts: Texts, zone: str, *, start: bool) -> Parsed:
    """Times as int64 microseconds UTC; a date alone is the start of its local day, or its end unless `start`.

    >>> column = instants(pa.array(["2024-03-31", "31/03/2024 09:00", "soon", None]), "Europe/Paris", start=True)
    >>> column.values[:2].tolist(), {rule: rows.tolist() for rule, rows in column.notes.items()}
    ([1711839600000000, 1711868400000000], {'day/month/year': [1], 'not a date': [2]})
    """
    try:
        fast = pc.cast(texts, pa.timestamp("us", tz="UTC"))  # the canonical form: ISO 8601 with its offset
    except pa.ArrowInvalid:
        local = ZoneInfo(zone)
        return _by_unique(texts, partial(read_instant, zone=local, start=start), MISSING)
    values = pc.fill_null(pc.cast(fast, pa.int64()), MISSING).to_numpy(zero_copy_only=False)
    low, high = (micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (FIRST_YEAR, LAST_YEAR))
    strange = (values != MISSING) & ((values < low) | (values >= high))
    if not strange.any():
        return Parsed(values, {})
    return Parsed(np.where(strange, MISSING, values), {"year out of range": np.flatnonzero(strange)})


def money(texts: Texts, currencies: Sequence[str | None] | str, comma: bool | None = None) -> Parsed:
    """Decimal amounts as int64 minor units of their currencies, exactly. Where the column has decimal commas (`comma`;
    None: as these texts show), the lone point of another amount before exactly three digits separates thousands.

    >>> money(pa.array(["12.5", "1 234,50", "9e99"]), "EUR").values.tolist() == [1250, 123450, MISSING]
    True
    >>> money(pa.array(["1200", "1200"]), ["JPY", "TND"]).values.tolist()
    [1200, 1200000]
    >>> money(pa.array(["12.500", "3,5"]), "EUR").values.tolist(), money(pa.array(["12.500"]), "EUR").values.tolist()
    ([1250000, 350], [1250])
    """
    read = partial(read_money, comma=decimal_commas(texts) if comma is None else comma)
    if isinstance(currencies, str):
        return _by_unique(texts, partial(read, exponent=exponent_of(currencies)), MISSING)
    exponents = np.array([exponent_of(currency or "") for currency in currencies], np.int64)
    values = np.full(len(texts), MISSING, np.int64)
    notes: dict[str, list[Ints]] = {}
    for exponent in np.unique(exponents).tolist():
        rows = np.flatnonzero(exponents == exponent)
        part = _by_unique(texts.take(pa.array(rows)), partial(read, exponent=exponent), MISSING)
        values[rows] = part.values
        for rule, found in part.notes.items():
            notes.setdefault(rule, []).append(rows[found])
    return Parsed(values, {rule: np.sort(np.concatenate(found)) for rule, found in notes.items()})


def numbers(texts: Texts, comma: bool | None = None) -> Parsed:
    """Numbers as float64; what is not finite becomes missing. `comma` as in `money`.

    >>> column = numbers(pa.array(["0.25", "0,25", "1e999", None]))
    >>> column.values.tolist(), {rule: rows.tolist() for rule, rows in column.notes.items()}
    ([0.25, 0.25, nan, nan], {'decimal comma': [1], 'not finite': [2]})
    """
    try:
        if comma:
            raise pa.ArrowInvalid  # a cast takes every point for a decimal one
        values = pc.fill_null(pc.cast(texts, pa.float64()), np.nan).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        read = partial(read_number, comma=decimal_commas(texts) if comma is None else comma)
        return _by_unique(texts, read, np.nan)
    strange = ~np.isfinite(values) & pc.is_valid(texts).to_numpy(zero_copy_only=False)
    if not strange.any():
        return Parsed(values, {})
    return Parsed(np.where(strange, np.nan, values), {"not finite": np.flatnonzero(strange)})


def decimal_commas(*columns: Texts) -> bool:
    """Whether any number of these columns has a decimal comma, and none a decimal point.

    >>> decimal_commas(pa.array(["12.500", None]), pa.array(["3,5"])), decimal_commas(pa.array(["12.500", "1,200"]))
    (True, False)
    >>> decimal_commas(pa.array(["12.500", "3,5", "3.5"]))
    False
    """
    return any(shows(texts, ",", has_decimal_comma) for texts in columns) and not any(
        shows(texts, ".", has_decimal_point) for texts in columns
    )


def shows(texts: Texts, mark: str, test: Callable[[str], bool]) -> bool:
    """Whether any text with this mark passes a test."""
    return any(test(text) for text in pc.unique(texts.filter(pc.match_substring(texts, mark))).to_pylist())


def _by_unique(texts: Texts, read: Callable[[str], tuple[int | float | None, str]], missing: int | float) -> Parsed:
    """Read each distinct text once."""
    coded = texts.dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    answers = [read(text) for text in coded.dictionary.to_pylist()]
    kind = np.int64 if isinstance(missing, int) else np.float64
    table = np.array([*(missing if value is None else value for value, _ in answers), missing], kind)
    rules = sorted({rule for _, rule in answers if rule})
    code_of = {rule: code for code, rule in enumerate(rules)}
    ruled = np.array([*(code_of.get(rule, -1) for _, rule in answers), -1], np.int64)[codes]
    return Parsed(table[codes], {rule: np.flatnonzero(ruled == code) for code, rule in enumerate(rules)})
