"""How good probabilities are against what happened: weighted, and with fractional outcomes where records are censored.

`y` is the outcome in [0, 1] (a fraction = the chance given all that is known), `p` the probability, `weight` the rows'
weights. Definitions follow common practice; the debiased calibration error takes the sampling variance off each bin's
squared gap, so that a perfect model scores near 0 whatever the number of rows.
"""

import numpy as np

from features.columns import Floats, Ints

BINS = 15
_EDGE = 1e-6


def _log_odds(p: Floats) -> Floats:
    p = np.clip(p, _EDGE, 1.0 - _EDGE)
    return np.log(p) - np.log1p(-p)


def losses(y: Floats, p: Floats) -> Floats:
    """The log loss of each row, in nats.

    >>> losses(np.array([1.0, 0.5]), np.array([0.5, 0.5])).round(4).tolist()
    [0.6931, 0.6931]
    """
    p = np.clip(p, _EDGE, 1.0 - _EDGE)
    return -(y * np.log(p) + (1.0 - y) * np.log1p(-p))


def mean(value: Floats, weight: Floats) -> float:
    """The weighted mean."""
    return float(np.sum(value * weight) / np.sum(weight))


def standard_error(value: Floats, weight: Floats, record: Ints) -> float:
    """The standard error of a weighted mean over rows that come in records.

    >>> round(standard_error(np.array([1.0, 1.0, 3.0, 3.0]), np.ones(4), np.array([0, 0, 1, 1])), 4)
    1.0
    """
    _, place = np.unique(record, return_inverse=True)
    parts = np.bincount(place, weight * (value - mean(value, weight)))
    count = len(parts)
    return float(np.sqrt(np.sum(parts**2) * count / max(count - 1, 1)) / np.sum(weight))


def log_loss(y: Floats, p: Floats, weight: Floats) -> float:
    """The weighted mean log loss, in nats."""
    return mean(losses(y, p), weight)


def brier(y: Floats, p: Floats, weight: Floats) -> float:
    """The weighted mean squared error; a fractional outcome counts as that mix of 1 and 0.

    >>> brier(np.array([0.5]), np.array([0.5]), np.ones(1))
    0.25
    """
    return mean(y * (1.0 - p) ** 2 + (1.0 - y) * p**2, weight)


def auc(y: Floats, p: Floats, weight: Floats) -> float:
    """P(a row that reached the target ranks above one that did not), ties half; NaN when one side is empty.

    >>> auc(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.1, 0.4, 0.4]), np.ones(4))
    0.875
    """
    _, level = np.unique(p, return_inverse=True)
    ones, zeros = np.bincount(level, weight * y), np.bincount(level, weight * (1.0 - y))
    if not ones.sum() or not zeros.sum():
        return float("nan")
    below = np.cumsum(zeros) - 0.5 * zeros
    return float(np.sum(ones * below) / (ones.sum() * zeros.sum()))


def bins(y: Floats, p: Floats, weight: Floats, count: int = BINS) -> tuple[Floats, Floats, Floats, Floats]:
    """Equal-mass bins by probability: rows, weight, mean outcome and mean probability of each.

    >>> [part.tolist() for part in bins(np.array([0.0, 1.0]), np.array([0.2, 0.9]), np.ones(2), 2)]
    [[1.0, 1.0], [1.0, 1.0], [0.0, 1.0], [0.2, 0.9]]
    """
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), count) if len(part) and weight[part].sum()]
    size = np.array([float(len(part)) for part in parts])
    mass = np.array([weight[part].sum() for part in parts])
    seen = np.array([mean(y[part], weight[part]) for part in parts])
    said = np.array([mean(p[part], weight[part]) for part in parts])
    return size, mass, seen, said


def calibration_error(y: Floats, p: Floats, weight: Floats) -> tuple[float, float]:
    """Expected calibration error over 15 equal-mass bins, and the debiased root mean square one, floored at 0."""
    size, mass, seen, said = bins(y, p, weight)
    gap, share = seen - said, mass / mass.sum()
    debiased = float(np.sum(share * (gap**2 - said * (1.0 - said) / size)))
    return float(np.sum(share * np.abs(gap))), max(0.0, debiased) ** 0.5


def line(y: Floats, log_odds: Floats, weight: Floats, ridge: float = 1e-6) -> tuple[float, float]:
    """Slope and intercept of the logistic fit of `y` on `log_odds`, drawn to (1, 0) by `ridge`.

    >>> z = np.array([-1.0, 1.0])
    >>> slope, intercept = line(1 / (1 + np.exp(-2 * z)), z, np.ones(2))
    >>> round(slope, 3), round(abs(intercept), 3)
    (2.0, 0.0)
    """
    at = np.array([1.0, 0.0])
    design = np.column_stack([log_odds, np.ones_like(log_odds)])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ at, -35.0, 35.0)))
        slope = design.T @ (weight * (y - p)) - ridge * (at - [1.0, 0.0])
        curve = (design * (weight * p * (1.0 - p))[:, None]).T @ design + ridge * np.eye(2)
        step = np.linalg.solve(curve, slope)
        at = at + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return float(at[0]), float(at[1])


def measure(y: Floats, p: Floats, weight: Floats) -> dict[str, float]:
    """Every figure at once; skill is the Brier skill against the rows' own base rate.

    >>> figures = measure(np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.2, 0.7, 0.6, 0.4]), np.ones(4))
    >>> figures["rows"], round(figures["log_loss"], 4), figures["auc"]
    (4.0, 0.4004, 1.0)
    """
    rate = mean(y, weight)
    ece, debiased = calibration_error(y, p, weight)
    slope, intercept = line(y, _log_odds(p), weight, ridge=1e-3)
    score = brier(y, p, weight)
    return {
        "rows": float(len(y)),
        "base_rate": rate,
        "log_loss": log_loss(y, p, weight),
        "brier": score,
        "skill": 1.0 - score / (rate * (1.0 - rate)) if 0.0 < rate < 1.0 else 0.0,
        "auc": auc(y, p, weight),
        "ece": ece,
        "ece_debiased": debiased,
        "slope": slope,
        "intercept": intercept,
        "mean_p": mean(p, weight),
    }
