"""Which version is champion: a plain gate, a row in the store, and MLflow's alias as its mirror."""

import time
from dataclasses import dataclass

import numpy as np

from features.crm.store import Store
from features.settings import Settings
from models.bundle import BundleError, load_bundle
from models.keys import KeyFileError, load_public
from models.model import Model
from models.odds import sigmoid
from training.dataset import Dataset
from training.evaluate import log_loss
from training.replay import Replay
from training.tracking import mirror

TOLERANCE = 0.01
"""Log loss by which a later model may trail the champion on the most recent rows: about what chance alone moves it."""

UNSEEN = 50
"""From so many records later than the champion's training up, the champion itself is judged on them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a version may go live, and why, in a sentence."""

    live: bool
    why: str


def first(rung: str, seen: Replay | None) -> Verdict:
    """The first model must beat the base rate on the replay; the base rate itself may always serve, it is honest."""
    if rung == "base_rate" or seen is None:
        return Verdict(True, "first model: the base rate serves until more is known")
    mine, base = seen.loss(rung), seen.loss("base_rate")
    said = f"replay log loss {mine:.4f} against {base:.4f} of the base rate"
    return Verdict(mine < base, f"first model: {said}")


def later(rung: str, seen: Replay | None, data: Dataset, champion: Model) -> Verdict:
    """A later model must not be worse than the champion by more than `TOLERANCE` on the most recent origin's rows.

    The new model is judged by the replay's fit, which has not seen them. So is the champion: by its own answers where
    enough of these rows are later than its training, else by the replay's fit of its rung.
    """
    if seen is None:
        return Verdict(False, "too few closed records to compare with the champion")
    recent = seen.origin == seen.origin.max()
    unseen = recent & (data.as_of[seen.row] >= int(champion.meta["as_of"]))
    theirs = _answers(champion, data, seen, unseen)
    if theirs is not None:
        recent, by = unseen, "the champion itself"
    else:
        name = str(champion.meta["rung"])
        theirs, by = seen.log_odds.get(name, seen.log_odds["base_rate"])[recent], f"the champion's recipe ({name})"
    y, weight = seen.y[recent], seen.weight[recent]
    mine = log_loss(y, sigmoid(seen.log_odds[rung][recent]), weight)
    base = log_loss(y, sigmoid(theirs), weight)
    said = f"log loss {mine:.4f} against {base:.4f} of {by} on {len(np.unique(seen.record[recent]))} recent records"
    return Verdict(mine <= base + TOLERANCE, f"{said} (tolerance {TOLERANCE})")


def _answers(champion: Model, data: Dataset, seen: Replay, unseen: np.ndarray) -> np.ndarray | None:
    if len(np.unique(seen.record[unseen])) < UNSEEN:
        return None
    try:
        return champion.predict(data.matrix.take(seen.row[unseen])).log_odds
    except ValueError:  # another catalogue: it can no longer be asked
        return None


def gate(store: Store, settings: Settings, rung: str, seen: Replay | None, data: Dataset) -> Verdict:
    """May a model of this rung replace the champion of the dataset's kind and target?"""
    row = store.champion(data.kind, data.target)
    if row is None:
        return first(rung, seen)
    try:
        champion = load_bundle(settings.artifacts, row.version, load_public(settings.verify_key_path))
    except (BundleError, KeyFileError) as error:
        verdict = first(rung, seen)
        return Verdict(verdict.live, f"the champion {row.version} cannot be loaded ({error}); {verdict.why}")
    return later(rung, seen, data, champion)


def promote(store: Store, kind: str, target: str, version: str, by: str = "", note: str = "") -> str:
    """Make the version champion of (kind, target) from now on; says what MLflow made of it."""
    now = store.champion(kind, target)
    if now is None or now.version != version:
        store.set_champion(kind, target, version, time.time_ns() // 1000, by=by, note=note)
    return mirror(kind, target, version)


def rollback(store: Store, kind: str, target: str, by: str = "", note: str = "") -> str:
    """Make the previous champion champion again and give its version. Raises ValueError where there is none."""
    row = store.previous_champion(kind, target)
    if row is None:
        raise ValueError(f"no earlier champion of {kind} {target} to go back to")
    promote(store, kind, target, row.version, by, note or "rollback")
    return row.version
