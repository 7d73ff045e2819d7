"""`plumbline doctor`: what is missing or wrong, and the command that mends it. Looks, never changes anything."""

import ctypes.util
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from features.crm.journal import unfinished
from features.crm.schema import TABLES
from features.crm.store import Store
from features.history import TARGETS
from features.settings import Settings
from models.bundle import BundleError, load_bundle
from models.keys import KeyFileError, load_public


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `state`: ok, note (works, but know it) or bad; `mend`: the command or act that mends it."""

    state: Literal["ok", "note", "bad"]
    says: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        """The same, as JSON has it."""
        return asdict(self)


def examine(settings: Settings) -> list[Finding]:
    """Everything looked at, in order; what cannot be looked at any more is left out."""
    findings = [*_machine(), *_disk(settings)]
    try:
        store = Store.open(settings.store)
    except Exception as error:
        return [*findings, Finding("bad", f"the store: {error}", "check --store or PLUMBLINE_STORE")]
    try:
        return [*findings, *_history(store), *_models(store, settings)]
    finally:
        store.close()


def _machine() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield (
        Finding("ok", f"Python {version}")
        if sys.version_info >= (3, 11)
        else Finding(
            "bad", f"Python {version}: 3.11 or later is needed", "install Python 3.11 and run make setup again"
        )
    )
    if ctypes.util.find_library("gomp"):
        yield Finding("ok", "libgomp, which LightGBM needs")
    else:
        yield Finding("bad", "libgomp is missing: LightGBM cannot load", "Debian and Ubuntu: apt-get install libgomp1")
    lacking = [name for name in ("mlflow", "sklearn", "pandas", "joblib") if find_spec(name) is None]
    if lacking:
        yield Finding("note", f"this install serves but cannot train: {', '.join(lacking)} not installed", "make setup")


def _disk(settings: Settings) -> Iterator[Finding]:
    key = settings.signing_key_path
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Finding("bad", f"the private signing key {key} can be read by others", f"chmod 600 {key}")
    folder = _nearest(settings.artifacts)
    if not folder.is_dir():
        yield Finding("bad", f"bundles cannot be kept: {folder} is not a folder", "set PLUMBLINE_ARTIFACTS to a folder")


def _nearest(path: Path) -> Path:
    """The path itself or the closest folder above it that exists."""
    return next(p for p in (path, *path.absolute().parents) if p.exists())


def _history(store: Store) -> Iterator[Finding]:
    counts = {name: store.count(name) for name in TABLES}
    if not counts["leads"] + counts["opportunities"]:
        yield Finding("bad", "the store holds no leads and no opportunities", "plumbline import FOLDER")
        return
    yield Finding("ok", "history: " + ", ".join(f"{count:,} {name}" for name, count in counts.items() if count))
    if not counts["changes"]:
        yield Finding(
            "note", "no change history: stage, expected close and own probability count only from the first import on",
            "export the CRM's field history as changes.csv, or import regularly: changes are then kept",
        )  # fmt: skip
    for one in unfinished(store):
        yield Finding("note", one.says[0], "run the same plumbline import again: it goes on where it stopped")
    quarantined = len(store.quarantined())
    if quarantined:
        yield Finding("note", f"{quarantined:,} rows are in quarantine", "plumbline quarantine")


def _models(store: Store, settings: Settings) -> Iterator[Finding]:
    for kind, target in TARGETS.items():
        champion = store.champion(kind, target)
        train = f"plumbline train {kind}"
        if champion is None:
            if store.count(kind):
                yield Finding("bad", f"no model serves {kind} {target}: answers fall back to points", train)
            continue
        mend = f"plumbline models rollback {kind}, or {train}"
        yield _serving(settings, champion.version, f"{kind} {target}", mend)


def _serving(settings: Settings, version: str, what: str, mend: str) -> Finding:
    try:
        load_bundle(settings.artifacts, version, load_public(settings.verify_key_path))
    except (BundleError, KeyFileError) as error:
        return Finding("bad", f"{what}: {error}", mend)
    return Finding("ok", f"{what}: {version} serves, verified")
