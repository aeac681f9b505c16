"""What pages for people share: how one is answered, and what it may load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import jinja2
from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from trivium.web.answering import reply_of, send_whole
from trivium.web.operation import Reply
from trivium.web.problems import Failed, Unknown, problem_of

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE.parent / "static"
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
HTML: Final = "text/html; charset=utf-8"
GUARDED: Final = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    """An ASGI application that answers with what `answer` gives. `failed` is told of defects."""

    def __init__(self, answer: Callable[[Headers, Scope], Awaitable[Reply]], failed: Failed) -> None:
        self._answer, self._failed = answer, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._answer(Headers(scope=scope), scope)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told in our form
            problem = problem_of(error)
            if problem.status == 500:
                self._failed(f"{scope['method']} {scope['path']}", error)
            reply = reply_of(problem)
        await send_whole(reply, send)


def static_route(failed: Failed) -> Route:
    """What pages are made of."""

    async def static(_: Headers, scope: Scope) -> Reply:
        path = _STATIC / str(scope["path_params"]["name"])
        if path.suffix not in _TYPES or path.parent != _STATIC or not path.is_file():
            raise Unknown("there is no such file")
        return Reply(path.read_bytes(), _TYPES[path.suffix], headers={"Cache-Control": "max-age=3600"})

    return Route("/static/{name}", Page(static, failed), methods=["GET"])


def templates() -> jinja2.Environment:
    """The templates that lie beside this file."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined)
