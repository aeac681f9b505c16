"""The Starlette application, made from what is served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from trivium.ops.metrics import Metrics
from trivium.web.access import Gate
from trivium.web.answering import Answering, Desk, Room, reply_of
from trivium.web.arriving import Arrivals
from trivium.web.crew import Crew
from trivium.web.front import Front, route_of
from trivium.web.health import Readiness, health_routes
from trivium.web.openapi.serving import Documents
from trivium.web.outlines import OPERATIONS, OUTLINES
from trivium.web.pages.docs import docs_routes
from trivium.web.pages.page import static_route
from trivium.web.places import Place, Places
from trivium.web.problems import Failed, NotAllowed, Problem, Unknown
from trivium.web.receiving import DELETING, SENDING, Receiving
from trivium.web.spool import Spool
from trivium.web.watching import Watch


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at a time: `threads` ask the stores, `waiting` requests more are let in, `streams` long answers
    are under way, and so many bytes of answers that are not taken yet."""

    threads: int = 8
    waiting: int = 64
    streams: int = 8
    room: int = 256 << 20


class Application:
    """The application. `asgi` is it for a server; `pages` makes the routes for people. In `folder` large bodies lie
    while they are taken. `to_anybody`: nobody is asked for a key."""

    def __init__(
        self,
        places: Sequence[Place],
        *,
        limits: Limits | None = None,
        failed: Failed,
        folder: Path | None = None,
        to_anybody: bool = False,
        readiness: Readiness = lambda: (True, {}),
        metrics: Metrics | None = None,
        pages: Callable[[Crew, Gate, Failed], Sequence[BaseRoute]] = lambda crew, gate, failed: (),
    ) -> None:
        limits, all_places, metrics = limits or Limits(), Places(places), metrics or Metrics(lambda: ())
        self._crew = Crew(limits.threads, limits.waiting)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch = Watch(self._crew, _last_commit)
        self._spool = Spool(folder)
        gate = Gate(all_places, self._crew, to_anybody=to_anybody)
        desk = Desk(
            all_places, self._crew, gate, self._watch, asyncio.Semaphore(limits.streams), Room(limits.room), failed
        )
        receiving = Receiving(all_places, self._crew, gate, Arrivals(self._spool), failed)
        documents = Documents(OUTLINES, [place.domain for place in all_places], to_anybody=to_anybody)
        busiest = route_of(SENDING, receiving)
        self.starlette = Starlette(
            routes=[
                busiest,
                route_of(DELETING, receiving),
                *(route_of(operation, Answering(operation, desk)) for operation in OPERATIONS),
                *health_routes(readiness, metrics, self._crew, gate, failed),
                *pages(self._crew, gate, failed),
                *docs_routes(documents, self._crew, gate, failed),
                static_route(failed),
            ],
            exception_handlers={HTTPException: _http_problem},
            lifespan=self._life,
        )
        self.starlette.router.redirect_slashes = False
        self.asgi = Front(self.starlette, metrics, busiest)

    def drain(self) -> None:
        """Answers those who wait for news; any thread may call it."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._watch.end)

    def close(self, seconds: float) -> None:
        """Ends its threads when what they do is done; waits for it so long at most. No request is under way any more.
        Idempotent."""
        self._crew.close(seconds)

    @property
    def busy(self) -> int:
        """How many requests are asked of the stores, or wait to be."""
        return self._crew.inside

    @property
    def waiting(self) -> int:
        """How many wait for news."""
        return self._watch.waiting

    @property
    def hangs(self) -> bool:
        """Whether a thread is still at work."""
        return self._crew.works

    @asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncIterator[None]:
        self._loop = asyncio.get_running_loop()
        self._crew.start()
        self._crew.later(self._spool.sweep)
        yield


async def _http_problem(request: Request, error: Exception) -> Response:
    """What the router has to say, in our form."""
    assert isinstance(error, HTTPException)
    method, path = request.method, request.scope["path"]
    problem: Problem
    if error.status_code == 405:
        allow = ", ".join(sorted((error.headers or {}).get("Allow", "GET").split(", ")))
        problem = NotAllowed(f"{path} knows no {method}", hint=f"it knows {allow}", headers={"Allow": allow})
    else:
        problem = Unknown(f"there is nothing at {path}", hint="/docs shows what can be asked; paths end without a /")
    reply = reply_of(problem)
    assert isinstance(reply.body, bytes)
    return Response(reply.body, reply.status, reply.headers, reply.media)


def _last_commit(place: Place) -> int:
    return place.take().store.reader.commit()
