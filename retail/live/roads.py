"""The three roads, as a system outside knows them: an HTTP address, a broker, a folder."""

from __future__ import annotations

import http.client
import secrets
import threading
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from confluent_kafka import Producer

from retail.live.agenda import TOPICS, Item

_AGAIN: Final = (429, 503)
_PATIENCE: Final = 60.0


class CallRoad:
    """Calls the service. May be used by many threads; each has a connection of its own."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._mine = threading.local()
        self._lock = threading.Lock()
        self.served: list[float] = []
        """Seconds from the answer to a flash sale until it was read back."""
        self.failures: list[str] = []

    def send(self, item: Item) -> None:
        """Sends a call as often as it is to be sent, with one key; one that is told to come again does."""
        key = {"Idempotency-Key": secrets.token_hex(12), "Content-Type": item.media}
        answers = [self._post(item, key) for _ in range(item.times)]
        if len({(status, body) for status, body in answers}) > 1 or answers[0][0] not in (200, 207, 422):
            self._fail(f"{item.source}: {answers}")
        if item.watched and answers[0][0] in (200, 207):
            self._watch(item.watched)

    def _post(self, item: Item, headers: dict[str, str]) -> tuple[int, bytes]:
        body = b"\n".join(item.raws) if "ndjson" in item.media else item.raws[0]
        if len(item.raws) > 1 and "ndjson" not in item.media:
            body = b"[" + b",".join(item.raws) + b"]"
        until = time.monotonic() + _PATIENCE
        while True:
            status, told = self._ask("POST", f"/v1/in/{item.source}", body, headers)
            if status not in _AGAIN or time.monotonic() > until:
                return status, told
            time.sleep(0.2)

    def _watch(self, promotion: str) -> None:
        begun = time.monotonic()
        while time.monotonic() < begun + _PATIENCE:
            status, _ = self._ask("GET", f"/v1/records/promotions/promotion/{promotion}", None, {})
            if status in (200, 410):
                with self._lock:
                    self.served.append(time.monotonic() - begun)
                return
        self._fail(f"promotion {promotion} is not served")

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """The answer; where the connection breaks, a new one is made and it is asked again: the key sees to it that
        nothing is taken twice."""
        until = time.monotonic() + _PATIENCE
        while True:
            connection: Any = getattr(self._mine, "connection", None)
            if connection is None:
                connection = self._mine.connection = http.client.HTTPConnection(self._host, timeout=_PATIENCE)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                self._mine.connection = None
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def _fail(self, what: str) -> None:
        with self._lock:
            self.failures.append(what)


class EventRoad:
    """Sends to a broker."""

    def __init__(self, url: str) -> None:
        self._producer = Producer(
            {"bootstrap.servers": url.removeprefix("kafka://"), "enable.idempotence": False, "linger.ms": 5}
        )

    def send(self, item: Item) -> None:
        """Sends a message, soon."""
        (value,) = item.raws
        while True:
            try:
                self._producer.produce(TOPICS[item.source], value, key=item.name)
                break
            except BufferError:
                self._producer.poll(0.1)
        self._producer.poll(0)

    def flush(self) -> None:
        """Returns when everything has arrived."""
        if left := self._producer.flush(60):
            raise TimeoutError(f"{left} messages did not reach the broker")


class FileRoad:
    """Puts files into a folder: under another name first, then renamed; then what says that they are whole."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox

    def send(self, item: Item) -> None:
        """Puts a file."""
        assert item.name is not None
        for name, content in ((item.name, item.raws[0]), *item.beside):
            path = self._inbox / name
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            part.write_bytes(content)
            part.rename(path)
