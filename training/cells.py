"""Parts of the pipeline by process, stage and age band, and how records go on from there: shares by Aalen-Johansen."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from features.columns import Codes, Floats, Ints
from features.matrix import Matrix
from models.segments import Segments
from training.censoring import Incidence, Spells, incidence
from training.tables import AGES

LISTED = 15
"""A cell stands on its own from so many records up; below, the coarser one speaks for it."""

STRENGTH = 10.0
"""How many rows the coarser cell counts for."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells listed, coarse before fine; `above[i]` is the position of cell i's coarser one (0 for all)."""

    segments: Segments
    above: Ints

    @classmethod
    def of(cls, matrix: Matrix, record: Ints, listed: int = LISTED) -> "Cells":
        """The cells with at least `listed` records.

        >>> from features.columns import Words
        >>> matrix = Matrix({"age_days": np.zeros(3)}, {"process": Words.of(["loan"] * 3), "stage": Words.of("aab")})
        >>> Cells.of(matrix, np.arange(3), 2).segments.keys
        ((), ('loan',), ('loan', 'a'), ('loan', 'a', '0'))
        """
        names = Segments(((),), AGES).names(matrix)
        each = set(zip(names, record.tolist(), strict=True))
        keys: list[tuple[str, ...]] = [()]
        for depth in (1, 2, 3):
            counts = Counter(key for key, _ in {(name[:depth], number) for name, number in each})
            keys += sorted(key for key, count in counts.items() if count >= listed)
        place = {key: number for number, key in enumerate(keys)}
        above = np.array([place[key[:-1]] for key in keys], np.int64)
        return cls(Segments(tuple(keys), AGES), above)

    def locate(self, matrix: Matrix) -> Codes:
        """Each row's finest cell."""
        return self.segments.locate(matrix).astype(np.int32)

    def depths(self) -> list[Ints]:
        """Positions of the cells of each fineness, coarse to fine."""
        lengths = np.array([len(key) for key in self.segments.keys])
        return [np.flatnonzero(lengths == depth) for depth in range(4)]

    def chain(self, place: Codes) -> list[Codes]:
        """For each fineness, each row's cell of it; -1 where the row's finest cell is coarser."""
        lengths = np.array([len(key) for key in self.segments.keys])
        now, found = place.astype(np.int64), []
        for depth in (3, 2, 1, 0):
            here = lengths[now] == depth
            found.append(np.where(here, now, -1).astype(np.int32))
            now = np.where(here, self.above[now], now)
        return found[::-1]

    def curve(self, matrix: Matrix, days: Floats, cause: Codes) -> Incidence:
        """How rows of each cell go on, in days after the row: each cell drawn to its coarser one."""
        place = self.locate(matrix)
        hazards: list[Incidence] = []
        for positions, own in zip(self.depths(), self.chain(place), strict=True):
            in_ = own >= 0
            spells = Spells(np.zeros(int(in_.sum())), days[in_], cause[in_])
            first = int(positions[0]) if len(positions) else 0
            parent, above = (hazards[-1], self._above(positions)) if hazards else (None, None)
            hazards.append(incidence(spells, own[in_] - np.int32(first), len(positions), parent, above, STRENGTH))
        return Incidence(
            hazards[0].grid,
            np.concatenate([part.target for part in hazards]),
            np.concatenate([part.lost for part in hazards]),
        )

    def _above(self, positions: Ints) -> Codes:
        """The coarser cells as positions among those of their own fineness."""
        above = self.above[positions]
        coarser = np.array([len(key) for key in self.segments.keys])
        starts = np.searchsorted(coarser, coarser[above], side="left")
        return (above - starts).astype(np.int32)
