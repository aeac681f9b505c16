"""Reads lines with cells in fixed places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.reading.again import NotOneRecordError, Unfit, fit, joined, torn_again, with_torn
from trivium.engine.reading.chunk import RawChunk, torn_only
from trivium.engine.reading.csv_file import skip_lines
from trivium.engine.reading.csv_layout import CsvLayout
from trivium.engine.reading.cutting import CHUNK_BYTES, MAX_RECORD_BYTES, ByteSource, Cutter, Overlong, Piece
from trivium.engine.reading.encoding import BOM, SNIFFED_BYTES, check_is_text
from trivium.engine.reading.spans import NOWHERE, Spans
from trivium.engine.reading.torn import NONE_TORN, blame, blame_bytes, no_reasons, torn_overlong, torn_table, without
from trivium.model.formats import Csv, FixedWidth


def read_fixed(
    source: ByteSource,
    format: FixedWidth,
    *,
    chunk_bytes: int = CHUNK_BYTES,
    max_record_bytes: int = MAX_RECORD_BYTES,
) -> Iterator[RawChunk]:
    """The chunks of a file in UTF-8 with a record a line; at least one. Lines end as in CSV, blank ones are no records.

    A line that goes on behind its last column, or ends before it where the format is not ragged, is torn.
    """
    layout = _layout(format)
    cutter = Cutter(source, layout, chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    check_is_text(cutter.peek(SNIFFED_BYTES))
    if cutter.peek(len(BOM)).startswith(BOM):
        cutter.skip(len(BOM))
    skip_lines(cutter, format.skip)
    return _chunks(cutter, layout, format)


def read_fixed_again(raws: Sequence[bytes], *, format: FixedWidth, unfit: Unfit) -> RawChunk:
    """One chunk of records, each of which is a line; as of `read_csv_again`."""
    layout, numbers = _layout(format), fit(len(raws), unfit)
    for number in numbers.tolist():
        if (found := len(layout.spans(raws[number], NOWHERE, 1))) != 1:
            raise NotOneRecordError(number, found)
    data, spans = joined(raws, numbers)
    return with_torn(_chunk(Piece(data, NOWHERE, 0, 1, 0), spans, format), torn_again(raws, unfit))


def _layout(format: FixedWidth) -> CsvLayout:
    return CsvLayout(Csv(quote=None, comment=format.comment))


def _chunks(cutter: Cutter, layout: CsvLayout, format: FixedWidth) -> Iterator[RawChunk]:
    empty = _cells(pa.array([], pa.string()), format)
    count = 0
    for piece in cutter.pieces():
        if isinstance(piece, Overlong):
            chunk = torn_only(torn_overlong(piece, cutter.max_record_bytes), empty)
        else:
            chunk = _chunk(piece, layout.spans(piece.data, piece.marks, piece.first_line), format)
        if chunk.received:
            count += 1
            yield chunk
    if not count:
        yield torn_only(NONE_TORN, empty)


def _chunk(piece: Piece, spans: Spans, format: FixedWidth) -> RawChunk:
    reasons = no_reasons()
    blame_bytes(reasons, piece.data, spans)
    numbers = without(reasons, len(spans))
    lines = spans.texts(piece.data, numbers).cast(pa.string())
    end = max(start + width for _, start, width in format.places)
    lengths = pc.utf8_length(lines).to_numpy()
    long = pc.utf8_length(pc.utf8_rtrim(lines, " ")).to_numpy() > end
    short = lengths < end if not format.ragged else np.zeros(len(lengths), dtype=bool)
    for at in np.flatnonzero(long | short).tolist():
        cure = "look whether it is cut off or torn" + ("" if long[at] else ", or declare ragged=True")
        message = f"{lengths[at]} characters, but the columns end with character {end}; {cure}"
        blame(reasons, int(numbers[at]), "width", message)
    kept = ~(long | short)
    sound = spans.only(numbers[kept])
    table = _cells(lines.filter(pa.array(kept)), format)
    torn = torn_table(reasons, piece.data, spans, piece.first_byte)
    return RawChunk(table, pa.array(sound.place), torn, piece.first_byte, piece.data, lambda: sound)


def _cells(lines: Any, format: FixedWidth) -> Any:
    nothing = pa.array(["", *format.nulls])
    columns = []
    for _, start, width in format.places:
        cell = pc.utf8_trim(pc.utf8_slice_codeunits(lines, start, start + width), " ")
        columns.append(pc.if_else(pc.is_in(cell, nothing), pa.scalar(None, pa.string()), cell))
    return pa.table(columns, names=[name for name, *_ in format.places])
