"""Working time: a number of working days since the clock's first day, and the instants it stands for.

Deals move only while people work (09:00-12:30 and 14:00-18:30 on days that are not weekends, public holidays or
closings), so a law that is constant in working time has weekends, holidays and quiet weeks of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Floats, Ints

_SECOND = 1_000_000
_OPENS, _NOON, _AFTERNOON = 9 * 3600, 3.5 * 3600, 14 * 3600
_WORKED = 8 * 3600


@dataclass(frozen=True, slots=True)
class Clock:
    """Working days of a country between two dates, in its time zone.

    >>> clock = Clock.of(date(2026, 5, 1), date(2026, 5, 31), "Europe/Paris", "FR", ())
    >>> friday = clock.instants(np.array([4.5]))             # 1 and 8 May are holidays
    >>> np.datetime64(int(friday[0]), "us").astype(str).item()
    '2026-05-11T12:30:00.000000'
    >>> clock.work(friday).tolist()
    [4.5]
    """

    first: int
    days: Ints
    before: Ints
    offsets: Ints
    zone: ZoneInfo

    @classmethod
    def of(cls, first: date, last: date, zone: str, country: str, closed: Sequence[str]) -> "Clock":
        """The clock from `first` to `last`; `closed` are closings of every year, such as "08-03/08-21"."""
        calendar = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        free = holidays.country_holidays(country, years=range(first.year, last.year + 1))
        spans = [tuple(span.split("/")) for span in closed]
        works = np.array([
            day.weekday() < 5 and day not in free and not any(a <= f"{day:%m-%d}" <= b for a, b in spans)
            for day in calendar
        ])  # fmt: skip
        region = ZoneInfo(zone)
        offsets = [datetime.combine(day, time(12), region).utcoffset() or timedelta(0) for day in calendar]
        start = _day(first)
        return cls(
            start, start + np.flatnonzero(works).astype(np.int64), np.concatenate([[0], np.cumsum(works)]),
            np.array([offset // timedelta(microseconds=1) for offset in offsets], np.int64), region,
        )  # fmt: skip

    def instants(self, work: Floats) -> Ints:
        """Working time -> int64 microseconds UTC, whole seconds; MISSING past the clock's end."""
        whole = np.floor(np.minimum(work, len(self.days)))
        inside = whole < len(self.days)
        day = self.days[np.where(inside, whole, 0).astype(np.int64)]
        seconds = np.floor((np.where(inside, work, 0) - np.where(inside, whole, 0)) * _WORKED)
        local = np.where(seconds < _NOON, _OPENS + seconds, _AFTERNOON + seconds - _NOON).astype(np.int64)
        instants = day * MICROSECONDS_A_DAY + local * _SECOND - self.offsets[day - self.first]
        return np.where(inside, instants, MISSING)

    def work(self, instants: Ints) -> Floats:
        """Int64 microseconds UTC -> working time, clipped to the clock."""
        local = instants + self.offset(instants)
        day = local // MICROSECONDS_A_DAY
        index = self._index(day)
        seconds = (local - day * MICROSECONDS_A_DAY) / _SECOND
        done = np.where(seconds < _AFTERNOON, np.clip(seconds - _OPENS, 0, _NOON), seconds - _AFTERNOON + _NOON)
        here = (self.before[index + 1] - self.before[index]) * np.clip(done, 0, _WORKED) / _WORKED
        return np.asarray(self.before[index] + here, np.float64)

    def local_days(self, instants: Ints) -> Ints:
        """The local calendar day of each instant, as days since 1970."""
        return (instants + self.offset(instants)) // MICROSECONDS_A_DAY

    def offset(self, instants: Ints) -> Ints:
        """What local time adds to UTC, in microseconds (a change of summer time counts from noon of its day)."""
        return self.offsets[self._index(instants // MICROSECONDS_A_DAY)]

    def midnight(self, days: Ints) -> Ints:
        """The instant each local day (days since 1970) starts at; clocks change later in the day than that."""
        return days * MICROSECONDS_A_DAY - self.offsets[self._index(days - 1)]

    def _index(self, day: Ints) -> Ints:
        return np.clip(day - self.first, 0, len(self.offsets) - 1)


def _day(day: date) -> int:
    return (datetime.combine(day, time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
