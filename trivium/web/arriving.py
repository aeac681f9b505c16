"""The body of a request as it arrives: held whole while it is small, else in a file of its own; always bounded."""

from __future__ import annotations

import asyncio
import contextlib
import io
from pathlib import Path
from typing import Final

from starlette.types import Message, Receive

from trivium.engine.reading import ReadingError
from trivium.engine.reading.unpacking import GZIP, ZIPS, ZSTD, unpacked
from trivium.web.problems import Bad, Problem
from trivium.web.spool import Spool, Spooled

SMALL: Final = 256 << 10
"""Bytes of a body that is held in memory, packed and unpacked."""
SLOWEST: Final = 30.0
"""Seconds within which something more of a body has to come."""
SLOWEST_RATE: Final = 1_000
"""Bytes a second that a body has to come by on the whole, those seconds aside."""
_TELLING: Final = 4
"""Bytes of a body by which it is known how it is packed."""
MOST_HELD: Final = 64 << 20
"""Bytes of bodies that are held in memory while they arrive."""
MOST_FILES: Final = 16
"""Large bodies that arrive, or are taken, at a time."""


class TooLarge(Problem):
    """The body has more bytes than are taken."""

    status = 413


class TooSlow(Problem):
    """The body did not come in time."""

    status = 408


class Crowded(Problem):
    """Too many bodies arrive at this moment."""

    status = 429

    def __init__(self, detail: str, *, seconds: int = 1) -> None:
        hint = "send it again after Retry-After seconds; nothing of it was taken"
        super().__init__(detail, hint=hint, headers={"Retry-After": str(seconds)})


class MisPacked(Bad):
    """The body is not packed as it is said to be."""


class Vanished(Exception):
    """The caller has gone before the body was whole: nobody waits for an answer."""


class Arrivals:
    """The bodies that arrive at a moment, which are bounded: so many bytes of those that are held in memory, so many
    files. Used from one event loop."""

    def __init__(self, spool: Spool, *, held: int = MOST_HELD, files: int = MOST_FILES) -> None:
        self.spool = spool
        self._held, self._files = held, files

    def hold(self, size: int) -> None:
        """Takes room for so many bytes, or with less than none gives it back. Raises Crowded where there is none."""
        if size > self._held:
            raise Crowded("too many bodies arrive at this moment")
        self._held -= size

    def file(self, number: int) -> None:
        """The same for files."""
        if number > self._files:
            raise Crowded("too many large bodies arrive at this moment", seconds=5)
        self._files -= number


class Arrived:
    """A body: held (`data`, unpacked), or in a file (`path`, as it was sent), which is gone once it is closed."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._file: Spooled | None = None
        self._filed = False
        self._held = 0
        self._pieces: list[bytes] = []
        self.data: bytes | None = None

    @property
    def path(self) -> Path | None:
        """Where it lies, if it is in a file."""
        return None if self._file is None else self._file.path

    async def read(self, receive: Receive, *, packing: str, most: int) -> None:
        """Takes the body, whole. Raises TooLarge, TooSlow, MisPacked, Crowded, NoRoom, Vanished.

        `packing`: `identity`, `gzip` or `zstd`. `most`: bytes as sent.
        """
        loop = asyncio.get_running_loop()
        begun, size, more, head = loop.time(), 0, True, b""
        while more:
            # who sends a byte now and then is slow too
            message = await _message(receive, min(loop.time(), begun + size / SLOWEST_RATE) + SLOWEST)
            more = message.get("more_body", False)
            piece = message.get("body", b"")
            if len(head) < _TELLING:
                head = (head + piece)[:_TELLING]
                if head and (len(head) == _TELLING or not more):
                    _check_packing(head, packing)
            if not piece:
                continue
            size += len(piece)
            if size > most:
                raise TooLarge(f"the body has more than {most:,} bytes", hint="send it in several requests")
            await self._add(piece, size)
        if self.path is None:
            self._join(packing)
            if self.data is None:
                await self.filed()

    async def _add(self, piece: bytes, size: int) -> None:
        """Takes a piece, with which there are so many bytes."""
        if self._file is None:
            self._arrivals.hold(len(piece))
            self._held += len(piece)
        self._pieces.append(piece)
        if self._file is not None or size > SMALL:
            await self.filed()

    async def filed(self) -> Path:
        """Writes what is held into the file, which is made if there is none. Raises NoRoom."""
        if not self._filed:
            self._arrivals.file(1)
            self._filed = True
        pieces = self._pieces if self.data is None else [self.data]
        self._file = await asyncio.to_thread(self._arrivals.spool.write, self._file, pieces)
        self._pieces, self.data = [], None
        self._let_go()
        return self._file.path

    def _join(self, packing: str) -> None:
        """Nothing more comes: what is held is joined, and unpacked."""
        data = b"".join(self._pieces)
        self._pieces = [data]
        self.data = data if packing == "identity" else _unpacked(data)

    async def close(self) -> None:
        """Removes the file."""
        self._let_go()
        if self._filed:
            self._filed = False
            self._arrivals.file(-1)
        if self._file is not None:
            await asyncio.to_thread(self._arrivals.spool.remove, self._file)

    def _let_go(self) -> None:
        self._arrivals.hold(-self._held)
        self._held = 0


async def _message(receive: Receive, until: float) -> Message:
    """What comes next of a body; raises TooSlow where nothing does."""
    try:
        async with asyncio.timeout_at(until):
            message = await receive()
    except TimeoutError:
        raise TooSlow(
            f"nothing of the body came for {SLOWEST:g} seconds, or less than {SLOWEST_RATE:,} bytes a second",
            hint="send it faster, or in several requests", headers={"Connection": "close"},
        ) from None  # fmt: skip
    if message["type"] == "http.disconnect":
        raise Vanished
    return message


def _check_packing(head: bytes, packing: str) -> None:
    found = "gzip" if head.startswith(GZIP) else "zstd" if head.startswith(ZSTD) else "identity"
    if head.startswith(ZIPS):
        raise MisPacked("the body is a zip", hint="pack it by gzip or zstd, or send it as it is")
    if found != packing:
        raise MisPacked(f"the body is {found}, and Content-Encoding says {packing}", hint="say how it is packed")


def _unpacked(data: bytes) -> bytes | None:
    """What few bytes unpack to; None where it is more than is held."""
    try:
        stream = unpacked(io.BytesIO(data), 1 << 40)
        with contextlib.closing(stream):
            pieces, size = [], 0
            while piece := stream.read(SMALL + 1 - size):
                pieces.append(piece)
                size += len(piece)
                if size > SMALL:
                    return None
        return b"".join(pieces)
    except ReadingError as error:
        raise MisPacked(error.message) from error
