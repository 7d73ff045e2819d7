"""The whole job: one signed bundle for one content, honest with little data, tracked when MLflow is there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.columns import Words
from features.crm.store import Store
from features.matrix import Matrix
from features.settings import Settings
from models.bundle import load_bundle
from models.keys import load_public
from training import job
from training.dataset import Dataset, dataset
from training.evaluate import line
from training.job import TrainingError, TrainResult, train
from training.promote import later, promote, rollback

MakeUp = Callable[..., Dataset]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(artifacts=tmp_path / "artifacts")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'crm.db'}")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, store: Store, settings: Settings) -> Callable[..., TrainResult]:
    """Train on a made-up dataset, with no MLflow to be reached."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", NOWHERE)

    def run(data: Dataset, **options: Any) -> TrainResult:
        monkeypatch.setattr(job, "dataset", lambda *_: data)
        return train(store, settings, "opportunities", data.known_by, **options)

    return run


def test_same_content_same_version_and_the_first_good_model_serves(
    make_up: MakeUp,
    shuffled: Callable[..., Dataset],
    trained: Callable[..., TrainResult],
    store: Store,
    settings: Settings,
) -> None:
    data = make_up(300)
    made = trained(data)
    assert made.promoted
    champion = store.champion("opportunities", "won")
    assert champion is not None
    assert champion.version == made.version
    again = trained(shuffled(data, 4))
    assert (again.version, again.metrics) == (made.version, made.metrics)
    assert len(store.champions()) == 1
    model = load_bundle(settings.artifacts, made.version, load_public(settings.verify_key_path))
    assert model.meta["rung"] == made.rung
    assert model.meta["counts"]["records"] == 300
    assert trained(make_up(300, seed=5)).version != made.version


def test_training_finishes_and_says_so_when_mlflow_is_down(
    make_up: MakeUp, trained: Callable[..., TrainResult]
) -> None:
    made = trained(make_up(40), promote=False)
    assert "was not recorded in MLflow" in made.tracking
    assert not made.promoted


@pytest.mark.parametrize("reached", [True, False])
def test_one_class_only_trains_the_base_rate_and_says_why(
    make_up: MakeUp, trained: Callable[..., TrainResult], settings: Settings, reached: bool
) -> None:
    data = make_up(80)
    data = replace(data, cause=np.where(data.cause >= 0, np.int32(0 if reached else 1), data.cause))
    made = trained(data)
    assert made.rung == "base_rate"
    assert "closed records reached the target" in made.why
    model = load_bundle(settings.artifacts, made.version, load_public(settings.verify_key_path))
    said = model.predict(data.matrix)
    # only wins may mean that losses are left open for good; without a single win there is nothing to go by
    assert set(said.evidence.tolist()) == {"thin" if reached else "none"}
    assert (said.probability > 0.95).all() if reached else (said.probability < 0.05).all()


def test_nothing_closed_yet_still_answers_and_nothing_at_all_is_an_error(
    make_up: MakeUp, trained: Callable[..., TrainResult], settings: Settings
) -> None:
    data = make_up(30)
    made = trained(replace(data, cause=np.full(len(data), -1, np.int32), days=np.ones(len(data))))
    assert made.rung == "base_rate"
    model = load_bundle(settings.artifacts, made.version, load_public(settings.verify_key_path))
    assert set(model.predict(data.matrix).evidence.tolist()) == {"none"}
    with pytest.raises(TrainingError, match="plumbline import"):
        trained(data.take(np.zeros(len(data), np.bool_)))


def test_fewer_than_fifty_closed_records_train_with_thin_evidence(
    make_up: MakeUp, trained: Callable[..., TrainResult]
) -> None:
    made = trained(make_up(45))
    assert made.rung in ("base_rate", "stage_table", "pooled_logistic")
    assert "evidence is thin" in made.why


def test_a_worse_model_does_not_replace_the_champion_and_a_rollback_brings_it_back(
    make_up: MakeUp, trained: Callable[..., TrainResult], store: Store, settings: Settings
) -> None:
    data = make_up(800)
    good = trained(data)
    rng = np.random.default_rng(0)
    noise = Matrix(
        {**data.matrix.numbers, "signal": rng.normal(size=len(data)), "other": rng.normal(size=len(data))},
        {
            **data.matrix.categories,
            "source": Words(rng.integers(0, 3, len(data)).astype(np.int32), ("web", "fair", "call")),
        },
    )
    blind = replace(data, matrix=noise)
    _, seen, _ = job.learn(blind, None, 0, lambda _: None)
    assert seen is not None
    champion = load_bundle(settings.artifacts, good.version, load_public(settings.verify_key_path))
    early = replace(champion, meta=champion.meta | {"as_of": 0})  # as if it had been trained before these rows
    verdict = later("stage_table", seen, data, early)
    assert not verdict.live
    assert "the champion itself" in verdict.why
    assert later("stage_table", seen, data, champion).live  # its own recipe on the same blind features does no better
    promote(store, "opportunities", "won", "0123456789abcdef")
    assert rollback(store, "opportunities", "won") == good.version
    assert [row.version for row in store.champions()] == [good.version, "0123456789abcdef", good.version]


def test_the_probability_means_what_it_says_on_new_records(
    make_up: MakeUp, trained: Callable[..., TrainResult], settings: Settings
) -> None:
    made = trained(make_up(2_000, seed=11))
    model = load_bundle(settings.artifacts, made.version, load_public(settings.verify_key_path))
    new = make_up(6_000, seed=8, span=5_000.0)
    new = new.take(new.known_by - new.as_of > 100 * 86_400_000_000)
    said = model.predict(new.matrix)
    came = ((new.cause == 0) & (new.days <= said.horizon_days)).astype(float)
    slope, shift = line(came, said.log_odds, np.ones(len(new)))
    assert slope == pytest.approx(1.0, abs=0.2)
    assert shift == pytest.approx(0.0, abs=0.15)
    for days in (7, 30):
        reached = ((new.cause == 0) & (new.days <= days)).mean()
        assert float(said.by[days].mean()) == pytest.approx(reached, abs=0.03)


def test_a_run_leaves_its_traces_in_mlflow(
    make_up: MakeUp, trained: Callable[..., TrainResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(make_up(30), promote=False)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    made = trained(make_up(200), note="first")
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    known = client.get_model_version_by_alias("plumbline-opportunities-won", "champion")
    assert known.tags["version"] == made.version
    number = str(known.run_id)
    run = client.get_run(number)
    assert run.data.metrics["log_loss"] == made.metrics["log_loss"]
    assert run.data.params["rung"] == made.rung
    assert run.data.params["data_hash"] == make_up(200).data_hash()
    files = {item.path for folder in ("bundle", "training") for item in client.list_artifacts(number, folder)}
    assert {"bundle/manifest.json", "training/reliability.png", "training/replay_by_origin.png"} <= files
    assert "training/estimator.joblib" in files


def test_an_empty_store_and_an_unknown_target_are_named(store: Store, settings: Settings) -> None:
    with pytest.raises(TrainingError, match="no opportunities to learn from"):
        train(store, settings, "opportunities", 0)
    with pytest.raises(ValueError, match="choose"):
        dataset(store, settings, "leads", "signed", 0)
