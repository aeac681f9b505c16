"""Sources for the readers' tests, and what chunks hold, as plain lists."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from trivium.engine.reading import RawChunk, read_csv
from trivium.model.formats import Csv


class Drip:
    """A stream that gives at most some bytes a read, as a socket may."""

    def __init__(self, data: bytes, most: int) -> None:
        self.data, self.most, self.at = data, most, 0

    def read(self, size: int, /) -> bytes:
        part = self.data[self.at : self.at + min(size, self.most)]
        self.at += len(part)
        return part


SIZES = ("chunk_bytes", "max_record_bytes")


def csv_chunks(data: bytes, **words: Any) -> list[RawChunk]:
    """The chunks of CSV by `words` of its format, and sizes."""
    sizes = {word: words.pop(word) for word in SIZES if word in words}
    return list(read_csv(io.BytesIO(data), Csv(**{"header": "columns" not in words, **words}), **sizes))


def sound(chunks: Iterable[RawChunk]) -> list[tuple[int, int, bytes, list[Any]]]:
    """(line, offset, raw, cells) of every sound record."""
    found: list[tuple[int, int, bytes, list[Any]]] = []
    for chunk in chunks:
        raw, offsets = chunk.raw(range(chunk.table.num_rows))
        cells = [list(row.values()) for row in chunk.table.to_pylist()]
        places = zip(chunk.line.to_pylist(), offsets.to_pylist(), raw.to_pylist(), cells, strict=True)
        found.extend(places)
    return found


def torn(chunks: Iterable[RawChunk]) -> list[tuple[int, int, bytes, list[str]]]:
    """(line, offset, raw, rules) of every torn record."""
    return [
        (row["line"], row["offset"], row["raw"], [reason["rule"] for reason in row["reasons"]])
        for chunk in chunks
        for row in chunk.torn.to_pylist()
    ]
