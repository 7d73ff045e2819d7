"""Ridge-penalised logistic regression with fractional outcomes and row weights, by Newton's method."""

from collections.abc import Iterable

import numpy as np

from features.columns import Bools, Floats

STRENGTHS = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
"""Penalties tried, strongest first: each fit starts from the one before."""

_CHUNK = 16_384


def _probability(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -35.0, 35.0))), np.float64)


def _gram(design: Floats, weight: Floats) -> Floats:
    total = np.zeros((design.shape[1], design.shape[1]))
    for at in range(0, len(design), _CHUNK):
        part = design[at : at + _CHUNK]
        total += (part * weight[at : at + _CHUNK, None]).T @ part
    return total


def _objective(log_odds: Floats, y: Floats, weight: Floats, penalty: Floats, at: Floats) -> float:
    return float(np.sum(weight * (np.logaddexp(0.0, log_odds) - y * log_odds)) + 0.5 * np.sum(penalty * at**2))


def ridge_logistic(
    design: Floats, y: Floats, weight: Floats, penalty: Floats, start: Floats | None = None, exact: float = 1e-9
) -> Floats:
    """Coefficients that minimise the weighted log loss plus half the sum of `penalty` x square.

    `design` holds its own column of ones for the intercept, with penalty 0 there. The steps end when one gains less
    than the share `exact` of what is left.

    >>> at = ridge_logistic(np.ones((4, 1)), np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4), np.zeros(1))
    >>> round(float(at[0]), 6) == round(float(np.log(1 / 3)), 6)
    True
    """
    at = np.zeros(design.shape[1]) if start is None else start.copy()
    log_odds = design @ at
    now = _objective(log_odds, y, weight, penalty, at)
    for _ in range(30):
        p = _probability(log_odds)
        slope = design.T @ (weight * (y - p)) - penalty * at
        curve = _gram(design, weight * p * (1.0 - p)) + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        for _ in range(20):
            log_odds = design @ (at + step)
            after = _objective(log_odds, y, weight, penalty, at + step)
            if after <= now:
                break
            step = step * 0.5
        at, gain, now = at + step, now - after, after
        if gain < exact * abs(now):
            break
    return at


def choose_strength(design: Floats, y: Floats, weight: Floats, unit: Floats, splits: Iterable[Bools]) -> float:
    """The strength whose fits on one side of each split lose least on the other; `unit` x strength is the penalty."""
    total = np.zeros(len(STRENGTHS))
    for held in splits:
        at: Floats | None = None
        kept = ~held
        inner, y_in, w_in = design[kept], y[kept], weight[kept]
        for number, strength in enumerate(STRENGTHS):
            at = ridge_logistic(inner, y_in, w_in, unit * strength, at, exact=1e-5)
            log_odds = design[held] @ at
            total[number] += np.sum(weight[held] * (np.logaddexp(0.0, log_odds) - y[held] * log_odds))
    return STRENGTHS[int(np.argmin(total))]
