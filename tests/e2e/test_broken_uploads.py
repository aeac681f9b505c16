"""Bodies that break off: nothing of them is left, and their key can be used again."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.running import counter as counter_app
from tests.running.caller import NDJSON, Caller
from tests.running.place import Place
from tests.servers.tools import wait_until

APP = Path(counter_app.__file__)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Place.of(tmp_path, APP) as made:
        yield made


def lines(count: int) -> bytes:
    orders = (
        {"order_id": f"O{n}", "status": "paid", "total": "1.00", "at": "2026-03-01T10:00:00Z", "note": "x" * 100}
        for n in range(count)
    )
    return "\n".join(map(json.dumps, orders)).encode()


def begun(service: Caller, sent: bytes, length: int | None) -> socket.socket:
    """A request of which so much has been sent; without a length it comes in chunks."""
    host, _, port = urlsplit(service.url).netloc.partition(":")
    line = socket.create_connection((host, int(port)), timeout=30)
    told = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    head = f"POST /v1/in/till HTTP/1.1\r\nHost: x\r\nContent-Type: {NDJSON}\r\nIdempotency-Key: k\r\n{told}\r\n\r\n"
    line.sendall(head.encode())
    line.sendall(b"%x\r\n%s\r\n" % (len(sent), sent) if length is None else sent)
    return line


def spooled(place: Place) -> list[Path]:
    return [*place.folder.rglob("trivium-body-*"), *place.folder.rglob(".incoming-*")]


def nothing_is_left(place: Place, service: Caller) -> None:
    wait_until(lambda: spooled(place) == [], "the files are gone")
    assert [*place.folder.rglob("*.zst")] == []
    assert service.get("/v1/deliveries").document["deliveries"] == []
    assert service.get("/v1/records/counter/order").document["records"] == []


def key_can_be_used_again(service: Caller, count: int) -> None:
    answer = service.post("till", lines(count), NDJSON, key="k")
    assert (answer.status, answer.document["accepted"]) == (200, count)
    assert "idempotent-replayed" not in answer.headers


@pytest.mark.parametrize("count", [5, 8_000], ids=["small", "large"])
@pytest.mark.parametrize("how", ["chunked", "length", "reset"])
def test_a_connection_that_is_cut_in_the_middle(place: Place, count: int, how: str) -> None:
    running, service = place.serve()
    body = lines(count)
    line = begun(service, body[: len(body) * 2 // 3], None if how == "chunked" else len(body))
    if count > 5:
        wait_until(lambda: spooled(place) != [], "it is being written")
    if how == "reset":
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()
    nothing_is_left(place, service)
    key_can_be_used_again(service, count)
    running.stop()


def test_a_service_that_is_killed_while_a_body_arrives(place: Place) -> None:
    """The next one clears what is left, also where another process writes in the same folder."""
    running, service = place.serve()
    body = lines(8_000)
    with begun(service, body[: len(body) // 2], len(body)):
        wait_until(lambda: spooled(place) != [], "it is being written")
        running.kill()
    assert spooled(place) != []
    running, service = place.serve()
    nothing_is_left(place, service)
    with begun(service, body[: len(body) // 2], len(body)):
        wait_until(lambda: spooled(place) != [], "it is being written")
        second = place.run(TRIVIUM_STORE=f"{place.folder}/stores/other.duckdb")
        second.word("answers at")
        second.stop()
        assert spooled(place) != []
    nothing_is_left(place, service)
    key_can_be_used_again(service, 8_000)
    running.stop()


def test_a_service_that_is_killed_while_a_body_is_judged(place: Place) -> None:
    running, service = place.serve()
    body = lines(150_000)
    with begun(service, body, len(body)):
        wait_until(lambda: [*place.folder.rglob(".incoming-*")] != [], "it is being judged")
        os.kill(running.command.process.pid or 0, signal.SIGKILL)
        assert running.command.ended()
    running, service = place.serve()
    nothing_is_left(place, service)
    key_can_be_used_again(service, 20)
    running.stop()
