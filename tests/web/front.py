"""A server over a store, with the few calls by which tests ask it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from urllib3 import HTTPHeaderDict
from urllib3.connection import HTTPConnection

from tests.worlds.lab import Lab
from trivium.adapters.objects.folder import RawFolder
from trivium.service.keys import KeyRing
from trivium.service.opening import Opened
from trivium.web.application import Application, Limits
from trivium.web.places import Place
from trivium.web.serving import Serving


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    body: bytes
    headers: HTTPHeaderDict

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Front:
    """`away`: the store is not to be had. `defects` are those that the server told of; a test expects none."""

    application: Application
    serving: Serving
    lab: Lab
    away: bool = False
    defects: list[tuple[str, BaseException]] = field(default_factory=list)

    @classmethod
    @contextmanager
    def over(
        cls,
        lab: Lab,
        limits: Limits | None = None,
        *,
        beside: Sequence[Lab] = (),
        keys: bool = False,
        pages: Any = lambda *_: (),
        **how: Any,
    ) -> Iterator[Self]:
        """`beside`: further domains. `keys`: nobody enters without an API key. `pages`: those of a running service."""
        with tempfile.TemporaryDirectory() as folder:
            defects: list[tuple[str, BaseException]] = []

            def place(one: Lab) -> Place:
                opened = Opened(one.domain, one.store, RawFolder(Path(folder) / one.domain.name, "test"))
                ring = KeyRing(one.store)
                return Place(one.domain, lambda: None if front.away else opened, keys=lambda: ring)

            app = Application(
                [place(one) for one in (lab, *beside)], to_anybody=not keys, limits=limits, pages=pages,
                failed=lambda what, error: defects.append((what, error)),
            )  # fmt: skip
            serving = Serving(app, "127.0.0.1", 0, **how)
            serving.start()
            front = cls(app, serving, lab, defects=defects)
            try:
                yield front
            finally:
                serving.stop()
            assert not serving.hangs
            assert defects == []

    def get(self, path: str, accept: str | None = None, *, method: str = "GET", **headers: str) -> Got:
        """The answer to a request of a path, written as it goes over the wire."""
        told = headers | ({} if accept is None else {"Accept": accept})
        with closing(self.connection()) as connection:
            connection.request(method, path, headers=told)
            answer = connection.getresponse()
            return Got(answer.status, answer.data, answer.headers)

    def connection(self) -> HTTPConnection:
        """A connection that sends paths as they are; the caller closes it."""
        return HTTPConnection(*self.address, timeout=60)

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.serving.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def problem(self, path: str, status: int, accept: str | None = None, **how: str) -> dict[str, Any]:
        """The problem that answers it."""
        got = self.get(path, accept, **how)
        assert (got.status, got.headers["Content-Type"]) == (status, "application/problem+json"), got.body
        found: dict[str, Any] = got.json
        assert found["status"] == status
        assert found["title"]
        assert found["detail"]
        return found
