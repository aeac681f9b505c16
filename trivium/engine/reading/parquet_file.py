"""Reads Parquet: pyarrow decodes a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from trivium.engine.reading.cutting import CHUNK_BYTES
from trivium.engine.reading.errors import ReadingError
from trivium.engine.reading.rows import check_header, row_chunk
from trivium.engine.reading.texts import cell_texts
from trivium.engine.reading.torn import Reasons, blame, no_reasons
from trivium.engine.reading.unpacking import too_large

pc: Any = pyarrow.compute

_ROWS: Final = 16_384  # of a batch; one whose values are long is cut further


def read_parquet(file: BinaryIO, *, most: int, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Any]:
    """The chunks of a Parquet file that can be read from anywhere; at least one. Places are numbers of rows from 1.

    Raises ReadingError before the first chunk where it is no Parquet, later where a part of it is damaged, or where its
    values come to more than `most` bytes.
    """
    try:
        # Equal texts are stored once: as dictionaries they stay small until it is known how large they are.
        schema = pq.ParquetFile(file).schema_arrow
        texts = [one.name for one in schema if pa.types.is_string(one.type) or pa.types.is_binary(one.type)]
        parquet = pq.ParquetFile(file, read_dictionary=texts, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(error) from error
    names = list(schema.names)
    check_header(names)
    return _chunks(parquet, names, most, chunk_bytes)


def _chunks(parquet: Any, names: list[str], most: int, chunk_bytes: int) -> Iterator[Any]:
    place, left = 1, most
    batches = parquet.iter_batches(batch_size=_ROWS, use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(error) from error
        if batch is None:
            break
        if not batch.num_rows:
            continue
        size = _size(batch)
        left -= size
        if left < 0:
            raise too_large("the rows of the file", most)
        rows = max(batch.num_rows * chunk_bytes // max(size, chunk_bytes), 1)
        for low in range(0, batch.num_rows, rows):
            yield _chunk(batch.slice(low, rows), names, place + low)
        place += batch.num_rows
    if place == 1:
        empty = pa.table({name: pa.array([], pa.string()) for name in names})
        yield row_chunk(empty, np.empty(0, dtype=np.int64))


def _size(batch: Any) -> int:
    """How many bytes its values come to, about."""
    size = 0
    for column in batch.columns:
        if isinstance(column, pa.DictionaryArray):
            lengths = pc.binary_length(column.dictionary)
            size += pc.sum(lengths.take(column.indices)).as_py() or 0
        else:
            size += column.nbytes
    return size


def _chunk(batch: Any, names: list[str], place: int) -> Any:
    reasons = no_reasons()
    columns = [_texts(column, name, reasons) for column, name in zip(batch.columns, names, strict=True)]
    places = np.arange(place, place + batch.num_rows, dtype=np.int64)
    return row_chunk(pa.table(columns, names=names), places, reasons)


def _texts(column: Any, name: str, reasons: Reasons) -> Any:
    try:
        return cell_texts(column, name)
    except pa.ArrowInvalid:
        # Bytes that are no UTF-8, which cost their rows alone; one by one, for there are few.
        values: list[str | None] = []
        for row, value in enumerate(column.to_pylist()):
            try:
                values.append(value.decode("utf-8") if isinstance(value, bytes) else value)
            except UnicodeDecodeError as error:
                blame(
                    reasons, row, "encoding", f"{name} is no text: its byte {error.start + 1} is not utf-8; send text"
                )
                values.append(value.decode("utf-8", "replace"))
        return pa.array(values, pa.string())


def _damaged(error: Exception) -> ReadingError:
    said = str(error).split("\n")[0]
    return ReadingError(
        f"the file is no Parquet, or is cut off or damaged: {said}",
        cure="nothing of it was taken; have it sent again, whole",
    )
