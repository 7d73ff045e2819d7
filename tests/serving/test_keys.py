"""Who may ask: keys, how they are kept, and when none is asked for."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.app import ServeError, create_app, run
from serving.keys import KeyListError, KeyRing, hash_of, make_key
from serving.settings import ServiceSettings
from tests.serving.conftest import settings_in

PATHS = (("POST", "/v1/leads/score"), ("POST", "/v1/history"), ("GET", "/v1/models"), ("GET", "/v1/leads/x"))


@pytest.fixture
def guarded(tmp_path: Path) -> tuple[TestClient, str, Path]:
    """A client of a service (on an empty store) that asks for a key, the key, and the file that lists it."""
    key, keys = make_key(), tmp_path / "keys"
    keys.write_text(f"# keys\n{hash_of(key)} the CRM\n")
    return TestClient(create_app(settings_in(tmp_path, api_keys=keys)), base_url="http://127.0.0.1"), key, keys


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer plk_wrong", "plk_wrong"])
def test_without_an_accepted_key_nothing_is_read(
    guarded: tuple[TestClient, str, Path], method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = guarded[0].request(method, path, headers=headers, content=b"not json")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert "wrong" not in answer.text


def test_an_accepted_key_opens_until_it_is_taken_off_the_list(guarded: tuple[TestClient, str, Path]) -> None:
    client, key, keys = guarded
    with client:
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get("/v1/models", headers=headers).status_code == 200
        keys.write_text("# none\n")
        assert client.get("/v1/models", headers=headers).status_code == 401


def test_health_and_documentation_ask_for_no_key(guarded: tuple[TestClient, str, Path]) -> None:
    with guarded[0] as client:
        assert [client.get(path).status_code for path in ("/livez", "/readyz", "/docs", "/openapi.json")] == [200] * 4


def test_a_list_that_holds_a_key_instead_of_its_hash_is_refused(tmp_path: Path) -> None:
    key = make_key()
    (tmp_path / "keys").write_text(key)
    with pytest.raises(KeyListError, match="line 1") as error:
        KeyRing.of("", tmp_path / "keys")
    assert key not in str(error.value)
    with pytest.raises(KeyListError):
        KeyRing.of(key, None)


def test_keys_differ_and_only_their_hash_is_needed() -> None:
    first, second = make_key(), make_key()
    assert first != second
    ring = KeyRing.of(f"{hash_of(first)}, {hash_of(second)}", None)
    assert (ring.opens(first), ring.opens(second), ring.opens(make_key())) == (True, True, False)


def test_a_service_others_can_reach_does_not_start_without_keys(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="PLUMBLINE_API_KEYS"):
        run(ServiceSettings(host="0.0.0.0", demo=True, store=f"sqlite:///{tmp_path / 'crm.db'}"))  # noqa: S104


def test_a_page_elsewhere_cannot_use_a_keyless_service(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path))
    assert TestClient(app, base_url="http://attacker.example").get("/v1/models").status_code == 401
    with TestClient(app, base_url="http://localhost:8000") as client:
        assert client.get("/v1/models").status_code == 200
