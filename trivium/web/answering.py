"""From a request to its answer: who asks, what is asked, the crew's work, the bytes as the caller takes them."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from trivium.web.access import Caller, Gate, Need, require
from trivium.web.crew import Crew
from trivium.web.formats import chosen
from trivium.web.operation import Asked, Operation, Reply
from trivium.web.parameters import read_query
from trivium.web.places import Places
from trivium.web.problems import MEDIA, Busy, Failed, Problem, TooOld, problem_of
from trivium.web.watching import Watch

STALLED: Final = 60.0
"""Seconds in which a caller has to take a piece of an answer; who does not is cut off."""
_SHORT: Final = 256 * 1024
"""Bytes up to which an answer is gathered before it is sent."""
_PIECE: Final = 64 * 1024
ABORT: Final = "trivium.abort"
"""The extension of the server that cuts a connection off at once."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all operations share. `failed` is told of defects."""

    places: Places
    crew: Crew
    gate: Gate
    watch: Watch
    streams: asyncio.Semaphore
    room: Room
    failed: Failed


class Answering:
    """An operation as an ASGI application."""

    def __init__(self, operation: Operation, desk: Desk) -> None:
        self._operation, self._desk = operation, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, with a problem where there is no better answer."""
        gone = asyncio.ensure_future(_gone(receive))
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            reply = await self._reply(scope, gone)
            if reply is not None:
                await self._give(reply, scope, sending, gone)
        except (Exception, asyncio.CancelledError) as error:
            if begun:
                raise
            # what is not answered when the service ends is broken off
            problem = Busy("the service ends") if isinstance(error, asyncio.CancelledError) else problem_of(error)
            if problem.status == 500:
                self._desk.failed(f"{scope['method']} {self._operation.path}", error)
            await send_whole(reply_of(problem), send)
        finally:
            gone.cancel()

    async def _reply(self, scope: Scope, gone: asyncio.Future[None]) -> Reply | None:
        """The answer; None where nobody waits for it any more."""
        operation, desk = self._operation, self._desk
        caller = await desk.gate.caller(Headers(scope=scope))
        asked = _asked(operation, desk.places, caller, scope)
        begun = time.monotonic()
        while True:
            found = await desk.crew.do(operation.handle, asked)
            if isinstance(found, Reply):
                return found
            left = begun + found.seconds - time.monotonic()
            if left <= 0 or not await desk.watch.beyond(found.place, found.commit, left, gone):
                return None if gone.done() else found.reply
            asked = found.again

    async def _give(self, reply: Reply, scope: Scope, send: Send, gone: asyncio.Future[None]) -> None:
        if isinstance(reply.body, bytes):
            await self._whole(reply, scope, send, gone)
            return
        pieces, more = _Pieces(reply.body), self._desk.crew.more
        try:
            # what fails before the first byte is told as a problem, and what is short is told whole
            first, ended = await more(pieces.first)
            if ended:
                await self._whole(replace(reply, body=first), scope, send, gone)
                return
            if scope["method"] == "HEAD":  # how long it would be, nobody knows
                await send(_start(reply, None))
                await send({"type": "http.response.body", "body": b""})
                return
            if scope["http_version"] == "1.0":  # which knows no end of an answer but that of the connection
                raise TooOld("so long an answer is given by HTTP/1.1 only", hint="ask by it, or page by page (limit=)")
            if self._desk.streams.locked():
                raise Busy("too many long answers are under way", seconds=5)
            async with self._desk.streams:
                await send(_start(reply, None))
                await self._send(_after(first, more, pieces), scope, send, gone)
        finally:
            self._desk.crew.later(pieces.close)

    async def _whole(self, reply: Reply, scope: Scope, send: Send, gone: asyncio.Future[None]) -> None:
        """An answer that is there; one that is long is sent as fast as the caller takes it."""
        assert isinstance(reply.body, bytes)
        if len(reply.body) <= _SHORT:
            await send_whole(reply, send)
            return
        with self._desk.room.taken(len(reply.body)):
            await send(_start(reply, len(reply.body)))
            await self._send(_cut(reply.body), scope, send, gone)

    async def _send(self, pieces: AsyncIterator[bytes], scope: Scope, send: Send, gone: asyncio.Future[None]) -> None:
        """Sends pieces as the caller takes them. An answer that ends without its end is known to be no whole one."""
        try:
            async for piece in pieces:
                if gone.done():
                    return
                async with asyncio.timeout(STALLED):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except Exception as error:
            if not isinstance(error, TimeoutError):
                self._desk.failed(f"{scope['method']} {self._operation.path}", error)
            cut = scope.get("extensions", {}).get(ABORT)
            if cut is None:
                raise
            cut()


class Room:
    """The bytes of answers that are on their way, which are bounded. Used from one event loop."""

    def __init__(self, most: int) -> None:
        self._left = most

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Raises Busy where there is no room for so many."""
        if size > self._left:
            raise Busy("too many long answers are under way", seconds=5)
        self._left -= size
        try:
            yield
        finally:
            self._left += size


async def _after(first: bytes, more: Any, pieces: _Pieces) -> AsyncIterator[bytes]:
    piece: bytes | None = first
    while piece is not None:
        yield piece
        piece = await more(pieces.next)


async def _cut(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]


class _Pieces:
    """An iterator of pieces that one thread after the other asks. `close` waits for the one that does."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._lock = pieces, threading.Lock()

    def first(self) -> tuple[bytes, bool]:
        """The beginning, and whether it is all."""
        found = bytearray()
        while len(found) < _SHORT:
            piece = self.next()
            if piece is None:
                return bytes(found), True
            found += piece
        return bytes(found), False

    def next(self) -> bytes | None:
        with self._lock:
            return next(self._pieces, None)

    def close(self) -> None:
        close = getattr(self._pieces, "close", None)
        with self._lock, suppress(Exception):  # whatever it is, nobody reads from it any more
            if close is not None:
                close()


async def send_whole(reply: Reply, send: Send) -> None:
    """Sends an answer that is whole."""
    assert isinstance(reply.body, bytes)
    await send(_start(reply, len(reply.body)))
    await send({"type": "http.response.body", "body": reply.body})


def reply_of(problem: Problem) -> Reply:
    """A problem as an answer."""
    return Reply(problem.body(), MEDIA, problem.status, problem.headers)


def _asked(operation: Operation, places: Places, caller: Caller, scope: Scope) -> Asked:
    headers = Headers(scope=scope)
    path = scope["path_params"]
    if "domain" in path:
        places.of(path["domain"])  # of one that is not there no key would help
    require(caller, Need(operation.scope, path.get("domain"), path.get("entity") or path.get("name")))
    raw = scope["query_string"]
    query = read_query(raw, operation.asked, others=operation.filters)
    form = chosen(operation.formats, ", ".join(headers.getlist("accept")) or None, query.values["format"])
    now = dt.datetime.now(dt.UTC)
    return Asked(places, caller, path, query.values, query.others, raw, form, known_tags(headers), now)


def known_tags(headers: Headers) -> frozenset[str]:
    """The tags of contents that the caller has."""
    return frozenset(tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(","))


async def _gone(receive: Receive) -> None:
    """Returns when the caller has gone. What a caller sends with a read is not read."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(reply: Reply, length: int | None) -> Message:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    headers += [(b"content-type", reply.media.encode()), (b"vary", b"Accept"), (b"x-content-type-options", b"nosniff")]
    if length is not None and reply.status != 304:
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": reply.status, "headers": headers}
