"""Records read once more by themselves, out of a quarantine: where each begins and ends is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from trivium.engine.reading.chunk import RawChunk
from trivium.engine.reading.csv_cells import CsvCells
from trivium.engine.reading.csv_file import sifted
from trivium.engine.reading.cutting import Piece
from trivium.engine.reading.errors import ReadingError
from trivium.engine.reading.json_file import held
from trivium.engine.reading.spans import NOWHERE, Positions, Spans
from trivium.engine.reading.torn import UNCLOSED, no_reasons, torn_record
from trivium.model.formats import Csv

_NONE: Final[Mapping[int, tuple[str, str]]] = MappingProxyType({})


class NotOneRecordError(ReadingError):
    """What was to be one record is none, or several. `number` counts from 0."""

    def __init__(self, number: int, records: int) -> None:
        held = f"{records} records" if records else "no record"
        super().__init__(f"the text holds {held}", cure="give one record, as it would stand in its file")
        self.number = number


Unfit: TypeAlias = Mapping[int, tuple[str, str]]
"""Records that cannot be read again, by their number (from 0): rule and message of why."""


def read_json_again(raws: Sequence[bytes], *, unfit: Unfit = _NONE) -> RawChunk:
    """One chunk of the records, whose places are 1, 2, 3 …; each is one, whatever its text is. The unfit are torn."""
    data, spans = joined(raws, fit(len(raws), unfit))
    return with_torn(held(Piece(data, NOWHERE, 0, 1, 0), spans, no_reasons()), torn_again(raws, unfit))


def read_csv_again(
    raws: Sequence[bytes],
    *,
    columns: Sequence[str],
    format: Csv,
    unfit: Unfit = _NONE,
) -> RawChunk:
    """The same of CSV. One that ends in quotes is torn, and no other is lost by it. Raises NotOneRecordError."""
    cells = CsvCells(tuple(columns), format)
    layout = cells.layout
    numbers, torn = fit(len(raws), unfit), torn_again(raws, unfit)
    data, expected = joined(raws, numbers)
    toggles = layout.toggles(data)
    if not _stand_apart(layout.spans(data, toggles, 1), expected) or len(toggles) % 2:
        # One by one, which is slow: some text is not a record by itself.
        unclosed = set(unfit)
        for number in numbers.tolist():
            raw, marks = raws[number], layout.toggles(raws[number])
            if (found := len(layout.spans(raw, marks, 1))) != 1:
                raise NotOneRecordError(number, found)
            if len(marks) % 2:
                unclosed.add(number)
                torn.append(torn_record(number + 1, 0, raw, "unclosed_quote", UNCLOSED))
        numbers = fit(len(raws), unclosed)
        data, expected = joined(raws, numbers)
        toggles = layout.toggles(data)
    return with_torn(sifted(Piece(data, toggles, 0, 1, 0), cells, expected), torn)


def fit(count: int, unfit: Collection[int]) -> Positions:
    """The numbers of the records that can be read again."""
    return np.delete(np.arange(count, dtype=np.int64), list(unfit))


def torn_again(raws: Sequence[bytes], unfit: Unfit) -> list[Any]:
    """Those that cannot, a TORN table each."""
    return [torn_record(number + 1, 0, raws[number], rule, message) for number, (rule, message) in unfit.items()]


def with_torn(chunk: RawChunk, torn: list[Any]) -> RawChunk:
    """The chunk with these tables of torn records too."""
    return dataclasses.replace(chunk, torn=pa.concat_tables([chunk.torn, *torn]))


def joined(raws: Sequence[bytes], numbers: Positions) -> tuple[bytes, Spans]:
    """The records of these numbers, a line end behind each, and where they stand."""
    chosen = [raws[number].rstrip(b"\r\n") for number in numbers.tolist()]
    after = np.cumsum([len(raw) + 1 for raw in chosen], dtype=np.int64)
    start = np.append(np.int64(0), after)[:-1]
    return b"".join(raw + b"\n" for raw in chosen), Spans(start, after - 1, after, numbers + 1)


def _stand_apart(found: Spans, expected: Spans) -> bool:
    return np.array_equal(found.start, expected.start) and np.array_equal(found.after, expected.after)
