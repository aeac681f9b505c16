"""Records as CSV: the values of the canonical form, a line a record. Null is an empty cell, an empty text is `""`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from trivium.engine.canonical import pieces, value
from trivium.engine.law.statements import quote
from trivium.model.entity import Column, EntityShape

_TEXTS = ("str", "uuid", "json", "list")


def csv_lines(
    shape: EntityShape,
    batches: Iterable[pa.RecordBatch],
    *,
    incomplete: bool = False,
    gone: bool = False,
    more: Mapping[str, str] | None = None,
) -> Iterator[bytes]:
    """CSV (RFC 4180, UTF-8, lines ended by a newline) with a header, in pieces; a facet's member is `total.amount`.

    The living records of `batches` in their order; with `incomplete` also those that lack something, as a column
    `_lacks` tells; with `gone` also the keys of those that are gone, as a column `_gone` tells. `more`: further columns
    by their names, with the SQL of their cells.
    """
    columns = (*shape.keys, *shape.columns)
    told = {"_lacks": quoted("_lacks")} if incomplete else {}
    told |= {"_gone": "CASE WHEN _alive THEN 'false' ELSE 'true' END"} if gone else {}
    told |= more or {}
    yield (",".join([*(column.path for column in columns), *told]) + "\n").encode()
    line = ", ',', ".join([*map(cell, columns), *told.values()])
    yield from pieces(f"concat({line}, chr(10))", batches, incomplete=incomplete, gone=gone)


def cell(column: Column) -> str:
    """SQL of one value as a cell."""
    name = quote(column.name)
    if column.type.kind in _TEXTS:
        return f"CASE WHEN {name} IS NULL THEN '' ELSE {quoted(f'{name}::VARCHAR')} END"
    return f"CASE WHEN {name} IS NULL THEN '' ELSE trim({value(column)}, '\"') END"


def quoted(text: str) -> str:
    """A cell's text, between quotes where it needs them."""
    needs = f"{text} = '' OR regexp_matches({text}, '[\",\\r\\n]')"
    return f"CASE WHEN {needs} THEN '\"' || replace({text}, '\"', '\"\"') || '\"' ELSE {text} END"
