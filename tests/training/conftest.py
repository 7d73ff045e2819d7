"""Made-up histories whose law is known: no store, no engine, only rows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from features.columns import MICROSECONDS_A_DAY, Words
from features.matrix import Matrix
from training.dataset import Dataset, canonical

SNAPSHOTS = np.array([0.0, 3.0, 7.0, 14.0, 21.0, 28.0, 42.0, 56.0])

MakeUp = Callable[..., Dataset]


def _make_up(records: int, seed: int = 0, span: float = 300.0, losses_marked: bool = True) -> Dataset:
    """Records created evenly over `span` days, each won or lost after an exponential time (mean 15 days).

    P(won) follows `signal`, `sign x other` (an interaction) and `source`; where losses are not marked a
    lost record stays open for ever.
    """
    rng = np.random.default_rng(seed)
    created = np.sort(rng.uniform(0, span, records))
    signal, sign, other = rng.normal(size=records), rng.choice([-1.0, 1.0], records), rng.normal(size=records)
    source = rng.integers(0, 3, records)
    log_odds = -0.5 + signal + 0.8 * sign * other + np.array([-0.8, 0.0, 0.8])[source]
    won = rng.random(records) < 1 / (1 + np.exp(-log_odds))
    took = rng.exponential(15.0, records)
    cause = np.where(won, 0, 1 + rng.integers(0, 2, records)).astype(np.int32)
    if not losses_marked:
        took = np.where(won, took, np.inf)
    record, age = np.nonzero((took[:, None] > SNAPSHOTS) & (created[:, None] + SNAPSHOTS < span))
    age_days = SNAPSHOTS[age]
    instant = created[record] + age_days
    days = took[record] - age_days
    open_ = instant + days >= span
    matrix = Matrix(
        {
            "age_days": age_days,
            "signal": signal[record],
            "sign": sign[record],
            "other": np.where(rng.random(len(record)) < 0.1, np.nan, other[record]),
            "noise": rng.lognormal(3.0, 2.0, len(record)),
        },
        {
            "process": Words(np.zeros(len(record), np.int32), ("loan",)),
            "stage": Words((age_days > 10).astype(np.int32), ("new", "talk")),
            "source": Words(source[record].astype(np.int32), ("web", "fair", "call")),
            "owner": Words(rng.integers(0, 9, len(record)).astype(np.int32), tuple(f"o{n}" for n in range(9))),
            "sector": Words(np.full(len(record), -1, np.int32), ()),
        },
    )
    data = Dataset(
        "opportunities", "won", int(span * MICROSECONDS_A_DAY), tuple(f"r{n:06d}" for n in range(records)),
        record.astype(np.int64), np.round(instant * MICROSECONDS_A_DAY).astype(np.int64), matrix,
        np.where(open_, span - instant, days), np.where(open_, np.int32(-1), cause[record]),
        np.round(np.where(open_, span, instant + days) * MICROSECONDS_A_DAY).astype(np.int64), ("price", "late"),
    )  # fmt: skip
    return canonical(data)


@pytest.fixture(scope="session")
def make_up() -> MakeUp:
    """The maker of made-up datasets."""
    return _make_up


def _shuffled(data: Dataset, seed: int) -> Dataset:
    """The same content as another store might give it: other record numbers, row order and word codes."""
    rng = np.random.default_rng(seed)
    place = rng.permutation(len(data.ids))
    ids = [""] * len(data.ids)
    for number, name in zip(place.tolist(), data.ids, strict=True):
        ids[number] = name
    categories = {name: _recoded(column, rng) for name, column in data.matrix.categories.items()}
    numbers = dict(reversed(data.matrix.numbers.items()))
    other = replace(data, ids=tuple(ids), record=place[data.record], matrix=Matrix(numbers, categories))
    return canonical(other.take(rng.permutation(len(data))))


def _recoded(column: Words, rng: np.random.Generator) -> Words:
    words = [*column.words, "never used"]
    order = rng.permutation(len(words))
    table = np.append(np.argsort(order), -1).astype(np.int32)
    return Words(table[column.codes], tuple(words[number] for number in order))


@pytest.fixture(scope="session")
def shuffled() -> Callable[[Dataset, int], Dataset]:
    """The shuffler of datasets."""
    return _shuffled
