"""The columns of a view and their types, told by DuckDB, which runs views whatever the store is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import duckdb

from trivium.engine.embedded import embedded
from trivium.engine.law.statements import quote, sql_type
from trivium.model.domain import Domain, View
from trivium.model.types import Kind
from trivium.web.openapi.records import flowing, object_of
from trivium.web.openapi.values import INSTANT, Schema
from trivium.web.view_rows import told_columns


def view_schema(domain: Domain, view: View) -> Schema:
    """A row of the view."""
    schema = object_of(_columns(domain, view))
    return schema | {"description": flowing(view.description)} if view.description else schema


def _columns(domain: Domain, view: View) -> dict[str, Schema]:
    """Those columns. One that is of another type where its parameters are given, which are texts then, may be any."""
    with closing(embedded(threads=1)) as engine:
        for shape in domain.shapes:
            columns = ", ".join(f"{quote(c.name)} {sql_type(c.type)}" for c in (*shape.keys, *shape.columns))
            engine.execute(f"CREATE TABLE {quote(shape.name)} ({columns})")
        usual = _kinds(engine, view, view.parameters)
        asked = _kinds(engine, view, dict.fromkeys(view.parameters, "1")) or usual
    return {name: _value(kind) if asked.get(name) == kind else {} for name, kind in usual.items()}


def _kinds(engine: duckdb.DuckDBPyConnection, view: View, parameters: Mapping[str, str | None]) -> dict[str, Kind]:
    """The columns and what they are; none where the query cannot be run with these parameters."""
    try:
        found = engine.execute(view.sql, dict(parameters) or None).to_arrow_reader(1).schema
    except duckdb.Error:  # which whoever asks for it is told
        return {}
    return {column.name: column.type.kind for column in told_columns(found)}


def _value(kind: Kind) -> Schema:
    match kind:
        case "int":
            return {"type": ["integer", "null"], "format": "int64"}
        case "float":
            return {"type": ["number", "null"], "format": "double"}
        case "bool":
            return {"type": ["boolean", "null"]}
        case "datetime":
            return INSTANT | {"type": ["string", "null"]}
        case "date" | "decimal":
            return {"type": ["string", "null"], "format": kind}
        case "json":
            return {}
        case _:
            return {"type": ["string", "null"]}
