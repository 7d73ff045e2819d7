"""Training as of T on the whole history gives, byte for byte, the bundle that a history cut at T gives."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law, make_world
from features.crm.synthetic.law import Dirt
from features.history import Kind
from features.settings import Settings
from serving.champion import chosen
from serving.forecasting import ask, forecast_store
from tests.cut import cut
from training import job
from training.estimators import ESTIMATORS

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
LATER = 1_800_000_000_000_000


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("worlds")
    clean = load_law().model_copy(update={"dirt": Dirt(rate=0.0)})
    make_world(clean, seed=4, size=400, out=home / "whole")
    cut(home / "whole", home / "past", AT)
    return {name: home / name for name in ("whole", "past")}


@pytest.mark.parametrize("kind", ["opportunities", "leads"])
def test_the_future_is_not_in_the_bundle(
    folders: dict[str, Path], kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "track", lambda _: "not tracked")
    monkeypatch.setattr(job, "allowed", lambda *_: [ESTIMATORS[name] for name in ("base_rate", "pooled_logistic")])
    settings = Settings(artifacts=tmp_path / "artifacts")
    instant = round(AT.timestamp() * 1e6)
    versions, forecasts = [], []
    for folder in folders.values():
        store = Store.open(f"sqlite:///{tmp_path / folder.name}.db")
        import_folder(store, folder, settings=settings, seen_at=LATER)
        made = job.train(store, settings, kind, instant)
        versions.append(made.version)
        if kind == "opportunities":
            model = chosen(store, settings, kind, "won", made.version).model
            forecasts.append(forecast_store(store, settings, model, ask(settings, instant, days=60)))
    assert versions[0] == versions[1]
    assert forecasts[:1] == forecasts[1:]
