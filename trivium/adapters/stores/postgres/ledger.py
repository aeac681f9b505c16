"""The files seen in inboxes, kept in the PostgreSQL store."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from trivium.adapters.stores.postgres.database import Connection, Database, translated
from trivium.engine.sighting import State
from trivium.engine.sightings import COLUMNS, rows_of, sighting_of
from trivium.errors import StoreBusy
from trivium.ports import Sighting, Turn

_OWN = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)


class PostgresLedger:
    """See `ports.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = database.table("_sighting")

    def write(self, sightings: Sequence[Sighting], *, outgrown: Sequence[Sighting] = ()) -> None:
        """See `ports.Ledger`."""
        if not sightings and not outgrown:
            return
        # In one order, or two instances that see the same files could wait for each other.
        rows = sorted(list(row.values()) for row in rows_of(sightings).to_pylist())
        with self._database.transaction("keeping what was seen") as connection, connection.cursor() as cursor:
            cursor.executemany(
                f"DELETE FROM {self._table} WHERE source = %s AND file = %s AND mark = %s",
                sorted((one.source, one.file, one.mark) for one in outgrown),
            )
            cursor.executemany(
                f"INSERT INTO {self._table} ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))}) "
                f"ON CONFLICT (source, file, mark) DO UPDATE SET {_OWN}",
                rows,
            )

    def sightings(
        self,
        source: str | None = None,
        *,
        delivery: str | None = None,
        files: Sequence[str] | None = None,
        states: Collection[State] | None = None,
    ) -> list[Sighting]:
        """See `ports.Ledger`."""
        asked = {
            "source": source,
            "delivery": delivery,
            "files": None if files is None else list(files),
            "states": None if states is None else list(states),
        }
        with self._database.transaction("reading what was seen") as connection:
            rows = connection.execute(
                f"SELECT {', '.join(COLUMNS)} FROM {self._table} "
                "WHERE (%(source)s::text IS NULL OR source = %(source)s) "
                "AND (%(delivery)s::text IS NULL OR delivery = %(delivery)s) "
                "AND (%(files)s::text[] IS NULL OR file = ANY(%(files)s)) "
                "AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s)) "
                "ORDER BY seen_at, source, file, mark",
                asked,
            ).fetchall()
        return [sighting_of(row) for row in rows]

    def counts(self) -> dict[tuple[str, State], int]:
        """See `ports.Ledger`."""
        with self._database.transaction("counting what was seen") as connection:
            rows = connection.execute(f"SELECT source, state, count(*) FROM {self._table} GROUP BY 1, 2").fetchall()
        return {(source, state): int(count) for source, state, count in rows}

    def turn(self, source: str) -> Turn:
        """See `ports.Ledger`."""
        with translated("taking a turn"):
            connection = self._database.connect()
            try:
                row = connection.execute(
                    "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))",
                    [json.dumps([self._database.schema, source])],
                ).fetchone()
                if row == (True,):
                    return _Turn(connection)
            except BaseException:
                connection.close()
                raise
        connection.close()
        raise StoreBusy(f"another process takes the files of {source}", hint="it is taken over when that one ends")


class _Turn:
    """See `ports.Turn`. A lock of a session, which the server gives up when the connection ends, however it does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def check(self) -> None:
        with translated("keeping a turn"):
            self._connection.execute("SELECT 1")

    def close(self) -> None:
        self._connection.close()
