"""What the replay says of the model that serves: its figures, and what it said against what happened.

Read from the bundle's JSON once its signature and hashes are verified; nothing is scored, so no model is loaded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from features.crm.store import Store
from features.history import Kind
from features.settings import Settings
from models.bundle import BundleError, describe, versions
from models.canonical import from_bytes
from models.keys import KeyFileError, load_public
from models.sealed import unseal
from training.facts.records import Told
from training.facts.shares import Point, Share, Verdict, verdict

MARGIN = 0.01
"""A model is called better than the base rate when its log loss is lower by more than this share."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The replay of `rows` rows. `log_loss` and `base_log_loss` (nats) are both out of sample; the base rate's Brier
    score is that of the one share that fits these very rows, known only afterwards. `auc` None with one outcome only.
    """

    rows: int
    base_rate: float
    log_loss: float
    base_log_loss: float
    brier: float
    auc: float | None
    slope: float
    intercept: float

    @property
    def base_brier(self) -> float:
        """The Brier score of the base rate."""
        return self.base_rate * (1 - self.base_rate)

    @property
    def gain(self) -> float:
        """The share by which the log loss is lower than the base rate's; negative when it is higher."""
        return 1 - self.log_loss / self.base_log_loss if self.base_log_loss else 0.0

    @property
    def better(self) -> bool:
        """Whether it beats the base rate by more than the margin."""
        return self.gain > MARGIN


@dataclass(frozen=True, slots=True)
class Replayed:
    """The model asked of a kind. `problem`: "" or unreadable (nothing else is known then), or no_replay.

    `champion` False: none serves, this is the version trained last. `closed`, `reached`: records it learnt from.
    `hindsight`: it was trained on more than was known at the report's instant. `thin`: processes with few closed ones.
    """

    kind: Kind
    target: str
    version: str
    champion: bool
    problem: Literal["", "unreadable", "no_replay"]
    rung: str = ""
    as_of: int = 0
    hindsight: bool = False
    horizon_days: float = 0.0
    closed: int = 0
    reached: int = 0
    thin: tuple[tuple[str, int], ...] = ()
    figures: Figures | None = None
    points: tuple[Point, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the reliability chart shows."""
        return verdict(self.points, self.figures.slope if self.figures else None)


def replayed(store: Store, settings: Settings, told: Told) -> tuple[Replayed, ...]:
    """The champion of each kind that has records, else its latest version; kinds without a model are left out."""
    return tuple(_replayed(store, settings, told))


def _replayed(store: Store, settings: Settings, told: Told) -> Iterator[Replayed]:
    for records in told.kinds:
        row = store.champion(records.kind, records.target)
        version = row.version if row else _latest(settings, records.kind, records.target)
        if version is None or not len(records):
            continue
        try:
            files = unseal(settings.artifacts, version, load_public(settings.verify_key_path))
            content = from_bytes(files["model.json"])
            yield _of(records.kind, records.target, version, row is not None, told.as_of, content)
        except (BundleError, KeyFileError, KeyError, ValueError):
            yield Replayed(records.kind, records.target, version, row is not None, "unreadable")


def _latest(settings: Settings, kind: Kind, target: str) -> str | None:
    for version in reversed(versions(settings.artifacts)):
        try:
            meta = describe(settings.artifacts, version)
        except BundleError:
            continue
        if (meta["kind"], meta["target"]) == (kind, target):
            return version
    return None


def _of(kind: Kind, target: str, version: str, champion: bool, as_of: int, content: dict[str, Any]) -> Replayed:
    meta, evidence = content["meta"], content["evidence"]
    figures = _figures(meta["metrics"])
    bands = content["intervals"]["bands"] if figures else []
    thin = [(name, int(n)) for name, n in evidence["by_process"].items() if n < evidence["thin_process"]]
    return Replayed(
        kind, target, version, champion, "" if figures else "no_replay", str(meta["rung"]), int(meta["as_of"]),
        int(meta["as_of"]) > as_of, float(content["horizon_days"]), int(meta["counts"]["closed"]),
        int(meta["counts"]["won"]), tuple(thin), figures,
        tuple(Point(band["expected"] / band["n"], Share(band["events"], band["n"])) for band in bands),
    )  # fmt: skip


def _figures(metrics: dict[str, Any]) -> Figures | None:
    if "log_loss_base_rate" not in metrics:
        return None
    return Figures(
        int(metrics["rows"]), metrics["base_rate"], metrics["log_loss"], metrics["log_loss_base_rate"],
        metrics["brier"], metrics.get("auc"), metrics["slope"], metrics["intercept"],
    )  # fmt: skip
