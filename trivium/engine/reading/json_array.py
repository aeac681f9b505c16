"""A JSON array of records, told apart by depth: numpy counts brackets, nothing is parsed."""

from __future__ import annotations

import re

import numpy as np

from trivium.engine.places import places_of
from trivium.engine.reading.cutting import CHUNK_RECORDS, LostError, Resuming
from trivium.engine.reading.json_lines import SPACE
from trivium.engine.reading.lines import LF, outside
from trivium.engine.reading.spans import Positions, Spans, bytes_of

_QUOTE, _COMMA, _BACKSLASH = b'",\\'
_STEP = np.zeros(256, dtype=np.int64)
_STEP[list(b"{[")] = 1
_STEP[list(b"}]")] = -1
_TELLING = np.zeros(256, dtype=bool)
_TELLING[list(b'{}[]",')] = True
_SPACE = re.compile(b"[" + SPACE + b"]*")


class ArrayLayout:
    """Cuts behind a comma between two elements, or behind the bracket that closes the array.

    Its marks are these commas and this bracket. `data` begins inside the array, before an element.
    """

    def cut(self, data: bytes, at_end: bool) -> tuple[int, Positions]:
        marks = _element_ends(data)
        if len(marks) > CHUNK_RECORDS:
            marks = marks[:CHUNK_RECORDS]
            return int(marks[-1]) + 1, marks
        if at_end and not is_closed(data, marks):
            return len(data), marks
        return (int(marks[-1]) + 1 if len(marks) else 0), marks

    def count_line_ends(self, data: bytes) -> int:
        return data.count(b"\n")

    def resuming(self) -> Resuming:
        raise LostError


def is_closed(data: bytes, marks: Positions) -> bool:
    """Whether the last mark is the bracket that closes the array."""
    return len(marks) > 0 and data[marks[-1]] != _COMMA


def element_spans(data: bytes, marks: Positions, first_line: int, before: int) -> Spans:
    """The elements before each mark, without space around them; of nothing but space: start == end.

    `before` is the place of the element before them: several may begin on one line.
    """
    start = np.append(0, marks + 1)[:-1]
    end = np.empty_like(start)
    for at, (low, high) in enumerate(zip(start.tolist(), marks.tolist(), strict=True)):
        start[at] = low = _space_end(data, low)
        end[at] = low + len(data[low:high].rstrip(SPACE))
    feeds = np.flatnonzero(bytes_of(data) == LF)
    return Spans(start, end, marks + 1, places_of(first_line + np.searchsorted(feeds, start), before))


def _space_end(data: bytes, start: int) -> int:
    match = _SPACE.match(data, start)
    return match.end() if match else start


def _element_ends(data: bytes) -> Positions:
    array = bytes_of(data)
    telling = np.flatnonzero(_TELLING[array])
    is_quote = array[telling] == _QUOTE
    places = outside(telling[~is_quote], _unescaped(data, telling[is_quote]))
    depth = 1 + np.cumsum(_STEP[array[places]])
    closed = np.flatnonzero(depth == 0)[:1]
    end = int(closed[0]) if len(closed) else len(places)
    between = np.flatnonzero((depth[:end] == 1) & (array[places[:end]] == _COMMA))
    return places[np.append(between, closed)]


def _unescaped(data: bytes, quotes: Positions) -> Positions:
    """The quotes that begin or end a string: those behind an even number of backslashes."""
    if b"\\" not in data or not len(quotes):
        return quotes
    array = bytes_of(data)
    slashes = np.flatnonzero(array == _BACKSLASH)
    begins = np.append(True, np.diff(slashes) > 1)
    run_start = np.maximum.accumulate(np.where(begins, slashes, 0))
    last = np.searchsorted(slashes, quotes) - 1
    behind = (last >= 0) & (slashes[last] == quotes - 1)
    length = np.where(behind, quotes - run_start[last], 0)
    unescaped: Positions = quotes[length % 2 == 0]
    return unescaped
