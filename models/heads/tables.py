"""Heads that only look up: one value for all, or one value a cell with coarser cells behind it."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from features.columns import Bools, Floats, Ints
from models.heads.base import Head


@dataclass(frozen=True)
class Constant(Head):
    """The same log-odds for everyone.

    >>> Constant(-1.5).log_odds(np.zeros((2, 3))).tolist()
    [-1.5, -1.5]
    """

    kind: ClassVar[str] = "constant"
    value: float

    def log_odds(self, x: Floats) -> Floats:
        """`value` for every row."""
        return np.full(len(x), self.value)


@dataclass(frozen=True, slots=True)
class Key:
    """One dimension of a table: the column at position `column`, as a category code or cut at `edges`.

    A number's place is how many edges are <= it; a missing value's place is -1.

    >>> Key(0, edges=(7.0, 30.0)).places(np.array([[3.0], [7.0], [99.0], [np.nan]])).tolist()
    [0, 1, 2, -1]
    """

    column: int
    edges: tuple[float, ...] | None = None

    def places(self, x: Floats) -> Ints:
        """int64[n]: where each row stands on this dimension."""
        values = x[:, self.column]
        missing = np.isnan(values)
        if self.edges is None:
            return np.where(missing, -1, values).astype(np.int64)
        return np.where(missing, -1, np.searchsorted(np.array(self.edges), values, side="right")).astype(np.int64)


@dataclass(frozen=True)
class Level:
    """The cells known at one fineness: `keys` are positions in the table's keys, a cell the place on each of them."""

    keys: tuple[int, ...]
    cells: tuple[tuple[int, ...], ...]
    values: tuple[float, ...]

    def find(self, places: list[Ints]) -> tuple[Bools, Floats]:
        """Which rows have a cell here, and its value (anything where there is none)."""
        codes, values = self._sorted
        code = self._code([places[key] for key in self.keys])
        at = np.minimum(np.searchsorted(codes, code), len(codes) - 1)
        return codes[at] == code, values[at]

    @cached_property
    def _top(self) -> tuple[int, ...]:
        return tuple(max(places) + 1 for places in zip(*self.cells, strict=True))

    @cached_property
    def _sorted(self) -> tuple[Ints, Floats]:
        codes = self._code([np.array(places, np.int64) for places in zip(*self.cells, strict=True)])
        order = np.argsort(codes)
        return codes[order], np.array(self.values)[order]

    def _code(self, places: list[Ints]) -> Ints:
        code = np.zeros(len(places[0]), np.int64)
        for place, top in zip(places, self._top, strict=True):
            code = code * (top + 2) + np.minimum(place, top) + 1  # `top` itself is in no cell: unknown places go there
        return code


@dataclass(frozen=True)
class Table(Head):
    """The value of the finest cell that is known, else of a coarser one, else `overall`. Levels go from fine to coarse.

    >>> stage, age = Key(0), Key(1, edges=(30.0,))
    >>> fine = Level((0, 1), cells=((0, 0), (0, 1)), values=(1.0, -1.0))
    >>> coarse = Level((0,), cells=((0,), (1,)), values=(0.1, 0.2))
    >>> table = Table((stage, age), (fine, coarse), overall=-2.0)
    >>> table.log_odds(np.array([[0, 40.0], [0, np.nan], [1, 40.0], [5, 1.0]])).tolist()
    [-1.0, 0.1, 0.2, -2.0]
    """

    kind: ClassVar[str] = "table"
    keys: tuple[Key, ...]
    levels: tuple[Level, ...]
    overall: float

    def log_odds(self, x: Floats) -> Floats:
        """The finest known cell's value, row by row."""
        places = [key.places(x) for key in self.keys]
        answer = np.full(len(x), self.overall)
        for level in reversed(self.levels):
            if level.cells:
                found, values = level.find(places)
                answer = np.where(found, values, answer)
        return answer
