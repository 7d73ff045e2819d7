"""The replay chooses by what came later, prefers the plain, and its ranges hold."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from features.columns import Floats
from models.odds import logit, sigmoid
from training.aim import Aim, Outlook
from training.bands import bands, intervals
from training.dataset import Dataset
from training.estimators import ESTIMATORS
from training.fitting import build
from training.origins import origins
from training.replay import Replay, replay

MakeUp = Callable[..., Dataset]


def replayed(data: Dataset, *names: str) -> Replay:
    rungs = [ESTIMATORS[name] for name in names]
    return replay(data, origins(data, 3, 0), Aim.of(data, None), rungs, 0, lambda _: None)


def made(y: Floats, **log_odds: Floats) -> Replay:
    rows = np.arange(len(y))
    return Replay(rows, rows, rows * 0, y, np.ones(len(y)), log_odds, (0,))


def test_the_plainer_of_two_equals_is_chosen() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=2_000)
    y = (rng.random(2_000) < sigmoid(truth)).astype(float)
    near = truth + rng.normal(0, 0.02, 2_000)
    seen = made(y, base_rate=np.zeros(2_000), stage_table=near, pooled_logistic=truth)
    assert seen.choose(["base_rate", "stage_table", "pooled_logistic"]) == "stage_table"
    assert seen.choose(["base_rate", "pooled_logistic"]) == "pooled_logistic"


def test_learning_beats_the_base_rate_where_there_is_something_to_learn(make_up: MakeUp) -> None:
    seen = replayed(make_up(1_000), "base_rate", "pooled_logistic")
    assert seen.loss("pooled_logistic") < seen.loss("base_rate") - 0.03
    assert seen.choose(["base_rate", "pooled_logistic"]) == "pooled_logistic"


def test_a_blend_is_the_mean_of_its_parts(make_up: MakeUp) -> None:
    seen = replayed(make_up(400), "pooled_logistic", "lightgbm_full", "blend")
    parts = seen.log_odds["pooled_logistic"], seen.log_odds["lightgbm_full"]
    assert np.allclose(seen.log_odds["blend"], (parts[0] + parts[1]) / 2)


def test_the_range_holds_about_eight_bands_in_ten_of_new_ones() -> None:
    rng = np.random.default_rng(1)

    def drawn(n: int) -> tuple[Floats, Floats]:
        p, drift = rng.uniform(0.05, 0.95, n), np.repeat(rng.normal(0, 0.3, n // 500), 500)
        return (rng.random(n) < sigmoid(logit(p) + drift)).astype(float), logit(p)

    y, said = drawn(3_000)
    table, held = intervals(y, said, np.arange(3_000), np.arange(3_000) // 500)
    assert held == pytest.approx(0.8, abs=0.1)
    inside = []
    for _ in range(30):
        y, said = drawn(500)
        for band in bands(y, said, np.arange(500)):
            low, high = table.around(logit(np.array([band.expected / band.n])))
            inside.append(low[0] <= band.events / band.n <= high[0])
    assert 0.68 <= np.mean(inside) <= 0.92


def test_a_model_says_when_and_why_as_the_history_did(make_up: MakeUp) -> None:
    data = make_up(3_000)
    aim = Aim.of(data, None)
    model, _ = build(data, aim, ESTIMATORS["stage_table"], None, 0)
    fresh = data.matrix.take(data.age == 0)
    said = model.predict(fresh)
    # Exponential with mean 15 days: half of the wins within 10.4 days, 80 % of them between 1.6 and 34.5.
    assert np.median(said.close_days) == pytest.approx(10.4, abs=1.5)
    assert np.median(said.close_low) == pytest.approx(1.6, abs=0.7)
    assert np.median(said.close_high) == pytest.approx(34.5, abs=6.0)
    assert model.losses.reasons == ("late", "price")
    assert np.allclose(said.p_lost[:, 0] / said.p_lost.sum(axis=1), 0.5, atol=0.1)
    assert np.allclose(said.probability + said.p_open + said.p_lost.sum(axis=1), 1)
    assert (said.p_open < 0.1).all()


def test_where_losses_are_never_marked_nobody_is_said_to_be_lost(make_up: MakeUp) -> None:
    data = make_up(1_500, losses_marked=False)
    aim = Aim.of(data, None)
    fresh = data.take(data.age == 0)
    came = float((make_up(1_500).take(make_up(1_500).age == 0).cause == 0).mean())
    assert float(Outlook.of(data).labels(fresh, aim)[0].mean()) == pytest.approx(came, abs=0.06)
    model, _ = build(data, aim, ESTIMATORS["pooled_logistic"], None, 0)
    said = model.predict(fresh.matrix)
    assert float(said.probability.mean()) == pytest.approx(came, abs=0.06)
    assert (said.p_lost.sum(axis=1) < 0.01).all()


def test_features_left_out_are_not_looked_at(make_up: MakeUp) -> None:
    data = replace(make_up(200), left_out=("signal", "stage"))
    model, _ = build(data, Aim.of(data, None), ESTIMATORS["pooled_logistic"], None, 0)
    assert not {"signal", "stage"} & set(model.encoder.names)
