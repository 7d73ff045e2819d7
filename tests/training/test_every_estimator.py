"""One suite for every row of the ladder, and what each rung is there for."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from models.heads import Head, read_head
from models.odds import sigmoid
from training.aim import Aim, Outlook
from training.dataset import Dataset
from training.encode import fit_encoder
from training.estimators import ESTIMATORS, allowed
from training.evaluate import log_loss
from training.folds import row_weights
from training.lesson import Lesson
from training.logistic import ridge_logistic
from training.replay import fit, lesson_of
from training.tables import STRENGTHS, fit_table, stage_keys

MakeUp = Callable[..., Dataset]


def lesson(data: Dataset, seed: int = 0) -> Lesson:
    return lesson_of(data, row_weights(data.record, data.as_of), Aim.of(data, None), Outlook.of(data), seed)


@pytest.fixture(scope="module")
def small(make_up: MakeUp) -> Lesson:
    return lesson(make_up(250))


@pytest.fixture(scope="module", params=list(ESTIMATORS))
def fitted(request: pytest.FixtureRequest, small: Lesson) -> tuple[str, Head]:
    return request.param, fit(ESTIMATORS[request.param], small)


def test_is_the_same_for_the_same_seed_down_to_its_bytes(fitted: tuple[str, Head], small: Lesson) -> None:
    name, head = fitted
    assert fit(ESTIMATORS[name], small).to_files("h") == head.to_files("h")


def test_comes_back_from_its_files(fitted: tuple[str, Head], small: Lesson) -> None:
    _, head = fitted
    assert (read_head("h", head.to_files("h")).log_odds(small.x) == head.log_odds(small.x)).all()


def test_survives_rows_where_everything_is_missing_or_absurd(fitted: tuple[str, Head], small: Lesson) -> None:
    _, head = fitted
    strange = np.stack([np.full(small.x.shape[1], np.nan), np.full(small.x.shape[1], 1e12), -small.x.max(axis=0)])
    assert np.isfinite(head.log_odds(strange)).all()


def test_is_no_worse_on_its_own_rows_than_the_base_rate(fitted: tuple[str, Head], small: Lesson) -> None:
    name, head = fitted
    base = log_loss(small.y, np.full(len(small.y), small.rate()), small.weight)
    assert log_loss(small.y, sigmoid(head.log_odds(small.x)), small.weight) <= base + 1e-4, name


def test_few_records_never_climb_to_boosting() -> None:
    assert not [row.name for row in allowed(99, 49) if "lightgbm" in (row.name, *row.parts) or "boost" in row.says]
    assert [row.name for row in allowed(5_000, 0.4)] == ["base_rate"]
    assert [row.name for row in allowed(5_000, 900)] == list(ESTIMATORS)


def test_the_full_rung_finds_an_interaction_that_the_additive_one_cannot(make_up: MakeUp) -> None:
    here, there = make_up(3_000, seed=1), make_up(1_500, seed=2)
    known = lesson(here)
    x, (y, _) = known.encoder.encode(there.matrix), Outlook.of(there).labels(there, Aim.of(here, None))
    loss = {
        name: log_loss(y, sigmoid(ESTIMATORS[name].fit(known).log_odds(x)), row_weights(there.record, there.as_of))  # type: ignore[misc]
        for name in ("base_rate", "pooled_logistic", "lightgbm_additive", "lightgbm_full")
    }
    assert loss["lightgbm_full"] < loss["lightgbm_additive"] - 0.01 < loss["base_rate"] - 0.05
    assert loss["pooled_logistic"] < loss["base_rate"] - 0.05


def test_ridge_logistic_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    x, y, weight = rng.normal(size=(300, 4)), rng.random(300), rng.uniform(0.2, 2.0, 300)
    design = np.concatenate([np.ones((300, 1)), x], axis=1)
    ours = ridge_logistic(design, y, weight, np.array([0.0, 5.0, 5.0, 5.0, 5.0]))
    theirs = LogisticRegression(C=0.2, tol=1e-10, max_iter=10_000)
    theirs.fit(np.tile(x, (2, 1)), np.repeat([1, 0], 300), np.concatenate([weight * y, weight * (1 - y)]))
    assert np.allclose(ours, [*theirs.intercept_, *theirs.coef_[0]], atol=1e-5)


def test_the_table_shrinks_a_cell_by_hand_to_its_coarser_one() -> None:
    # 40 rows of "new", 10 % won; one row of "talk", won: its share lies (1 + s x all) / (1 + s).
    from features.columns import Words
    from features.matrix import Matrix

    stage = Words.of(["new"] * 40 + ["talk"] * 10)
    matrix = Matrix({}, {"stage": stage})
    encoder = fit_encoder(matrix)
    y = np.array([1.0] * 4 + [0.0] * 36 + [1.0] * 10)
    rows = Lesson(encoder, encoder.encode(matrix), y, np.ones(50), np.arange(50), np.zeros(50, np.int64))
    table = fit_table(rows, stage_keys(rows))
    p = sigmoid(table.log_odds(rows.x))
    overall = 14.5 / 51
    assert any(p[-1] == pytest.approx((10 + s * overall) / (10 + s)) for s in STRENGTHS)
    assert any(p[0] == pytest.approx((4 + s * overall) / (40 + s)) for s in STRENGTHS)
    assert 0.1 <= p[0] < overall < p[-1]


def test_labels_that_say_nothing_move_no_rung_far_from_the_base_rate(small: Lesson) -> None:
    noise = np.random.default_rng(0).permutation(len(np.unique(small.record)))
    y = (noise[small.record] % 3 == 0).astype(float)
    blind = replace(small, y=y)
    spread = np.std(sigmoid(fit(ESTIMATORS["pooled_logistic"], blind).log_odds(small.x)))
    assert spread < 0.1
