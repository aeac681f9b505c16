"""Text in other encodings as UTF-8, on the way to those who cut it into records.

What the encoding does not have stands in it as marks that are no UTF-8, one for each byte: so it costs its own record,
and the bytes that were sent can be told again.
"""

from __future__ import annotations

import codecs
import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

from trivium.engine.reading.chunk import RawChunk
from trivium.engine.reading.cutting import ByteSource
from trivium.engine.reading.encoding import SNIFFED_BYTES
from trivium.engine.reading.errors import ReadingError
from trivium.engine.reading.spooling import Ahead
from trivium.engine.reading.torn import TORN
from trivium.model.encodings import UTF8

_PIECE = 1 << 20
_MARKS: Final = 0xDC00  # half a character, never one by itself: 0xDC00 + byte
_MARKED: Final = re.compile("[\udc00-\udcff]+")
_HANDLER: Final = "trivium.mark"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_MARKS + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_HANDLER, _mark)


class Transcoded:
    """A stream as UTF-8. Raises ReadingError if its mark says another encoding than `encoding`, see `model.encodings`;
    the attribute `encoding` is the one it has, with the order of its bytes."""

    def __init__(self, stream: ByteSource, encoding: str) -> None:
        self._stream = Ahead(stream)
        self.encoding = _with_order(encoding, self._stream.peek(SNIFFED_BYTES))
        self._decoder = codecs.getincrementaldecoder(self.encoding)(_HANDLER)
        self._left, self._at, self._ended = b"", 0, False

    def read(self, size: int, /) -> bytes:
        while self._at >= len(self._left) and not self._ended:
            data = self._stream.read(_PIECE)
            self._ended = not data
            text = self._decoder.decode(data, self._ended)
            self._left, self._at = text.encode(UTF8, "surrogatepass"), 0
        part = self._left[self._at : self._at + size]
        self._at += len(part)
        return part


def _with_order(encoding: str, head: bytes) -> str:
    """The encoding with the order of its bytes, by their mark; without one by where the NULs of the first characters
    are, and else the usual one of files, the low byte first."""
    bare = encoding[:6]
    width = {"utf-16": 2, "utf-32": 4}.get(bare)
    if width is None:
        return encoding
    marks = {
        f"{bare}-le": "\ufeff".encode(f"{bare}-le"),
        f"{bare}-be": "\ufeff".encode(f"{bare}-be"),
    }
    marked = next((order for order, mark in marks.items() if head.startswith(mark)), None)
    if encoding != bare:
        if marked not in (None, encoding):
            cure = f"declare encoding='{bare}', which goes by the mark"
            raise ReadingError(f"the file is marked as {marked}, and declared as {encoding}", cure=cure)
        return encoding
    if marked is None and head and head.isascii() and b"\0" not in head:
        cure = "declare the encoding that it has; it looks like plain text, such as encoding='utf-8'"
        raise ReadingError(f"the file is not {bare}: it has no mark, and no character of {width} bytes", cure=cure)
    return marked or (f"{bare}-be" if head[:1] == b"\0" else f"{bare}-le")


def told_as_sent(chunks: Iterable[RawChunk], encoding: str) -> Iterator[RawChunk]:
    """The chunks of a transcoded stream, in which a record that holds what the encoding has not has the bytes that were
    sent."""
    for chunk in chunks:
        rows = chunk.torn.to_pylist() if chunk.torn.num_rows else []
        if any(reason["rule"] == "encoding" for row in rows for reason in row["reasons"]):
            torn: Any = pa.Table.from_pylist([_as_sent(row, encoding) for row in rows], schema=TORN)
            chunk = dataclasses.replace(chunk, torn=torn)
        yield chunk


def _as_sent(row: dict[str, Any], encoding: str) -> dict[str, Any]:
    text = row["raw"].decode(UTF8, "surrogatepass")
    found = _MARKED.search(text)
    if found is None:
        return row
    before = len(text[: found.start()].encode(encoding, "replace"))
    message = (
        f"byte {before + 1} of the record (0x{ord(found[0][0]) - _MARKS:02X}) is not {encoding}; correct it where the "
        "file is made, or declare the encoding that it has"
    )
    reasons = [
        {"rule": "encoding", "message": message} if reason["rule"] == "encoding" else reason
        for reason in row["reasons"]
    ]
    return row | {"raw": b"".join(_bytes_of(text, encoding)), "reasons": reasons}


def _bytes_of(text: str, encoding: str) -> Iterator[bytes]:
    at = 0
    for found in _MARKED.finditer(text):
        yield text[at : found.start()].encode(encoding, "replace")
        yield bytes(ord(mark) - _MARKS for mark in found[0])
        at = found.end()
    yield text[at:].encode(encoding, "replace")
