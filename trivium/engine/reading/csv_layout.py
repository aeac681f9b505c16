"""Where the records of a CSV file end: at the ends of lines outside quotes, escapes and comments."""

from __future__ import annotations

import numpy as np

from trivium.engine.reading.csv_masks import Masks
from trivium.engine.reading.cutting import LostError, Resuming
from trivium.engine.reading.lines import count_line_ends, first_line_end, line_ends, outside, record_spans
from trivium.engine.reading.quotes import QuoteScan, find_toggles
from trivium.engine.reading.spans import NOWHERE, Positions, Spans, bytes_of
from trivium.model.formats import Csv

_WINDOW_BYTES = 64 << 10
_LONG = 9 << 20
_MOST_QUOTES = 4 << 20
"""Of bytes that are longer than a chunk: where each quote stands takes eight bytes, and finding it as many again."""


class CsvLayout:
    """Cuts where a line ends outside quotes. Its marks are the toggles of the quotes, and of what is escaped outside
    them."""

    def __init__(self, format: Csv) -> None:
        self.separator = ord(format.separator)
        self.quote = None if format.quote is None else ord(format.quote)
        self.comment = format.comment.encode() if format.comment else None
        self.escape = None if format.escape is None else ord(format.escape)
        self._masks = Masks(self.separator, self.quote, self.escape, self.comment)

    def cut(self, data: bytes, at_end: bool) -> tuple[int, Positions]:
        if self.quote is not None and len(data) > _LONG and data.count(self.quote) > _MOST_QUOTES:
            return 0, NOWHERE  # it is taken for a record that is too long
        toggles = self.toggles(data)
        position = len(data) if at_end else _last_record_end(data, toggles)
        return position, toggles[: np.searchsorted(toggles, position)]

    def toggles(self, data: bytes) -> Positions:
        """As of `find_toggles`."""
        if self.escape is None and self.comment is None:
            return find_toggles(data, self.separator, self.quote)
        return self._masks.toggles(data)

    def spans(self, data: bytes, toggles: Positions, first_line: int) -> Spans:
        """The records of bytes that begin with one. Comments are none."""
        spans = record_spans(data, toggles, first_line)
        if self.comment is None or self.comment not in data or not len(spans):
            return spans
        array = np.append(bytes_of(data), np.zeros(len(self.comment), np.uint8))
        other = np.zeros(len(spans), dtype=bool)
        for at, byte in enumerate(self.comment):
            other |= array[spans.start + at] != byte
        return spans.only(other)

    def count_line_ends(self, data: bytes) -> int:
        return count_line_ends(data)

    def resuming(self) -> Resuming:
        if self.escape is not None:
            raise LostError  # run by run nobody can say which quotes are escaped
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
