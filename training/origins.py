"""The origins of a replay: what could be learnt at an instant, and which rows came after it.

A record is never on both sides of an origin. One that was open across it (rows before and after) goes to one side by a
seeded draw, and its rows count double there, so that neither side is bent towards records that close fast.
"""

from dataclasses import dataclass

import numpy as np

from features.columns import MICROSECONDS_A_DAY, Bools, Floats, Ints
from training.dataset import Dataset
from training.folds import row_weights

FEW = 100
"""Below so many closed records, seeded folds of records replace origins in time: a slice would hold a handful."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One origin. `train`: the rows before it with the outcomes known then, `train_weight` theirs; `test`: positions in
    the dataset of the rows to be scored, `test_weight` theirs."""

    instant: int
    train: Dataset
    train_weight: Floats
    test: Ints
    test_weight: Floats


def closed_records(data: Dataset) -> tuple[Ints, Ints]:
    """(record, instant its outcome was known) of each closed record.

    A reopened record counts once, at its last end.
    """
    rows = np.flatnonzero(data.cause >= 0)
    last = np.full(len(data.ids), np.iinfo(np.int64).min)
    np.maximum.at(last, data.record[rows], data.learnt[rows])
    records = np.unique(data.record[rows])
    return records, last[records]


def origins(data: Dataset, count: int, seed: int) -> list[Origin]:
    """`count` origins at even quantiles of the closings after the first 60 %, or seeded folds when few closed by then.

    Rows too late to be settled are not scored: their expected labels know too little of the record.
    """
    records, instants = closed_records(data)
    if len(records) < FEW:
        return _folds(data, seed)
    last = settled(data)
    instants = instants[instants < last]
    if len(instants) < FEW / 2:  # nearly all closed of late: no past origin has anything to learn from
        return _folds(data, seed)
    cuts = np.unique(np.quantile(instants, np.linspace(0.6, 1.0, count + 1)[:-1], method="lower"))
    ends = [*cuts[1:].tolist(), last]
    made = [_origin(data, int(cut), int(end), seed) for cut, end in zip(cuts, ends, strict=True)]
    return [origin for origin in made if len(origin.test) and len(origin.train)] or _folds(data, seed)


def settled(data: Dataset) -> int:
    """The instant before which most that became of a row is known: 70 % of closed rows had closed in the time since.

    At most a quarter of the period is given up so.
    """
    closed = data.cause >= 0
    margin = float(np.quantile(data.days[closed], 0.7)) * MICROSECONDS_A_DAY
    period = float(data.known_by - data.as_of.min())
    return data.known_by - round(min(margin, period / 4))


def _origin(data: Dataset, instant: int, end: int, seed: int) -> Origin:
    before, after = data.as_of < instant, (data.as_of >= instant) & (data.as_of < end)
    both = np.intersect1d(data.record[before], data.record[after])
    to_test = np.random.default_rng([seed, len(both)]).random(len(both)) < 0.5
    weight = row_weights(data.record, data.as_of) * np.where(np.isin(data.record, both), 2.0, 1.0)
    mine = ~np.isin(data.record, both[to_test])
    train = data.known_at(instant).take(mine[before])
    test = np.flatnonzero(after & ~np.isin(data.record, both[~to_test]))
    return Origin(instant, train, weight[before & mine], test, weight[test])


def _folds(data: Dataset, seed: int) -> list[Origin]:
    weight = row_weights(data.record, data.as_of)
    names = np.unique(data.record)
    fold = np.arange(len(names)) % 5
    np.random.default_rng(seed).shuffle(fold)
    made = []
    for number in range(min(5, len(names))):
        held: Bools = np.isin(data.record, names[fold == number])
        if not held.all():
            made.append(Origin(data.known_by, data.take(~held), weight[~held], np.flatnonzero(held), weight[held]))
    return made
