"""One small seeded CRM, imported and with two quick models trained on it; each test may take a copy of its own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import training.job
from features.crm.importer import import_folder
from features.crm.store import Store
from features.crm.synthetic import load_law
from features.crm.synthetic.world import make_world
from features.crm.values import parse_instant
from features.history import Kind
from serving.app import create_app
from serving.champion import default_target
from serving.service import Service
from serving.settings import ServiceSettings
from training.estimators import ESTIMATORS

END = parse_instant("2026-06-30T00:00:00Z", "UTC")
LEAD = {
    "lead_id": "L-new",
    "email": "jane@firm.example",
    "source": "Salon",
    "process": "business",
    "title": "Directrice",
}
DEAL = {"opportunity_id": "O-new", "process": "business", "stage": "Qualification", "amount": 5000, "currency": "EUR"}
Copy = Callable[[], ServiceSettings]


def train(store: Store, settings: ServiceSettings, kind: Kind, rung: str, as_of: int = END) -> str:
    """One rung fitted at once, without the replay that would choose it and without MLflow; promoted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.job, "allowed", lambda *_: [ESTIMATORS[rung]])
        patch.setattr(training.job, "track", lambda _: "")
        version = training.job.train(store, settings, kind, as_of, promote=False).version
    store.set_champion(kind, default_target(kind), version, as_of)
    return version


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store `crm.db` and the bundles `artifacts`; not to be altered."""
    root = tmp_path_factory.mktemp("serving")
    make_world(load_law("french_sme"), seed=3, size=300, out=root / "crm", until=date(2026, 6, 30))
    settings = settings_in(root)
    store = Store.open(settings.store)
    import_folder(store, root / "crm", settings=settings, seen_at=END)
    train(store, settings, "leads", "pooled_logistic")
    train(store, settings, "opportunities", "lightgbm_additive")
    store.close()
    return root


def settings_in(root: Path, **other: Any) -> ServiceSettings:
    """Settings of a service on that folder, which renews what it holds only when a test asks it to."""
    return ServiceSettings(
        store=f"sqlite:///{root / 'crm.db'}", artifacts=root / "artifacts", refresh_seconds=3600, **other
    )


@pytest.fixture
def copy(world: Path, tmp_path: Path) -> Copy:
    """Makes a copy of the world to alter."""

    def make() -> ServiceSettings:
        shutil.copy(world / "crm.db", tmp_path / "crm.db")
        shutil.copytree(world / "artifacts", tmp_path / "artifacts")
        return settings_in(tmp_path)

    return make


def client_of(settings: ServiceSettings) -> TestClient:
    """A client as on the same machine; an error of ours is an answer 500, as a caller sees it."""
    return TestClient(create_app(settings), base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a service on a copy of the world that a module's tests share."""
    root = tmp_path_factory.mktemp("shared")
    shutil.copy(world / "crm.db", root / "crm.db")
    (root / "artifacts").symlink_to(world / "artifacts")
    with client_of(settings_in(root)) as client:
        yield client


def service_of(client: TestClient) -> Service:
    """The service behind a client."""
    service: Service = client.app.state.service  # type: ignore[attr-defined]
    return service


def score(client: TestClient, record: dict[str, Any], query: str = "", **other: Any) -> dict[str, Any]:
    """A score that is expected to be given."""
    kind, name = ("leads", "lead") if "lead_id" in record else ("opportunities", "opportunity")
    answer = client.post(f"/v1/{kind}/score{query}", json={name: record, **other})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body
