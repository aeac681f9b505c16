"""Records as CSV: the values of the canonical form, a line a record. Null is an empty cell, an empty text is `""`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from trivium.engine.canonical import pieces, value
from trivium.engine.law.statements import quote
from trivium.model.entity import Column, EntityShape

_TEXTS = ("str", "uuid", "json", "list")


def csv_lines(shape: EntityShape, batches: Iterable[pa.RecordBatch], *, incomplete: bool = False) -> Iterator[bytes]:
    """CSV (RFC 4180, UTF-8, lines ended by a newline) with a header, in pieces; a facet's member is `total.amount`.

    The living records of `batches` in their order; with `incomplete` also those that lack something, as `_lacks`
    in a last column tells.
    """
    columns = (*shape.keys, *shape.columns)
    yield (",".join([*(column.path for column in columns), *(["_lacks"] if incomplete else [])]) + "\n").encode()
    cells = [_cell(column) for column in columns] + ([_quoted("_lacks")] if incomplete else [])
    line = ", ',', ".join(cells)
    yield from pieces(f"concat({line}, chr(10))", batches, incomplete=incomplete)


def _cell(column: Column) -> str:
    name = quote(column.name)
    if column.type.kind in _TEXTS:
        return f"CASE WHEN {name} IS NULL THEN '' ELSE {_quoted(f'{name}::VARCHAR')} END"
    return f"CASE WHEN {name} IS NULL THEN '' ELSE trim({value(column)}, '\"') END"


def _quoted(text: str) -> str:
    """A cell's text, between quotes where it needs them."""
    needs = f"{text} = '' OR regexp_matches({text}, '[\",\\r\\n]')"
    return f"CASE WHEN {needs} THEN '\"' || replace({text}, '\"', '\"\"') || '\"' ELSE {text} END"
