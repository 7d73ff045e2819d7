"""Why records are lost: told apart by all features where there is enough to learn from."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.model import Model
from models.odds import sigmoid
from training.aim import Aim
from training.dataset import Dataset
from training.estimators import ESTIMATORS
from training.fitting import build

MakeUp = Callable[..., Dataset]


def by_other(data: Dataset) -> tuple[Dataset, np.ndarray]:
    """The same losses, `price` (1) with a chance that rises with `other`; and that chance."""
    other = np.nan_to_num(data.matrix.numbers["other"])
    per_record = np.zeros(len(data.ids))
    per_record[data.record] = sigmoid(2.0 * other)
    drawn = np.random.default_rng(5).random(len(data.ids)) < per_record
    cause = np.where(data.cause > 0, np.where(drawn[data.record], 1, 2), data.cause).astype(np.int32)
    return replace(data, cause=cause), sigmoid(2.0 * other)


def model_of(data: Dataset) -> Model:
    return build(data, Aim.of(data, None), ESTIMATORS["stage_table"], None, 0)[0]


@pytest.fixture(scope="module")
def lost(make_up: MakeUp) -> tuple[Dataset, np.ndarray]:
    return by_other(make_up(2_000))


def test_a_common_reason_follows_what_it_depends_on(lost: tuple[Dataset, np.ndarray]) -> None:
    data, chance = lost
    model = model_of(data)
    said = model.predict(data.matrix)
    share = said.p_lost[:, 0] / said.p_lost.sum(axis=1)
    plain = replace(model, told={}).predict(data.matrix)
    known = ~np.isnan(data.matrix.numbers["other"])
    assert (
        np.abs(share - chance)[known].mean()
        < 0.1
        < np.abs(plain.p_lost[:, 0] / plain.p_lost.sum(axis=1) - chance).mean()
    )
    np.testing.assert_array_equal(said.probability, plain.probability)
    np.testing.assert_allclose(said.probability + said.p_open + said.p_lost.sum(axis=1), 1.0)
    assert Model.from_files(model.to_files()).predict(data.matrix).p_lost.tolist() == said.p_lost.tolist()


def test_few_losses_leave_the_reasons_to_the_table(make_up: MakeUp) -> None:
    assert not model_of(by_other(make_up(300))[0]).told
