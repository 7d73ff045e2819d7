"""MLflow: every run's parameters, metrics, pictures, data hash and bundle. The only module that imports mlflow.

MLflow is a record, never a condition: whatever goes wrong with it, training finishes and says so, within seconds.
"""

import json
import logging
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib

EXPERIMENT = "plumbline"
DEFAULT_URI = "sqlite:///mlflow.db"
ALIAS = "champion"

_BOUNDS = {
    "MLFLOW_DISABLE_TELEMETRY": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "3",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
}
"""Set unless the environment says otherwise, so that a server that does not answer costs seconds."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run leaves behind. `files` are written next to the bundle, `estimator` is the analyst's copy (joblib)."""

    model: str
    version: str
    bundle: Path
    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    estimator: object = None


def model_name(kind: str, target: str) -> str:
    """The registered model of a (kind, target).

    >>> model_name("leads", "converted")
    'plumbline-leads-converted'
    """
    return f"plumbline-{kind}-{target}"


def track(run: Run) -> str:
    """Record the run and register its bundle as a model version; says where, or why it could not be recorded."""
    return _attempt(lambda client: _record(client, run), "the run was not recorded in MLflow")


def mirror(kind: str, target: str, version: str) -> str:
    """Point the alias `champion` at the registered version of this bundle; says so, or why it could not."""
    return _attempt(lambda client: _point(client, model_name(kind, target), version), "MLflow's alias was not moved")


def _attempt(work: Callable[[Any], str], failed: str) -> str:
    try:
        with _client() as client:
            return work(client)
    except Exception as error:  # whatever MLflow throws, the model is trained and kept
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        return f"{failed} ({reason}); the bundle is complete without it"


@contextmanager
def _client() -> Iterator[Any]:
    for name, value in _BOUNDS.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its dependencies deprecate is not ours to mend
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        from mlflow import MlflowClient

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        yield MlflowClient(_uri())


def _record(client: Any, run: Run) -> str:
    started = client.create_run(_experiment(client), run_name=f"{run.model} {run.version}", tags=dict(run.tags))
    number = started.info.run_id
    try:
        _log(client, number, run)
        registered = _register(client, number, run)
    except Exception:
        client.set_terminated(number, "FAILED")
        raise
    client.set_terminated(number)
    return f"MLflow run {number}, {run.model} version {registered}"


def _experiment(client: Any) -> str:
    found = client.get_experiment_by_name(EXPERIMENT)
    return str(found.experiment_id if found else client.create_experiment(EXPERIMENT, artifact_folder(_uri())))


def _uri() -> str:
    return os.environ.get("MLFLOW_TRACKING_URI") or DEFAULT_URI


def artifact_folder(uri: str) -> str | None:
    """Where the files of runs go: beside a local SQLite file, wherever training was started; else MLflow's own choice.

    >>> artifact_folder("sqlite:////srv/crm/mlflow.db")
    'file:///srv/crm/mlruns'
    >>> artifact_folder("http://mlflow:5000") is None
    True
    """
    scheme, _, path = uri.partition(":///")
    return (Path(path).resolve().parent / "mlruns").as_uri() if scheme == "sqlite" and path else None


def _log(client: Any, number: str, run: Run) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    client.log_batch(
        number,
        params=[Param(name, str(value)[:500]) for name, value in run.parameters.items()],
        metrics=[Metric(name, float(value), now, 0) for name, value in run.metrics.items()],
    )
    client.log_artifacts(number, str(run.bundle), "bundle")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in run.files.items():
            (Path(folder) / name).write_bytes(content)
        if run.estimator is not None:
            joblib.dump(run.estimator, Path(folder) / "estimator.joblib")
        (Path(folder) / "parameters.json").write_text(json.dumps(dict(run.parameters), default=str, indent=1))
        client.log_artifacts(number, folder, "training")


def _register(client: Any, number: str, run: Run) -> str:
    if not client.search_registered_models(f"name = '{run.model}'"):
        client.create_registered_model(run.model)
    tags = {"version": run.version, **run.tags}
    made = client.create_model_version(run.model, f"runs:/{number}/bundle", number, tags=tags)
    return str(made.version)


def _point(client: Any, model: str, version: str) -> str:
    found = [
        known for known in client.search_model_versions(f"name = '{model}'") if known.tags.get("version") == version
    ]
    if not found:
        return f"MLflow does not know {model} {version}: its alias was left alone"
    newest = max(found, key=lambda known: int(known.version))
    client.set_registered_model_alias(model, ALIAS, newest.version)
    return f"{model}@{ALIAS} is version {newest.version}"
