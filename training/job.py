"""The training job: from the store to a signed bundle, tracked, judged, and promoted when it may be."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from features.catalog import catalog_hash
from features.crm.store import Store
from features.history import TARGETS, Kind
from features.matrix import Matrix
from features.settings import Settings
from models.bundle import write_bundle
from models.keys import KeyFileError, load_private, load_public, make_keys
from models.model import Model
from models.odds import sigmoid
from training.aim import Aim, Outlook
from training.dataset import Dataset, dataset
from training.estimators import ESTIMATORS, Estimator, allowed
from training.evaluate import log_loss, measure
from training.fitting import build, known, served
from training.origins import origins
from training.plots import by_origin, reliability
from training.promote import gate
from training.promote import promote as make_champion
from training.replay import Replay, replay
from training.tracking import Run, model_name, track

ORIGINS = 4


class TrainingError(Exception):
    """There is nothing to train on; the message says what is lacking and what to do."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What `train` made. `promoted`: it is the champion now; `why`: the rung's reason, then the gate's."""

    version: str
    promoted: bool
    rung: str
    metrics: dict[str, float]
    why: str
    tracking: str

    def to_json(self) -> dict[str, Any]:
        """The fields as a JSON value, metrics rounded to 4 places."""
        return asdict(self) | {"metrics": {name: round(value, 4) for name, value in self.metrics.items()}}


def train(
    store: Store,
    settings: Settings,
    kind: Kind,
    as_of: int,
    target: str | None = None,
    within: float | None = None,
    without: Collection[str] = (),
    note: str = "",
    promote: bool = True,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> TrainResult:
    """Train a model of `kind` as if it were `as_of` (int64 microseconds), write its bundle, track it, and let it serve
    if it may.

    The same store, as-of and seed give the same version. Raises TrainingError where no record may teach, ValueError
    for an unknown target or feature.
    """
    target, key = target or TARGETS[kind], _key(settings)
    progress("reading the history")
    data = dataset(store, settings, kind, target, as_of, without)
    if not len(data):
        raise TrainingError(
            f"no {kind} to learn from before that instant: import a history with `plumbline import PATH` first"
        )
    with threadpool_limits(1, user_api="blas"):  # sums must not depend on the number of processors
        model, seen, metrics = learn(data, within, seed, progress)
    model = replace(model, meta=model.meta | facts(data))
    progress("writing the bundle")
    release = write_bundle(model, golden(data), settings.artifacts, key)
    verdict = gate(store, settings, str(model.meta["rung"]), seen, data)
    live = promote and verdict.live
    progress("recording the run in MLflow")
    said = track(_run(settings.artifacts / release, data, model, seen, metrics, note))
    if live:
        make_champion(store, kind, target, release, by="train", note=note or verdict.why)
    why = f"{model.meta['why']}; {verdict.why}"
    return TrainResult(release, live, str(model.meta["rung"]), metrics, why, said)


def learn(
    data: Dataset, within: float | None, seed: int, progress: Callable[[str], None]
) -> tuple[Model, Replay | None, dict[str, float]]:
    """The model, the replay that chose its rung (None where there was too little to replay) and its metrics."""
    aim, counts = Aim.of(data, within), known(data)
    rungs = allowed(counts["closed"], Outlook.of(data).rarer(data, aim))
    made = origins(data, ORIGINS, seed) if len(rungs) > 1 else []
    seen = replay(data, made, aim, rungs, seed, progress) if made else None
    rung, why = choose(rungs, seen, counts)
    progress(f"fitting {rung.says} on all that is known")
    model, learnt = build(data, aim, rung, seen, seed)
    metrics = replayed(seen, rung, model)
    meta = {
        "kind": data.kind, "target": data.target, "as_of": data.known_by, "rung": rung.name, "why": why, "seed": seed,
        "counts": counts, "horizon": {"days": model.horizon_days, "within": within}, "metrics": metrics,
        "data_hash": data.data_hash(), "window": [int(data.as_of.min()), int(data.as_of.max())],
        "left_out": sorted({*data.left_out, *data.untaught()}), **learnt,
    }  # fmt: skip
    return replace(model, meta=meta), seen, metrics


def choose(rungs: list[Estimator], seen: Replay | None, counts: dict[str, int]) -> tuple[Estimator, str]:
    """The rung to climb to, and why in a sentence."""
    if seen is None:
        said = f"{counts['won']} of {counts['closed']} closed records reached the target"
        return rungs[0], f"{said}: too few of one outcome or of both to try anything but the base rate"
    losses = {rung.name: seen.loss(rung.name) for rung in rungs}
    rung = ESTIMATORS[seen.choose([rung.name for rung in rungs])]
    best = min(losses, key=losses.__getitem__)
    said = ", ".join(f"{name} {loss:.4f}" for name, loss in losses.items())
    reason = "the best" if best == rung.name else f"the plainest within one standard error of {best}"
    few = f"; evidence is thin with {counts['closed']} closed records" if counts["closed"] < 50 else ""
    return rung, f"{rung.says} is {reason} on the replay (log loss: {said}){few}"


def replayed(seen: Replay | None, rung: Estimator, model: Model) -> dict[str, float]:
    """The replay's figures for the rung as served, and the log loss of every rung tried."""
    if seen is None:
        return {}
    p = sigmoid(np.clip(served(seen, rung, model.calibration), -12.0, 12.0))
    figures = measure(seen.y, p, seen.weight)
    tried = {f"log_loss_{name}": seen.loss(name) for name in seen.log_odds}
    return {name: value for name, value in (figures | tried).items() if np.isfinite(value)}


def golden(data: Dataset, rows: int = 64) -> Matrix:
    """A few rows spread over the dataset: their answers are kept in the bundle."""
    spread = np.unique(np.linspace(0, len(data) - 1, min(rows, len(data))).round().astype(np.int64))
    return data.matrix.take(spread)


def facts(data: Dataset) -> dict[str, Any]:
    """What the bundle says of where it comes from: catalogue, units and libraries."""
    return {
        "catalogue_hash": catalog_hash(data.catalogue),
        "units": {row.name: row.unit for row in data.catalogue if row.unit},
        "libraries": {name: installed(name) for name in ("lightgbm", "numpy")},
    }


def _key(settings: Settings) -> Ed25519PrivateKey:
    """The trainer's key, made on first use. Raises KeyFileError where no service could verify what it signs."""
    private, public = settings.signing_key_path, settings.verify_key_path
    if not private.exists() and not public.exists():
        make_keys(private, public)
    key = load_private(private)
    if key.public_key() != load_public(public):
        raise KeyFileError(f"{public} is not the public key of {private}: no service could load what this key signs")
    return key


def _run(bundle: Path, data: Dataset, model: Model, seen: Replay | None, metrics: dict[str, float], note: str) -> Run:
    meta = model.meta
    words = ("kind", "target", "as_of", "rung", "why", "seed", "left_out", "data_hash", "catalogue_hash")
    parameters = {name: meta[name] for name in words} | meta["counts"] | {"horizon_days": model.horizon_days}
    tags = {"rung": str(meta["rung"]), "data_hash": str(meta["data_hash"]), "note": note}
    return Run(
        model_name(data.kind, data.target), bundle.name, bundle, parameters, metrics, tags,
        pictures(seen, model), {"target": model.target, "loss": model.loss, "encoder": model.encoder},
    )  # fmt: skip


def pictures(seen: Replay | None, model: Model) -> dict[str, bytes]:
    """The replay as PNG files by name."""
    if seen is None:
        return {}
    rung = str(model.meta["rung"])
    p = sigmoid(model.calibration.apply(seen.log_odds[rung]))
    names = [str(np.datetime64(instant, "us").astype("datetime64[D]")) for instant in seen.instants]
    parts = [seen.origin == number for number in range(len(names))]
    losses = {
        name: [log_loss(seen.y[part], sigmoid(log_odds[part]), seen.weight[part]) for part in parts]
        for name, log_odds in seen.log_odds.items()
    }
    return {
        "reliability.png": reliability(seen.y, p, seen.weight, f"{rung}, replay"),
        "replay_by_origin.png": by_origin(names, losses),
    }
