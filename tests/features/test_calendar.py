"""The local calendar against the standard library, above all where the clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from features.calendar import Period, Zone
from features.columns import Ints

ZONES = (
    "Europe/Paris",
    "Europe/Amsterdam",
    "America/Sao_Paulo",  # skipped midnights
    "America/St_Johns",  # changed one minute after midnight
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # a day that never was
    "Africa/Casablanca",  # twice a year, by the moon
    "Asia/Kolkata",
    "UTC",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def local_times(us: Ints, name: str) -> list[datetime]:
    return [(EPOCH + timedelta(microseconds=int(at))).astimezone(ZoneInfo(name)) for at in us]


def instants(zone: Zone) -> Ints:
    """Random instants, and the microseconds on both sides of every hour around a change of the clock."""
    random = np.random.default_rng(7).integers(0, microseconds(datetime(2099, 12, 31, tzinfo=UTC)), 2000)
    changes = np.flatnonzero(np.diff(zone.offset(np.arange(0, 130 * 365) * 86_400_000_000)))[:300] * 86_400_000_000
    near = (changes[:, None] + np.arange(0, 25) * 3_600_000_000).ravel()
    return np.unique(np.concatenate([random, near, near - 1]))


@pytest.mark.parametrize("name", ZONES)
def test_fields_equal_the_standard_library(name: str) -> None:
    zone = Zone(name)
    us = instants(zone)[::7]
    us = us[us >= 0]
    walls = local_times(us, name)
    assert zone.offset(us).tolist() == [(w.utcoffset() or timedelta()) // timedelta(microseconds=1) for w in walls]
    assert zone.weekday(us).tolist() == [w.weekday() for w in walls]
    assert zone.month(us).tolist() == [w.month for w in walls]
    assert zone.day_of_month(us).tolist() == [w.day for w in walls]
    starts = [date(w.year, (w.month - 1) // 3 * 3 + 1, 1) for w in walls]
    ends = [(start + timedelta(days=95)).replace(day=1) for start in starts]
    assert zone.day_of_quarter(us).tolist() == [(w.date() - s).days + 1 for w, s in zip(walls, starts, strict=True)]
    assert zone.days_to_quarter_end(us).tolist() == [(e - w.date()).days - 1 for w, e in zip(walls, ends, strict=True)]


@pytest.mark.parametrize("name", ZONES)
def test_wall_clock_to_instant_follows_pep_495(name: str) -> None:
    zone, info = Zone(name), ZoneInfo(name)
    us = instants(zone)[::7]
    local = zone.local(us[us >= 86_400_000_000])
    naive = [datetime(1970, 1, 1) + timedelta(microseconds=int(at)) for at in local]  # noqa: DTZ001 - a wall clock
    assert zone.utc(local).tolist() == [microseconds(wall.replace(tzinfo=info)) for wall in naive]


@pytest.mark.parametrize("name", ZONES)
def test_midnight_is_the_first_instant_of_the_day(name: str) -> None:
    zone = Zone(name)
    for offset in range(0, 4000, 1):
        day = date(2009, 1, 1) + timedelta(days=offset)
        if (name, day) == ("Pacific/Apia", date(2011, 12, 30)):
            continue  # it had no instant at all
        start = zone.midnight(day.year, day.month, day.day)
        before, first = local_times(np.array([start - 1, start]), name)
        assert first.date() == day
        assert before.date() < day


def test_days_are_local_days() -> None:
    zone = Zone("Europe/Paris")
    start = zone.midnight(2026, 10, 24)
    assert zone.plus_days(start, 2) == zone.midnight(2026, 10, 26)
    assert zone.plus_days(start, 2) - start == 49 * 3_600_000_000


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-h2", date(2026, 7, 1), date(2027, 1, 1)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
        (" 2026-Q4 ", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
    ],
)
def test_periods(name: str, first: date, after: date) -> None:
    zone = Zone("Europe/Paris")
    period = Period.parse(name, zone)
    assert period.start == zone.midnight(first.year, first.month, first.day)
    assert period.end == zone.midnight(after.year, after.month, after.day)


@pytest.mark.parametrize(
    "name", ["", "2026-Q5", "2026-13", "2026-W54", "2025-W53", "2026-1", "26-Q1", "1969", "2026-Q1x"]
)
def test_other_text_is_not_a_period(name: str) -> None:
    with pytest.raises(ValueError, match="is not a period: write 2026"):
        Period.parse(name, Zone("UTC"))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_a_clear_error(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        Zone(name)
