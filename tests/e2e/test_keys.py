"""API keys, from outside: who may send, who may read, and that it holds at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running.caller import JSON, Caller
from tests.running.place import Place
from tests.servers.tools import wait_until

APP = Path(__file__).parents[1] / "running" / "counter.py"
ORDER = {"order_id": "O1", "status": "paid", "total": "1.50", "at": "2026-03-01T10:00:00Z"}


@pytest.fixture(scope="module", params=["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    store = request.getfixturevalue("postgres_url_c") if request.param == "postgres" else None
    with Place.of(tmp_path_factory.mktemp("keys"), APP, store, TRIVIUM_ACCESS="keys") as made:
        yield made


@pytest.fixture(scope="module")
def service(place: Place) -> Iterator[Caller]:
    running, caller = place.serve()
    yield caller
    running.stop()


def keys(place: Place, *words: str) -> Any:
    command = place.start("keys", str(place.app), *words, "--json")
    assert command.ended()
    assert command.code == 0, command.text
    return json.loads(command.text)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def sent(service: Caller, source: str, **headers: str) -> int:
    return service.ask("POST", f"/v1/in/{source}", json.dumps(ORDER), {"Content-Type": JSON, **headers}).status


def test_nobody_enters_without_a_key(service: Caller) -> None:
    answer = service.ask("POST", "/v1/in/till", json.dumps(ORDER), {"Content-Type": JSON})
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="trivium"')
    for path in (
        "/v1/records/counter/order/O1",
        "/v1/records/counter/order",
        "/v1/explain/counter/order/O1",
        "/metrics",
    ):
        assert service.get(path).status == 401, path
    for given in ("Bearer nonsense", "Basic abc", "Bearer trv_000000000000_" + "A" * 43, "Bearer"):
        assert service.get("/v1/records/counter/order/O1", Authorization=given).status == 401
    assert service.get("/healthz").status == service.get("/readyz").status == 200


def test_a_key_opens_what_it_was_made_for(place: Place, service: Caller) -> None:
    till = keys(place, "make", "till", "--send", "till")["key"]
    desk = keys(place, "make", "desk", "--read", "order")["key"]
    ops = keys(place, "make", "ops", "--operate")["key"]
    assert [sent(service, source, **bearer(till)) for source in ("till", "brief")] == [200, 403]
    assert sent(service, "till", **bearer(desk)) == 403
    assert sent(service, "night", **bearer(desk)) == 405, "no key would help"
    assert service.get("/v1/records/contre/order/O1", **bearer(desk)).status == 404
    read = "/v1/records/counter/order/O1"
    assert [service.get(read, **bearer(key)).status for key in (till, desk, ops)] == [403, 200, 403]
    assert service.get("/v1/records/counter/line/O1,1", **bearer(desk)).status == 403
    assert [service.get("/metrics", **bearer(key)).status for key in (till, ops)] == [403, 200]
    found = keys(place, "list")["keys"]
    assert {(one["name"], tuple(one["send"]), one["operate"]) for one in found} >= {
        ("till", ("till",), False),
        ("ops", (), True),
    }
    assert till not in json.dumps(found)


def test_who_sent_it_is_written_down(place: Place, service: Caller) -> None:
    key = keys(place, "make", "who-did-it", "--send", "*")["key"]
    assert sent(service, "phone", **bearer(key)) == 200
    listing = place.start("deliveries", str(place.app), "list", "--source", "phone", "--json")
    assert listing.ended()
    assert {one["by"] for one in json.loads(listing.text)["deliveries"]} == {"who-did-it"}


def test_a_revoked_key_opens_nothing_any_more(place: Place, service: Caller) -> None:
    made = keys(place, "make", "lost", "--send", "*")
    assert sent(service, "till", **bearer(made["key"])) == 200
    assert keys(place, "revoke", made["id"])["revoked_at"]
    wait_until(lambda: sent(service, "till", **bearer(made["key"])) == 401, "it is revoked", 2)
    assert keys(place, "revoke", made["key"])["id"] == made["id"]  # once more does no harm


def test_a_key_that_is_at_hand_is_revoked_and_its_secret_is_told_to_nobody(place: Place, service: Caller) -> None:
    made = keys(place, "make", "leaked", "--send", "*")
    for given, code in ((made["key"][:-1] + "?", 2), (made["key"], 0)):
        command = place.start("keys", str(place.app), "revoke", given)
        assert command.ended()
        assert (command.code, made["key"][20:-1] in command.text) == (code, False), command.text
    wait_until(lambda: sent(service, "till", **bearer(made["key"])) == 401, "it is revoked", 2)


@pytest.mark.parametrize(
    "words",
    [
        ("make", "x"),
        ("make", "x", "--send", "nobody"),
        ("make", "x", "--send", "night"),
        ("make", "x", "--read", "ordr"),
        ("revoke", "000000000000"),
    ],
)
def test_keys_that_cannot_be(place: Place, service: Caller, words: tuple[str, ...]) -> None:
    command = place.start("keys", str(place.app), *words)
    assert command.ended()
    assert command.code == 2


def test_an_open_service_answers_at_this_machine_alone(place: Place) -> None:
    command = place.start("run", str(place.app), "--http", "0.0.0.0:0", TRIVIUM_ACCESS="open")
    assert command.ended()
    assert (command.code, "can be reached from elsewhere" in command.text) == (2, True)
