"""Affine calibration on log-odds (Platt, 1999, with fractional outcomes), kept only where it helped on later rows."""

import numpy as np

from features.columns import Floats, Ints
from models.odds import sigmoid
from training.evaluate import line, losses, mean

IDENTITY = (1.0, 0.0)
RIDGE = 200.0
"""How strongly slope and shift are drawn to (1, 0), in rows of full weight: few rows leave the model as it is."""


def apply(map_: tuple[float, float], log_odds: Floats) -> Floats:
    """Slope x log-odds + shift.

    >>> apply((2.0, 0.5), np.array([1.0])).tolist()
    [2.5]
    """
    return map_[0] * log_odds + map_[1]


def calibration(y: Floats, log_odds: Floats, weight: Floats, origin: Ints) -> tuple[tuple[float, float], float]:
    """The map (slope, shift) to serve, and how much log loss maps saved when judged forward.

    At each origin but the first, a map fitted on the origins before it is tried on the origin's own rows. Unless they
    save on the whole the map is the identity; else it is fitted on all rows.
    """
    saved = np.zeros(len(y))
    for now in np.unique(origin)[1:]:
        past, here = origin < now, origin == now
        tried = line(y[past], log_odds[past], weight[past], RIDGE)
        plain = losses(y[here], sigmoid(log_odds[here]))
        saved[here] = plain - losses(y[here], sigmoid(apply(tried, log_odds[here])))
    judged = origin > origin.min(initial=0)
    if not judged.any():
        return IDENTITY, 0.0
    gain = mean(saved[judged], weight[judged])
    if gain <= 0.0:
        return IDENTITY, gain
    return line(y, log_odds, weight, RIDGE), gain
