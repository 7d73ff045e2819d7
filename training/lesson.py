"""What an estimator is given: encoded rows, fractional outcomes, weights, and the records they belong to."""

from dataclasses import dataclass

import numpy as np

from features.columns import Bools, Floats, Ints
from models.encoder import Encoder


@dataclass(frozen=True, slots=True)
class Lesson:
    """n rows: `x` float64[n, p] as `encoder` gives them, `y` in [0, 1], `weight`, `record` and `as_of` to split by."""

    encoder: Encoder
    x: Floats
    y: Floats
    weight: Floats
    record: Ints
    as_of: Ints
    seed: int = 0

    def place(self, name: str) -> int | None:
        """The position of a column; None where the encoder left it out."""
        return self.encoder.names.index(name) if name in self.encoder.names else None

    def take(self, rows: Ints | Bools) -> "Lesson":
        """The rows at these positions, or where this mask is true."""
        return Lesson(
            self.encoder, self.x[rows], self.y[rows], self.weight[rows], self.record[rows], self.as_of[rows], self.seed
        )

    def rate(self) -> float:
        """The weighted share that reaches the target, kept off 0 and 1 by half a row on each side.

        >>> Lesson(Encoder(()), np.zeros((3, 0)), np.zeros(3), np.ones(3), np.arange(3), np.zeros(3, np.int64)).rate()
        0.125
        """
        return float((np.sum(self.weight * self.y) + 0.5) / (np.sum(self.weight) + 1.0))
