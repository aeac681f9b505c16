"""What quotes, separators and line ends mean where a file has escapes or comments: found on a copy without these."""

from __future__ import annotations

import re

import numpy as np

from trivium.engine.reading.lines import CR, LF, outside
from trivium.engine.reading.quotes import QuoteScan, find_toggles
from trivium.engine.reading.spans import NOWHERE, Positions, bytes_of

_PLAIN = ord("a")  # stands in for what has no meaning


class Masks:
    """Finds the toggles of data that begin with a record, see `quotes.find_toggles`.

    A character behind an `escape` stands for itself: one outside quotes that would end a cell or record is between two
    toggles of its own. In lines that begin with `comment` outside quotes no character has a meaning.
    """

    def __init__(self, separator: int, quote: int | None, escape: int | None, comment: bytes | None) -> None:
        self._separator, self._quote, self._escape = separator, quote, escape
        self._comment = None
        if comment is not None:
            self._comment = re.compile(rb"(?:\A|(?<=[\r\n]))" + re.escape(comment) + rb"[^\r\n]*[\r\n]?")
        self._telling = bytes(mark for mark in (quote, escape) if mark is not None)

    def toggles(self, data: bytes) -> Positions:
        """Their positions, ascending."""
        escapes = self._escapes(data)
        masked = bytearray(data)
        if len(escapes):
            array = np.frombuffer(masked, dtype=np.uint8)
            array[escapes] = _PLAIN
            array[escapes + 1] = _PLAIN
            del array
        commented = self._mask_comments(data, masked)
        toggles = find_toggles(bytes(masked), self._separator, self._quote)
        if not len(escapes):
            return toggles
        behind = bytes_of(data)[escapes + 1]
        ends = escapes[np.isin(behind, [self._separator, LF, CR])]
        if len(commented):
            ends = ends[np.searchsorted(commented, ends, side="right") % 2 == 0]
        ends = outside(ends, toggles)
        return np.sort(np.concatenate((toggles, ends, ends + 1))) if len(ends) else toggles

    def _escapes(self, data: bytes) -> Positions:
        """The escapes that are not escaped themselves, and have something behind them."""
        if self._escape is None or bytes([self._escape]) not in data:
            return NOWHERE
        marks = np.flatnonzero(bytes_of(data) == self._escape)
        begins = np.append(True, np.diff(marks) > 1)
        nth = np.arange(len(marks)) - np.maximum.accumulate(np.where(begins, np.arange(len(marks)), 0))
        found: Positions = marks[nth % 2 == 0]
        return found[found + 1 < len(data)]

    def _mask_comments(self, data: bytes, masked: bytearray) -> Positions:
        """Masks what could be taken for a quote or an escape in comments; the edges of the comments that have any.

        Whether a line is a comment depends on the quotes before it, so they are looked at in their order; those that
        hold neither, nearly all, need not be.
        """
        if self._comment is None or not self._telling:
            return NOWHERE
        scan, at, edges = QuoteScan(self._separator, self._quote), 0, []
        for found in self._comment.finditer(data):
            line = found[0]
            if not any(mark in line for mark in self._telling):
                continue
            low, high = found.span()
            inside = scan.inside_after(bytes(masked[at:low]))
            at = low
            if not inside:
                masked[low:high] = line.translate(bytes.maketrans(self._telling, bytes([_PLAIN]) * len(self._telling)))
                edges += [low, high]
        return np.array(edges, dtype=np.int64)
