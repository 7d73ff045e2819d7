"""The description of the API is true, its page loads nothing from elsewhere, and the other routes answer."""

import json
import re
from typing import Any

from markupsafe import escape
from starlette.testclient import TestClient

from features.columns import words
from models.wording import Language
from serving import schemas
from serving.answers import told
from serving.store import ScoreStore
from tests.serving.conftest import LEAD, score, service_of

LANGUAGES: dict[Language, str] = {"en": "not said", "fr": "non précisé"}


def _operations(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [(method, path, operation) for path, methods in paths.items() for method, operation in methods.items()]


def test_every_example_of_the_description_works(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    ran = 0
    for method, path, operation in _operations(client):
        if "requestBody" in operation:
            name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            for example in schemas[name]["examples"]:
                answer = client.request(method, path, json=example)
                assert answer.status_code == 200, answer.text
                assert answer.json().get("note") is None
                assert not answer.json().get("problems")
                ran += 1
    assert ran >= 3


def test_every_route_tells_its_errors(client: TestClient) -> None:
    for _, path, operation in _operations(client):
        if path.startswith("/v1/"):
            assert "401" in operation["responses"]
            for status, answer in operation["responses"].items():
                assert set(answer["content"]) == {"application/json" if status == "200" else "application/problem+json"}
            assert operation["security"] == [{"HTTPBearer": []}]
        if "requestBody" in operation:
            assert {"400", "415", "422", "503"} <= set(operation["responses"])


def test_the_page_lists_every_route_and_loads_nothing_from_elsewhere(client: TestClient) -> None:
    answer = client.get("/docs")
    for _, path, _ in _operations(client):
        assert f"<code>{path}</code>" in answer.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert loaded
    assert all(address.startswith("/") for address in loaded)
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert client.get("/static/docs.css").headers["content-type"].startswith("text/css")


def test_history_counts_what_becomes_of_each_row(client: TestClient) -> None:
    body = {
        "leads": [{"lead_id": "H1", "created_at": "2026-05-01", "Shoe": 1}, {"lead_id": "H2", "created_at": "soon"}],
        "activities": [{"activity_id": "H-1", "kind": "call", "lead_id": "H1", "occurred_at": "2026-05-02T10:00:00Z"}],
        "quotas": [{"period": "Q4 2026", "amount": "1 000,50"}],
    }
    said = client.post("/v1/history", json=body).json()
    counts = {
        table: (row["given"], row["accepted"], row["repaired"], row["quarantined"])
        for table, row in said["tables"].items()
    }
    assert counts == {"leads": (2, 1, 0, 1), "activities": (1, 1, 0, 0), "quotas": (1, 0, 1, 0)}
    assert said["custom_fields"] == ["Shoe"]
    assert {(item["table"], item["field"], item["outcome"]) for item in said["problems"]} >= {
        ("leads", "created_at", "quarantined"), ("quotas", "amount", "repaired"),
    }  # fmt: skip
    assert "soon" not in str(said)
    store = service_of(client).store
    assert "H1" in words(store.read("leads", ["lead_id"]), "lead_id").words
    assert any("H2" in row.raw for row in store.quarantined("leads"))
    again = client.post("/v1/history", json=body).json()
    assert again["tables"]["leads"]["unchanged"] == 1


def test_the_forecast_is_the_whole_then_its_groups(client: TestClient) -> None:
    rows = client.get("/v1/forecast?days=90&by=process").json()["rows"]
    whole, groups = rows[0], rows[1:]
    assert whole["group"] == ""
    assert groups
    assert round(whole["closed"] + whole["from_open"] + whole["from_new"], 2) == whole["expected"]
    assert whole["p10"] <= whole["p50"] <= whole["p90"]
    assert client.get("/v1/forecast?days=90&by=process").json()["rows"] == rows


def test_models_and_health(client: TestClient) -> None:
    models = client.get("/v1/models").json()["models"]
    assert {(row["kind"], row["target"], row["champion"]) for row in models} == {
        ("leads", "converted", True), ("opportunities", "won", True),
    }  # fmt: skip
    assert client.get("/livez").json() == {"alive": True}
    assert client.get("/readyz").json() == {"ready": True, "degraded": False, "missing": []}


def test_the_page_shows_what_goes_in_and_what_comes_out(client: TestClient) -> None:
    description, page = client.get("/openapi.json").json(), client.get("/docs").text
    assert "`" not in page
    shown = "\n".join(re.findall(r"(?s)<pre>(.*?)</pre>", page))
    assert max(map(len, shown.splitlines())) < 120
    for cell in ("lead.lead_id", "lead.created_at", "opportunity.amount", "activities"):
        assert f"<td><code>{cell}</code></td>" in page
    for _, _, operation in _operations(client):
        name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        [example] = description["components"]["schemas"][name]["examples"]
        given = getattr(schemas, name).model_validate(example, strict=True).model_dump(exclude_unset=True)
        assert given == example
        assert escape(json.dumps(example, indent=2, ensure_ascii=False)) in page


def test_answers_speak_of_fields_and_reasons_in_our_words(client: TestClient) -> None:
    refused = client.post("/v1/leads/score", json={"lead": {"lead_id": "W1"}, "wat": 1}).json()
    assert refused["errors"] == [{"field": "wat", "rule": "this field is not known here"}]
    score(client, LEAD)
    kept = ScoreStore(service_of(client).store).latest("leads", LEAD["lead_id"])
    assert kept is not None
    kept.answer["loss_risk"]["reasons"][0]["reason"] = "not said"
    for language, word in LANGUAGES.items():
        risk = told(kept.answer, language).loss_risk
        assert risk is not None
        assert risk.reasons[0].reason == word
