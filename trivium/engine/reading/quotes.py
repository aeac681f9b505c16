"""Which quotes of a CSV file open and close, by pyarrow's own rule, which is the one the cells are read by.

Any ASCII character may be the quote; here it is written `"`.

A quote opens only as the first byte of a cell. Inside, `""` is a quote of the text and any other quote
closes. What follows a closing quote up to the separator is text, quotes and all: `"5" x "7"` is `5 x "7"`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trivium.engine.reading.spans import NOWHERE, Positions, bytes_of

QUOTE = ord('"')
_SLICE = 1 << 20
_RUN = 4 << 20


def find_toggles(data: bytes, separator: int, quote: int | None = QUOTE) -> Positions:
    """The positions at which being inside quotes begins or ends; a `""` of a text counts as both.

    `data` must begin with a record. A byte is inside quotes if an odd number of toggles stands before it. Where
    `quote` is None nothing ever is.
    """
    if quote is None or bytes([quote]) not in data:
        return NOWHERE
    array = bytes_of(data)
    quotes = np.flatnonzero(array == quote)
    edge = np.zeros(256, dtype=bool)
    edge[[separator, 10, 13]] = True
    at_start = edge[array[quotes - 1]]
    at_start[0] |= quotes[0] == 0
    if not at_start.any():
        return NOWHERE
    # Counted plainly, even quotes open and odd ones close. That is exact as long as every one that opens stands
    # where a cell begins, or behind the quote that closed, with which it makes a `""`.
    opening = at_start[0::2] | (array[quotes[0::2] - 1] == quote)
    if opening.all():
        return quotes
    keep = np.fromiter(_changes(quotes, at_start), dtype=bool, count=len(quotes))
    toggles: Positions = quotes[keep]
    return toggles


def quoted_cells(toggles: Positions) -> tuple[Positions, Positions]:
    """Where the quotes of each quoted cell open and close; a `""` of its text does neither.

    Where the last one does not close, there is one position more in the first.
    """
    opens, closes = toggles[0::2], toggles[1::2]
    apart = opens[1:] != closes[: max(len(opens) - 1, 0)] + 1
    begins = np.append(np.ones(min(len(opens), 1), dtype=bool), apart)
    ends = np.append(apart, True)[: len(closes)]
    return opens[begins], closes[ends]


def opening_quote(toggles: Positions) -> int:
    """The quote that opened the last quoted cell of the toggles, of which there are some."""
    return int(quoted_cells(toggles)[0][-1])


@dataclass
class QuoteScan:
    """Whether a run of bytes ends in quotes, told run by run where it cannot be held as one.

    `opened`: the position, from the beginning of the first run, of the quote that opened the last quoted cell.
    """

    separator: int
    quote: int | None
    opened: int = -1
    _passed: int = 0
    _inside: bool = False
    _before: bytes = b""  # what puts a reader at the beginning of a record into the state that was reached

    def inside_after(self, data: bytes) -> bool:
        """Takes the next bytes; whether what follows them is in quotes."""
        for low in range(0, len(data) if self.quote is not None else 0, _RUN):
            self._take(data[low : low + _RUN])
        return self._inside

    def _take(self, data: bytes) -> None:
        assert self.quote is not None
        skipped, mark = len(self._before), bytes([self.quote])
        toggles = find_toggles(self._before + data, self.separator, self.quote) - skipped
        if len(toggles) and (opened := opening_quote(toggles)) >= 0:
            self.opened = self._passed + opened
        self._passed += len(data)
        self._inside = len(toggles) % 2 == 1
        if self._inside:
            self._before = mark
        elif len(toggles) and toggles[-1] == len(data) - 1:
            self._before = mark * 2  # one more would make it a quote of the text
        else:
            self._before = b"" if data[-1] == self.separator else b"\0"


def _changes(quotes: Positions, at_start: npt.NDArray[np.bool_]) -> Iterator[bool]:
    """For every quote whether it opens or closes. Slow but exact; a slice at a time as Python ints."""
    inside, closed = False, -2
    for low in range(0, len(quotes), _SLICE):
        part = slice(low, low + _SLICE)
        for position, starts in zip(quotes[part].tolist(), at_start[part].tolist(), strict=True):
            if inside:
                inside, closed = False, position
                yield True
            elif starts or position == closed + 1:
                inside = True
                yield True
            else:
                yield False
