"""The encoder of a training side: which columns, which words, which reference; learned from the rows given only."""

from collections.abc import Mapping

import numpy as np

from features.columns import Floats, Words
from features.matrix import Matrix
from models.encoder import Encoder, Input

ROWS = 10
"""A category's word needs so many rows to be told apart; rarer ones act as missing."""

WORDS = 200
"""At most so many words a category, the most common ones; ties by name."""


def fit_encoder(matrix: Matrix) -> Encoder:
    """Columns that vary, by name; a column that is constant or always missing says nothing and is left out.

    >>> matrix = Matrix({"age_days": np.arange(20.0), "empty": np.full(20, np.nan)},
    ...                 {"source": Words.of(["web"] * 9 + ["fair"] * 10 + [None])})
    >>> [(column.name, column.words) for column in fit_encoder(matrix).inputs]
    [('age_days', None), ('source', ('fair',))]
    """
    numbers = [_number(name, matrix.numbers[name]) for name in sorted(matrix.numbers)]
    categories = [_category(name, matrix.categories[name]) for name in sorted(matrix.categories)]
    return Encoder(tuple(column for column in (*numbers, *categories) if column is not None))


def _number(name: str, values: Floats) -> Input | None:
    seen = values[~np.isnan(values)]
    if len(seen) == 0 or (len(seen) == len(values) and seen.min() == seen.max()):
        return None
    return Input(name, reference=float(np.median(seen)) if 2 * len(seen) >= len(values) else None)


def _category(name: str, column: Words) -> Input | None:
    words = vocabulary(_counted(column))
    if not words or _counted(column).get(words[0]) == len(column):
        return None
    return Input(name, words, reference=0.0 if 2 * int((column.codes >= 0).sum()) >= len(column) else None)


def _counted(column: Words) -> dict[str, int]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.words))
    return {word: int(count) for word, count in zip(column.words, counts, strict=True) if count}


def vocabulary(counts: Mapping[str, int]) -> tuple[str, ...]:
    """The words to keep, most common first.

    >>> vocabulary({"fair": 12, "web": 40, "ad": 12, "typo": 1})
    ('web', 'ad', 'fair')
    """
    kept = [word for word, count in counts.items() if count >= ROWS]
    return tuple(sorted(kept, key=lambda word: (-counts[word], word))[:WORDS])
