"""Reads CSV: pyarrow parses, numpy finds where the records stand, no record is looped over in Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from trivium.engine.reading.chunk import RawChunk, out_of_step, torn_only
from trivium.engine.reading.csv_cells import CsvCells
from trivium.engine.reading.csv_layout import CsvLayout
from trivium.engine.reading.csv_ragged import cells_message, even, parsed
from trivium.engine.reading.cutting import CHUNK_BYTES, MAX_RECORD_BYTES, ByteSource, Cutter, Overlong, Piece
from trivium.engine.reading.encoding import BOM, SNIFFED_BYTES, check_is_text
from trivium.engine.reading.errors import EmptyError, HeaderError, ReadingError
from trivium.engine.reading.lines import CR, LF, count_line_ends, first_line_end, line_ends, outside, record_spans
from trivium.engine.reading.quotes import opening_quote, quoted_cells
from trivium.engine.reading.spans import NOWHERE, Positions, Spans, bytes_of
from trivium.engine.reading.torn import (
    NONE_TORN,
    UNCLOSED,
    Reasons,
    blame,
    blame_bytes,
    no_reasons,
    torn_overlong,
    torn_table,
    without,
)
from trivium.model.formats import MAX_COLUMNS, Csv

_HEADER_BYTES = 64 << 10
_LONGEST_HEADER = 8 << 20
_SHOWN_NAME = 100


def read_csv(
    source: ByteSource,
    format: Csv = Csv(),  # noqa: B008 - a value
    *,
    chunk_bytes: int = CHUNK_BYTES,
    max_record_bytes: int = MAX_RECORD_BYTES,
) -> Iterator[RawChunk]:
    """The chunks of a CSV file in UTF-8; at least one, so that its columns are known also if it has no records.

    The first line that is not blank names the columns, spaces and all, unless the format does. The name of the last
    may be empty, where every line ends with a separator. Quotes are doubled inside, or there are no quotes at all:
    then a record is a line. Lines end with LF, CRLF or a CR alone; a BOM is passed over; blank lines are no records.
    Raises ReadingError before the first chunk; later only where a quote opens and is not closed, and lines follow it.
    Memory: about four times a chunk, which is longer than `chunk_bytes` only for the sake of a record, and never longer
    than `max_record_bytes`.
    """
    layout = CsvLayout(format)
    cutter = Cutter(source, layout, chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    check_is_text(cutter.peek(SNIFFED_BYTES))
    if cutter.peek(len(BOM)).startswith(BOM):
        cutter.skip(len(BOM))
    skip_lines(cutter, format.skip)
    if format.header:
        columns = _read_header(cutter, layout, format)
        if format.columns is None:
            _check_columns(columns)
        elif len(columns) != len(format.columns):
            fault = f"{len(format.columns)} columns are declared, and the header has {len(columns)}"
            raise HeaderError(fault, cure="name in columns=[…] as many as it has, in their order", count=len(columns))
    return _chunks(cutter, CsvCells(tuple(columns if format.columns is None else format.columns), format))


def skip_lines(cutter: Cutter, count: int) -> None:
    """Passes over so many physical lines, or to the end of the file."""
    size = _HEADER_BYTES + 1  # of which the last byte is looked at again: it may be half of a line end
    while count and (data := cutter.peek(size)):
        position = first_line_end(data)
        if position:
            count -= 1
        elif len(data) < size:  # its last line, whose end is the file's
            position, count = len(data), 0
        cutter.skip(position or len(data) - 1)


def _read_header(cutter: Cutter, layout: CsvLayout, format: Csv) -> list[str]:
    while (piece := cutter.take(_HEADER_BYTES, _LONGEST_HEADER)) is not None:
        if isinstance(piece, Overlong):
            message = f"the header does not end within {min(_LONGEST_HEADER, cutter.max_record_bytes)} bytes"
            cure = "look for a quote in the first line that opens and is not closed, and for the ends of lines"
            raise HeaderError(message, cure=cure)
        spans = layout.spans(piece.data, piece.marks, piece.first_line)
        if not len(spans):
            continue
        header = spans.only(np.arange(1))
        _check_header_bytes(piece, header, layout)
        cutter.put_back(piece, int(header.after[0]))
        record = header.joined(piece.data).to_pybytes()
        toggles = piece.marks[piece.marks < header.after[0]] - header.start[0]
        count = int(_count_cells(record, toggles, record_spans(record, toggles, 1), layout.separator)[0])
        if count > MAX_COLUMNS:
            fault = f"line {header.place[0]}: the header has {count} columns, and at most {MAX_COLUMNS} can be read"
            raise HeaderError(fault, cure="look whether the separator is the right one; or have fewer columns sent")
        names = CsvCells(tuple(map(str, range(count))), dataclasses.replace(format, nulls=()))
        cells = names.parse(record, quoted=True, longest=len(record)).to_pylist()[0].values()
        return [name or "" for name in cells]
    raise EmptyError("the file is empty", cure="its first line must name the columns, even if no record follows")


def _check_header_bytes(piece: Piece, header: Spans, layout: CsvLayout) -> None:
    reasons = no_reasons()
    _blame_stray_quotes(reasons, piece, layout, header)
    blame_bytes(reasons, piece.data, header)
    if len(piece.marks) % 2 and int(header.after[0]) == len(piece.data):
        message = f"line {header.place[0]}: a quote in the header is not closed"
        raise HeaderError(message, cure="close it, and send the file again")
    for reason in reasons.get(0, []):
        fault, _, cure = reason["message"].replace("the record", "the header").partition("; ")
        raise HeaderError(f"line {header.place[0]}: {fault}", cure=cure)


def _check_columns(columns: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for number, name in enumerate(columns, 1):
        if not name and (number == 1 or number < len(columns)):
            cure = "name every column; only the last may be without a name, where every line ends with a separator"
            raise HeaderError(f"column {number} of the header has no name", cure=cure)
        if name in seen:
            message = f"columns {seen[name]} and {number} of the header are both named {_shown(name)}"
            raise HeaderError(
                message, cure="rename one of them where the file is made, or name all by columns=[…] of its format"
            )
        seen[name] = number
    if not columns:
        raise HeaderError("no column is named", cure="name at least one column")


def _shown(name: str) -> str:
    return repr(name if len(name) <= _SHOWN_NAME else name[:_SHOWN_NAME] + "…")


def _chunks(cutter: Cutter, cells: CsvCells) -> Iterator[RawChunk]:
    empty, count = cells.schema.empty_table(), 0
    for piece in cutter.pieces():
        if isinstance(piece, Overlong):
            if piece.quote is not None:
                most = f"the record does not end within {cutter.max_record_bytes} bytes"
                raise _unclosed(piece.first_line, piece.quote, f"where the line ends, and {most}")
            if piece.resumed_line is None:
                most = f"the record in line {piece.first_line} does not end within {cutter.max_record_bytes} bytes"
                raise ReadingError(
                    most, cure="look there for a quote that is not closed; nothing of the file was taken"
                )
            chunk = torn_only(torn_overlong(piece, cutter.max_record_bytes), empty)
        else:
            chunk = _chunk(piece, cells)
        if chunk.received:
            count += 1
            yield chunk
    if not count:
        yield torn_only(NONE_TORN, empty)


def _chunk(piece: Piece, cells: CsvCells) -> RawChunk:
    data, toggles, line = piece.data, piece.marks, piece.first_line
    if len(toggles) % 2:
        _check_swallowed(piece)
    find = partial(cells.layout.spans, data, toggles, line)
    comment = cells.layout.comment
    if len(toggles) % 2 or b"\0" in data or (comment is not None and comment in data):
        return sifted(piece, cells, find())
    try:
        table = cells.parse(data, quoted=len(toggles) > 0)
    except pa.ArrowInvalid:
        return sifted(piece, cells, find())
    lines = piece.line_ends + (not data.endswith((b"\n", b"\r")))
    if lines == table.num_rows:
        # Every line is a record: no line is blank, and no cell holds a line end.
        at = pa.array(np.arange(line, line + lines))
        return RawChunk(table, at, NONE_TORN, piece.first_byte, data, find)
    spans = find()
    if len(_stray_quotes(piece, cells.layout)):
        return sifted(piece, cells, spans)
    if len(spans) != table.num_rows:
        raise out_of_step(len(spans), table.num_rows, piece.first_byte)
    return RawChunk(table, pa.array(spans.place), NONE_TORN, piece.first_byte, data, lambda: spans)


def _check_swallowed(piece: Piece) -> None:
    """Of a piece that ends in quotes, which is the last: raises ReadingError if they hold more than a line.

    The lines behind the quote may be records of their own. Were they one rejected record, whoever mends it as one
    would lose the others unseen.
    """
    quote = opening_quote(piece.marks)
    rest = piece.data[quote:]
    position = first_line_end(rest)
    if position and rest[position:].strip(b"\r\n"):
        line = piece.first_line + count_line_ends(piece.data[:quote])
        raise _unclosed(line, piece.first_byte + quote, "before the file ends")


def _unclosed(line: int, offset: int, end: str) -> ReadingError:
    return ReadingError(
        f"the quote that opens in line {line} (byte {offset} of the file) is not closed {end}: "
        "nobody can say where records end",
        cure="the file is cut off or has a stray quote: correct it, or declare quote=None for a source whose quotes "
        "are plain characters",
        line=line, offset=offset,
    )  # fmt: skip


def sifted(piece: Piece, cells: CsvCells, spans: Spans) -> RawChunk:
    """The chunk of a piece in which some records may be torn, or are longer than pyarrow's blocks."""
    reasons, counts = _reasons(piece, cells, spans)
    if cells.format.ragged:
        sound, table = even(piece, cells, spans, counts, reasons)
    else:
        sound = spans.only(without(reasons, len(spans)))
        table = parsed(piece, cells, sound)
    torn = torn_table(reasons, piece.data, spans, piece.first_byte)
    return RawChunk(table, pa.array(sound.place), torn, piece.first_byte, piece.data, lambda: sound)


def _reasons(piece: Piece, cells: CsvCells, spans: Spans) -> tuple[Reasons, Positions]:
    """What is wrong with records, and how many cells each has."""
    reasons = no_reasons()
    counts = _count_cells(piece.data, piece.marks, spans, cells.layout.separator)
    unclosed = len(spans) - 1 if len(piece.marks) % 2 else -1
    named = len(cells.columns)
    wrong = np.flatnonzero(counts != named) if not cells.format.ragged else NOWHERE
    ends = line_ends(piece.data) if len(wrong) else NOWHERE
    lines = np.searchsorted(ends, spans.end[wrong]) - np.searchsorted(ends, spans.start[wrong]) + 1
    for record, held in zip(wrong.tolist(), lines.tolist(), strict=True):
        if record != unclosed:
            blame(reasons, record, "cells", cells_message(int(counts[record]), held, cells))
    if unclosed >= 0:
        blame(reasons, unclosed, "unclosed_quote", UNCLOSED)
    _blame_stray_quotes(reasons, piece, cells.layout, spans)
    blame_bytes(reasons, piece.data, spans)
    return reasons, counts


def _blame_stray_quotes(reasons: Reasons, piece: Piece, layout: CsvLayout, spans: Spans) -> None:
    quotes = _stray_quotes(piece, layout)
    quotes = quotes[quotes < spans.end.max(initial=0)]
    records = np.searchsorted(spans.start, quotes, side="right") - 1
    for record, quote in zip(records.tolist(), quotes.tolist(), strict=True):
        message = (
            f"the quote at byte {quote - spans.start[record] + 1} of the record closes in a later line, and text "
            'stands behind it; remove the quote if it is a stray one, or double the quotes inside the text ("")'
        )
        blame(reasons, record, "quote", message)


def _stray_quotes(piece: Piece, layout: CsvLayout) -> Positions:
    """The quotes that close in a later line of the file with text behind them: what a stray quote makes of the lines
    up to the next quote. They could pass for one record of the right number of cells, and the other lines be lost."""
    if not len(piece.marks):
        return NOWHERE
    opened, closed = quoted_cells(piece.marks)
    opened, behind = opened[: len(closed)], closed + 1
    if layout.escape is not None:  # what is escaped outside quotes is between toggles too
        quotes = bytes_of(piece.data)[opened] == (layout.quote or 0)
        opened, behind = opened[quotes], behind[quotes]
    ends = line_ends(piece.data)
    several = np.searchsorted(ends, opened) < np.searchsorted(ends, behind - 1)
    opened, behind = opened[several], behind[several]
    texts = bytes_of(piece.data)[np.minimum(behind, len(piece.data) - 1)]
    return opened[(behind < len(piece.data)) & ~np.isin(texts, [layout.separator, LF, CR])]


def _count_cells(data: bytes, toggles: Positions, spans: Spans, separator: int) -> Positions:
    separators = outside(np.flatnonzero(bytes_of(data) == separator), toggles)
    return np.searchsorted(separators, spans.end) - np.searchsorted(separators, spans.start) + 1
