"""What every part of a world shares: its law, span, clock, words and seeded streams of random numbers."""

import tomllib
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import numpy as np

from features.columns import Floats, Ints
from features.crm.synthetic.clock import Clock
from features.crm.synthetic.law import Law

EPOCH = date(1970, 1, 1)
_YEARS_BEFORE, _YEARS_AFTER = 6, 3


@dataclass(frozen=True, slots=True)
class Frame:
    """A world before anything is drawn: `start` and `until` are int64 microseconds UTC, `work_*` working time."""

    law: Law
    seed: int
    size: int
    first_day: int
    last_day: int
    start: int
    until: int
    work_start: float
    work_until: float
    clock: Clock
    words: dict[str, Any]

    @classmethod
    def of(cls, law: Law, seed: int, size: int, until: date) -> "Frame":
        """The frame of `size` opportunities created in the law's months before `until` (local midnight)."""
        first = _months_before(until, law.months)
        clock = Clock.of(
            first - timedelta(days=366 * _YEARS_BEFORE), until + timedelta(days=366 * _YEARS_AFTER),
            law.timezone, law.country, law.closed,
        )  # fmt: skip
        days = np.array([(first - EPOCH).days, (until - EPOCH).days], np.int64)
        instants = clock.midnight(days)
        work = clock.work(instants)
        words = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
        return cls(
            law, seed, size, int(days[0]), int(days[1]), int(instants[0]), int(instants[1]), float(work[0]),
            float(work[1]), clock, words,
        )  # fmt: skip

    def rng(self, *names: object) -> np.random.Generator:
        """The stream of random numbers of that name: always the same, whatever else is drawn."""
        name = "/".join(str(part) for part in names)
        return np.random.default_rng(np.random.SeedSequence([self.seed, zlib.crc32(name.encode())]))

    def position(self, created: Ints) -> Floats:
        """Where in the span each instant lies: 0 at its start, 1 at its end."""
        return np.clip((created - self.start) / (self.until - self.start), 0, 1)

    def month(self, instants: Ints) -> Ints:
        """The local month of each instant, 0 for January."""
        return months_of(self.clock.local_days(instants))

    def busy_work(self, rng: np.random.Generator, count: int) -> Floats:
        """Working times within the span, denser in busy months and, with growth, towards its end."""
        low, high = int(np.ceil(self.work_start)), int(self.work_until)
        days = self.clock.days[low:high]
        weight = np.array(self.law.seasons)[months_of(days)] * (1 + self.law.growth * np.arange(len(days)) / len(days))
        return low + pick(rng, weight, count) + rng.random(count)

    def any_instants(self, rng: np.random.Generator, count: int) -> Ints:
        """Instants of any day of the span between 07:00 and 23:00, when people are at home."""
        day = rng.integers(self.first_day + 1, self.last_day, count)
        return self.clock.midnight(day) + rng.integers(7 * 3600, 23 * 3600, count) * 1_000_000


def months_of(days: Ints) -> Ints:
    """The month of each day since 1970, 0 for January."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12, np.int64)


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, count: int) -> Ints:
    """`count` positions drawn in proportion to `weights`."""
    total = np.cumsum(np.asarray(weights, np.float64))
    drawn = np.searchsorted(total, rng.random(count) * total[-1], side="right")
    return np.asarray(np.minimum(drawn, len(total) - 1), np.int64)


def slug(text: str) -> str:
    """Lower case, no accents, words joined by hyphens.

    >>> slug("Léa Le Goff")
    'lea-le-goff'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, min(day.day, 28))
