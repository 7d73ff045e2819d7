"""The 80 % range from the replay: bands of predictions, and how many independent records a replayed one is worth."""

import numpy as np

from features.columns import Bools, Floats, Ints
from models.intervals import Band, Intervals
from models.odds import sigmoid

BANDS = 10
HOLDS = 0.8
WORTHS = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02)
"""Strengths tried, from narrow ranges to wide ones."""


def bands(y: Floats, log_odds: Floats, record: Ints, count: int = BANDS) -> list[Band]:
    """Equal-mass bands by prediction. A band's `n` is its number of records: rows of one record tell one story.

    >>> bands(np.array([0.0, 1.0]), np.array([0.0, 0.0]), np.array([5, 5]), 1)
    [Band(n=1.0, events=0.5, expected=0.5)]
    """
    parts = [part for part in np.array_split(np.argsort(log_odds, kind="stable"), count) if len(part)]
    return [_band(y[part], sigmoid(log_odds[part]), record[part]) for part in parts]


def _band(y: Floats, p: Floats, record: Ints) -> Band:
    n = float(len(np.unique(record)))
    return Band(n, n * float(y.mean()), n * float(p.mean()))


def intervals(y: Floats, log_odds: Floats, record: Ints, origin: Ints) -> tuple[Intervals, float]:
    """The ranges, and the share of bands they held: made without an origin, tried on its bands, origin by origin.

    The strength is the one whose share comes nearest to 80 %, the narrower ranges on a tie.
    """
    if len(np.unique(origin)) < 2:
        return Intervals.of(bands(y, log_odds, record), WORTHS[-1]), float("nan")
    held = [_held(y, log_odds, record, origin, worth) for worth in WORTHS]
    best = int(np.argmin([abs(share - HOLDS) for share in held]))
    return Intervals.of(bands(y, log_odds, record), WORTHS[best]), held[best]


def _held(y: Floats, log_odds: Floats, record: Ints, origin: Ints, worth: float) -> float:
    found = [_inside(y, log_odds, record, origin == now, worth) for now in np.unique(origin)]
    return float(np.mean(np.concatenate(found)))


def _inside(y: Floats, log_odds: Floats, record: Ints, here: Bools, worth: float) -> Bools:
    made = Intervals.of(bands(y[~here], log_odds[~here], record[~here]), worth)
    tried = bands(y[here], log_odds[here], record[here])
    said = np.array([band.expected / band.n for band in tried]).clip(1e-6, 1.0 - 1e-6)
    seen = np.array([band.events / band.n for band in tried])
    low, high = made.around(np.log(said) - np.log1p(-said))
    return (low <= seen) & (seen <= high)
