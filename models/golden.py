"""Golden rows: a few rows of the training matrix and the answers they got, kept inside the bundle."""

from typing import Any

import numpy as np

from features.columns import Floats, Words
from features.matrix import Matrix
from models.canonical import from_bytes, to_bytes
from models.model import Model, Prediction

ROWS = 64
FILE = "golden.json"


def golden_bytes(model: Model, matrix: Matrix) -> bytes:
    """The first 64 rows at most, and the model's answers to them, as JSON."""
    matrix = matrix.take(np.arange(min(len(matrix), ROWS)))
    return to_bytes({"rows": _rows(matrix), "answers": _answers(model.predict(matrix))})


def differences(model: Model, golden: bytes) -> list[str]:
    """The fields whose answers are not, bit for bit, the ones kept; none when the model still says what it said."""
    content = from_bytes(golden)
    answers = _answers(model.predict(_matrix(content["rows"])))
    kept = content["answers"]
    return sorted(
        name for name in answers.keys() | kept.keys() if to_bytes(answers.get(name)) != to_bytes(kept.get(name))
    )


def _answers(prediction: Prediction) -> dict[str, Any]:
    # JSON spells a float64 exactly, so equal text is equal bits.
    columns: dict[str, Any] = {
        name: value.tolist() for name, value in vars(prediction).items() if isinstance(value, (np.ndarray, Words))
    }
    return columns | {f"by_{days}": value.tolist() for days, value in prediction.by.items()}


def _rows(matrix: Matrix) -> dict[str, Any]:
    numbers = {name: [None if np.isnan(v) else v for v in column.tolist()] for name, column in matrix.numbers.items()}
    return {"numbers": numbers, "categories": {name: column.tolist() for name, column in matrix.categories.items()}}


def _matrix(rows: dict[str, Any]) -> Matrix:
    def number(values: list[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    return Matrix(
        {name: number(values) for name, values in rows["numbers"].items()},
        {name: Words.of(values) for name, values in rows["categories"].items()},
    )
