"""No request crashes the service, is echoed, or makes it hold more than it should."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient
from starlette.types import Message

from serving.app import create_app
from tests.serving.conftest import settings_in

CANARY = "jane.canary@secret.example"
ROUTES = ("/v1/leads/score", "/v1/opportunities/score", "/v1/history")
DEEP = 100_000


def _lead(**fields: Any) -> bytes:
    return json.dumps({"lead": {"lead_id": "L1", "email": CANARY, **fields}}).encode()


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "not json": CANARY.encode(),
    "cut short": _lead()[:-2],
    "two values": b"{}{}",
    "not utf-8": b'{"lead": "\xff\xfe"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": _lead().decode().encode("utf-16"),
    "nan": b'{"lead": {"lead_id": "L1", "amount": NaN}}',
    "infinity": b'{"lead": {"lead_id": "L1", "Budget": -Infinity}}',
    "1e999": b'{"lead": {"lead_id": "L1", "Budget": 1e999}}',
    "1e999 as money": b'{"opportunity": {"opportunity_id": "O1", "amount": 1e999}}',
    "many digits": b'{"lead": {"lead_id": ' + b"9" * 5_000 + b"}}",
    "deep list": b"[" * DEEP,
    "deep object": b'{"lead": ' * 5_000,
    "deep custom field": b'{"lead": {"lead_id": "L1", "x": ' + b"[" * 150 + b"]" * 150 + b"}}",
    "lone surrogate": b'{"lead": {"lead_id": "\\ud800"}}',
    "nul": _lead(company="a\0b"),
    "nul in a name": _lead(**{"a\0b": 1}),
    "list": b"[1, 2, 3]",
    "text": json.dumps(CANARY).encode(),
    "null": b"null",
    "true": b"true",
    "number as record": b'{"lead": 7}',
    "true as an id": b'{"lead": {"lead_id": true}}',
    "list as an id": json.dumps({"lead": {"lead_id": [CANARY]}}).encode(),
    "true as money": json.dumps({"opportunity": {"opportunity_id": "O1", "amount": True}}).encode(),
    "object as custom": _lead(x={"y": CANARY}),
    "number as text": _lead(company=12),
    "long text": _lead(company=CANARY * 500),
    "long name": _lead(**{CANARY * 20: 1}),
    "unknown part": json.dumps({"lead": {"lead_id": "L1"}, "extra": CANARY}).encode(),
    "activities no list": json.dumps({"lead": {"lead_id": "L1"}, "activities": CANARY}).encode(),
    "too many activities": json.dumps({"lead": {"lead_id": "L1"}, "activities": [{"kind": "call"}] * 501}).encode(),
    "year 0": _lead(created_at="0000-00-00T00:00:00Z"),
    "unknown table": json.dumps({"persons": [{"id": CANARY}]}).encode(),
    "row no object": json.dumps({"leads": [CANARY]}).encode(),
    "row without id": json.dumps({"leads": [{"email": CANARY}]}).encode(),
    "too many rows": json.dumps({"leads": [{"lead_id": 1}] * 5_001}).encode(),
}


def assert_problem(answer: Any, *statuses: int) -> None:
    """An answer is a problem of the one shape."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "request_id"} <= set(body)
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["x-request-id"]
    for item in body.get("errors", []):
        assert set(item) == {"field", "rule"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_and_not_echoed(client: TestClient, route: str, name: str) -> None:
    answer = client.post(route, content=HOSTILE[name], headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, 413, 422)
    assert "canary" not in answer.text.replace(f"lead.{CANARY * 20}"[:85], "")


@pytest.mark.parametrize("kind", [None, "text/plain", "application/xml", "multipart/form-data; boundary=x", "json"])
def test_another_media_type_is_refused(client: TestClient, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert_problem(client.post("/v1/leads/score", content=_lead(), headers=headers), 415)


@pytest.mark.parametrize(
    "query",
    [
        "store=perhaps",
        f"target={CANARY}",
        "source=a%20b",
        "source=..",
        f"source={'x' * 65}",
        "store=",
        "target=won&target=x",
    ],
)
def test_a_wrong_parameter_is_named_not_echoed(client: TestClient, query: str) -> None:
    answer = client.post(f"/v1/leads/score?{query}", json={"lead": {"lead_id": "L1"}})
    assert_problem(answer, 422)
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404), ("GET", "/v1/nowhere", 404), ("GET", "/v1/leads/none", 404),
        ("PUT", "/v1/leads/score", 405), ("DELETE", "/v1/history", 405), ("POST", "/v1/forecast", 405),
        ("GET", "/v1/forecast?period=someday", 422), ("GET", "/v1/forecast?days=-1", 422),
        ("GET", "/v1/forecast?by=planet", 422), ("GET", "/v1/forecast?period=2026&days=9", 422),
        ("GET", "/static/../app.py", 404), ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", f"/v1/leads/{'x' * 400}", 422), ("GET", "/v1/leads/a%00b", 422),
    ],
)  # fmt: skip
def test_every_error_has_one_shape(client: TestClient, method: str, path: str, status: int) -> None:
    assert_problem(client.request(method, path), status)


def test_a_store_that_does_not_answer_is_told_to_be_tried_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError(f"INSERT {CANARY}", {}, Exception("database is locked"))

    monkeypatch.setattr("serving.intake.accept_rows", fail)
    answer = client.post("/v1/leads/score", content=_lead(), headers={"Content-Type": "application/json"})
    assert_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert CANARY not in answer.text


def test_an_error_of_ours_tells_nothing_of_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"could not score {CANARY}")

    monkeypatch.setattr("serving.scorer.load_history", fail)
    answer = client.post("/v1/leads/score", content=_lead(), headers={"Content-Type": "application/json"})
    assert_problem(answer, 500)
    assert answer.json()["request_id"] in caplog.text
    for text in (answer.text, caplog.text):
        assert CANARY not in text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("route", "limit"),
    [("/v1/leads/score", 64 * 1024), ("/v1/opportunities/score", 64 * 1024), ("/v1/history", 4 << 20)],
)
@pytest.mark.parametrize("declared", [True, False], ids=["content-length", "chunked"])
def test_a_huge_body_is_refused_before_it_is_read(tmp_path: Any, route: str, limit: int, declared: bool) -> None:
    status, body, read = asyncio.run(_send_200_mb(create_app(settings_in(tmp_path)), route, declared))
    assert status == 413
    assert json.loads(body)["status"] == 413
    assert read <= (0 if declared else limit + 64 * 1024)


async def _send_200_mb(app: Any, route: str, declared: bool) -> tuple[int, bytes, int]:
    """Status, body, and how many bytes of the 200 MB were asked for."""
    total, chunk, sent = 200 << 20, b"x" * 65536, 0
    told: list[Message] = []

    async def receive() -> Message:
        nonlocal sent
        sent += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": sent < total}

    async def send(message: Message) -> None:
        told.append(message)

    length = [(b"content-length", str(total).encode())] if declared else [(b"transfer-encoding", b"chunked")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": route, "raw_path": route.encode(), "query_string": b"", "root_path": "", "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), *length],
    }  # fmt: skip
    await app(scope, receive, send)
    return told[0]["status"], b"".join(message.get("body", b"") for message in told[1:]), sent
