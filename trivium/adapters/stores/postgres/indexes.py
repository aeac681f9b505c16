"""The indexes by which a key is found, made when there is something to find.

An index costs more than the COPY beside it when it is kept up row by row: a million sales lines took 2.0 s of the
server's CPU without one, 6.7 with one over the columns of their key; made afterwards, that one took 3.3 and one over a
number 1.2. So they are over the key's hash, which also holds a key of any length, and the first rows of a store are
copied into tables without: a consolidation makes them before it needs them.

Pages of the master are read by an index over its key as far as its first text, of which the beginning, for the same
reason: of a million sales a page took 100 ms without it, and 1 ms with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Final

import psycopg

from trivium.adapters.stores.postgres.catalog import INDEXING
from trivium.adapters.stores.postgres.database import Connection, Database, translated
from trivium.engine.law.statements import key_hash, quote
from trivium.engine.tables import Table

_PATIENCE: Final = "1s"
"""How long a build waits for those who write the table. They never wait for it."""

_SMALL_BYTES: Final = 1 << 20
"""A smaller table is read whole as fast."""


def index_beside_writers(database: Database, tables: list[Table]) -> None:
    """Makes the missing indexes over `whole` of these tables while others write them.

    Where another instance is at it, or a long load would have to be waited for, it is left to the next call: without
    the index everything is as right, and only slower.
    """
    with database.transaction("looking for indexes") as connection:
        tables = [table for table in tables if _wanting(database, connection, table)]
    if not tables:
        return
    with closing(database.connect()) as connection, translated("indexing the store"):
        name = database.schema
        free = connection.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [INDEXING, name]).fetchone()
        if free != (True,):
            return
        connection.execute(f"SET lock_timeout = '{_PATIENCE}'")
        for table in tables:
            with suppress(psycopg.errors.LockNotAvailable):
                _index(database, connection, table)


def index_own(database: Database, connection: Connection, table: Table, order: Sequence[str]) -> None:
    """Makes the missing indexes of a table that nobody else writes, in the connection's transaction: over `whole`, and
    over what its rows are paged by, as SQL."""
    if not _small(database, connection, table):
        connection.execute(_made(database, table, "INDEX"))
        name, columns = f"{table.name}__order", ", ".join(f"({column})" for column in order)
        connection.execute(f"CREATE INDEX IF NOT EXISTS {quote(name)} ON {database.table(table.name)} ({columns})")


def _index(database: Database, connection: Connection, table: Table) -> None:
    valid = _valid(database, connection, table)
    if valid:  # another instance has made it by now
        return
    if valid is not None:  # a build that did not come to its end
        connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {database.table(_name(table))}")
    connection.execute(_made(database, table, "INDEX CONCURRENTLY"))


def _made(database: Database, table: Table, how: str) -> str:
    key = key_hash(map(quote, table.whole))
    return f"CREATE {how} IF NOT EXISTS {quote(_name(table))} ON {database.table(table.name)} (({key}))"


def _wanting(database: Database, connection: Connection, table: Table) -> bool:
    return not _small(database, connection, table) and not _valid(database, connection, table)


def _valid(database: Database, connection: Connection, table: Table) -> bool | None:
    """Whether the index can be used; None where there is none."""
    row = connection.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [database.table(_name(table))]
    ).fetchone()
    return None if row is None else bool(row[0])


def _small(database: Database, connection: Connection, table: Table) -> bool:
    row = connection.execute("SELECT pg_relation_size(%s)", [database.table(table.name)]).fetchone()
    return row is None or int(row[0]) < _SMALL_BYTES


def _name(table: Table) -> str:
    return f"{table.name}__key"
