"""Calls the service as a system from outside does: over a socket, by the standard library's client."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Caller:
    """Calls one service; each call has a connection of its own."""

    url: str

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, *, seconds: float = 60
    ) -> Answer:
        """The answer to a request."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=seconds)
        try:
            connection.request(method, path, body, dict(headers or {}))
            found = connection.getresponse()
            told = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, told, found.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """What is read."""
        return self.ask("GET", path, headers=headers)

    def post(
        self, source: str, body: bytes | str | Any, media: str = JSON, *, key: str | None = None, **headers: str
    ) -> Answer:
        """Sends records; what is no bytes or text is sent as JSON."""
        raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        told = {"Content-Type": media} | {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            told["Idempotency-Key"] = key
        return self.ask("POST", f"/v1/in/{source}", raw, told)

    def delete(self, source: str, entity: str, key: str, at: str) -> Answer:
        """Deletes a record."""
        return self.ask("DELETE", f"/v1/in/{source}/{entity}/{quote(key, safe=',%')}?event_time={at}")

    def record(self, entity: str, key: str) -> Answer:
        """Reads a record of the domain `counter`."""
        return self.get(f"/v1/records/counter/{entity}/{quote(key, safe=',%')}")
