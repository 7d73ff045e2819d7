"""Matrix -> float64[n, p]: numbers as they are, categories as codes of a fixed vocabulary, NaN if missing or unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from features.columns import Floats, Words
from features.matrix import Matrix


@dataclass(frozen=True, slots=True)
class Input:
    """One column. `words` is the vocabulary of a category (its position is the code), None for a number.

    `reference` is what reasons compare with: the training median of a number, the code of the most common word,
    None where most training rows are missing. `places` maps a word to its code.
    """

    name: str
    words: tuple[str, ...] | None = None
    reference: float | None = None


@dataclass(frozen=True)
class Encoder:
    """The declared columns, in the order heads know them.

    >>> encoder = Encoder((Input("age_days", reference=3.0), Input("source", ("web", "fair"), reference=0.0)))
    >>> matrix = Matrix({"age_days": np.array([5.0, np.nan])}, {"source": Words.of(["fair", "radio"])})
    >>> encoder.encode(matrix).tolist()
    [[5.0, 1.0], [nan, nan]]
    >>> encoder.reference.tolist()
    [3.0, 0.0]
    """

    inputs: tuple[Input, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.inputs)

    @cached_property
    def reference(self) -> Floats:
        """float64[p]: the row that reasons start from."""
        return np.array([np.nan if column.reference is None else column.reference for column in self.inputs])

    @cached_property
    def _codes(self) -> dict[str, dict[str, float]]:
        return {c.name: {word: float(code) for code, word in enumerate(c.words or ())} for c in self.inputs}

    def encode(self, matrix: Matrix) -> Floats:
        """float64[n, p], row-major. Raises ValueError when the matrix lacks a declared column."""
        self._check(matrix)
        x = np.empty((len(matrix), len(self.inputs)))
        for position, column in enumerate(self.inputs):
            if column.words is None:
                x[:, position] = matrix.numbers[column.name]
            else:
                x[:, position] = _coded(matrix.categories[column.name], self._codes[column.name])
        return x

    def _check(self, matrix: Matrix) -> None:
        numbers, categories = matrix.numbers, matrix.categories
        lacking = [c.name for c in self.inputs if c.name not in (numbers if c.words is None else categories)]
        if lacking:
            raise ValueError(
                f"the model was trained with features this catalogue does not give: {', '.join(lacking)}; "
                "train again with the present catalogue, or serve the version of the software the model came from"
            )

    def to_json(self) -> Any:
        """A JSON value that `from_json` turns back into an equal encoder."""
        return _ADAPTER.dump_python(self, mode="json")

    @staticmethod
    def from_json(value: Any) -> "Encoder":
        """The encoder of a `to_json` value."""
        return _ADAPTER.validate_python(value)


_ADAPTER = TypeAdapter(Encoder)


def _coded(column: Words, codes: dict[str, float]) -> Floats | Sequence[float]:
    if len(column) < len(column.words):  # one record out of a large vocabulary: look up only its own word
        return [codes.get(column.words[code], np.nan) if code >= 0 else np.nan for code in column.codes]
    table = np.array([codes.get(word, np.nan) for word in column.words] + [np.nan])
    found: Floats = table[column.codes]
    return found
