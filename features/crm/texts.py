"""One text -> one instant, amount or number, exactly, with the rule of `features.crm.rules` that applied ("" when the
text is canonical); and a stored value -> its canonical text.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FIRST_YEAR, LAST_YEAR = 1900, 2200
LARGEST = 10**15
"""The largest amount, in minor units: ten thousand billion euros, and thousands of them still add up in 64 bits."""

_ISO = re.compile(
    r"(\d{4})([-/])(\d\d?)\2(\d\d?)"
    r"(?:[T ]+(\d\d?)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE | re.ASCII,
)
_FRENCH = re.compile(
    r"(\d\d?)[/.-](\d\d?)[/.-](\d{4}|(?<=[/.])\d\d)(?:(?:[T ]|\s+à\s+)\s*(\d\d?)\s?[:hH](\d\d)(?::(\d\d))?)?", re.ASCII
)
_SERIAL = re.compile(r"[2-7]\d{4}(?:[.,]\d+)?", re.ASCII)
_COMPACT = re.compile(r"(?:19|20|21)\d{6}", re.ASCII)
_UNIX = re.compile(r"\d{10}|\d{13}", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,14}", re.ASCII)
_SPACES = re.compile(r"[\s'’\u00a0\u202f]")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
"""A number whose separator may stand for decimals or thousands."""
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+", re.ASCII)
_DECIMAL_POINT = re.compile(r"[+-]?(?:\d*|\d{1,3}(?:,\d{3})+)\.(?:\d\d?|\d{4,})", re.ASCII)
_SIGNS = re.compile(r"[€$£¥%]|[A-Za-z]{3}(?=-?[\d.,])|(?<=\d)[A-Z]{3}$")

_NO_CENTS = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
EXPONENTS = dict.fromkeys(_NO_CENTS, 0) | dict.fromkeys(_THOUSANDTHS, 3) | {"CLF": 4, "UYW": 4}
"""ISO 4217: how many decimals a currency's minor unit is; two for any currency not listed."""


def exponent_of(currency: str) -> int:
    """Decimals of a currency's minor unit.

    >>> exponent_of("EUR"), exponent_of("JPY"), exponent_of("TND")
    (2, 0, 3)
    """
    return EXPONENTS.get(currency, 2)


def parse_instant(text: str, tz: str, start: bool = False) -> int:
    """One instant as int64 microseconds UTC, for the command line; ValueError says what would be understood.

    >>> parse_instant("2012-01-01T00:00:00+01:00", "Europe/Paris")
    1325372400000000
    >>> parse_instant("2012-01-01", "Europe/Paris", start=True)
    1325372400000000
    """
    value, _ = read_instant(text.strip(), ZoneInfo(tz), start=start)
    if value is None:
        raise ValueError(f"{text!r} is not a date: give 2024-03-31, 2024-03-31T09:00 or 2024-03-31T09:00:00+02:00.")
    return value


def read_instant(text: str, zone: ZoneInfo, *, start: bool) -> tuple[int | None, str]:
    """One text as an instant (None when unreadable) and the rule that applied ("" when canonical).

    >>> read_instant("2024-02-30", ZoneInfo("UTC"), start=True)
    (None, 'not a date')
    """
    try:
        return _read_instant(text, zone, start)
    except (ValueError, OverflowError):
        return None, "not a date"


def _read_instant(text: str, zone: ZoneInfo, start: bool) -> tuple[int | None, str]:
    if len(text) > 64:
        return None, "not a date"
    if iso := _ISO.fullmatch(text):
        year, sep, month, day, hour, minute, second, fraction, offset = iso.groups()
        rule = "" if sep == "-" and len(month) == len(day) == 2 else "year/month/day"
        if hour is None:
            return _date_alone(date(int(year), int(month), int(day)), zone, start, rule)
        micro = int((fraction or "0")[:6].ljust(6, "0"))
        naive = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0), micro)  # noqa: DTZ001
        return _ranged(
            naive.replace(tzinfo=_offset(offset) if offset else zone), rule or ("" if offset else "no offset")
        )
    if french := _FRENCH.fullmatch(text):
        day, month, year, hour, minute, second = french.groups()
        year = _full_year(year)
        if hour is None:
            return _date_alone(date(int(year), int(month), int(day)), zone, start, "day/month/year")
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
        return _ranged(local, "day/month/year")
    return _read_counted(text, zone, start)


def _full_year(year: str) -> str:
    """A year of two digits in full, as POSIX has it: 00 to 68 are of this century.

    >>> _full_year("26"), _full_year("69"), _full_year("2026")
    ('2026', '1969', '2026')
    """
    return year if len(year) == 4 else f"{'20' if year < '69' else '19'}{year}"


def _read_counted(text: str, zone: ZoneInfo, start: bool) -> tuple[int | None, str]:
    """A date in eight digits, days since 1899-12-30 as a spreadsheet counts them, or Unix seconds or milliseconds."""
    if _SERIAL.fullmatch(text):
        days = Decimal(text.replace(",", "."))
        whole = int(days)
        day = date(1899, 12, 30) + timedelta(days=whole)
        if days == whole:
            return _date_alone(day, zone, start, "spreadsheet date")
        seconds = int(((days - whole) * 86400).to_integral_value(ROUND_HALF_UP))
        local = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001
        return _ranged(local.replace(tzinfo=zone), "spreadsheet date")
    if _COMPACT.fullmatch(text):
        return _date_alone(date.fromisoformat(text), zone, start, "year/month/day")
    if _UNIX.fullmatch(text):
        return _ranged(EPOCH + timedelta(milliseconds=int(text) * (1000 if len(text) == 10 else 1)), "unix time")
    return None, "not a date"


def _offset(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _date_alone(day: date, zone: ZoneInfo, start: bool, rule: str) -> tuple[int | None, str]:
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        return None, "year out of range"
    day = day if start else day + timedelta(days=1)
    return micros(datetime(day.year, day.month, day.day, tzinfo=zone)), rule


def _ranged(at: datetime, rule: str) -> tuple[int | None, str]:
    if not FIRST_YEAR <= at.year < LAST_YEAR:
        return None, "year out of range"
    return micros(at), rule


def micros(at: datetime) -> int:
    """An instant as int64 microseconds since 1970 UTC.

    >>> micros(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    return (at.astimezone(UTC) - EPOCH) // MICROSECOND


def read_money(text: str, exponent: int, comma: bool = False) -> tuple[int | None, str]:
    """One amount in minor units (None when unreadable) and the rule that applied; `comma` as in `read_decimal`.

    >>> read_money("1.234,56 €", 2), read_money("10.005", 2), read_money("nan", 2)
    ((123456, 'thousands separator'), (1001, 'rounded'), (None, 'not finite'))
    """
    if _WHOLE.fullmatch(text):
        whole = int(text) * 10**exponent
        return (whole, "") if abs(whole) <= LARGEST else (None, "too large")
    amount, rule = read_decimal(text, comma)
    if amount is None:
        return None, rule
    if not is_amount(amount, exponent):
        return None, "too large"
    minor = amount.scaleb(exponent)
    whole = int(minor.to_integral_value(ROUND_HALF_UP))
    return whole, rule or ("" if whole == minor else "rounded")


def is_amount(value: Decimal, exponent: int) -> bool:
    """Whether a number is small enough to be an amount of a currency with so many decimals.

    >>> is_amount(Decimal("1e13"), 2), is_amount(Decimal("1e14"), 2), is_amount(Decimal("1e400"), 2)
    (True, False, False)
    """
    return not value or (value.adjusted() + exponent <= 15 and abs(value.scaleb(exponent)) <= LARGEST)


def read_number(text: str, comma: bool = False) -> tuple[float | None, str]:
    """One number (None when unreadable) and the rule that applied.

    >>> read_number("60 %"), read_number("12 000"), read_number("many")
    ((0.6, 'percent'), (12000.0, 'thousands separator'), (None, 'not a number'))
    """
    amount, rule = read_decimal(text, comma)
    if amount is None:
        return None, "not finite" if rule == "too large" else rule
    if text.rstrip().endswith("%"):
        rule, amount = "percent", amount.scaleb(-2) if amount.adjusted() < 99 else amount
    value = float(amount)
    return (value, rule) if math.isfinite(value) else (None, "not finite")


def read_decimal(text: str, comma: bool = False) -> tuple[Decimal | None, str]:
    """A decimal number as people write it. A lone "." is a decimal point; a lone "," is a decimal comma unless exactly
    three digits follow one to three others, which reads as thousands.

    `comma`: the number stands in a column that has decimal commas (`has_decimal_comma`): there the point of "12.500",
    one to three digits before it and three after, separates thousands too.

    >>> [str(read_decimal(text)[0]) for text in ("1,5", "1,234", "0,125", "1.234.567", "1,234.5")]
    ['1.5', '1234', '0.125', '1234567', '1234.5']
    >>> [str(read_decimal("12.500", comma)[0]) for comma in (False, True)]
    ['12.500', '12500']
    """
    if len(text) > 400:
        return None, "too large" if re.fullmatch(r"[\d\s.,+-]+", text) else "not a number"
    if text.strip("+-").casefold() in ("nan", "inf", "infinity"):
        return None, "not finite"
    bare = _SIGNS.sub("", _SPACES.sub("", text))
    digits, rule = _pointed(bare, comma)
    if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?", digits, re.ASCII):
        return None, "not a number"
    if not rule and bare != text:
        rule = "thousands separator" if re.search(r"\d[\s'’\u00a0\u202f]\d", text) else "sign or spaces"
    return Decimal(digits), rule


def has_decimal_comma(text: str) -> bool:
    """Whether a text can only be a number with a decimal comma.

    >>> [has_decimal_comma(text) for text in ("12,5", "1.234,56 €", "1 234,567", "12,500", "12.5")]
    [True, True, True, False, False]
    """
    if "," not in text or len(text) > 400:
        return False
    grouped = re.search(r"\d[\s'’\u00a0\u202f]\d", text) is not None
    bare = _SIGNS.sub("", _SPACES.sub("", text))
    return bool(_DECIMAL_COMMA.fullmatch(bare)) and (grouped or not _EITHER.fullmatch(bare))


def has_decimal_point(text: str) -> bool:
    """Whether a text can only be a number with a decimal point; before three digits it may be one of thousands.

    >>> [has_decimal_point(text) for text in ("12.5", "1,234.56", "12.500", "0.500", "1.234.567", "12,5")]
    [True, True, False, False, False, False]
    """
    if "." not in text or len(text) > 400:
        return False
    bare = _SIGNS.sub("", _SPACES.sub("", text))
    return bool(_DECIMAL_POINT.fullmatch(bare))


def _pointed(text: str, decimal_comma: bool) -> tuple[str, str]:
    """The text with a decimal point and no thousands separators."""
    comma, point = text.rfind(","), text.rfind(".")
    if comma < 0 and text.count(".") < 2:
        if decimal_comma and _EITHER.fullmatch(text):
            return text.replace(".", ""), "thousands separator"
        return text, ""
    if comma >= 0 and point >= 0:
        group, decimal = (",", ".") if point > comma else (".", ",")
    elif text.count(",") == 1 and not _EITHER.fullmatch(text):
        return text.replace(",", "."), "decimal comma"
    else:
        group, decimal = ("," if comma >= 0 else "."), "!"
    if not re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(decimal)}\d*)?", text):
        return "", ""
    return text.replace(group, "").replace(decimal, "."), "thousands separator"


def canonical(value: str | int | float | None, kind: str, exponent: int = 2) -> str:
    """A stored value as the text kept in `changes` ("" = empty): ISO 8601 UTC, plain decimals, no trailing zeros.

    >>> canonical(1325372400000000, "time"), canonical(123450, "money"), canonical(3.0, "number"), canonical(None, "id")
    ('2011-12-31T23:00:00Z', '1234.5', '3', '')
    """
    if value is None:
        return ""
    if kind == "time":
        return (EPOCH + timedelta(microseconds=int(value))).isoformat().replace("+00:00", "Z")
    if kind == "money":
        text = format(Decimal(value).scaleb(-exponent), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if kind == "number":
        return repr(float(value)).removesuffix(".0")
    return str(value)
