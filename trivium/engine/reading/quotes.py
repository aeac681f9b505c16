"""Which quotes of a CSV file open and close, by pyarrow's own rule, which is the one the cells are read by.

A quote opens only as the first byte of a cell. Inside, `""` is a quote of the text and any other quote
closes. What follows a closing quote up to the separator is text, quotes and all: `"5" x "7"` is `5 x "7"`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from trivium.engine.reading.spans import NOWHERE, Positions, bytes_of

QUOTE = 34
_SLICE = 1 << 20


def find_toggles(data: bytes, separator: int) -> Positions:
    """The positions at which being inside quotes begins or ends; a `""` of a text counts as both.

    `data` must begin with a record. A byte is inside quotes if an odd number of toggles stands before it.
    """
    if b'"' not in data:
        return NOWHERE
    array = bytes_of(data)
    quotes = np.flatnonzero(array == QUOTE)
    edge = np.zeros(256, dtype=bool)
    edge[[separator, 10, 13]] = True
    at_start = edge[array[quotes - 1]]
    at_start[0] |= quotes[0] == 0
    if not at_start.any():
        return NOWHERE
    # Counted plainly, even quotes open and odd ones close. That is exact as long as every one that opens stands
    # where a cell begins, or behind the quote that closed, with which it makes a `""`.
    opening = at_start[0::2] | (array[quotes[0::2] - 1] == QUOTE)
    if opening.all():
        return quotes
    keep = np.fromiter(_changes(quotes, at_start), dtype=bool, count=len(quotes))
    toggles: Positions = quotes[keep]
    return toggles


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
