"""Streams looked into before they are read, and streams as files that can be read from anywhere."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, cast

from trivium.engine.reading.cutting import ByteSource
from trivium.engine.reading.errors import ReadingError

_HELD = 8 << 20  # bytes of a spooled file that stay in memory


class Ahead:
    """A stream whose first bytes can be seen before they are read.

    `passed`: bytes taken of the stream so far. `failed`: what its reading raised, which libraries in between may turn
    into something else.
    """

    def __init__(self, stream: ByteSource) -> None:
        self._stream, self._held = stream, b""
        self.passed = 0
        self.failed: BaseException | None = None
        self.closed = False  # as libraries that take files ask

    def peek(self, size: int) -> bytes:
        """The first `size` bytes that were not read yet, fewer only at the end."""
        while len(self._held) < size and (part := self._take(size - len(self._held))):
            self._held += part
        return self._held[:size]

    def read(self, size: int = 1 << 20, /) -> bytes:
        if not self._held:
            return self._take(size)
        part, self._held = self._held[:size], self._held[size:]
        return part

    def _take(self, size: int) -> bytes:
        try:
            part = self._stream.read(size)
        except BaseException as error:
            self.failed = error
            raise
        self.passed += len(part)
        return part

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """The stream belongs to whoever gave it."""


def spooled(stream: ByteSource) -> BinaryIO:
    """All bytes of a stream as a file, in memory as long as they are few. It is gone when it is closed."""
    file: Any = tempfile.SpooledTemporaryFile(max_size=_HELD)  # noqa: SIM115 - given to the caller
    try:
        while data := stream.read(1 << 20):
            _write(file, data)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return cast(BinaryIO, file)


def _write(file: BinaryIO, data: bytes) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise ReadingError(
            f"the file cannot be laid aside to be read: {error.strerror}",
            cure=f"make room in {tempfile.gettempdir()}, or name another folder by TMPDIR",
        ) from error
