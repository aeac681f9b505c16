"""`/healthz`, `/readyz`, `/metrics`: for those who watch the service."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trivium.ops.metrics import CONTENT_TYPE, Metrics
from trivium.web.access import Gate, Need, require
from trivium.web.answering import send_whole
from trivium.web.crew import Crew
from trivium.web.operation import Outline, Reply, Told
from trivium.web.problems import MEDIA, problem_of

JSON: Final = "application/json"
Readiness = Callable[[], tuple[bool, dict[str, Any]]]


def health_routes(readiness: Readiness, metrics: Metrics, crew: Crew, gate: Gate) -> list[Route]:
    """The three routes. The first two say nothing that only some may know, and ask no store."""

    async def alive(_: Headers) -> Reply:
        return Reply(b'{"status": "ok"}', "application/json")

    async def ready(_: Headers) -> Reply:
        well, document = readiness()
        headers = {} if well else {"Retry-After": "1"}
        return Reply(json.dumps(document).encode(), "application/json", 200 if well else 503, headers)

    async def figures(headers: Headers) -> Reply:
        require(await gate.caller(headers), Need("operate"))
        return Reply(await crew.do(metrics.text), CONTENT_TYPE)

    return [
        Route(path, _Simple(answer), methods=["GET"])
        for path, answer in ((ALIVE.path, alive), (READY.path, ready), (METRICS.path, figures))
    ]


ALIVE: Final = Outline(
    name="alive",
    path="/healthz",
    about="200 while the process lives.",
    scope=None,
    answers={200: Told("It lives.", "alive")},
    problems=(),
    media=(JSON,),
)
READY: Final = Outline(
    name="ready",
    path="/readyz",
    about="200 while every store is open and the service was not told to end; each part with its state, since when, "
    "and why.",
    scope=None,
    answers={200: Told("It is ready.", "readiness"), 503: Told("It is not.", "readiness", ("Retry-After",))},
    problems=(),
    media=(JSON,),
)
METRICS: Final = Outline(
    name="metrics",
    path="/metrics",
    about="Figures for Prometheus.",
    scope="operate",
    answers={200: Told("The figures.", "text")},
    problems=(401, 403, 500, 503),
    media=(CONTENT_TYPE,),
)


class _Simple:
    """An ASGI application that answers without being asked anything."""

    def __init__(self, answer: Callable[[Headers], Awaitable[Reply]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(Headers(scope=scope))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told in our form
            problem = problem_of(error)
            reply = Reply(problem.body(), MEDIA, problem.status, problem.headers)
        await send_whole(reply, send)
