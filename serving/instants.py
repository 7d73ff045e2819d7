"""Instants (int64 microseconds UTC) as people and programs read them."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from features.columns import MICROSECONDS_A_DAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """This instant."""
    return time.time_ns() // 1000


def local(instant: int, zone: ZoneInfo) -> datetime:
    """An instant in a time zone."""
    return (EPOCH + timedelta(microseconds=instant)).astimezone(zone)


def iso(instant: int, zone: ZoneInfo) -> str:
    """Local ISO 8601 with its offset, exact to the microsecond.

    >>> iso(1_500_000, ZoneInfo("Europe/Paris"))
    '1970-01-01T01:00:01.500000+01:00'
    """
    return local(instant, zone).isoformat()


def date_after(instant: int, days: float, zone: ZoneInfo) -> str:
    """The local date so many days after an instant.

    >>> date_after(0, 1.5, ZoneInfo("UTC"))
    '1970-01-02'
    """
    return local(instant + round(days * MICROSECONDS_A_DAY), zone).date().isoformat()
