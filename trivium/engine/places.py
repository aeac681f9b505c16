"""The place of a record in its file, in one number: its line, and which it is of those that begin on that line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LINES: Final = 10_000_000_000
"""More lines than a file has. The first record of a line has the line as its place, the next one this more."""


def places_of(lines: npt.NDArray[np.int64], before: int = 0) -> npt.NDArray[np.int64]:
    """The places of records that begin on these 1-based lines, ascending, behind a record at the place `before`."""
    import numpy as np  # a command that only names a place does not wait for it

    nth = np.arange(len(lines), dtype=np.int64) - np.searchsorted(lines, lines, side="left")
    nth[lines == before % LINES] += before // LINES + 1
    return lines + nth * LINES


def line_of(place: Any) -> Any:
    """The line of a place, or of each in an array."""
    return place % LINES


def record_name(load_no: int, place: int) -> str:
    """The name of a quarantined record: the load that brought it and its place in the delivery, `LOAD:PLACE`."""
    return f"{load_no}:{place}"


def place_text(place: int) -> str:
    """What a person calls it: `7`, or `7#3` for the third record of line 7."""
    nth = place // LINES
    return f"{line_of(place)}#{nth + 1}" if nth else str(place)
