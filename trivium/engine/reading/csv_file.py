"""Reads CSV: pyarrow parses, numpy finds where the records stand, no record is looped over in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from trivium.engine.reading.chunk import RawChunk, out_of_step, torn_only
from trivium.engine.reading.csv_cells import CsvCells
from trivium.engine.reading.cutting import (
    CHUNK_BYTES,
    MAX_RECORD_BYTES,
    ByteSource,
    Cutter,
    Overlong,
    Piece,
    Resuming,
)
from trivium.engine.reading.encoding import BOM, SNIFFED_BYTES, UTF8, check_is_text, checked_encoding
from trivium.engine.reading.errors import EmptyError, HeaderError, ReadingError
from trivium.engine.reading.lines import CR, LF, count_line_ends, first_line_end, line_ends, outside, record_spans
from trivium.engine.reading.quotes import QuoteScan, find_toggles, opening_quote, quoted_cells
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

_HEADER_BYTES = 64 << 10
_WINDOW_BYTES = 64 << 10
_SHOWN_HEADER = 200  # characters of it in a message


def read_csv(
    source: ByteSource,
    *,
    separator: str = ",",
    quote: str | None = '"',
    encoding: str = UTF8,
    columns: Sequence[str] | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    max_record_bytes: int = MAX_RECORD_BYTES,
) -> Iterator[RawChunk]:
    """The chunks of a CSV file; at least one, so that its columns are known also if it has no records.

    The first line that is not blank names the columns, spaces and all, unless `columns` does: then every line
    is a record. The name of the last may be empty, where every line ends with a separator. Quotes are `quote`,
    doubled inside, or no quotes at all: then a record is a line. Lines end with LF, CRLF or a CR alone; a BOM
    is passed over; blank lines are no records. Raises ReadingError before the first chunk; later only where a
    quote opens and is not closed, and lines follow it. Memory: about four times a chunk, which is longer than
    `chunk_bytes` only for the sake of a record, and never longer than `max_record_bytes`.
    """
    layout = CsvLayout(separator, quote)
    encoding = checked_encoding(encoding)
    cutter = Cutter(source, layout, chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    check_is_text(cutter.peek(SNIFFED_BYTES))
    if encoding == UTF8 and cutter.peek(len(BOM)).startswith(BOM):
        cutter.skip(len(BOM))
    if columns is None:
        columns = _read_header(cutter, layout, encoding)
    _check_columns(columns)
    return _chunks(cutter, CsvCells(tuple(columns), separator, encoding, quote))


class CsvLayout:
    """Cuts where a line ends outside quotes. Its marks are the toggles of the quotes."""

    def __init__(self, separator: str, quote: str | None) -> None:
        if len(separator) != 1 or not separator.isascii() or separator in "\r\n\0" or separator == quote:
            cure = "declare one ASCII character, such as ',' ';' '|' or '\\t', which is not the quote"
            raise ReadingError(f"{separator!r} cannot separate cells", cure=cure)
        if quote is not None and (len(quote) != 1 or not quote.isascii() or quote in "\r\n\0"):
            cure = "declare one ASCII character, such as '\"', or None for a source whose quotes are plain characters"
            raise ReadingError(f"{quote!r} cannot be the quote", cure=cure)
        self.separator = ord(separator)
        self.quote = None if quote is None else ord(quote)

    def cut(self, data: bytes, at_end: bool) -> tuple[int, Positions]:
        toggles = self.toggles(data)
        position = len(data) if at_end else _last_record_end(data, toggles)
        return position, toggles[: np.searchsorted(toggles, position)]

    def toggles(self, data: bytes) -> Positions:
        """As of `find_toggles`."""
        return find_toggles(data, self.separator, self.quote)

    def count_line_ends(self, data: bytes) -> int:
        return count_line_ends(data)

    def resuming(self) -> Resuming:
        return _NextRecord(self.separator, self.quote)


class _NextRecord:
    """A record that is too long ends with its line, unless a quote is open there."""

    def __init__(self, separator: int, quote: int | None) -> None:
        self._scan = QuoteScan(separator, quote)
        self.swallows: int | None = None

    def find(self, data: bytes) -> int:
        position = first_line_end(data)
        if position and self._scan.inside_after(data[:position]):
            self.swallows = self._scan.opened
        return position

    def passed(self, data: bytes) -> None:
        self._scan.inside_after(data)


def _last_record_end(data: bytes, toggles: Positions) -> int:
    # A CR as the last byte may be half of a CRLF, whose other half must not become a blank line of its own.
    size = len(data) - data.endswith(b"\r")
    if not len(toggles):
        return max(data.rfind(b"\n", 0, size), data.rfind(b"\r", 0, size)) + 1
    window = _WINDOW_BYTES
    while True:
        low = max(size - window, 0)
        ends = outside(line_ends(data[low:size]) + low, toggles)
        # The first byte of a window may be the LF of a CRLF, which is right; a CR as its last byte is not
        # LF's.
        if len(ends) or not low:
            return int(ends[-1]) + 1 if len(ends) else 0
        window *= 16


def _read_header(cutter: Cutter, layout: CsvLayout, encoding: str) -> list[str]:
    while (piece := cutter.take(_HEADER_BYTES)) is not None:
        if isinstance(piece, Overlong):
            message = f"the header does not end within {cutter.max_record_bytes} bytes"
            raise HeaderError(message, cure="look for a quote in the first line that opens and is not closed")
        spans = record_spans(piece.data, piece.marks, piece.first_line)
        if not len(spans):
            continue
        header = spans.only(np.arange(1))
        _check_header_bytes(piece, header, layout, encoding)
        cutter.put_back(piece, int(header.after[0]))
        record = header.joined(piece.data).to_pybytes()
        toggles = piece.marks[piece.marks < header.after[0]] - header.start[0]
        count = int(_count_cells(record, toggles, record_spans(record, toggles, 1), layout.separator)[0])
        quote = None if layout.quote is None else chr(layout.quote)
        names = CsvCells(tuple(map(str, range(count))), chr(layout.separator), encoding, quote)
        cells = names.parse(record, quoted=True, longest=len(record)).to_pylist()[0].values()
        return [name or "" for name in cells]
    raise EmptyError("the file is empty", cure="its first line must name the columns, even if no record follows")


def _check_header_bytes(piece: Piece, header: Spans, layout: CsvLayout, encoding: str) -> None:
    reasons = no_reasons()
    _blame_stray_quotes(reasons, piece, layout.separator, header)
    blame_bytes(reasons, piece.data, header, encoding)
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
            message = f"columns {seen[name]} and {number} of the header are both named {name!r}"
            raise HeaderError(message, cure="rename one of them where the file is made")
        seen[name] = number
    if not columns:
        raise HeaderError("no column is named", cure="name at least one column")


def _chunks(cutter: Cutter, cells: CsvCells) -> Iterator[RawChunk]:
    empty, count = cells.schema.empty_table(), 0
    for piece in cutter.pieces():
        if isinstance(piece, Overlong):
            if piece.quote is not None:
                most = f"the record does not end within {cutter.max_record_bytes} bytes"
                raise _unclosed(piece.first_line, piece.quote, f"where the line ends, and {most}")
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
    find = partial(record_spans, data, toggles, line)
    if len(toggles) % 2 or b"\0" in data:
        return sifted(piece, cells, find())
    try:
        table = cells.parse(data, quoted=len(toggles) > 0)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return sifted(piece, cells, find())
    lines = piece.line_ends + (not data.endswith((b"\n", b"\r")))
    if lines == table.num_rows:
        # Every line is a record: no line is blank, and no cell holds a line end.
        at = pa.array(np.arange(line, line + lines))
        return RawChunk(table, at, NONE_TORN, piece.first_byte, data, find)
    spans = find()
    if len(_stray_quotes(piece, ord(cells.separator))):
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
    )


def sifted(piece: Piece, cells: CsvCells, spans: Spans) -> RawChunk:
    """The chunk of a piece in which some records may be torn, or are longer than pyarrow's blocks."""
    reasons = _reasons(piece, cells, spans)
    sound = spans.only(without(reasons, len(spans)))
    quoted = len(piece.marks) > 0
    longest = int((sound.after - sound.start).max(initial=0))
    table = cells.parse(sound.joined(piece.data), quoted=quoted, longest=longest)
    if len(sound) != table.num_rows:
        raise out_of_step(len(sound), table.num_rows, piece.first_byte)
    torn = torn_table(reasons, piece.data, spans, piece.first_byte)
    return RawChunk(table, pa.array(sound.place), torn, piece.first_byte, piece.data, lambda: sound)


def _reasons(piece: Piece, cells: CsvCells, spans: Spans) -> Reasons:
    reasons = no_reasons()
    counts = _count_cells(piece.data, piece.marks, spans, ord(cells.separator))
    unclosed = len(spans) - 1 if len(piece.marks) % 2 else -1
    named = len(cells.columns)
    wrong = np.flatnonzero(counts != named)
    ends = line_ends(piece.data) if len(wrong) else NOWHERE
    lines = np.searchsorted(ends, spans.end[wrong]) - np.searchsorted(ends, spans.start[wrong]) + 1
    for record, held in zip(wrong.tolist(), lines.tolist(), strict=True):
        if record != unclosed:
            blame(reasons, record, "cells", _cells_message(int(counts[record]), held, cells))
    if unclosed >= 0:
        blame(reasons, unclosed, "unclosed_quote", UNCLOSED)
    _blame_stray_quotes(reasons, piece, ord(cells.separator), spans)
    blame_bytes(reasons, piece.data, spans, cells.encoding)
    return reasons


def _cells_message(count: int, lines: int, cells: CsvCells) -> str:
    header = ", ".join(cells.columns)
    if len(header) > _SHOWN_HEADER:
        header = header[:_SHOWN_HEADER] + " …"
    if lines > 1:
        cure = f"it goes over {lines} lines, so look for a quote that opens where none should"
    elif cells.quote is None:
        cure = "without quotes no cell can hold a separator or a line end"
    else:
        cure = "put a cell that holds a separator or a line end in quotes"
    return f"{count} cell{'s' * (count > 1)}, but the header names {len(cells.columns)} columns ({header}); {cure}"


def _blame_stray_quotes(reasons: Reasons, piece: Piece, separator: int, spans: Spans) -> None:
    quotes = _stray_quotes(piece, separator)
    quotes = quotes[quotes < spans.end.max(initial=0)]
    records = np.searchsorted(spans.start, quotes, side="right") - 1
    for record, quote in zip(records.tolist(), quotes.tolist(), strict=True):
        message = (
            f"the quote at byte {quote - spans.start[record] + 1} of the record closes in a later line, and text "
            'stands behind it; remove the quote if it is a stray one, or double the quotes inside the text ("")'
        )
        blame(reasons, record, "quote", message)


def _stray_quotes(piece: Piece, separator: int) -> Positions:
    """The quotes that close in a later line of the file with text behind them: what a stray quote makes of the lines
    up to the next quote. They could pass for one record of the right number of cells, and the other lines be lost."""
    if not len(piece.marks):
        return NOWHERE
    opened, closed = quoted_cells(piece.marks)
    opened, behind = opened[: len(closed)], closed + 1
    ends = line_ends(piece.data)
    several = np.searchsorted(ends, opened) < np.searchsorted(ends, closed)
    opened, behind = opened[several], behind[several]
    texts = bytes_of(piece.data)[np.minimum(behind, len(piece.data) - 1)]
    return opened[(behind < len(piece.data)) & ~np.isin(texts, [separator, LF, CR])]


def _count_cells(data: bytes, toggles: Positions, spans: Spans, separator: int) -> Positions:
    separators = outside(np.flatnonzero(bytes_of(data) == separator), toggles)
    return np.searchsorted(separators, spans.end) - np.searchsorted(separators, spans.start) + 1
