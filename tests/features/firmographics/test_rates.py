"""Amounts in one currency: which rate is known when, and exact arithmetic."""

import math
from datetime import UTC, date, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns import MISSING, Words
from features.crm.texts import exponent_of
from features.firmographics.rates import convert, last_day, rate

KNOWN = ("EUR", "USD", "GBP", "CHF", "JPY", "SEK", "PLN", "XOF", "FRF")


def instant(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1_000_000


def one(amount: int, currency: str | None, to: str, at: int) -> int:
    return int(convert(np.array([amount]), Words.of([currency]), to, np.array([at]))[0])


@pytest.mark.parametrize(
    ("day", "expected"),
    [  # published by the ECB: 1.3759 on Friday 28 March 2014, 1.3788 on Monday 31
        (date(2014, 3, 29), 1.3759),
        (date(2014, 3, 30), 1.3759),
        (date(2014, 3, 31), 1.3759),
        (date(2014, 4, 1), 1.3788),
        (date(1999, 1, 5), 1.1789),  # the first rate, of 4 January
    ],
)
def test_a_day_knows_the_rates_published_before_it(day: date, expected: float) -> None:
    assert rate("EUR", "USD", day) == pytest.approx(expected, abs=1e-12)


def test_an_instant_does_not_see_the_rate_of_its_own_afternoon() -> None:
    evening, after_midnight = instant("2014-03-31T23:59:59"), instant("2014-04-01T00:00:00")
    assert one(100_00, "EUR", "USD", evening) == 137_59
    assert one(100_00, "EUR", "USD", after_midnight) == 137_88


@pytest.mark.parametrize(
    ("currency", "day"),
    [
        ("USD", date(1999, 1, 4)),  # before the first rate
        ("BRL", date(2007, 6, 1)),
        ("RUB", date(2022, 3, 20)),  # no longer published
        ("ISK", date(2012, 1, 1)),  # not published from 2008 to 2018
        ("TRL", date(2005, 2, 1)),  # replaced
        ("MAD", date(2024, 1, 1)),
        ("€", date(2024, 1, 1)),
        ("", date(2024, 1, 1)),
    ],
)
def test_what_is_not_known_is_missing(currency: str, day: date) -> None:
    assert math.isnan(rate(currency, "EUR", day))
    assert one(5_00, currency, "EUR", instant(day.isoformat())) == MISSING
    assert one(5_00, "EUR", currency, instant(day.isoformat())) == MISSING


@pytest.mark.parametrize(
    ("currency", "units"),
    [("HRK", 7.5345), ("BGN", 1.95583), ("SKK", 30.126), ("DEM", 1.95583), ("XOF", 655.957), ("XPF", 119.331742)],
)
def test_rates_fixed_by_law(currency: str, units: float) -> None:
    assert rate("EUR", currency, date(2026, 6, 1)) == units


def test_after_the_last_day_its_rates_stand() -> None:
    later = [instant("2026-11-21"), instant("2040-01-01")]
    assert last_day() < date(2026, 11, 21)
    assert len({one(1_000_00, "USD", "EUR", at) for at in later}) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "to", "expected"),
    [  # on 15 November 2023, at the rates of the 14th: 162.62 yen
        (1_000, "JPY", "EUR", 6_15),
        (6_15, "EUR", "JPY", 1_000),
        (-1_000, "JPY", "EUR", -6_15),
        (0, "USD", "EUR", 0),
        (1, "XOF", "EUR", 0),  # 0.15 cents
        (2, "XPF", "EUR", 2),  # 1.68 cents
        (655_957, "XOF", "EUR", 1_000_00),
        (10**15, "EUR", "IDR", MISSING),  # beyond 2^62
        (MISSING, "USD", "EUR", MISSING),
        (123, "MAD", "MAD", 123),
        (MISSING, "EUR", "EUR", MISSING),
    ],
)
def test_minor_units(amount: int, currency: str, to: str, expected: int) -> None:
    assert one(amount, currency, to, instant("2023-11-15T12:00")) == expected


def test_an_unknown_currency_or_instant() -> None:
    assert one(100, None, "EUR", instant("2024-01-01")) == MISSING
    assert one(100, "USD", "EUR", MISSING) == MISSING
    assert len(convert(np.array([], np.int64), Words.of([]), "EUR", np.array([], np.int64))) == 0


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**15), 10**15),
            st.sampled_from(KNOWN),
            st.integers(instant("1999-01-06"), instant("2030-01-01")),
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(KNOWN),
)
def test_exact_and_the_same_alone_as_together(rows: list[tuple[int, str, int]], to: str) -> None:
    amounts, names, at = (list(column) for column in zip(*rows, strict=True))
    together = convert(np.array(amounts), Words.of(names), to, np.array(at))
    assert together.tolist() == [one(*row[:2], to, row[2]) for row in rows]
    for (amount, name, moment), found in zip(rows, together.tolist(), strict=True):
        day = datetime.fromtimestamp(moment // 1_000_000, UTC).date()
        whole, part = (round(rate("EUR", code, day) * 10**6) for code in (to, name))
        exact = Fraction(amount * whole, part) * Fraction(10) ** (exponent_of(to) - exponent_of(name))
        if abs(exact) < 2**61:
            sign, size = (-1 if exact < 0 else 1), abs(exact)
            assert found == sign * math.floor(size + Fraction(1, 2))


def test_halves_go_away_from_zero() -> None:
    noon = instant("2020-01-01T12:00")
    assert [one(cents, "EUR", "XOF", noon) for cents in (500_00, -500_00)] == [327_979, -327_979]  # 327,978.5 francs
