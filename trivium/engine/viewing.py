"""Views: what of the records they read, and what is made of their failures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import duckdb
import sqlglot
from sqlglot import exp

from trivium.engine.law.statements import quote, sql_type
from trivium.errors import UsageError
from trivium.model.entity import EntityShape

Hidden = Mapping[str, Collection[str]]
"""Columns, by entity, of which a view sees no values."""


def entities_read(sql: str) -> set[str]:
    """The names of the tables that a view reads."""
    return {table.name for tree in sqlglot.parse(sql, read="duckdb") if tree for table in tree.find_all(exp.Table)}


def columns_seen(shape: EntityShape, hidden: Hidden) -> str:
    """The columns of an entity as a view sees them, as a list in SQL."""
    without = hidden.get(shape.name, ())
    return ", ".join(
        f"CAST(NULL AS {sql_type(c.type)}) AS {quote(c.name)}" if c.name in without else quote(c.name)
        for c in (*shape.keys, *shape.columns)
    )


@contextmanager
def refusing() -> Iterator[None]:
    """Raises UsageError for what a view cannot make of the values that it is given."""
    try:
        yield
    except (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException) as error:
        told = str(error).partition("\n")[0]
        raise UsageError(f"the view cannot be computed: {told}", hint="look at the values of its parameters") from error
