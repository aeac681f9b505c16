"""A chunk: some records of a file as text columns, each with the place it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.engine.places import line_of
from trivium.engine.reading.spans import NOWHERE, Spans

NO_SPANS = Spans(NOWHERE, NOWHERE, NOWHERE, NOWHERE)


@dataclass(frozen=True, eq=False)
class RawChunk:
    """Consecutive records of one file, in its order; every record is in exactly one chunk, once.

    `table` holds the sound ones: string columns named as the header has them (null: an empty cell, "": an
    empty text), or the one column `json`. `place` (pa.Int64Array) is the place of each in the file, `line` the
    1-based physical line at which it begins. `torn` holds those that could not be told into columns, see
    `torn.TORN`; they count as received, and sorting both by their offset gives back the order of the file. `data`
    are the bytes they stand in, from `first_byte` on.
    """

    table: Any
    place: Any
    torn: Any
    first_byte: int
    data: bytes
    find_spans: Callable[[], Spans] = field(repr=False)

    @property
    def received(self) -> int:
        return int(self.table.num_rows + self.torn.num_rows)

    @property
    def line(self) -> Any:
        return pa.array(line_of(self.place.to_numpy()))

    def raw(self, indices: Sequence[int] | Any) -> tuple[Any, Any]:
        """The bytes of rows of `table` (pa.BinaryArray, without line ends) and their offsets in the file.

        `indices` is a sequence, a numpy array or an Arrow array of row numbers, in any order. The first call
        looks for the records again (some 10 ms a chunk of 8 MB), so ask once, and only for rejected rows.
        """
        wanted = np.asarray(indices, dtype=np.int64)
        if len(wanted) and (wanted.min() < 0 or wanted.max() >= self.table.num_rows):
            raise IndexError(f"a chunk of {self.table.num_rows} rows has no such row")
        return self._spans.texts(self.data, wanted), pa.array(self._spans.start[wanted] + self.first_byte)

    @cached_property
    def _spans(self) -> Spans:
        spans = self.find_spans()
        if len(spans) != self.table.num_rows:
            raise out_of_step(len(spans), self.table.num_rows, self.first_byte)
        return spans


def torn_only(torn: Any, empty: Any) -> RawChunk:
    """A chunk of a torn record that is not held; `empty` has the columns of the other tables and no rows."""
    first_byte = torn["offset"][0].as_py() if torn.num_rows else 0
    return RawChunk(empty, pa.array([], pa.int64()), torn, first_byte, b"", lambda: NO_SPANS)


def out_of_step(found: int, parsed: int, first_byte: int) -> AssertionError:
    """Coordinates that are off by a record would blame the wrong one for ever: rather stop there."""
    return AssertionError(
        f"behind byte {first_byte} stand {found} records, but {parsed} were parsed: a defect of the reader"
    )
