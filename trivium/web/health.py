"""`/healthz`, `/readyz`, `/metrics`: for those who watch the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Scope

from trivium.ops.metrics import CONTENT_TYPE, Metrics
from trivium.web.access import Gate, Need, require
from trivium.web.crew import Crew
from trivium.web.operation import Outline, Reply, Told
from trivium.web.pages.page import Page
from trivium.web.problems import Failed

JSON: Final = "application/json"
Readiness = Callable[[], tuple[bool, dict[str, Any]]]


def health_routes(readiness: Readiness, metrics: Metrics, crew: Crew, gate: Gate, failed: Failed) -> list[Route]:
    """The three routes. The first two say nothing that only some may know, and ask no store."""

    async def alive(_: Headers, __: Scope) -> Reply:
        return Reply(b'{"status": "ok"}', JSON)

    async def ready(_: Headers, __: Scope) -> Reply:
        well, document = readiness()
        headers = {} if well else {"Retry-After": "1"}
        return Reply(json.dumps(document).encode(), JSON, 200 if well else 503, headers)

    async def figures(headers: Headers, _: Scope) -> Reply:
        require(await gate.caller(headers), Need("operate"))
        return Reply(await crew.do(metrics.text), CONTENT_TYPE)

    return [
        Route(path, Page(answer, failed), methods=["GET"])
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
