"""Which trained model to ask: the champion, the latest, or one by its version."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from features.crm.store import Store
from features.history import Kind
from features.settings import Settings
from models.bundle import BundleError, describe, load_bundle, versions
from models.keys import KeyFileError, load_public
from models.model import Model
from serving.instants import iso

TARGETS: dict[Kind, tuple[str, ...]] = {"leads": ("converted", "won"), "opportunities": ("won",)}
"""The targets of each kind, the default first."""


class NoModelError(Exception):
    """There is no such model to ask; the message says what to do."""


class Served(NamedTuple):
    """A model and its version."""

    version: str
    model: Model


def default_target(kind: Kind) -> str:
    """The target of a kind unless another is asked for.

    >>> default_target("leads")
    'converted'
    """
    return TARGETS[kind][0]


def chosen(store: Store, settings: Settings, kind: Kind, target: str, which: str = "champion") -> Served:
    """The model to ask: `which` is champion, latest, or a version. Raises NoModelError, also for a damaged bundle."""
    if which == "champion":
        row = store.champion(kind, target)
        if row is None:
            raise NoModelError(f"no champion for {kind} {target}: run `plumbline train {kind}`, or name a --model")
        return load(settings, row.version)
    if which == "latest":
        return load(settings, latest(settings, kind, target))
    served = load(settings, which)
    said = (served.model.meta.get("kind"), served.model.meta.get("target"))
    if said != (kind, target):
        raise NoModelError(f"version {which} answers for {said[0]} {said[1]}, not for {kind} {target}")
    return served


def latest(settings: Settings, kind: Kind, target: str) -> str:
    """The version trained last for (kind, target)."""
    for meta in trained(settings):
        if (meta.get("kind"), meta.get("target")) == (kind, target):
            return str(meta["version"])
    raise NoModelError(f"no model of {kind} {target} under {settings.artifacts}: run `plumbline train {kind}`")


def trained(settings: Settings) -> Iterator[dict[str, Any]]:
    """What each undamaged version says of itself, the newest first."""
    for version in reversed(versions(settings.artifacts)):
        try:
            yield describe(settings.artifacts, version)
        except BundleError:
            continue


def catalogue(store: Store, settings: Settings) -> list[dict[str, Any]]:
    """The trained versions, the newest first: what each predicts, its rung, its figures, and whether it serves."""
    serving = {row.version for kind in TARGETS for target in TARGETS[kind] if (row := store.champion(kind, target))}
    zone = ZoneInfo(settings.timezone)
    return [
        {name: str(meta.get(name, "")) for name in ("version", "kind", "target", "rung", "why")}
        | {"as_of": iso(int(meta["as_of"]), zone), "metrics": meta["metrics"], "champion": meta["version"] in serving}
        for meta in trained(settings)
    ]


def load(settings: Settings, version: str) -> Served:
    """One version, verified and tried. Raises NoModelError."""
    try:
        return Served(version, load_bundle(settings.artifacts, version, load_public(settings.verify_key_path)))
    except (BundleError, KeyFileError) as error:
        raise NoModelError(str(error)) from error
