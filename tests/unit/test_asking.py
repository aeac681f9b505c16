"""A service is asked how it stands; whatever else listens there is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.servers.tools import free_port
from trivium.service.asking import ask_service

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
        assert ask_service("127.0.0.1", port, ["shop"]) == {"at": at, "ready": False, "parts": [PART | {"lag": None}]}
        assert ask_service("127.0.0.1", port, ["elsewhere"]) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"ready": true, "parts": [1]}', b'{"parts": [{"domain": "shop"}]}', b"\xff"],
)
def test_something_else_is_no_service(body: bytes) -> None:
    with answering(body) as port:
        assert ask_service("127.0.0.1", port, ["shop"]) is None


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 0), ("nowhere.invalid", 80)])
def test_nothing_there(host: str, port: int) -> None:
    assert ask_service(host, port, ["shop"]) is None


def test_nobody_listens_there() -> None:
    assert ask_service("127.0.0.1", free_port(), ["shop"]) is None
