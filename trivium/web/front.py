"""What every request passes first."""

from __future__ import annotations

import time
from typing import Final

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trivium.ops.metrics import Metrics
from trivium.web.operation import Outline

_OTHER: Final = "other"


class Front:
    """The application with its requests counted and timed: by the route and not by the path, for paths are many.

    Routes see the path as it came: a `/` inside a part is `%2F`, and stays it. `busiest` is asked
    before all others, for to look through those takes longer than all else that is done for a small request.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, busiest: Route) -> None:
        self._app, self._metrics, self._busiest = app, metrics, busiest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        scope["path"] = scope["raw_path"].decode("ascii")

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._of(scope)(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", _OTHER)
            self._metrics.answered(scope["method"], route, status, time.perf_counter() - begun)

    def _of(self, scope: Scope) -> ASGIApp:
        """What answers."""
        route = self._busiest
        if route.methods and scope["method"] in route.methods:
            found = route.path_regex.match(scope["path"])
            if found is not None:
                scope["path_params"], scope["route"] = found.groupdict(), route
                return route.app
        return self._app


def route_of(outline: Outline, app: ASGIApp) -> Route:
    """The route by which an operation is reached."""
    return Route(outline.path.replace("{key}", "{key:part}"), app, methods=[outline.method])


class _Part(Convertor[str]):
    """One part of a path, which may be empty: a key of one empty text."""

    regex = "[^/]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("part", _Part())
