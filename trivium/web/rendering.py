"""Records as the outside reads them: the canonical form of an export, with what a reader has to know beside it.

`_lacks` names what an incomplete record lacks, `_gone` is true for a record that is gone, of which there is the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa

from trivium.engine import canonical
from trivium.engine.canonical_csv import csv_lines
from trivium.model.entity import EntityShape
from trivium.web.formats import Format

LACKS: Final = """CASE WHEN _lacks = '' THEN '' ELSE ',"_lacks":["' || replace(_lacks, ',', '","') || '"]' END"""
_ROWS: Final = 5_000
_BYTES: Final = 1 << 20
_GONE: Final = "',\"_gone\":true'"


def rendered(
    shape: EntityShape, batches: Iterable[pa.RecordBatch], form: Format, *, incomplete: bool, gone: bool
) -> Iterator[bytes]:
    """The records in pieces of whole lines; incomplete ones and those that are gone if they are asked for."""
    batches = small(batches)
    if form == "csv":
        yield from csv_lines(shape, batches, incomplete=incomplete, gone=gone)
        return
    line = canonical.record(shape, LACKS if incomplete else None)
    if gone:
        line = f"CASE WHEN _alive THEN {line} ELSE {canonical.key(shape, _GONE)} END"
    yield from canonical.pieces(f"{line} || chr(10)", batches, incomplete=incomplete, gone=gone)


def small(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in smaller batches: what is rendered at a time is in memory as a text, too."""
    for batch in batches:
        rows = max(1, min(_ROWS, batch.num_rows * _BYTES // max(1, batch.nbytes)))
        for first in range(0, batch.num_rows, rows):
            yield batch.slice(first, rows)


def as_array(name: str, lines: Iterable[bytes], rest: Iterable[bytes]) -> Iterator[bytes]:
    """NDJSON in pieces of whole lines as a member of one document; `rest` are the members behind it, each with a comma
    before it, asked for when the lines are through."""
    between = f'{{"{name}":[\n'.encode()
    for piece in lines:
        yield between + piece[:-1].replace(b"\n", b",\n")
        between = b",\n"
    yield f'{{"{name}":['.encode() if between[0:1] == b"{" else b"\n"
    yield b"]" + b"".join(rest) + b"}\n"
