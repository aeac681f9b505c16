"""The last line of a file, held back from who reads its records."""

from __future__ import annotations

import hashlib
from typing import Final

from trivium.engine.reading.cutting import ByteSource

MAX_TRAILER_BYTES: Final = 64 << 10
"""The longest trailer, with the blank lines behind it. What is longer is a record, and was given as one."""

_BLANK: Final = b" \t\r\n"


class LastLine:
    """A stream without the last line of another that is not blank: `line` has it once the end was read.

    `first_byte` is where it stands. Both are None where there is no such line, and where it is longer than
    MAX_TRAILER_BYTES: then all was given. `before`: the SHA-256 of all that stands before it, in hex, if `hashed`.
    """

    def __init__(self, stream: ByteSource, *, hashed: bool = False) -> None:
        self._stream = stream
        self._held = self._ready = b""
        self._given = 0
        self._broken = False
        self._hash = hashlib.sha256() if hashed else None
        self.line: bytes | None = None
        self.first_byte: int | None = None
        self.ended = False

    @property
    def before(self) -> str | None:
        return None if self._hash is None else self._hash.hexdigest()

    def read(self, size: int = -1, /) -> bytes:
        """As of any stream: none only at the end."""
        while not (self._ready or self.ended):
            self._ready = self._next(size)
        if size < 0 or len(self._ready) <= size:
            given, self._ready = self._ready, b""
        else:
            given, self._ready = self._ready[:size], self._ready[size:]
        return given

    def _next(self, size: int) -> bytes:
        piece = self._stream.read(size)
        if not piece:
            self._end()
            return b""
        data = self._held + piece
        start = _last_line(data)
        if len(data) - start > MAX_TRAILER_BYTES:
            # Too long to be one: given away, and the rest of this line is none either.
            self._broken, start = not data.endswith((b"\n", b"\r")), len(data)
        elif start:
            self._broken = False
        given, self._held = data[:start], data[start:]
        return self._passed(given)

    def _passed(self, given: bytes) -> bytes:
        self._given += len(given)
        if self._hash is not None:
            self._hash.update(given)
        return given

    def _end(self) -> None:
        self.ended = True
        line = self._held.strip(_BLANK)
        if line and not self._broken:
            self.line, self.first_byte = line, self._given


def _last_line(data: bytes) -> int:
    """Where the last line begins that is not blank."""
    end = len(data.rstrip(_BLANK))
    return max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end)) + 1
