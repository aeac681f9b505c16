"""Reads JSON: one record a line, or an array of records, or a file that is one record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.engine.reading.chunk import RawChunk, torn_only
from trivium.engine.reading.cutting import (
    CHUNK_BYTES,
    EXCERPT_BYTES,
    MAX_RECORD_BYTES,
    ByteSource,
    Cutter,
    Overlong,
    Piece,
)
from trivium.engine.reading.encoding import BOM, SNIFFED_BYTES, check_is_text
from trivium.engine.reading.errors import ReadingError
from trivium.engine.reading.json_array import ArrayLayout, element_spans, is_closed
from trivium.engine.reading.json_envelope import Envelope
from trivium.engine.reading.json_lines import SPACE, LinesLayout, WholeLayout
from trivium.engine.reading.spans import Spans
from trivium.engine.reading.torn import (
    NONE_TORN,
    Reasons,
    blame,
    blame_bytes,
    no_reasons,
    torn_overlong,
    torn_table,
    without,
)
from trivium.model.formats import JsonFile

_SNIFFED_BYTES = 64 << 10
_EMPTY = pa.table({"json": pa.array([], pa.string())})


def read_json(
    source: ByteSource,
    format: JsonFile = JsonFile(),  # noqa: B008 - a value
    *,
    chunk_bytes: int = CHUNK_BYTES,
    max_record_bytes: int = MAX_RECORD_BYTES,
) -> Iterator[RawChunk]:
    """The chunks of a JSON file, UTF-8, each with the one column `json`: a record's text as it was sent.

    Where the format has a path to them, the records are the elements of that list. Else a file that begins with `[` is
    an array of records. One whose first line cannot end a value (it ends with
    `{`, `[`, `,` or `:`) is one record over many lines. Any other has a record a line; blank lines are none.
    Whether a text is JSON is not looked at. Lines are those that LF ends. At least one chunk is given, if
    only an empty one. Raises ReadingError, if need be after some chunks, for an array of which a part cannot be read:
    it is not closed, something stands behind it, an element is too long. Memory: as for CSV; an array takes twice
    that.
    """
    cutter = Cutter(source, LinesLayout(), chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    head = cutter.peek(_SNIFFED_BYTES)
    check_is_text(head[:SNIFFED_BYTES])
    if head.startswith(BOM):
        cutter.skip(len(BOM))
        head = head[len(BOM) :]
    if format.records is not None:
        envelope = Envelope(cutter, format.records)
        envelope.enter()
        return _given(_array_chunks(cutter, envelope.leave))
    text = head.lstrip(SPACE)
    if text.startswith(b"["):
        cutter.skip(len(head) - len(text) + 1)
        return _given(_array_chunks(cutter, partial(_check_nothing_follows, cutter)))
    size = _SNIFFED_BYTES
    while b"\n" not in text and size < max_record_bytes:
        size *= 2  # where the first line ends is what tells them apart
        peeked = cutter.peek(size)
        text = peeked.lstrip(SPACE)
        if len(peeked) < size:
            break
    first_line, _, others = text.partition(b"\n")
    goes_on = first_line.rstrip(SPACE).endswith((b"{", b"[", b",", b":"))
    whole = goes_on and not others.lstrip(SPACE).startswith(b"{")
    return _given(_line_chunks(cutter, WholeLayout() if whole else LinesLayout()))


def _given(chunks: Iterator[RawChunk]) -> Iterator[RawChunk]:
    full = (chunk for chunk in chunks if chunk.received)
    return chain([next(full, None) or torn_only(NONE_TORN, _EMPTY)], full)


def _line_chunks(cutter: Cutter, layout: LinesLayout) -> Iterator[RawChunk]:
    cutter.layout = layout
    for piece in cutter.pieces():
        if isinstance(piece, Overlong):
            yield torn_only(torn_overlong(piece, cutter.max_record_bytes), _EMPTY)
        else:
            yield held(piece, layout.spans(piece.data, piece.first_line), no_reasons())


def _array_chunks(cutter: Cutter, close: Callable[[], None]) -> Iterator[RawChunk]:
    """The chunks of an array that has been entered; `close` sees to what stands behind it."""
    cutter.layout = ArrayLayout()
    first, last = True, 0
    while (piece := cutter.take()) is not None:
        if isinstance(piece, Overlong):
            most = f"does not end within {cutter.max_record_bytes} bytes"
            what = f"the element that begins in line {piece.first_line} {most}"
            raise _lost(what, piece.first_line, piece.first_byte)
        closed = is_closed(piece.data, piece.marks)
        at_end = closed or not len(piece.marks) or piece.marks[-1] + 1 < len(piece.data)
        spans, reasons = element_spans(piece.data, piece.marks, piece.first_line, last), no_reasons()
        last = int(spans.place[-1]) if len(spans) else last
        if first and closed and len(spans) == 1 and spans.end[0] == spans.start[0]:
            spans = spans.only(np.arange(0))
        for blank in np.flatnonzero(spans.end == spans.start).tolist():
            message = "no element stands before or behind a comma of the array; remove the comma"
            blame(reasons, blank, "empty_element", message)
        yield held(piece, spans, reasons)
        if closed:
            close()
            return
        if at_end:
            cutter.put_back(piece, int(piece.marks[-1]) + 1 if len(piece.marks) else 0)
            break
        first = False
    what = f"the array is not closed before the file ends, and its last element begins in line {cutter.line}"
    raise _lost(what, cutter.line, cutter.byte)


def _check_nothing_follows(cutter: Cutter) -> None:
    while data := cutter.peek(EXCERPT_BYTES):
        text = data.lstrip(SPACE)
        cutter.skip(len(data) - len(text))
        if text:
            what = f"something stands behind the bracket that closes the array, in line {cutter.line}"
            raise _lost(what, cutter.line, cutter.byte)


def _lost(what: str, line: int, offset: int) -> ReadingError:
    # Were it one rejected record, whoever mends it as one would lose what else is there unseen.
    return ReadingError(
        f"{what} (byte {offset} of the file): nobody can say which records follow",
        cure="the file is cut off, or a quote or bracket in it is one too many or too few: have it sent whole",
        line=line, offset=offset,
    )  # fmt: skip


def held(piece: Piece, spans: Spans, reasons: Reasons) -> RawChunk:
    """The chunk of the records that stand in a piece."""
    texts = None
    if not reasons and b"\0" not in piece.data:
        texts = _as_text(spans.texts(piece.data))
    if texts is None:
        blame_bytes(reasons, piece.data, spans)
        torn = torn_table(reasons, piece.data, spans, piece.first_byte)
        sound = spans.only(without(reasons, len(spans)))
        texts = sound.texts(piece.data).cast(pa.string())
    else:
        torn, sound = NONE_TORN, spans
    table = pa.table({"json": texts})
    return RawChunk(table, pa.array(sound.place), torn, piece.first_byte, piece.data, lambda: sound)


def _as_text(texts: Any) -> Any:
    """The texts as pa.StringArray; None if any is not UTF-8."""
    try:
        return texts.cast(pa.string())
    except pa.ArrowInvalid:
        return None
