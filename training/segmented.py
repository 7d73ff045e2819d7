"""The parts of a model that are told apart by process, stage and age: when the target comes, and what loses them."""

import numpy as np

from features.columns import Codes, Floats, Ints
from models.outcomes import ReasonShares, TimeTable
from training.aim import Aim
from training.cells import STRENGTH, Cells
from training.censoring import Incidence
from training.dataset import Dataset

BINS = 40
"""Bins of days between as-of and the horizon, finer at the start."""


def _edges(longest: float) -> Floats:
    """Rising from 0 to the longest horizon, denser near 0, whole weeks kept where they fit.

    >>> _edges(1.0)[[0, -1]].tolist()
    [0.0, 1.0]
    """
    even = longest * (np.arange(BINS + 1) / BINS) ** 2
    known = np.array([1.0, 2.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0])
    edges = np.unique(np.concatenate([even, known[known < longest]]).round(9))
    apart = np.diff(edges, prepend=-1.0) > longest * 1e-4
    return np.asarray(edges[apart], np.float64)


def time_table(data: Dataset, aim: Aim, cells: Cells) -> TimeTable:
    """When the target is reached after a row, given that it is; rows still open count for as long as they were seen."""
    edges = _edges(float(aim.days.max(initial=1.0)))
    shares = _shares(cells.curve(data.matrix, data.days, data.cause), edges)
    return TimeTable(cells.segments, tuple(edges.tolist()), tuple(tuple(row.tolist()) for row in shares))


def _shares(curve: Incidence, edges: Floats) -> Floats:
    """P(reached in each bin) of each group, scaled to add up to 1; even where nobody reached the target."""
    _, reached, _ = curve.cumulative()
    at = np.searchsorted(curve.grid, edges, side="right")
    gains = np.maximum(np.diff(reached[:, at], axis=1), 0.0)
    total = gains.sum(axis=1, keepdims=True)
    even = np.broadcast_to(np.diff(edges) / edges[-1], gains.shape)
    gains = np.where(total > 0.0, gains / np.where(total > 0.0, total, 1.0), even)
    return np.asarray(gains / gains.sum(axis=1, keepdims=True), np.float64)


def reason_shares(data: Dataset, weight: Floats, cells: Cells) -> ReasonShares:
    """How losses split over the reasons given, per cell, each drawn to its coarser one (Dirichlet)."""
    reasons = data.reasons or ("not said",)
    lost = data.cause > 0
    reason, mass = data.cause[lost].astype(np.int64) - 1, weight[lost]
    chain = cells.chain(cells.locate(data.matrix.take(lost)))
    share = np.full((len(cells.above), len(reasons)), 1.0 / len(reasons))
    for depth, (positions, own) in enumerate(zip(cells.depths(), chain, strict=True)):
        counts = _counts(own, reason, mass, share.shape)[positions]
        prior = STRENGTH if depth else 1.0
        drawn = counts + prior * share[cells.above[positions]]
        share[positions] = drawn / drawn.sum(axis=1, keepdims=True)
    return ReasonShares(cells.segments, reasons, tuple(tuple(row.tolist()) for row in share))


def _counts(cell: Codes, reason: Ints, mass: Floats, shape: tuple[int, int]) -> Floats:
    known = cell >= 0
    flat = cell[known].astype(np.int64) * shape[1] + reason[known]
    return np.bincount(flat, mass[known], minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
