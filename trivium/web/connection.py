"""A connection of uvicorn with bounds: on how many there are, on the size of a head, on the time it may take."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

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
    """See `bounded`. Who goes beyond a bound is told so and let go, once what he asked before is answered.

    There is always an end in sight: of a head that has begun, of what follows a request that is answered already, and
    of a connection on which nothing comes.
    """

    most: int
    _slow: asyncio.TimerHandle | None = None
    _size = 0
    _fed = 0
    _in_head = False
    _finished = False
    """A request ended in the bytes that came last."""
    _offered = False
    """The head that was read offers another protocol: it is read again, see `_without_offer`."""
    _refused = False
    _last: bytes | None = None
    """What is said when all is answered that is asked, and nothing after it."""

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
        self._unset_keepalive_if_required()
        self._finished = False
        self._feed(data)
        if not self._refused:
            self._bound(len(data))

    def _bound(self, came: int) -> None:
        """Sees to it that what has begun ends."""
        if self._in_head or (self._answered and not self._finished):
            self._wait_for_head()
        elif self._answered:  # the rest of a request that was answered before it was there
            self._stop_waiting()
            seconds = self.timeout_keep_alive
            self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)
        # What the parser keeps of a line that has no end is told to nobody.
        self._fed = 0 if self._slow is None or self._finished else self._fed + came
        if self._fed > _LONGEST_HEAD:
            self._refuse(431, _TOO_LONG)

    def _feed(self, data: bytes) -> None:
        while data and not self._refused:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_offer() + data[upgrade.args[0] :]
            except httptools.HttpParserError:
                self._refuse(400, "this is no HTTP request")

    def _without_offer(self) -> bytes:
        """The head once more, without that it offers another protocol. Who does has to expect that this one is spoken
        on (RFC 9110, 7.8), but the parser stops behind such a head: another one reads it again."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":  # what follows is for somebody else, and there is nobody
            self._refused = True
        lines = [b"%s %s HTTP/%s" % (method, self.url, version.encode())]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*lines, b"", b""])

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
        self._offered = bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"
        if not self._refused and not self._offered:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused and not self._offered:
            self._finished = True
            super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._last is not None and not self.pipeline and not self.transport.is_closing():
            self._end()
        super().on_response_complete()

    @property
    def _answered(self) -> bool:
        """Whether everything is that was asked."""
        last: RequestResponseCycle | None = self.cycle
        return last is None or last.response_complete

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
        """Says so in its turn, and closes: at once where nothing else is asked, or what is asked is what is refused."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_waiting()
        phrase = STATUS_LINE[status].split(b" ", 2)[2].strip().decode()
        body = json.dumps({"title": phrase, "status": status, "detail": detail}).encode()
        told = [("content-type", MEDIA), ("content-length", str(len(body))), ("connection", "close"), *headers]
        lines = [STATUS_LINE[status], *(f"{name}: {value}\r\n".encode() for name, value in told), b"\r\n", body]
        self._last = b"".join(lines)
        if self._answered:
            self._end()
        elif self.cycle.more_body and not self._in_head:  # it is the last request itself that is refused
            if self.pipeline:
                self.pipeline.popleft()
            elif self.cycle.response_started:
                self.transport.close()
            else:
                self._end()

    def _end(self) -> None:
        if self._last is not None:
            self.transport.write(self._last)
        self.transport.close()
