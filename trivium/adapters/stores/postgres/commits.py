"""Commit numbers that nobody waits for and no reader skips.

A publisher takes, in one statement with drawing its number, a shared advisory lock that names a lower bound of
that number: shared locks do not wait for each other. A reader looks at the sequence first, at the locks held
next, and takes its snapshot last: no commit up to the least of these bounds can appear any more. So a slow
neighbour holds back what readers count on, never what others write.

The lock's class is the sequence's own identity, which no other schema shares; the bound is its low 32 bits.
"""

from __future__ import annotations

from trivium.adapters.stores.postgres.database import Connection, Database

_DRAW = """
WITH held AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(
        (s.id << 32 >> 32)::int4, ((q.last_value - (NOT q.is_called)::int) << 32 >> 32)::int4)
    FROM (SELECT '{name}'::regclass::oid::bigint AS id) AS s, {name} AS q
)
SELECT nextval('{name}') FROM held
"""
_LAST = "SELECT last_value - (NOT is_called)::int FROM {name}"
_BOUND = """
SELECT least(%(last)s::bigint, %(last)s::bigint + min((objid::bigint - %(last)s::bigint) << 32 >> 32))
FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = '{name}'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def draw_sql(database: Database) -> str:
    """The statement that `draw_commit` runs."""
    return _DRAW.format(name=database.table("_commit_no"))


def last_drawn_sql(database: Database) -> str:
    """The statement that gives the last number that was drawn."""
    return _LAST.format(name=database.table("_commit_no"))


def draw_commit(database: Database, connection: Connection) -> int:
    """The number of the commit that the connection's transaction is about to make. Draw it late, commit at once."""
    row = connection.execute(draw_sql(database)).fetchone()
    assert row is not None
    return int(row[0])


def horizon(database: Database) -> int:
    """The commit up to which nothing can appear any more for a snapshot taken after this returns."""
    with database.transaction("reading the horizon") as connection:
        last = connection.execute(last_drawn_sql(database)).fetchone()
        assert last is not None
        row = connection.execute(_BOUND.format(name=database.table("_commit_no")), {"last": last[0]}).fetchone()
    assert row is not None
    return int(row[0])
