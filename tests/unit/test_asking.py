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
def answering(body: bytes) -> Iterator[str]:
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
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_one_that_is_not_ready_says_so() -> None:
    with answering(json.dumps({"ready": False, "parts": [PART, PART | {"domain": "other"}]}).encode()) as at:
        assert ask_service(at, ["shop"]) == {"at": at, "ready": False, "parts": [PART | {"lag": None}]}
        assert ask_service(at, ["elsewhere"]) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"ready": true, "parts": [1]}', b'{"parts": [{"domain": "shop"}]}', b"\xff"],
)
def test_something_else_is_no_service(body: bytes) -> None:
    with answering(body) as at:
        assert ask_service(at, ["shop"]) is None


@pytest.mark.parametrize("at", ["off", "127.0.0.1:0", "127.0.0.1:99999", ":x", "nowhere.invalid:80"])
def test_nothing_there(at: str) -> None:
    assert ask_service(at, ["shop"]) is None


def test_nobody_listens_there() -> None:
    assert ask_service(f"127.0.0.1:{free_port()}", ["shop"]) is None
