"""The rows of views, whose columns are of any type, in the form of records: decimals and times as texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa

from trivium.engine import canonical, canonical_csv
from trivium.engine.law.statements import quote, text
from trivium.model.entity import Column
from trivium.model.types import ColumnType, Kind
from trivium.web.formats import Format
from trivium.web.rendering import small

_KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("is_boolean", "bool"), ("is_integer", "int"), ("is_floating", "float"), ("is_decimal", "decimal"),
    ("is_date", "date"), ("is_time", "time"), ("is_timestamp", "datetime"), ("is_string", "str"),
)  # fmt: skip


def told_columns(schema: pa.Schema) -> tuple[Column, ...]:
    """The columns. What is of no simple kind is nested, and told as DuckDB writes its JSON."""
    return tuple(Column(field.name, field.name, ColumnType(_kind(field.type)), True) for field in schema)


def row_lines(columns: Iterable[Column], batches: Iterable[pa.RecordBatch], form: Format) -> Iterator[bytes]:
    """The rows in pieces of whole lines; CSV with a header."""
    if form == "csv":
        yield (",".join(_header(column.name) for column in columns) + "\n").encode()
        line = ", ',', ".join(map(_cell, columns))
        line = f"concat({line}, chr(10))"
    else:
        members = ", ',', ".join(f"{text(json.dumps(c.name) + ':')}, {_value(c)}" for c in columns)
        line = f"concat('{{', {members}, '}}', chr(10))"
    yield from canonical.pieces(line, map(_plain, small(batches)), incomplete=True, gone=True)


def _kind(type_: pa.DataType) -> Kind:
    return next((kind for test, kind in _KINDS if getattr(pa.types, test)(type_)), "json")


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times in UTC without saying so, to the microsecond, as records have them; decimals within lists and objects as
    texts, for DuckDB would make floats of them."""
    for at, field in enumerate(batch.schema):
        wanted = _told_type(field.type) if pa.types.is_nested(field.type) else field.type
        if pa.types.is_timestamp(field.type):
            wanted = pa.timestamp("us")
        if wanted != field.type:
            batch = batch.set_column(at, field.name, batch.column(at).cast(wanted, safe=False))
    return batch


def _told_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal(type_):
        return pa.string()
    if pa.types.is_list(type_):
        return pa.list_(_told_type(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([pa.field(field.name, _told_type(field.type)) for field in type_])
    return type_


def _value(column: Column) -> str:
    name = quote(column.name)
    if column.type.kind == "json":
        return f"coalesce(to_json({name})::VARCHAR, 'null')"
    if column.type.kind == "float":
        return f"CASE WHEN isfinite({name}) THEN {canonical.value(column)} ELSE 'null' END"
    return canonical.value(column)


def _cell(column: Column) -> str:
    name = quote(column.name)
    if column.type.kind == "json":
        return f"CASE WHEN {name} IS NULL THEN '' ELSE {canonical_csv.quoted(f'to_json({name})::VARCHAR')} END"
    if column.type.kind == "float":
        return f"CASE WHEN isfinite({name}) THEN {canonical_csv.cell(column)} ELSE '' END"
    return canonical_csv.cell(column)


def _header(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(c in name for c in '",\r\n') else name
