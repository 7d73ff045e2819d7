"""Proof that nothing is learnt from labels that mean nothing: with outcomes dealt out anew the AUC is one half."""

from collections.abc import Iterator
from math import sqrt
from random import Random
from unittest.mock import patch

import numpy as np

from features.asof import features_at
from features.columns import Floats
from features.history import History, load_history
from features.outcomes import LOST, REACHED
from features.streams import load_streams
from features.view import Rows
from models.model import Model
from tests.asking import SETTINGS
from tests.crm_folder import Crm, seeded, store_of
from tests.proofs.proof import Verdict
from tests.proofs.sources import rows_of, world
from training import job
from training.dataset import Dataset, dataset
from training.estimators import ESTIMATORS
from training.evaluate import auc

NEAR = 0.03
"""How near one half the AUC must be, or three standard errors where there are too few records for that."""
MANY = 3_000
"""From so many deals up every rung of the ladder learns, and the job chooses as it does."""
TOLD = ("outcome", "loss_reason", "loss_comment", "competitor")


def parts(size: int, seed: int) -> Iterator[Verdict]:
    """A world of `size` deals, their ends dealt out anew: the job learns from the earlier half, scores the later."""
    with world(size, seed) as folder:
        crm = rows_of(folder)
    store = store_of(dealt(crm, seeded(seed)))
    history = load_history(store, SETTINGS, "opportunities")
    at = int(np.quantile(history.created, 0.5))
    rows, won = held_out(history, at)
    matrix = features_at(history, load_streams(store, SETTINGS), rows)
    data = dataset(store, SETTINGS, "opportunities", "won", at)
    rungs = [*ESTIMATORS, ""] if size >= MANY else ["lightgbm_additive"]
    for rung in rungs:
        yield half(rung or "the rung the job chose", won, learnt(data, rung, seed).predict(matrix).probability)


def dealt(crm: Crm, random: Random) -> Crm:
    """The same deals, created and closed when they were, but won or lost as another closed deal was."""
    closed = [row for row in crm["opportunities"] if row["outcome"]]
    ends = [{name: row[name] for name in TOLD} for row in closed]
    random.shuffle(ends)
    end = {row["opportunity_id"]: one for row, one in zip(closed, ends, strict=True)}
    deals = [row | end.get(row["opportunity_id"], {}) for row in crm["opportunities"]]
    changes = [
        row | {side: end[row["entity_id"]]["outcome"] for side in ("old", "new") if row[side]}
        if row["field"] == "outcome" and row["entity_id"] in end
        else row
        for row in crm["changes"]
        if row["field"] not in TOLD[1:]
    ]
    return crm | {"opportunities": deals, "changes": changes}


def held_out(history: History, at: int) -> tuple[Rows, Floats]:
    """The deals created since an instant that closed, at their creation, and which were won."""
    outcomes = history.outcomes["won"]
    everyone = np.arange(len(history.ids))
    last = outcomes.last(everyone, np.full(len(everyone), np.iinfo(np.int64).max))
    state = np.append(outcomes.column("state"), -1)[last]
    chosen = np.flatnonzero((history.created >= at) & np.isin(state, (REACHED, LOST)))
    return Rows(chosen, history.created[chosen]), (state[chosen] == REACHED).astype(np.float64)


def learnt(data: Dataset, rung: str, seed: int) -> Model:
    """The model of the training job: of one rung, or of the one it chooses."""
    if not rung:
        return job.learn(data, None, seed, lambda _: None)[0]
    with patch.object(job, "allowed", lambda *_: [ESTIMATORS[rung]]):
        return job.learn(data, None, seed, lambda _: None)[0]


def half(rung: str, won: Floats, p: Floats) -> Verdict:
    """Whether won and lost deals rank alike.

    >>> half("a coin", np.array([1.0, 0.0]), np.array([0.5, 0.5])).said
    'AUC 0.500 (s.e. 0.500) of a coin on 2 held-out records'
    """
    ones, n = won.sum(), len(won)
    error = sqrt((n + 1) / (12 * ones * (n - ones)))
    found = auc(won, p, np.ones(n))
    said = f"AUC {found:.3f} (s.e. {error:.3f}) of {rung} on {n} held-out records"
    off = abs(found - 0.5) > max(NEAR, 3 * error)
    return Verdict(n, n if off else 0, (said,) if off else (), said)
