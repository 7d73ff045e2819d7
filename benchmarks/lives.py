"""What each drawn deal went through: its life, and the change rows of every field that moves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from benchmarks.drawing import DAY, END, HOUR, SPAN, STAGES, START, codes, names
from features.columns import Bools, Codes, Columns, Ints, Words, concatenate, ints

Step: TypeAlias = Callable[[np.random.Generator, Ints, Ints], Ints]


@dataclass(frozen=True, slots=True)
class Lives:
    """What each deal went through: when created and ended, whether it ended by `END`, and what it started as."""

    created: Ints
    ended: Ints
    closed: Bools
    won: Bools
    contact: Codes
    owner: Codes
    stage: Codes
    amount: Ints
    expected: Ints
    guess: Codes


def lives_of(random: np.random.Generator, deals: int, contacts: int, owners: int) -> Lives:
    """Deals in order of creation; those whose end lies ahead of `END` are open."""
    created = np.sort(START + (random.random(deals) * (SPAN - DAY)).astype(np.int64))
    took = (random.gamma(2.0, 30.0, deals) * DAY).astype(np.int64) + HOUR
    closed = created + took < END
    return Lives(
        created, np.minimum(created + took, END), closed, closed & (random.random(deals) < 0.3),
        random.integers(0, contacts, deals, np.int32), random.integers(0, owners, deals, np.int32),
        random.integers(0, 2, deals, np.int32), random.integers(1, 1000, deals) * 50,
        (created // DAY + random.integers(20, 120, deals)), random.integers(0, 10, deals, np.int32),
    )  # fmt: skip


def changes(random: np.random.Generator, lives: Lives, owners: int) -> Columns:
    """Change rows of every moving field, each telling the old value and the new."""
    amounts = tuple(str(number * 50) for number in range(1100))
    days = int(lives.expected.max()) + 400
    dates = tuple(str(np.datetime64(day, "D")) for day in range(days))
    guesses = tuple(str(number / 10) for number in range(10))
    n = len(lives.created)
    parts = [
        _moved(random, lives, "stage", STAGES, lives.stage, 3.0, _next_stage),
        _moved(random, lives, "amount", amounts, codes(lives.amount // 50), 0.5, _another),
        _moved(random, lives, "expected_close", dates, codes(lives.expected), 1.2, _later),
        _moved(random, lives, "owner_id", names("U", owners), lives.owner, 0.15, _another),
        _moved(random, lives, "own_probability", guesses, lives.guess, 1.0, _another),
    ]
    ended = np.flatnonzero(lives.closed)
    parts.append({
        "entity_id": Words(codes(ended), names("O", n)), "field": Words(np.zeros(len(ended), np.int32), ("outcome",)),
        "old": Words(np.full(len(ended), -1, np.int32), ()),
        "new": Words(codes(np.where(lives.won[ended], 0, 1)), ("won", "lost")),
        "occurred_at": lives.ended[ended], "recorded_at": lives.ended[ended] + random.integers(0, 3 * HOUR, len(ended)),
    })  # fmt: skip
    joined = {name: concatenate([part[name] for part in parts]) for name in parts[0]}
    count = len(ints(joined, "occurred_at"))
    return joined | {"entity": Words(np.zeros(count, np.int32), ("opportunity",)), "seen": np.zeros(count, np.int64)}


def _moved(
    random: np.random.Generator,
    lives: Lives,
    field: str,
    words: tuple[str, ...],
    first: Codes,
    mean: float,
    step: Step,
) -> Columns:
    """A chain of moves of one field of each deal, at instants within its life."""
    count = random.poisson(mean, len(first))
    record = np.repeat(np.arange(len(first)), count)
    since = random.random(len(record)) * (lives.ended - lives.created)[record]
    at = lives.created[record] + HOUR + since.astype(np.int64)
    order = np.lexsort((at, record))
    record, at = record[order], at[order]
    place = np.arange(len(record)) - np.repeat(np.cumsum(count) - count, count)
    values = step(random, first[record].astype(np.int64), place) % len(words)
    before = np.where(place == 0, first[record], np.roll(values, 1))
    moved = values != before
    return {
        "entity_id": Words(codes(record[moved]), names("O", len(first))),
        "field": Words(np.zeros(int(moved.sum()), np.int32), (field,)),
        "old": Words(codes(before[moved]), words), "new": Words(codes(values[moved]), words),
        "occurred_at": at[moved], "recorded_at": at[moved] + random.integers(0, HOUR, int(moved.sum())),
    }  # fmt: skip


def _next_stage(random: np.random.Generator, first: Ints, place: Ints) -> Ints:
    """Mostly one further, at times two, at times back."""
    stage: Ints = np.clip(first + place + random.integers(0, 3, len(first)), 0, len(STAGES) - 1)
    return stage


def _later(random: np.random.Generator, first: Ints, place: Ints) -> Ints:
    return first + place * 20 + random.integers(-10, 40, len(first))


def _another(random: np.random.Generator, first: Ints, _: Ints) -> Ints:
    other: Ints = np.maximum(first + random.integers(-5, 8, len(first)), 0)
    return other
