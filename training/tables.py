"""The process x stage x age table: shares of cells, each shrunk to the coarser cell that holds it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.columns import Floats, Ints
from models.heads import Key, Level, Table
from models.odds import logit
from training.lesson import Lesson

AGES = (1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0)
"""Days of age at which a band ends; the first band is the first day."""

STRENGTHS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
"""How many rows of full weight the coarser cell's share counts for; the lesson itself chooses."""


@dataclass(frozen=True)
class _Nest:
    """Cells of one fineness over n rows, and the level that holds them (None: everyone)."""

    keys: tuple[int, ...]
    cell: Ints
    places: Ints
    above: "_Nest | None"

    @cached_property
    def parent(self) -> Ints:
        """For each cell the coarser cell it lies in."""
        first = np.unique(self.cell, return_index=True)[1]
        return self.above.cell[first] if self.above else np.zeros(len(first), np.int64)


def stage_keys(lesson: Lesson) -> tuple[Key, ...]:
    """The table's dimensions, as far as the encoder has them."""
    wanted = (("process", None), ("stage", None), ("age_days", AGES))
    found = ((lesson.place(name), edges) for name, edges in wanted)
    return tuple(Key(place, edges) for place, edges in found if place is not None)


def fit_table(lesson: Lesson, keys: tuple[Key, ...]) -> Table:
    """The table over `keys`, coarse to fine, with the strength that predicts records left out best.

    Leaving a record out is exact here: its own rows are taken out of every cell it lies in.
    """
    nests = _nests([key.places(lesson.x) for key in keys])
    if not nests:
        return Table(keys, (), float(logit(np.array([lesson.rate()]))[0]))
    strength = STRENGTHS[int(np.argmin([_left_out_loss(lesson, nests, strength) for strength in STRENGTHS]))]
    overall = lesson.rate()
    shares = _shares(nests, [_sums(nest, lesson) for nest in nests], strength, overall)
    levels = [_level(nest, share) for nest, share in zip(nests, shares, strict=True)]
    return Table(keys, tuple(reversed(levels)), float(logit(np.array([overall]))[0]))


def _nests(places: list[Ints]) -> list[_Nest]:
    nests: list[_Nest] = []
    for depth in range(1, len(places) + 1):
        stacked = np.column_stack(places[:depth])
        known = np.where(stacked.min(axis=1, keepdims=True) < 0, -1, stacked)
        cells, cell = np.unique(known, axis=0, return_inverse=True)
        nests.append(_Nest(tuple(range(depth)), cell.reshape(-1), cells, nests[-1] if nests else None))
    return nests


def _sums(nest: _Nest, lesson: Lesson) -> tuple[Floats, Floats]:
    size = len(nest.places)
    return _totals(nest.cell, lesson.weight * lesson.y, size), _totals(nest.cell, lesson.weight, size)


def _shares(nests: list[_Nest], sums: list[tuple[Floats, Floats]], strength: float, overall: float) -> list[Floats]:
    shares: list[Floats] = []
    for nest, (hits, mass) in zip(nests, sums, strict=True):
        above = shares[-1][nest.parent] if shares else np.full(len(hits), overall)
        shares.append((hits + strength * above) / (mass + strength))
    return shares


def _left_out_loss(lesson: Lesson, nests: list[_Nest], strength: float) -> float:
    total_hits, total = float(np.sum(lesson.weight * lesson.y)), float(np.sum(lesson.weight))
    own_hits, own = _own(lesson, np.zeros(len(lesson.y), np.int64))
    share = (total_hits - own_hits + 0.5) / (total - own + 1.0)
    for nest in nests:
        hits, mass = _sums(nest, lesson)
        own_hits, own = _own(lesson, nest.cell)
        left_hits, left = np.maximum(hits[nest.cell] - own_hits, 0.0), np.maximum(mass[nest.cell] - own, 0.0)
        share = (left_hits + strength * share) / (left + strength)
    share = np.clip(share, 1e-6, 1.0 - 1e-6)
    return -float(np.sum(lesson.weight * (lesson.y * np.log(share) + (1.0 - lesson.y) * np.log1p(-share))))


def _own(lesson: Lesson, cell: Ints) -> tuple[Floats, Floats]:
    """What each row's record put into the row's cell."""
    pairs = lesson.record * (int(cell.max()) + 1) + cell
    _, place = np.unique(pairs, return_inverse=True)
    return _totals(place, lesson.weight * lesson.y, 0)[place], _totals(place, lesson.weight, 0)[place]


def _totals(cell: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(cell, values, minlength=size).astype(np.float64)


def _level(nest: _Nest, share: Floats) -> Level:
    known = (nest.places >= 0).all(axis=1)
    cells = tuple(tuple(int(place) for place in cell) for cell in nest.places[known])
    return Level(nest.keys, cells, tuple(float(value) for value in logit(share[known])))
