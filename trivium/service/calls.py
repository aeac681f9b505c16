"""The road of calls of one domain: its REST sources, each with the requests that wait for their turn."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from trivium.channels.raw import digest_of
from trivium.channels.rest import Body, Grouping, Reply, Request, Sent, TooBusy
from trivium.channels.rest.deletes import delete_record, deleting
from trivium.channels.rest.upload import take_upload
from trivium.errors import UsageError
from trivium.model.entity import EntityShape
from trivium.model.source import Source
from trivium.service.opening import Opened

_UPLOADS = 2
"""Large bodies of a domain that are judged side by side."""


class Calls:
    """Takes what is called. May be used by many threads; `close` answers what waits."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._lock = threading.Lock()
        self._groupings: dict[tuple[str, str | None], Grouping] = {}
        self._uploads = threading.Semaphore(_UPLOADS)
        self._closed = False

    def post(self, source: Source, sent: Sent, raw: bytes, body: Body) -> Future[Reply]:
        """The reply to come for a body that is held whole. Raises TooBusy, KeyReused."""
        return self._grouping(source).submit(Request(sent, raw, body, digest_of(raw)))

    def upload(self, source: Source, sent: Sent, path: Path) -> Reply:
        """Takes the body that lies in a file. Raises TooBusy, KeyReused, Unreadable."""
        if not self._uploads.acquire(blocking=False):
            raise TooBusy(f"{_UPLOADS} large bodies are being judged already", seconds=5)
        try:
            return take_upload(self._opened.store, self._opened.raw, self._opened.domain, source, sent, path)
        finally:
            self._uploads.release()

    def delete(
        self, source: Source, shape: EntityShape, key: Sequence[Any], sent: Sent, event_time: str, sequence: int | None
    ) -> Future[Reply]:
        """The reply to come for a delete of one record at an instant. Raises UsageError where the source states no such
        entity."""
        if all(route.shape.name != shape.name for route in source.routes):
            stated = ", ".join(dict.fromkeys(route.shape.name for route in source.routes))
            raise UsageError(f"{source.name} does not state {shape.name}", hint=f"it states {stated}")
        record = delete_record(shape, key, event_time, sequence)
        request = Request(sent, record, Body([record], [1], whole=False), digest_of(record))
        return self._grouping(source, shape).submit(request)

    def waiting(self) -> dict[str, int]:
        """How many requests wait, by source."""
        found: dict[str, int] = {}
        for (name, _), grouping in list(self._groupings.items()):
            found[name] = found.get(name, 0) + grouping.waiting
        return found

    def close(self) -> None:
        """Answers what waits and ends; whoever comes then is told that it is too busy. Idempotent."""
        with self._lock:
            self._closed = True
            groupings = list(self._groupings.values())
        for grouping in groupings:
            grouping.close()

    def _grouping(self, source: Source, shape: EntityShape | None = None) -> Grouping:
        name = (source.name, None if shape is None else shape.name)
        with self._lock:
            if self._closed:
                raise TooBusy("the service is ending", seconds=5)
            if name not in self._groupings or self._groupings[name].ended:
                as_sent = source if shape is None else deleting(source, shape)
                self._groupings[name] = Grouping(self._opened.store, self._opened.domain, as_sent)
            return self._groupings[name]
