"""Indexes that are made when there is something to find by them.

An index costs more than the COPY beside it when it is kept up row by row: a million sales lines took 2.0 s of the
server's CPU without one, 6.7 with one over their key, 5.3 with the same one made afterwards. So the first rows of a
store are copied into tables without, and a consolidation makes the indexes before it needs them.
"""

from __future__ import annotations

from contextlib import closing, suppress
from typing import Final

import psycopg

from trivium.adapters.stores.postgres.catalog import LOAD_LOCK
from trivium.adapters.stores.postgres.database import Connection, Database, translated
from trivium.engine.law.statements import quote
from trivium.engine.tables import Table

_PATIENCE: Final = "1s"
"""How long a build waits for those who write the table. They never wait for it."""

_SMALL_BYTES: Final = 1 << 20
"""A smaller table is read whole as fast."""


def index_beside_writers(database: Database, tables: list[Table]) -> None:
    """Makes the missing `bulk` indexes of these tables while others write them.

    Where another instance is at it, or a long load would have to be waited for, it is left to the next call: without
    the index everything is as right, and only slower.
    """
    with closing(database.connect()) as connection, translated("indexing the store"):
        name = database.schema
        free = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOAD_LOCK - 3, name]).fetchone()
        if free != (True,):
            return
        connection.execute(f"SET lock_timeout = '{_PATIENCE}'")
        for table in tables:
            with suppress(psycopg.errors.LockNotAvailable):
                _index(database, connection, table)


def index_own(database: Database, connection: Connection, table: Table) -> None:
    """Makes the missing `bulk` indexes of a table that nobody else writes, in the connection's transaction."""
    if _small(database, connection, table):
        return
    for number, columns in enumerate(table.bulk, 1):
        connection.execute(
            f"CREATE INDEX IF NOT EXISTS {quote(_name(table, number))} ON {database.table(table.name)} "
            f"({', '.join(map(quote, columns))})"
        )


def _index(database: Database, connection: Connection, table: Table) -> None:
    if _small(database, connection, table):
        return
    for number, columns in enumerate(table.bulk, 1):
        name = _name(table, number)
        row = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [database.table(name)]
        ).fetchone()
        if row == (True,):
            continue
        if row is not None:  # a build that did not come to its end
            connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {database.table(name)}")
        connection.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {quote(name)} ON {database.table(table.name)} "
            f"({', '.join(map(quote, columns))})"
        )


def _small(database: Database, connection: Connection, table: Table) -> bool:
    row = connection.execute("SELECT pg_relation_size(%s)", [database.table(table.name)]).fetchone()
    return row is None or int(row[0]) < _SMALL_BYTES


def _name(table: Table, number: int) -> str:
    return f"{table.name}__key{number if number > 1 else ''}"
