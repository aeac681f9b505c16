"""Records read once more by themselves, out of a quarantine: where each begins and ends is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.engine.reading.chunk import RawChunk
from trivium.engine.reading.csv_cells import CsvCells
from trivium.engine.reading.csv_file import CsvLayout, sifted
from trivium.engine.reading.cutting import Piece
from trivium.engine.reading.encoding import UTF8
from trivium.engine.reading.errors import ReadingError
from trivium.engine.reading.json_file import held
from trivium.engine.reading.lines import record_spans
from trivium.engine.reading.spans import NOWHERE, Positions, Spans
from trivium.engine.reading.torn import UNCLOSED, no_reasons, torn_record


class NotOneRecordError(ReadingError):
    """What was to be one record is none, or several. `number` counts from 0."""

    def __init__(self, number: int, records: int) -> None:
        held = f"{records} records" if records else "no record"
        super().__init__(f"the text holds {held}", cure="give one record, as it would stand in its file")
        self.number = number


def read_json_again(raws: Sequence[bytes], *, cut: Collection[int] = ()) -> RawChunk:
    """One chunk of the records, whose places are 1, 2, 3 …; each is one, whatever its text is.

    Of those whose numbers (from 0) are `cut` only a part was kept: they are torn.
    """
    data, spans = _joined(raws, _without(len(raws), cut))
    return _with(held(Piece(data, NOWHERE, 0, 1, 0), spans, no_reasons()), _cut(raws, cut))


def read_csv_again(
    raws: Sequence[bytes],
    *,
    columns: Sequence[str],
    separator: str = ",",
    quote: str | None = '"',
    cut: Collection[int] = (),
) -> RawChunk:
    """The same of CSV. One that ends in quotes is torn, and no other is lost by it. Raises NotOneRecordError."""
    layout, cells = CsvLayout(separator, quote), CsvCells(tuple(columns), separator, UTF8, quote)
    numbers, torn = _without(len(raws), cut), _cut(raws, cut)
    data, expected = _joined(raws, numbers)
    toggles = layout.toggles(data)
    if not _stand_apart(record_spans(data, toggles, 1), expected) or len(toggles) % 2:
        # One by one, which is slow: some text is not a record by itself.
        unclosed = set(cut)
        for number in numbers.tolist():
            raw, marks = raws[number], layout.toggles(raws[number])
            if (found := len(record_spans(raw, marks, 1))) != 1:
                raise NotOneRecordError(number, found)
            if len(marks) % 2:
                unclosed.add(number)
                torn.append(torn_record(number + 1, 0, raw, "unclosed_quote", UNCLOSED))
        numbers = _without(len(raws), unclosed)
        data, expected = _joined(raws, numbers)
        toggles = layout.toggles(data)
    return _with(sifted(Piece(data, toggles, 0, 1, 0), cells, expected), torn)


def _without(count: int, numbers: Collection[int]) -> Positions:
    return np.delete(np.arange(count, dtype=np.int64), list(numbers))


def _cut(raws: Sequence[bytes], numbers: Collection[int]) -> list[Any]:
    message = "only its beginning was kept, for it is too long; mend it whole, or send its file corrected"
    return [torn_record(number + 1, 0, raws[number], "too_long", message) for number in numbers]


def _with(chunk: RawChunk, torn: list[Any]) -> RawChunk:
    return dataclasses.replace(chunk, torn=pa.concat_tables([chunk.torn, *torn]))


def _joined(raws: Sequence[bytes], numbers: Positions) -> tuple[bytes, Spans]:
    """The records of these numbers, a line end behind each, and where they stand."""
    chosen = [raws[number].rstrip(b"\r\n") for number in numbers.tolist()]
    after = np.cumsum([len(raw) + 1 for raw in chosen], dtype=np.int64)
    start = np.append(np.int64(0), after)[:-1]
    return b"".join(raw + b"\n" for raw in chosen), Spans(start, after - 1, after, numbers + 1)


def _stand_apart(found: Spans, expected: Spans) -> bool:
    return np.array_equal(found.start, expected.start) and np.array_equal(found.after, expected.after)
