"""A model's answers hold together, for every kind of head."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.columns import Words
from features.matrix import Matrix
from models.model import DAYS, Calibration, Evidence, Model, Prediction
from tests.models.conftest import boosted, model_of


def columns(prediction: Prediction) -> dict[str, list[Any]]:
    arrays = {name: value for name, value in vars(prediction).items() if isinstance(value, np.ndarray | Words)}
    return {name: value.tolist() for name, value in (arrays | {f"by {d}": v for d, v in prediction.by.items()}).items()}


def test_one_row_answers_as_among_many(model: Model, matrix: Matrix) -> None:
    whole = columns(model.predict(matrix))
    for row in range(0, len(matrix), 23):
        single = columns(model.predict(matrix.take(np.array([row]))))
        assert single == {name: [values[row]] for name, values in whole.items()}


def test_files_bring_back_the_same_model(model: Model, matrix: Matrix) -> None:
    again = Model.from_files(model.to_files())
    assert again == model
    assert again.to_files() == model.to_files()
    assert columns(again.predict(matrix)) == columns(model.predict(matrix))


def test_chances_add_up_and_ranges_hold(model: Model, matrix: Matrix) -> None:
    said = model.predict(matrix)
    np.testing.assert_allclose(said.probability + said.p_lost.sum(axis=1) + said.p_open, 1, atol=1e-12)
    assert (said.p_lost >= 0).all()
    assert (said.low <= said.probability).all()
    assert (said.probability <= said.high).all()
    assert (said.probability > 0).all()
    assert (said.probability < 1).all()


def test_chances_by_day_rise_to_the_probability(model: Model, matrix: Matrix) -> None:
    said = model.predict(matrix)
    by = np.array([said.by[days] for days in DAYS] + [said.p_by(said.horizon_days)])
    assert (np.diff(by, axis=0) >= 0).all()
    assert (by[-1] == said.probability).all()
    assert (said.p_by(30.0) == said.by[30]).all()
    np.testing.assert_allclose(said.p_by(said.close_days), said.probability / 2, atol=1e-12)
    assert (said.close_low <= said.close_days).all()
    assert (said.close_days <= said.close_high).all()
    assert (said.close_high <= said.horizon_days).all()


def test_a_process_without_its_own_horizon_uses_the_pooled_one(boosted_model: Model, matrix: Matrix) -> None:
    horizon = boosted_model.predict(matrix).horizon_days
    shop = np.array([name == "shop" for name in matrix.categories["process"].tolist()])
    assert set(horizon[shop]) == {40.0}
    assert set(horizon[~shop]) == {180.0}


def test_no_rows_are_no_answers(boosted_model: Model, matrix: Matrix) -> None:
    assert len(boosted_model.predict(matrix.take(np.zeros(0, np.int64))).probability) == 0


def test_evidence_is_thin_or_none_when_little_was_seen(matrix: Matrix) -> None:
    def kinds(evidence: Evidence) -> set[str | None]:
        return set(evidence.of(matrix).tolist())

    many = {"tender": 900.0, "shop": 900.0, "private": 900.0, "never seen": 900.0, "": 900.0}
    assert kinds(Evidence(900, 300, many)) == {"ok"}
    assert kinds(Evidence(900, 3, many)) == {"thin"}
    assert kinds(Evidence(40, 20, many)) == {"thin"}
    assert kinds(Evidence(4, 2, many)) == {"none"}
    assert kinds(Evidence(900, 300, {"tender": 900.0})) == {"ok", "thin"}


def test_faulty_models_are_refused(boosted_model: Model) -> None:
    with pytest.raises(ValueError, match="turn the order round"):
        Calibration(a=-1.0)
    with pytest.raises(ValueError, match="longer than 0 days"):
        replace(boosted_model, horizon_by_process={"shop": 0.0})
    with pytest.raises(ValueError, match="another order"):
        model_of(replace(boosted(2), columns=boosted_model.encoder.names[::-1]))
