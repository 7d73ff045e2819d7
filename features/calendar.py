"""The local calendar: weekdays, months and quarters of instants in a time zone, and named periods such as 2026-Q4.

Instants are int64 microseconds UTC, as everywhere. All functions are vectorised and exact between 1970 and 2100; before
and after, the first and the last offset of that range hold. Instants must be known (not `MISSING`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from features.columns import MICROSECONDS_A_DAY, Ints

_FIRST, _LAST = 1970, 2100
_SECOND = 1_000_000
_THURSDAY = 3  # 1970-01-01, counting from Monday = 0


class Zone:
    """A time zone by its IANA name.

    >>> zone = Zone("Europe/Paris")
    >>> summer = zone.midnight(2026, 7, 14)
    >>> datetime.fromtimestamp(summer / 1e6, UTC).isoformat()
    '2026-07-13T22:00:00+00:00'
    >>> at = np.array([summer])
    >>> zone.weekday(at).item(), zone.month(at).item(), zone.day_of_month(at).item()
    (1, 7, 14)
    >>> zone.day_of_quarter(at).item(), zone.days_to_quarter_end(at).item()
    (14, 78)
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._starts, self._offsets = _transitions(name)
        # A wall clock time that happens twice is its first instant; one that is skipped is read with the offset before.
        self._walls = self._starts + np.maximum(self._offsets[:-1], self._offsets[1:])

    def offset(self, us: Ints) -> Ints:
        """Local time minus UTC at these instants, in microseconds."""
        return self._offsets[np.searchsorted(self._starts, us, side="right")]

    def local(self, us: Ints) -> Ints:
        """The wall clock at these instants, as microseconds since 1970-01-01 00:00 local."""
        return us + self.offset(us)

    def utc(self, local: Ints) -> Ints:
        """The instants at which the wall clock shows `local`: the inverse of `local`."""
        return local - self._offsets[np.searchsorted(self._walls, local, side="right")]

    def day(self, us: Ints) -> Ints:
        """The local date, as days since 1970-01-01."""
        return self.local(us) // MICROSECONDS_A_DAY

    def weekday(self, us: Ints) -> Ints:
        """0 for Monday to 6 for Sunday."""
        return (self.day(us) + _THURSDAY) % 7

    def hour(self, us: Ints) -> Ints:
        """0 to 23."""
        return self.local(us) % MICROSECONDS_A_DAY // (MICROSECONDS_A_DAY // 24)

    def month(self, us: Ints) -> Ints:
        """1 to 12."""
        return _months(self.day(us)) % 12 + 1

    def day_of_month(self, us: Ints) -> Ints:
        """1 to 31."""
        days = self.day(us)
        return days - _first_days(_months(days)) + 1

    def day_of_quarter(self, us: Ints) -> Ints:
        """1 on the first day of January, April, July and October, up to 92."""
        days = self.day(us)
        return days - _first_days(_quarter(days)) + 1

    def days_to_quarter_end(self, us: Ints) -> Ints:
        """Days still to come in the quarter after this one; 0 on its last day."""
        days = self.day(us)
        return _first_days(_quarter(days) + 3) - days - 1

    def midnight(self, year: int, month: int, day: int) -> int:
        """The first instant of that local day (later than 00:00 where the clock skips midnight)."""
        wall = np.array([(date(year, month, day) - date(1970, 1, 1)).days * MICROSECONDS_A_DAY])
        instant = self.utc(wall)
        if self.local(instant).item() == wall.item():
            return int(instant.item())
        return int(self._starts[np.searchsorted(self._starts, instant.item(), side="right") - 1])

    def plus_days(self, us: int, days: int) -> int:
        """The same wall clock time `days` local days later.

        >>> zone = Zone("Europe/Paris")
        >>> before = zone.midnight(2026, 3, 28)
        >>> (zone.plus_days(before, 2) - before) // 3_600_000_000  # the clock goes forward on the 29th
        47
        """
        return int(self.utc(self.local(np.array([us])) + days * MICROSECONDS_A_DAY).item())


@dataclass(frozen=True, slots=True)
class Period:
    """A named stretch of local time: `start` included, `end` excluded, both local midnights."""

    name: str
    start: int
    end: int

    @property
    def form(self) -> Literal["year", "half", "quarter", "month", "week"]:
        """What kind of period the name is."""
        forms: dict[str, Literal["half", "quarter", "week"]] = {"H": "half", "Q": "quarter", "W": "week"}
        return forms.get(self.name[5:6], "month") if "-" in self.name else "year"

    @classmethod
    def parse(cls, name: str, zone: Zone) -> "Period":
        """A year, half, quarter, month or ISO week.

        >>> zone = Zone("Europe/Paris")
        >>> week = Period.parse("2026-W47", zone)
        >>> (week.end - week.start) / MICROSECONDS_A_DAY
        7.0
        >>> week.form
        'week'
        >>> Period.parse("2026-Q4", zone).end == Period.parse("2026", zone).end == Period.parse("2026-H2", zone).end
        True
        >>> Period.parse("Q4 2026", zone)
        Traceback (most recent call last):
        ValueError: 'Q4 2026' is not a period: write 2026, 2026-H2, 2026-Q4, 2026-11 or 2026-W47 (years 1970 to 2099)
        """
        first, after = _dates(name.strip().upper())
        return cls(name.strip().upper(), *(zone.midnight(day.year, day.month, day.day) for day in (first, after)))


def _dates(name: str) -> tuple[date, date]:
    """The first day of the period and the first day after it."""
    match = re.fullmatch(r"(\d{4})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])|W(\d{2})))?", name, re.ASCII)
    if not match or not _FIRST <= int(match[1]) < _LAST:
        raise _not_a_period(name)
    year, (half, quarter, month, week) = int(match[1]), match.groups()[1:]
    if week:
        try:
            monday = date.fromisocalendar(year, int(week), 1)
        except ValueError:
            raise _not_a_period(name) from None
        return monday, monday + timedelta(days=7)
    if half:
        return _span(year, int(half) * 6 - 6, 6)
    if quarter:
        return _span(year, int(quarter) * 3 - 3, 3)
    return _span(year, int(month) - 1, 1) if month else _span(year, 0, 12)


def _not_a_period(name: str) -> ValueError:
    forms = f"{name!r} is not a period: write 2026, 2026-H2, 2026-Q4, 2026-11 or 2026-W47"
    return ValueError(f"{forms} (years {_FIRST} to {_LAST - 1})")


def _span(year: int, month: int, months: int) -> tuple[date, date]:
    """From the first of a month (0 to 11) to the first of the month `months` later."""
    end = month + months
    return date(year, month + 1, 1), date(year + end // 12, end % 12 + 1, 1)


def _months(days: Ints) -> Ints:
    """Months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _first_days(months: Ints) -> Ints:
    """The first day of these months, as days since 1970-01-01."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _quarter(days: Ints) -> Ints:
    """The first month of the quarter, as months since January 1970."""
    months = _months(days)
    return months - months % 3


@lru_cache(maxsize=64)
def _transitions(name: str) -> tuple[Ints, Ints]:
    """The instants at which the offset changes, and the offsets before, between and after them."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone: use an IANA name such as Europe/Paris") from None
    days = range(int(_seconds(_FIRST)), int(_seconds(_LAST)), 86_400)
    offsets = [_offset(zone, second) for second in days]
    changes = [i for i in range(1, len(offsets)) if offsets[i] != offsets[i - 1]]
    starts = [_change(zone, days[i - 1], days[i]) * _SECOND for i in changes]
    between = [offsets[0], *(offsets[i] for i in changes)]
    return np.asarray(starts, np.int64), np.asarray(between, np.int64) * _SECOND


def _seconds(year: int) -> float:
    return datetime(year, 1, 1, tzinfo=UTC).timestamp()


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second with the offset of `high`, by bisection."""
    target = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, middle) == target else (middle, high)
    return high
