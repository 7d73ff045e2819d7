"""The fallback ladder: there is always an answer, and it says what gave it."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from features.columns import words
from features.crm.fields import set_field
from features.crm.store import Store
from serving.answers import matrix_of
from serving.batch import score_table
from serving.store import ScoreStore
from tests.serving.conftest import DEAL, END, LEAD, Copy, client_of, score, service_of, settings_in, train

DAY = 86_400_000_000


def _damage(artifacts: Path, version: str) -> None:
    (artifacts / version / "model.json").write_bytes(b"{}")


def test_without_any_model_the_scorecard_gives_points_not_a_probability(tmp_path: Path) -> None:
    with client_of(settings_in(tmp_path)) as client:
        said = score(client, LEAD)
        assert said["model"] == {"name": "leads.converted", "version": None, "kind": "scorecard"}
        assert (said["probability"], said["grade"], said["degraded"]) == (None, None, True)
        assert 0 <= said["score"] <= 100
        assert all(reason["points"] and reason["log_odds"] is None for reason in said["reasons"])
        assert "not a probability" in said["note"]
        assert client.get("/v1/leads/L-new").json() == said
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["degraded"]
        assert any("train leads" in item for item in ready.json()["missing"])
        assert client.get("/v1/forecast").status_code == 503


def test_a_damaged_champion_hands_over_to_the_one_before(copy: Copy) -> None:
    settings = copy()
    store = Store.open(settings.store)
    before = store.champion("leads", "converted")
    assert before is not None
    version = train(store, settings, "leads", "stage_table", END - DAY)
    _damage(settings.artifacts, version)
    with client_of(settings) as client:
        said = score(client, LEAD)
        assert (said["model"]["kind"], said["model"]["version"], said["degraded"]) == ("previous", before.version, True)
        assert said["probability"] is not None
        assert client.get("/readyz").json()["missing"] == [f"model {version} cannot be loaded"]
        _damage(settings.artifacts, before.version)
        assert score(client, LEAD)["model"]["version"] == before.version  # what is loaded goes on answering
    with client_of(settings) as client:
        assert score(client, LEAD)["model"]["kind"] == "scorecard"
        assert score(client, DEAL)["model"]["kind"] == "champion"
        assert client.get("/livez").status_code == 200


def test_a_model_that_fails_hands_over(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("the catalogue has changed")

    monkeypatch.setattr("serving.rungs.reasons", fail)
    assert score(client, LEAD, "?store=false")["model"]["kind"] == "scorecard"


def test_without_features_the_base_rate_answers_and_says_so(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError("features")

    monkeypatch.setattr("serving.ladder.features_at", fail)
    said = score(client, DEAL)
    assert said["model"]["kind"] == "base_rate"
    assert 0 < said["probability"] < 1
    assert "not calibrated" in said["note"]
    assert (said["evidence"], said["interval"], said["degraded"]) == ("none", None, True)


def test_a_new_champion_answers_without_a_restart(copy: Copy) -> None:
    settings = copy()
    with client_of(settings) as client:
        first = score(client, LEAD)["model"]["version"]
        store = Store.open(settings.store)
        second = train(store, settings, "leads", "stage_table", END - DAY)
        service_of(client).live.renew(at_once=True)
        assert score(client, LEAD)["model"] == {"name": "leads.converted", "version": second, "kind": "champion"}
        store.set_champion("leads", "converted", first, END + 1, by="rollback")
        service_of(client).live.renew(at_once=True)
        assert score(client, LEAD)["model"]["version"] == first
        listed = {row["version"]: row["champion"] for row in client.get("/v1/models").json()["models"]}
        assert (listed[first], listed[second]) == (True, False)


@pytest.mark.parametrize(("known_at", "sort"), [("never", "number"), ("creation", "category")])
def test_a_model_goes_on_without_a_feature_that_is_no_longer_given(copy: Copy, known_at: str, sort: str) -> None:
    settings = copy()
    store = Store.open(settings.store)
    ids = words(store.read("opportunities", ["opportunity_id"]), "opportunity_id")
    bought = [{"Budget": str(at % 7)} for at in range(len(ids))]
    store.upsert("opportunities", {"opportunity_id": ids}, bought, seen_at=END)
    with store.transaction() as connection:  # as if the first import had brought it
        connection.exec_driver_sql("DELETE FROM changes WHERE field = 'Budget'")
    set_field(store, "opportunity", "Budget", "creation", "number", seen_at=END)
    version = train(store, settings, "opportunities", "lightgbm_full", END - DAY)
    deal = DEAL | {"Budget": 3}
    with client_of(settings) as client:
        before = score(client, deal, "?store=false")
        assert (before["model"]["version"], before["note"]) == (version, None)
        row = {"entity": "opportunity", "field": "Budget", "known_at": known_at, "type": sort}
        assert client.post("/v1/history", json={"attributes": [row]}).status_code == 200
        said = score(client, deal)
        assert said["model"] == {"name": "opportunities.won", "version": version, "kind": "champion"}
        assert "custom:Budget" in said["note"]
        assert said["base_log_odds"] + sum(item["log_odds"] for item in said["reasons"]) == pytest.approx(
            said["log_odds"], abs=1e-9
        )
        kept = ScoreStore(store).latest("opportunities", said["id"])
        assert kept is not None
        assert kept.features is not None
        model = service_of(client).live.state.ladder("opportunities", "won")[0].served.model
        assert model.predict(matrix_of(kept.features)).probability.tolist() == [said["probability"]]
        service_of(client).live.renew(at_once=True)
        ready = client.get("/readyz").json()
        assert (ready["ready"], ready["degraded"]) == (True, True)
        assert "custom:Budget" in ready["missing"][0]
        assert "plumbline train opportunities" in ready["missing"][0]
        assert client.get("/v1/forecast?days=90").status_code == 200
    table = score_table(store, settings, "opportunities", as_of=END - 90 * DAY, model=version).to_pylist()
    assert table
    assert all("custom:Budget" in row["note"] and row["probability"] is not None for row in table)
