"""A connection of uvicorn with bounds: on how many there are, on the size of a head, on the time it may take."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from trivium.web.answering import ABORT
from trivium.web.problems import MEDIA

_LONGEST_HEAD: Final = 64 * 1024
"""Bytes of a path and its headers."""
_TOO_LONG: Final = f"the head of a request has at most {_LONGEST_HEAD} bytes"
_SLOWEST_HEAD: Final = 20.0
"""Seconds in which a head is to be there once it has begun."""

_MOST_GATHERED: Final = 64 * 1024
"""Bytes of answers."""


def bounded(connections: int) -> type[asyncio.Protocol]:
    """The protocol, with at most so many connections at a time."""
    return type("Bounded", (_Connection,), {"most": connections})


class _Gathering:
    """A transport that hands on what is written to it when the loop turns: the head of an answer and its body go
    together. Each write is a system call, and the caller wakes for each."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Takes more; at once where it is much, so that who writes is held up when the caller takes nothing."""
        if not self._pieces:
            self._loop.call_soon(self._hand_on)
        self._pieces.append(data)
        self._size += len(data)
        if self._size > _MOST_GATHERED:
            self._hand_on()

    def close(self) -> None:
        """Closes when all is written."""
        self._hand_on()
        self._transport.close()

    def _hand_on(self) -> None:
        pieces, self._pieces, self._size = self._pieces, [], 0
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))


class _Connection(HttpToolsProtocol):
    """See `bounded`. Who goes beyond a bound is told so and let go."""

    most: int
    _slow: asyncio.TimerHandle | None = None
    _size = 0
    _fed = 0
    _in_head = False
    _refused = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(_Gathering(transport, self.loop))  # type: ignore[arg-type]
        if len(self.connections) > self.most:
            self._refuse(503, "too many connections", ("retry-after", "1"))
        else:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._in_head:
            self._wait_for_head()
        # what the parser keeps of a line that has no end is told to nobody
        self._fed = 0 if self._slow is None else self._fed + len(data)
        if self._fed > _LONGEST_HEAD:
            self._refuse(431, _TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._size, self._in_head = 0, True
        extensions: dict[str, Any] = {ABORT: self.transport.abort}
        self.scope["extensions"] = extensions

    def on_url(self, url: bytes) -> None:
        self._count(len(url), 414)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4, 431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_waiting()
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "this is no HTTP request")

    def _count(self, more: int, status: int) -> None:
        self._size += more
        if self._size > _LONGEST_HEAD and not self._refused:
            self._refuse(status, _TOO_LONG)

    def _wait_for_head(self) -> None:
        if self._slow is None:
            self._slow = self.loop.call_later(_SLOWEST_HEAD, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _refuse(self, status: int, detail: str, *headers: tuple[str, str]) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        phrase = STATUS_LINE[status].split(b" ", 2)[2].strip().decode()
        body = json.dumps({"title": phrase, "status": status, "detail": detail}).encode()
        told = [("content-type", MEDIA), ("content-length", str(len(body))), ("connection", "close"), *headers]
        lines = [STATUS_LINE[status], *(f"{name}: {value}\r\n".encode() for name, value in told), b"\r\n", body]
        self.transport.write(b"".join(lines))
        self.transport.close()
