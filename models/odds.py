"""Probability and log-odds, with the same bits on every machine.

numpy's own exp and log differ in the last bit between processors. A bundle promises answers bit for bit wherever it is
loaded, so these use only operations that IEEE 754 fixes exactly (+, -, *, /, and powers of two).
"""

import math

import numpy as np

from features.columns import Floats

LIMIT = 12.0
"""Final log-odds stay within +-LIMIT: no probability is said to be 0 or 1."""

_LN2 = math.log(2)
_LN2_HIGH = float.fromhex("0x1.62e42feep-1")  # 32 bits of ln 2: times a small integer it is exact
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_EXP = [1 / math.factorial(k) for k in range(13, -1, -1)]
_ATANH = [1 / k for k in range(23, 0, -2)]


def exp(x: Floats) -> Floats:
    """e**x for |x| < 700, to about one unit in the last place.

    >>> bool(np.allclose(exp(np.array([-30.0, 0.0, 1.0])), np.exp([-30.0, 0.0, 1.0]), rtol=4e-16))
    True
    """
    powers = np.rint(x / _LN2)
    rest = (x - powers * _LN2_HIGH) - powers * _LN2_LOW
    total = np.full_like(rest, _EXP[0])
    for factor in _EXP[1:]:
        total = total * rest + factor
    answer: Floats = np.ldexp(total, powers.astype(np.int32))
    return answer


def log(x: Floats) -> Floats:
    """The natural logarithm of positive numbers (NaN stays NaN).

    >>> bool(np.allclose(log(np.array([1e-9, 1.0, 7.5e8])), np.log([1e-9, 1.0, 7.5e8]), rtol=4e-16))
    True
    """
    fraction, powers = np.frexp(x)
    small = fraction < math.sqrt(0.5)
    fraction = np.where(small, 2 * fraction, fraction)
    z = (fraction - 1) / (fraction + 1)
    square = z * z
    total = np.full_like(z, _ATANH[0])
    for factor in _ATANH[1:]:
        total = total * square + factor
    whole = np.where(small, powers - 1, powers)
    answer: Floats = 2 * z * total + whole * _LN2_LOW + whole * _LN2_HIGH
    return answer


def signed_log(x: Floats) -> Floats:
    """sign(x) * log(1 + |x|): tames amounts and counts with heavy tails; NaN stays NaN.

    >>> signed_log(np.array([0.0, -1.0, 1.0])).round(4).tolist()
    [0.0, -0.6931, 0.6931]
    """
    return np.sign(x) * log(1 + np.abs(x))


def sigmoid(log_odds: Floats) -> Floats:
    """The probability of these log-odds.

    >>> sigmoid(np.array([0.0])).tolist()
    [0.5]
    """
    return 1 / (1 + exp(-np.clip(log_odds, -40, 40)))


def logit(probability: Floats) -> Floats:
    """The log-odds of probabilities strictly between 0 and 1.

    >>> logit(np.array([0.5])).tolist()
    [0.0]
    """
    return log(probability / (1 - probability))


def interpolate(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """Straight lines through the points (xs ascending, ys); flat outside them. One entry of x never affects another.

    >>> interpolate(np.array([-1.0, 0.5, 9.0]), np.array([0.0, 1.0]), np.array([10.0, 20.0])).tolist()
    [10.0, 15.0, 20.0]
    """
    if len(xs) == 1:
        return np.full_like(x, ys[0])
    right = np.clip(np.searchsorted(xs, x, side="right"), 1, len(xs) - 1)
    left = right - 1
    share = np.clip((x - xs[left]) / (xs[right] - xs[left]), 0.0, 1.0)
    return ys[left] * (1 - share) + ys[right] * share
