"""The portable exp and log against the mathematics library."""

import math

import numpy as np

from models.odds import exp, log, logit, sigmoid, signed_log


def test_within_two_units_in_the_last_place() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.uniform(-40, 40, 20_000), rng.normal(0, 1e-6, 2_000), [0.0, -0.0, 1.0]])
    truth = np.array([math.exp(value) for value in x])
    assert (np.abs(exp(x) - truth) <= 2 * np.spacing(truth)).all()
    y = np.concatenate([np.exp(rng.uniform(-30, 40, 20_000)), 1 + rng.normal(0, 1e-3, 2_000), [1.0, 2.0, 0.5]])
    truth = np.array([math.log(value) for value in y])
    assert (np.abs(log(y) - truth) <= 2 * np.spacing(np.abs(truth)) + 2e-18).all()


def test_sigmoid_rises_and_is_undone_by_logit() -> None:
    x = np.linspace(-20, 20, 4_001)
    assert (np.diff(sigmoid(x)) >= 0).all()
    inner = x[np.abs(x) < 12]
    np.testing.assert_allclose(logit(sigmoid(inner)), inner, atol=1e-9)


def test_signed_log_is_odd_and_keeps_missing() -> None:
    x = np.array([0.0, 3.5, 1e12])
    assert (signed_log(-x) == -signed_log(x)).all()
    assert np.isnan(signed_log(np.array([np.nan]))).all()
