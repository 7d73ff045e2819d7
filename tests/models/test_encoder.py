"""Matrix -> encoded rows."""

import numpy as np
import pytest

from features.columns import Words
from features.matrix import Matrix
from models.encoder import Encoder, Input
from tests.models.conftest import encoder, pipeline


def test_one_row_encodes_as_among_many() -> None:
    matrix = pipeline(200, seed=5)
    whole = encoder().encode(matrix)
    single = np.concatenate([encoder().encode(matrix.take(np.array([row]))) for row in range(200)])
    np.testing.assert_array_equal(single, whole)


def test_codes_follow_the_encoders_vocabulary_not_the_matrix() -> None:
    known = Encoder((Input("source", ("web", "fair")),))
    turned = Matrix({}, {"source": Words.of(["fair", "web", "radio", None])})
    np.testing.assert_array_equal(known.encode(turned)[:, 0], [1, 0, np.nan, np.nan])


def test_a_lacking_column_is_named() -> None:
    matrix = pipeline(3, seed=5)
    del matrix.numbers["amount"], matrix.categories["stage"]
    with pytest.raises(ValueError, match="amount, stage"):
        encoder().encode(matrix)


def test_json_round_trip() -> None:
    assert Encoder.from_json(encoder().to_json()) == encoder()
