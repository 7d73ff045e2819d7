"""Our figures against scikit-learn's, and what a fraction means."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from features.columns import Floats
from training import evaluate
from training.calibrate import IDENTITY, calibration


def drawn(n: int = 500) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.02, 0.98, n).round(2)
    return (rng.random(n) < p).astype(float), p, rng.uniform(0.1, 2.0, n)


def test_agree_with_scikit_learn() -> None:
    y, p, weight = drawn()
    figures = evaluate.measure(y, p, weight)
    assert figures["log_loss"] == pytest.approx(log_loss(y, p, sample_weight=weight))
    assert figures["brier"] == pytest.approx(brier_score_loss(y, p, sample_weight=weight))
    assert figures["auc"] == pytest.approx(roc_auc_score(y, p, sample_weight=weight))


def test_a_fraction_is_that_mix_of_one_and_zero() -> None:
    _, p, weight = drawn(100)
    y = np.linspace(0, 1, 100)
    mixed = evaluate.measure(y, p, weight)
    ones = np.concatenate([np.ones(100), np.zeros(100)])
    split = evaluate.measure(ones, np.tile(p, 2), np.concatenate([weight * y, weight * (1 - y)]))
    for name in ("log_loss", "brier", "auc", "base_rate", "slope", "intercept"):
        assert mixed[name] == pytest.approx(split[name]), name


def test_calibration_error_is_near_zero_for_the_truth_and_sees_a_bias() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.1, 0.9, 20_000)
    y = (rng.random(20_000) < p).astype(float)
    weight = np.ones(20_000)
    assert evaluate.calibration_error(y, p, weight)[1] < 0.015
    assert evaluate.calibration_error(y, p - 0.05, weight)[1] == pytest.approx(0.05, abs=0.01)


def later(stretch: float, seed: int = 2) -> tuple[tuple[float, float], float]:
    """The calibration of a model whose log-odds are `stretch` times too large, over four origins."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=4_000)
    y = (rng.random(4_000) < 1 / (1 + np.exp(-truth))).astype(float)
    return calibration(y, truth * stretch, np.ones(4_000), np.arange(4_000) // 1_000)


def test_a_stretched_model_is_mended_and_a_right_one_left_alone() -> None:
    (slope, shift), saved = later(2.0)
    assert slope == pytest.approx(0.5, abs=0.06)
    assert shift == pytest.approx(0.0, abs=0.1)
    assert saved > 0.01
    assert list(later(1.0)[0]) == pytest.approx([1.0, 0.0], abs=0.06)


def test_a_map_that_helped_once_and_harmed_later_is_not_kept() -> None:
    rng = np.random.default_rng(3)
    truth, origin = rng.normal(size=3_000), np.arange(3_000) // 1_000
    y = (rng.random(3_000) < 1 / (1 + np.exp(-truth))).astype(float)
    turned = truth * np.where(origin == 0, 3.0, 1.0)
    assert calibration(y, turned, np.ones(3_000), origin)[0] == IDENTITY
