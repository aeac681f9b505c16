"""A service is asked how it stands; whatever else listens there is none."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.servers.tools import free_port
from trivium.service import asking
from trivium.service.asking import Asked, ask_service

PART = {
    "domain": "shop",
    "part": "store",
    "state": "running",
    "since": "2026-03-01T10:00:00Z",
    "why": None,
    "attempts": 0,
}


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    """Something that answers this to whatever it is asked, with a 503."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_one_that_is_not_ready_says_so() -> None:
    with answering(json.dumps({"ready": False, "parts": [PART, PART | {"domain": "other"}]}).encode()) as port:
        at = f"127.0.0.1:{port}"
        asked = ask_service("127.0.0.1", port, ["shop"])
        assert asked == Asked(at, {"at": at, "ready": False, "parts": [PART | {"lag": None}]})
        told = f"the service at {at} serves shop, other, not depot, club"
        assert ask_service("127.0.0.1", port, ["depot", "club"]) == Asked(at, None, told)


def test_one_that_only_begins_serves_nothing_yet() -> None:
    with answering(b'{"ready": false, "parts": []}') as port:
        asked = ask_service("127.0.0.1", port, ["shop"])
        assert asked is not None
        assert asked.why == f"the service at 127.0.0.1:{port} serves nothing yet, not shop"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"ready": true, "parts": [1]}', b'{"parts": [{"domain": "shop"}]}', b"\xff",
        b'{"ready": true, "parts": ["shop"]}', b"7", b"[" * 100_000,
        json.dumps({"ready": True, "parts": [PART | {"lag": "x"}]}).encode(),
        json.dumps({"ready": True, "parts": [PART | {"domain": 1}]}).encode(),
    ],
)  # fmt: skip
def test_something_else_is_no_service(body: bytes) -> None:
    with answering(body) as port:
        told = f"what answers at 127.0.0.1:{port} is no service of Trivium"
        assert ask_service("127.0.0.1", port, ["shop"]) == Asked(f"127.0.0.1:{port}", None, told)


def test_how_far_behind_a_part_is_is_told() -> None:
    lag = {"messages": 3, "seconds": 1.5}
    with answering(json.dumps({"ready": True, "parts": [PART | {"lag": lag}]}).encode()) as port:
        asked = ask_service("127.0.0.1", port, ["shop"])
        assert asked is not None
        assert asked.service is not None
        assert asked.service["parts"] == [PART | {"lag": lag}]


def test_who_answers_a_byte_now_and_then_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_WHOLE", 0.5)
    over = threading.Event()

    def drip(line: socket.socket) -> None:
        with suppress(OSError), line:
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not over.wait(0.1):
                line.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = threading.Thread(target=lambda: drip(server.accept()[0]))
        dripping.start()
        asked = ask_service("127.0.0.1", server.getsockname()[1], ["shop"])
        over.set()
        dripping.join()
    assert asked is not None
    assert "is no service of Trivium" in str(asked.why)


def test_a_port_that_nobody_knows_is_not_asked() -> None:
    assert ask_service("127.0.0.1", 0, ["shop"]) is None


@pytest.mark.parametrize(("host", "told"), [("nowhere.invalid", "nowhere.invalid"), ("::1", "[::1]")])
def test_nobody_listens_there(host: str, told: str) -> None:
    port = free_port()
    assert ask_service(host, port, ["shop"]) == Asked(f"{told}:{port}", None, f"no service answers at {told}:{port}")
