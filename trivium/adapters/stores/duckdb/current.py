"""What is current in the DuckDB store, as SQL for a transaction: the master, with the keys of the tail folded."""

from __future__ import annotations

from typing import Final

import duckdb

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.engine import tables
from trivium.engine.law.statements import Law, quote
from trivium.engine.tables import master

_FEW: Final = 20_000
BATCH: Final = 50_000
"""Rows that are handed over at a time."""


def record_columns(law: Law) -> str:
    """The columns of a record, as a list in SQL."""
    return ", ".join(quote(column.name) for column in master(law.shape).columns)


def last_commit(catalog: Catalog, cursor: duckdb.DuckDBPyConnection) -> int:
    """The last commit that the cursor's snapshot holds."""
    row = cursor.execute(tables.last_commit(catalog.database.table)).fetchone()
    return int(row[0]) if row else 0


def consolidated(catalog: Catalog, cursor: duckdb.DuckDBPyConnection) -> int:
    """The commit up to which the master is folded."""
    row = cursor.execute(f"SELECT value FROM {catalog.database.table('_meta')} WHERE key = 'consolidated'").fetchone()
    return int(row[0]) if row else 0


def is_few(cursor: duckdb.DuckDBPyConnection, keys: str | None) -> bool:
    """Whether what is said of the keys in a table fits into memory, most likely."""
    if not keys:
        return False
    row = cursor.execute(f"SELECT count(*) FROM {keys}").fetchone()
    return row is not None and int(row[0]) <= _FEW


def prepare_tail(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, law: Law, commit: int) -> str | None:
    """The keys that the master does not know of yet, as a temporary table of the cursor; its name.

    None where nothing is consolidated, so that everything is tail; an empty text where there is no tail.
    """
    after = consolidated(catalog, cursor)
    if after == 0:
        return None
    if after == commit:
        return ""
    name = f"_tail_{law.shape.name}"
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {quote(name)} AS {law.touched(after=after, commit=commit)}")
    return f"temp.{quote(name)}"


def current_sql(catalog: Catalog, law: Law, tail: str | None, commit: int) -> str:
    """The current records of an entity: the master, with the keys of the tail folded."""
    if tail is None:
        return law.fold(commit=commit)
    master = f"SELECT * FROM {catalog.database.table(law.shape.name + '__master')} AS m"
    if tail == "":
        return master
    same = " AND ".join(f"m.{quote(k.name)} = t.{quote(k.name)}" for k in law.shape.keys)
    columns = record_columns(law)
    fold = law.fold(commit=commit, only=tail)
    return f"SELECT {columns} FROM ({master} ANTI JOIN {tail} AS t ON {same}) UNION ALL SELECT {columns} FROM ({fold})"
