"""Bundles: a trained model as a signed folder (`models.sealed`), verified before any parser sees a byte of it.

The files are model.json, target.json, loss.json, golden.json and LightGBM's own *.lgb.txt. None holds a wall-clock,
host or path: the same model has the same version everywhere.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from features.matrix import Matrix
from models.canonical import from_bytes
from models.golden import FILE as GOLDEN
from models.golden import differences, golden_bytes
from models.model import Model
from models.sealed import VERSION, BundleError, seal, unseal
from models.trial import complaint

__all__ = ["BundleError", "describe", "load_bundle", "versions", "write_bundle"]

TRIAL_SECONDS = 60.0
_MEND = "serve another version (`plumbline models list`) or train again"
_tried: set[str] = set()


def write_bundle(model: Model, golden: Matrix, root: Path, private_key: Ed25519PrivateKey) -> str:
    """Write the model under `root` and give its version: all of it or nothing, also when killed half way.

    Up to 64 rows of `golden` are kept with their answers. Writing the same model again changes nothing. Raises
    BundleError, before anything is written, when the model read back from its own files would answer otherwise.
    """
    files = model.to_files() | {GOLDEN: golden_bytes(model, golden)}
    differing = differences(Model.from_files(files), files[GOLDEN])
    if differing:
        raise BundleError(
            f"the model changes when it is written and read back ({', '.join(differing)}); please report this"
        )
    return seal(files, root, private_key)


def load_bundle(root: Path, version: str, public_key: Ed25519PublicKey, *, seconds: float = TRIAL_SECONDS) -> Model:
    """The model of that version, after its signature, hashes and sizes were verified and its golden rows scored right.

    The first load of a version in this process is tried in a child process, for at most `seconds`. Raises BundleError.
    """
    files = unseal(root, version, public_key)
    if version not in _tried:
        said = complaint(files, seconds)
        if said:
            raise BundleError(f"{root / version}: {said}; {_MEND}")
    model = _parsed(files, root / version)
    _tried.add(version)
    return model


def versions(root: Path) -> list[str]:
    """The versions written under `root`, the oldest first; nothing is verified."""
    if not root.is_dir():
        return []
    found = [path for path in root.iterdir() if VERSION.fullmatch(path.name) and path.is_dir()]
    return [path.name for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))]


def describe(root: Path, version: str, public_key: Ed25519PublicKey | None = None) -> dict[str, Any]:
    """What training said of that version (`meta`), its files' sizes, and its horizon. The hashes are checked always,
    the signature when a key is given. Raises BundleError.
    """
    files = unseal(root, version, public_key)
    content = from_bytes(files["model.json"])
    sizes: dict[str, Any] = {name: len(body) for name, body in sorted(files.items())}
    return {"version": version, "horizon_days": content["horizon_days"], "files": sizes, **content["meta"]}


def _parsed(files: Mapping[str, bytes], folder: Path) -> Model:
    try:
        model = Model.from_files(files)
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{folder}: not a model this version of the software can read ({error}); {_MEND}") from error
    differing = differences(model, files[GOLDEN])
    if differing:
        raise BundleError(f"{folder}: its golden rows score differently here in {', '.join(differing)}; {_MEND}")
    return model
