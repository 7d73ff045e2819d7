"""The features of n (record, as-of) rows: what the engine gives and a model takes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.columns import Bools, Floats, Words


@dataclass(frozen=True, slots=True)
class Matrix:
    """One entry a row in every column: numbers (NaN missing) and categories (code -1 missing), by feature name.

    >>> matrix = Matrix({"age_days": np.array([3.0, np.nan])}, {"source": Words.of(["web", None])})
    >>> len(matrix), matrix.take(np.array([1])).categories["source"].tolist()
    (2, [None])
    """

    numbers: dict[str, Floats]
    categories: dict[str, Words]

    def __len__(self) -> int:
        return next((len(column) for columns in (self.numbers, self.categories) for column in columns.values()), 0)

    def take(self, rows: npt.NDArray[np.integer] | Bools) -> "Matrix":
        """The rows at these positions (or where this mask is true), in that order."""
        return Matrix(
            {name: column[rows] for name, column in self.numbers.items()},
            {name: column.take(rows) for name, column in self.categories.items()},
        )
