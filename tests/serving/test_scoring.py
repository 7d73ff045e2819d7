"""Score-on-create: what an answer says, what is kept, and what changes it."""

import json
from itertools import pairwise
from math import exp
from typing import Any

import pytest
from starlette.testclient import TestClient

from features.columns import words
from features.history import Kind
from models.model import Model
from serving.answers import matrix_of
from serving.store import ScoreStore
from tests.serving.conftest import DEAL, LEAD, Copy, client_of, score, service_of


@pytest.mark.parametrize(("record", "target"), [(LEAD, "converted"), (DEAL, "won")])
def test_an_answer_is_whole_and_adds_up(client: TestClient, record: dict[str, Any], target: str) -> None:
    said = score(client, record, "?store=false")
    assert (said["target"], said["model"]["kind"], said["degraded"]) == (target, "champion", False)
    assert said["base_log_odds"] + sum(reason["log_odds"] for reason in said["reasons"]) == pytest.approx(
        said["log_odds"], abs=1e-9
    )
    assert said["probability"] == pytest.approx(1 / (1 + exp(-said["log_odds"])), abs=1e-12)
    assert said["probability"] + said["p_open"] + said["loss_risk"]["total"] == pytest.approx(1)
    assert sum(item["probability"] for item in said["loss_risk"]["reasons"]) == pytest.approx(
        said["loss_risk"]["total"]
    )
    assert said["interval"]["low"] <= said["probability"] <= said["interval"]["high"]
    chances = [item["probability"] for item in said["horizons"]]
    assert all(early <= late for early, late in pairwise([*chances, said["probability"]]))
    assert said["predicted_close"]["low"] <= said["predicted_close"]["date"] <= said["predicted_close"]["high"]


def test_the_amount_is_told_in_its_currency(client: TestClient) -> None:
    yen = score(client, DEAL | {"amount": "120000", "currency": "JPY"}, "?store=false")
    assert (yen["amount_if_won"], yen["currency"]) == (120000, "JPY")
    assert score(client, LEAD, "?store=false")["amount_if_won"] is None


def test_nothing_is_kept_when_asked_not_to(client: TestClient) -> None:
    service = service_of(client)
    before = service.store.version(), service.store.count("leads"), service.store.count("activities")
    score(client, LEAD | {"lead_id": "L-ghost"}, "?store=false", activities=[{"kind": "call", "direction": "in"}])
    assert (service.store.version(), service.store.count("leads"), service.store.count("activities")) == before
    assert client.get("/v1/leads/L-ghost").status_code == 404


def test_a_record_sent_again_is_updated_not_doubled(client: TestClient) -> None:
    store = service_of(client).store
    score(client, DEAL | {"opportunity_id": "O-twice"})
    count = store.count("opportunities")
    score(client, {"opportunity_id": "O-twice", "amount": 7500})
    assert store.count("opportunities") == count
    kept = store.read("opportunities", where={"opportunity_id": ["O-twice"]})
    assert kept["amount"].tolist() == [750_000]
    assert words(kept, "stage").tolist() == ["Qualification"]
    changes = store.read("changes", where={"entity_id": ["O-twice"]})
    assert words(changes, "field").tolist() == ["amount"]


def test_the_latest_score_is_given_again(client: TestClient) -> None:
    first = score(client, LEAD | {"lead_id": "L-again"})
    assert client.get("/v1/leads/L-again").json() == first
    second = score(client, LEAD | {"lead_id": "L-again", "title": "Stagiaire"})
    assert client.get("/v1/leads/L-again").json() == second
    assert second["as_of"] > first["as_of"]


def test_a_kept_score_replays_bit_for_bit(client: TestClient) -> None:
    service = service_of(client)
    records: dict[Kind, dict[str, Any]] = {"leads": LEAD, "opportunities": DEAL}
    for kind, record in records.items():
        said = score(client, record)
        kept = ScoreStore(service.store).latest(kind, said["id"])
        assert kept is not None
        assert kept.features is not None
        model: Model = service.live.state.ladder(kind, said["target"])[0].served.model
        prediction = model.predict(matrix_of(kept.features))
        assert float(prediction.log_odds[0]) == kept.log_odds == said["log_odds"]
        assert float(prediction.probability[0]) == said["probability"]


def test_what_has_just_happened_counts_at_once(client: TestClient) -> None:
    record = LEAD | {"lead_id": "L-fresh"}
    score(client, record)
    score(client, record, activities=[{"kind": "form", "direction": "in"}])
    kept = ScoreStore(service_of(client).store).latest("leads", "L-fresh")
    assert kept is not None
    assert json.loads(kept.features or "")["numbers"]["inbound_7d"] == 1


def test_what_is_known_of_the_company_counts(client: TestClient) -> None:
    account = {"account_id": "A-new", "postal_code": "69003", "country": "FR", "employees": 40}
    said = score(client, DEAL | {"opportunity_id": "O-firm"}, account=account)
    kept = ScoreStore(service_of(client).store).latest("opportunities", said["id"])
    assert kept is not None
    features = json.loads(kept.features or "")
    assert features["numbers"]["employees"] == 40
    assert features["categories"]["region"] == "Auvergne-Rhône-Alpes"


def test_unknown_fields_are_kept_and_named(client: TestClient) -> None:
    said = score(client, LEAD | {"lead_id": "L-custom", "Shoe size": 43, "vip": True})
    assert "Shoe size" in said["note"]
    assert "vip" in said["note"]
    kept = service_of(client).store.read_custom("leads", ["Shoe size", "vip"], {"lead_id": ["L-custom"]})
    assert [column.tolist() for column in kept.values()] == [["43"], ["true"]]


def test_a_value_read_with_a_repair_is_told(client: TestClient) -> None:
    said = score(client, DEAL | {"expected_close": "one day"}, "?store=false")
    assert "opportunity.expected_close (not a date; read as unknown)" in said["note"]


def test_a_closed_record_has_no_probability(client: TestClient) -> None:
    record = DEAL | {
        "opportunity_id": "O-lost",
        "outcome": "lost",
        "created_at": "2026-01-05",
        "closed_at": "2026-02-01",
    }
    said = score(client, record)
    assert (said["probability"], said["reasons"]) == (None, [])
    assert "closed" in said["note"]


def test_french_is_answered_in_french(client: TestClient) -> None:
    said = client.post(
        "/v1/leads/score?store=false", json={"lead": LEAD}, headers={"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}
    ).json()
    english = score(client, LEAD, "?store=false")
    by_group = {reason["group"]: reason["sentence"] for reason in english["reasons"]}
    assert any(by_group.get(reason["group"]) != reason["sentence"] for reason in said["reasons"])
    assert any(" : " in reason["sentence"] for reason in said["reasons"])


def test_ids_of_another_source_do_not_collide(client: TestClient) -> None:
    store = service_of(client).store
    score(client, LEAD | {"lead_id": "7"})
    assert score(client, LEAD | {"lead_id": 7}, "?source=hubspot")["id"] == "hubspot:7"
    ids = words(store.read("leads", ["lead_id"]), "lead_id").tolist()
    assert {"7", "hubspot:7"} <= set(ids)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lead": {"lead_id": "L-bad", "created_at": "soon"}}, "lead.created_at"),
        ({"lead": {"lead_id": "L-bad", "created_at": "2099-01-01"}}, "lead.created_at"),
        ({"lead": {"lead_id": ""}}, "lead.lead_id"),
        ({"lead": {"lead_id": "x" * 201}}, "lead.lead_id"),
        ({"lead": {"lead_id": "L-bad"}, "activities": [{"kind": "dance"}]}, "activities.0.kind"),
        ({"lead": {"lead_id": "L-bad"}, "account": {"name": "Firm"}}, "account.account_id"),
        ({"lead": {"lead_id": "L-bad", "account_id": "A1"}, "account": {"account_id": "A2"}}, "account.account_id"),
    ],
)
def test_a_row_that_breaks_a_rule_keeps_nothing(client: TestClient, body: dict[str, Any], field: str) -> None:
    store = service_of(client).store
    before = store.version(), len(store.quarantined())
    answer = client.post("/v1/leads/score", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert (store.version(), len(store.quarantined())) == before


def test_a_clock_set_back_loses_no_update(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of(copy()) as client:
        score(client, DEAL)
        monkeypatch.setattr("serving.scorer.now", lambda: 0)
        assert score(client, DEAL | {"amount": 9000})["amount_if_won"] == 9000


@pytest.mark.parametrize("written", [" sp1 ", "\u00a0sp1", "sp1\t"])
def test_spaces_around_ids_are_no_part_of_them(client: TestClient, written: str) -> None:
    said = score(client, LEAD | {"lead_id": written, "account_id": " sp-a"}, account={"account_id": "sp-a "})
    assert said["id"] == "sp1"
    assert client.get("/v1/leads/sp1").json() == said
    again = client.post("/v1/history", json={"leads": [{"lead_id": written, "status": "hot"}]}).json()
    assert again["tables"]["leads"]["quarantined"] == 0
    assert client.post("/v1/leads/score", json={"lead": {"lead_id": " \t"}}).status_code == 422
