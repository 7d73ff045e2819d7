"""Splits inside one training side: a record is never on both sides of a split."""

from collections.abc import Iterator

import numpy as np

from features.columns import Bools, Floats, Ints

FEW, MANY = 300, 5_000
"""Below FEW records five folds, up to MANY three; above, one third validating is exact enough."""


def row_weights(record: Ints, as_of: Ints) -> Floats:
    """1 / sqrt(k) for the k-th row of a record in time.

    Rows of one record tell nearly the same story, so that a record seen n times counts about 2 sqrt(n), not n. The
    weight may depend only on what was known at the row: by the record's number of rows, which its outcome decides,
    records that close fast would be over-counted and every probability bent towards theirs.

    >>> row_weights(np.array([7, 7, 3, 7, 7]), np.array([1, 2, 1, 3, 4])).round(2).tolist()
    [1.0, 0.71, 1.0, 0.58, 0.5]
    """
    order = np.lexsort((as_of, record))
    first = np.flatnonzero(np.diff(record[order], prepend=-1) != 0)
    rank = np.empty(len(record))
    rank[order] = np.arange(len(record)) - np.repeat(first, np.diff(np.append(first, len(record))))
    return np.asarray(1.0 / np.sqrt(rank + 1.0), np.float64)


def splits(record: Ints, seed: int) -> Iterator[Bools]:
    """Masks of the validating rows: seeded folds of records.

    Not the latest records: theirs are the labels known least, and would favour timid models. That a model holds for
    later records is the replay's question.

    >>> [int(held.sum()) for held in splits(np.arange(300), 0)]
    [100, 100, 100]
    """
    names, place = np.unique(record, return_inverse=True)
    count = 5 if len(names) < FEW else 3
    fold = np.arange(len(names)) % count
    np.random.default_rng(seed).shuffle(fold)
    for number in range(min(count, len(names)) if len(names) <= MANY else 1):
        yield (fold == number)[place]
