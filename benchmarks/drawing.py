"""Columns drawn from a seed, and the constants of the drawn CRM."""

import numpy as np

from features.columns import MICROSECONDS_A_DAY, Codes, Ints, Words

DAY = MICROSECONDS_A_DAY
HOUR = DAY // 24
START = 1_672_531_200_000_000
"""2023-01-01 UTC."""
SPAN = 3 * 365 * DAY
END = START + SPAN
STAGES = ("new", "qualified", "meeting", "proposal", "negotiation", "contract")


def names(prefix: str, count: int) -> tuple[str, ...]:
    """`count` numbered words."""
    return tuple(f"{prefix}{number}" for number in range(count))


def codes(numbers: Ints) -> Codes:
    """Numbers as codes of words."""
    return numbers.astype(np.int32)


def named(prefix: str, count: int) -> Words:
    """Ids, each its own word."""
    return Words(np.arange(count, dtype=np.int32), names(prefix, count))


def anything(random: np.random.Generator, words: tuple[str, ...], count: int, missing: float = 0.0) -> Words:
    """Words drawn evenly, some missing."""
    drawn = random.integers(0, len(words), count, np.int32)
    drawn[random.random(count) < missing] = -1
    return Words(drawn, words)


def weighted(random: np.random.Generator, shares: tuple[float, ...], count: int) -> Codes:
    """Codes drawn by the share of each."""
    return codes(np.searchsorted(np.cumsum(shares)[:-1], random.random(count), side="right"))
