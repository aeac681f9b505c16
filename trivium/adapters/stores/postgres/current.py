"""What is current in the PostgreSQL store, as SQL for a snapshot: the master, with the keys of the tail folded."""

from __future__ import annotations

from typing import Final

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.database import Connection
from trivium.engine import tables
from trivium.engine.law.statements import Law, quote
from trivium.engine.tables import master


def last_commit(catalog: Catalog, pipe: Pipe) -> int:
    """The last commit that the pipe's snapshot holds."""
    return int(pipe.row(tables.last_commit(catalog.database.table))[0])


def consolidated(catalog: Catalog, pipe: Pipe) -> int:
    """The commit up to which the master is folded."""
    return int(
        pipe.row(
            f"SELECT coalesce(max(value::bigint), 0) FROM {catalog.database.table('_meta')} WHERE key = 'consolidated'"
        )[0]
    )


def prepare_tail(catalog: Catalog, pipe: Pipe, law: Law, commit: int) -> str | None:
    """The keys that the master does not know of yet, as a temporary table of the pipe; its name.

    None where nothing is consolidated, so that everything is tail; an empty text where there is no tail.
    """
    after = consolidated(catalog, pipe)
    if after == 0:
        return None
    if after >= commit:
        return ""
    return temporary(pipe, f"_tail_{law.shape.name}", law.touched(after=after, commit=commit))


def prepare_rows(pipe: Pipe | Connection, law: Law, keys: str) -> str:
    """The statements of the keys in a relation, for the fold, as a temporary table of the transaction; its name."""
    name = temporary(pipe, f"_rows_{law.shape.name}", law.rows_of(keys))
    pipe.execute(NO_LOOPS)
    return name


def temporary(pipe: Pipe | Connection, name: str, sql: str) -> str:
    """A temporary table of the transaction, in the place of one that was called so before; its name in SQL."""
    pipe.execute(f"DROP TABLE IF EXISTS pg_temp.{quote(name)}")
    pipe.execute(f"CREATE TEMP TABLE {quote(name)} ON COMMIT DROP AS {sql}")
    pipe.execute(f"ANALYZE pg_temp.{quote(name)}")
    return f"pg_temp.{quote(name)}"


NO_LOOPS: Final = "SET LOCAL enable_nestloop = off"
"""For a fold of many keys: what stands between its steps has no statistics, and the planner takes it for one row."""
LOOPS: Final = "SET LOCAL enable_nestloop = on"
"""For what finds a few keys in a large table by its index."""


def record_columns(law: Law) -> str:
    """The columns of a record, as a list in SQL."""
    return ", ".join(quote(column.name) for column in master(law.shape).columns)


def current_sql(catalog: Catalog, pipe: Pipe, law: Law, commit: int) -> str:
    """The current records of an entity: the master, with the keys of the tail folded. For this pipe's transaction."""
    pipe.execute(LOOPS)
    tail = prepare_tail(catalog, pipe, law, commit)
    if tail is None:
        pipe.execute(NO_LOOPS)
        return law.fold(commit=commit)
    columns = record_columns(law)
    whole = f"SELECT {columns} FROM {catalog.database.table(law.shape.name + '__master')} AS m"
    if tail == "":
        return whole
    same = " AND ".join(f"m.{quote(k.name)} = t.{quote(k.name)}" for k in law.shape.keys)
    fold = law.fold(commit=commit, rows=prepare_rows(pipe, law, tail))
    rest = f"{whole} WHERE NOT EXISTS (SELECT 1 FROM {tail} AS t WHERE {same})"
    return f"{rest} UNION ALL SELECT {columns} FROM ({fold}) AS f"
