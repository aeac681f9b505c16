"""Where a format of files meets its reader: a new one is a value in `model.formats`, a reader, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import assert_never

from trivium.engine.reading.again import Unfit, read_csv_again, read_json_again
from trivium.engine.reading.chunk import RawChunk
from trivium.engine.reading.csv_file import read_csv
from trivium.engine.reading.cutting import CHUNK_BYTES, MAX_RECORD_BYTES, ByteSource
from trivium.engine.reading.excel_file import read_excel
from trivium.engine.reading.fixed_file import read_fixed, read_fixed_again
from trivium.engine.reading.json_file import read_json
from trivium.engine.reading.parquet_file import read_parquet
from trivium.engine.reading.rows import read_rows_again
from trivium.engine.reading.spooling import spooled
from trivium.engine.reading.transcoding import Transcoded, told_as_sent
from trivium.engine.reading.unpacking import UNPACKS_TO, unpacked
from trivium.model.encodings import UTF8
from trivium.model.formats import Csv, Excel, FixedWidth, Format, JsonFile, Parquet


def read(
    format: Format,
    stream: ByteSource,
    *,
    unpacks_to: int = UNPACKS_TO,
    chunk_bytes: int = CHUNK_BYTES,
    max_record_bytes: int = MAX_RECORD_BYTES,
    between: Callable[[ByteSource], ByteSource] | None = None,
) -> Iterator[RawChunk]:
    """The records of a file, packed or not; at least one chunk, so that the columns are known. `between`: of a file of
    text, what is done with it when it is unpacked and UTF-8, before it is cut into records.

    Raises ReadingError where the file as a whole is not what its format says; before the first chunk, or while the
    others are read.
    """
    with ExitStack() as opened:
        opened.callback((found := unpacked(stream, unpacks_to, workbook=isinstance(format, Excel))).close)
        if isinstance(format, Csv | FixedWidth | JsonFile):
            chunks = _of_text(format, found, chunk_bytes, max_record_bytes, between)
        else:
            file = opened.enter_context(spooled(found))
            if isinstance(format, Excel):
                chunks = read_excel(file, format, most=unpacks_to)
            elif isinstance(format, Parquet):
                chunks = read_parquet(file, most=unpacks_to, chunk_bytes=chunk_bytes)
            else:
                assert_never(format)
        return _closed_behind(chunks, opened.pop_all())


def _closed_behind(chunks: Iterator[RawChunk], opened: ExitStack) -> Iterator[RawChunk]:
    with opened:
        yield from chunks


def _of_text(
    format: Csv | FixedWidth | JsonFile,
    stream: ByteSource,
    chunk_bytes: int,
    max_record_bytes: int,
    between: Callable[[ByteSource], ByteSource] | None,
) -> Iterator[RawChunk]:
    encoding = format.encoding
    if encoding != UTF8:
        stream = Transcoded(stream, encoding)
        encoding = stream.encoding
    if between is not None:
        stream = between(stream)
    if isinstance(format, Csv):
        chunks = read_csv(stream, format, chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    elif isinstance(format, FixedWidth):
        chunks = read_fixed(stream, format, chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    else:
        chunks = read_json(stream, format, chunk_bytes=chunk_bytes, max_record_bytes=max_record_bytes)
    return chunks if encoding == UTF8 else told_as_sent(chunks, encoding)


def read_again(
    format: Format, raws: Sequence[bytes], columns: Callable[[], Sequence[str]], *, unfit: Unfit
) -> RawChunk:
    """One chunk of records out of a quarantine, whose places are 1, 2, 3 …: their texts are UTF-8.

    `columns` gives those of the file that they are of, and is asked only where the format does not say them. The
    `unfit` are torn. Raises NotOneRecordError where a text is none or several.
    """
    if isinstance(format, JsonFile):
        return read_json_again(raws, unfit=unfit)
    if isinstance(format, FixedWidth):
        return read_fixed_again(raws, format=format, unfit=unfit)
    if isinstance(format, Csv):
        return read_csv_again(raws, columns=format.columns or columns(), format=format, unfit=unfit)
    if isinstance(format, Parquet | Excel):
        return read_rows_again(raws, columns=columns(), unfit=unfit)
    assert_never(format)
