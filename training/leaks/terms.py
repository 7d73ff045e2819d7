"""A field's values as small sets of terms, and the cross-fitted score that a label's rate by term gives.

Every type is read the same way: a word is a term; a number one for its size and one for how round it is; a date one for
its distance to the record's creation; a text one for each token and for its shape. A missing value is a term too.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.columns import MICROSECONDS_A_DAY, MISSING, Bools, Codes, Column, Floats, Ints, Words
from models.odds import logit

BINS = 24
HASHED = 4096
PRIOR = 5.0
"""Records of the base rate that every term starts with: a term seen twice says little."""
FOLDS = 5
_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Terms:
    """Pairs of (row, term), by row; `n` rows, terms in [0, size). Rows without a value have the term 0."""

    row: Ints
    code: Ints
    n: int
    size: int

    def take(self, rows: Bools) -> "Terms":
        """The rows where the mask is true, numbered anew."""
        place = np.cumsum(rows) - 1
        kept = rows[self.row]
        return Terms(place[self.row[kept]], self.code[kept], int(rows.sum()), self.size)


def filled(column: Column) -> Bools:
    """Which rows have a value."""
    if isinstance(column, Words):
        return np.asarray(column.codes >= 0)
    return np.asarray(~np.isnan(column)) if column.dtype.kind == "f" else np.asarray(column != MISSING)


def terms_of(column: Column, sort: str, created: Ints) -> Terms:
    """The terms of typed values: words, float64 numbers or int64 instants (`sort` date), one a record.

    >>> terms_of(np.array([10.0, np.nan]), "number", np.zeros(2, np.int64)).code.reshape(2, -1).tolist()
    [[1, 6], [0, 2]]
    """
    if isinstance(column, Words):
        return _text_terms(column) if sort == "text" else _of([column.codes.astype(np.int64) + 1])
    known = filled(column)
    if sort == "date":
        gap = np.where(known, (column - created) / MICROSECONDS_A_DAY, np.nan)
        return _of([_binned(gap)])
    numbers = np.where(known, column, np.nan).astype(np.float64)
    return _of([_binned(numbers), _roundness(numbers)])


def _of(views: list[Ints]) -> Terms:
    """One term a view and row; every view has its own range of terms."""
    sizes = [int(view.max(initial=0)) + 1 for view in views]
    starts = np.cumsum([0, *sizes[:-1]])
    codes = np.stack([view + start for view, start in zip(views, starts, strict=True)], axis=1)
    n = len(codes)
    return Terms(np.repeat(np.arange(n), len(views)), codes.ravel(), n, int(sum(sizes)))


def _binned(values: Floats) -> Ints:
    """Quantile bins from 1; 0 is missing."""
    seen = values[~np.isnan(values)]
    if not len(seen):
        return np.zeros(len(values), np.int64)
    edges = np.unique(np.quantile(seen, np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
    return np.where(np.isnan(values), 0, np.searchsorted(edges, np.nan_to_num(values), side="left") + 1)


def _roundness(values: Floats) -> Ints:
    """How many of 1/100, 1/10, 1, 10, 100, 1000 divide a number, from 1; 0 is missing."""
    hundredths = np.round(np.nan_to_num(values) * 100)
    divided = [hundredths % 10**power == 0 for power in range(1, 6)]
    return np.where(np.isnan(values), 0, 1 + np.sum(np.cumprod(divided, axis=0), axis=0)).astype(np.int64)


def _text_terms(column: Words) -> Terms:
    per_word = [_tokens(word) for word in column.words]
    counts = np.array([*(len(codes) for codes in per_word), 1], np.int64)[column.codes]
    row = np.repeat(np.arange(len(column)), counts)
    code = [term for at in column.codes.tolist() for term in (per_word[at] if at >= 0 else (0,))]
    return Terms(row, np.array(code, np.int64), len(column), HASHED + 1)


def _tokens(text: str) -> tuple[int, ...]:
    """The hashed terms of a text: its words, and its shape with letters and digits made one."""
    shape = re.sub(r"[^\W\d]+", "a", re.sub(r"\d+", "9", text.lower()))[:24]
    tokens = {*_TOKEN.findall(text.lower()), f"shape {shape}"}
    return tuple(sorted({zlib.crc32(token.encode()) % HASHED + 1 for token in tokens}))


def folds(group: Ints, seed: int = 0) -> Codes:
    """The fold of each row; the rows of one group are in one fold.

    >>> sorted(folds(np.arange(10)).tolist())
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    """
    names, place = np.unique(group, return_inverse=True)
    fold = (np.arange(len(names)) % FOLDS).astype(np.int32)
    np.random.default_rng(seed).shuffle(fold)
    return fold[place]


def scorer(terms: Terms, label: Bools, weight: Floats) -> Callable[[Terms], Floats]:
    """Learns the label's rate by term; gives each row the sum of its terms' log-odds above the base rate."""
    w = weight[terms.row]
    seen = np.bincount(terms.code, w, minlength=terms.size)
    hits = np.bincount(terms.code, w * label[terms.row], minlength=terms.size)
    base = np.clip(np.average(label, weights=weight), 1e-6, 1 - 1e-6)
    gain = logit((hits + PRIOR * base) / (seen + PRIOR)) - logit(np.array([base]))

    def score(other: Terms) -> Floats:
        total = np.bincount(other.row, gain[other.code], minlength=other.n).astype(np.float64)
        return total.round(9)  # what only rounding tells apart is a tie

    return score


def cross_fitted(terms: Terms, label: Bools, fold: Codes, weight: Floats | None = None) -> Floats:
    """Each row's score by the rates of the other folds (see `scorer`)."""
    weight = np.ones(terms.n) if weight is None else weight
    score = np.zeros(terms.n)
    for number in range(FOLDS):
        held = fold == number
        if held.any() and weight[~held].sum() > 0:
            learnt = scorer(terms.take(~held), label[~held], weight[~held])
            score[held] = learnt(terms.take(held))
    return score
