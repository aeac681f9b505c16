"""The first records of a file as text columns."""

from __future__ import annotations

import dataclasses
import io
import json
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import pyarrow as pa

from trivium.engine.reading import RawChunk, ReadingError, read
from trivium.engine.sketch.detecting import detect
from trivium.model.encodings import UTF8
from trivium.model.formats import Csv, Excel, Format, JsonFile, Parquet

MAX_ROWS: Final = 100_000


@dataclass(frozen=True, eq=False)
class Sample:
    """The first records of a file. `whole`: they are all. `torn`: how many could not be read. `last`: the last line of
    the file, which is none of them, where it is most likely a trailer. `remarks`: what is a guess in the format."""

    format: Format
    chunks: tuple[RawChunk, ...]
    whole: bool
    last: bytes | None = None
    remarks: tuple[str, ...] = ()

    @property
    def table(self) -> Any:
        return pa.concat_tables([chunk.table for chunk in self.chunks]).combine_chunks()

    @property
    def torn(self) -> int:
        return sum(chunk.torn.num_rows for chunk in self.chunks)


def sampled(file: BinaryIO) -> Sample:
    """What the beginning of a file holds, by the format that it most likely has. Raises ReadingError."""
    found = detect(file)
    format, text = found.format, found.text
    if isinstance(format, Parquet | Excel):
        file.seek(0)
        chunks, ended = _first(format, file)
        return Sample(format, chunks, ended)
    assert isinstance(format, Csv | JsonFile)
    if not found.whole:
        text = _cut(format, text)
    chunks, ended = _first(format_as_utf8(format), io.BytesIO(text))
    whole = found.whole and ended
    return Sample(format, chunks, whole, found.last if whole else None, found.remarks)


def format_as_utf8(format: Csv | JsonFile) -> Format:
    """The format of the same text as UTF-8."""
    return dataclasses.replace(format, encoding=UTF8)


def _first(format: Format, stream: BinaryIO) -> tuple[tuple[RawChunk, ...], bool]:
    chunks, rows = [], 0
    reading = read(format, stream)
    try:
        for chunk in reading:
            chunks.append(chunk)
            rows += chunk.table.num_rows
            if rows >= MAX_ROWS:
                return tuple(chunks), False
    except ReadingError:
        # The sample ends in the middle of an array.
        if not chunks:
            raise
        return tuple(chunks), False
    return tuple(chunks), True


def _cut(format: Csv | JsonFile, text: bytes) -> bytes:
    """Without the last line, of which there may be a part only; one in quotes that are open is passed over by the
    reader, as torn."""
    return text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] or text


def json_columns(texts: Any) -> Any:
    """The top members of JSON objects as text columns; nested ones as JSON. What is no object gives none."""
    rows: list[dict[str, str | None]] = []
    names: dict[str, None] = {}
    for text in texts.to_pylist():
        try:
            found = json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            rows.append({name: _cell(value) for name, value in found.items()})
            names.update(dict.fromkeys(found))
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


class _Number(str):
    """The digits of a number of JSON."""

    __slots__ = ()


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
