"""The files seen in inboxes, kept in the DuckDB store."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa

from trivium.adapters.stores.duckdb.database import Database, patiently
from trivium.engine.sighting import State
from trivium.engine.sightings import COLUMNS, rows_of, sighting_of
from trivium.ports import Sighting, Turn


class DuckDBLedger:
    """See `ports.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = database.table("_sighting")

    def write(self, sightings: Sequence[Sighting], *, outgrown: Sequence[Sighting] = ()) -> None:
        """See `ports.Ledger`."""
        if sightings or outgrown:
            rows, replaced = rows_of(sightings), rows_of([*outgrown, *sightings])
            patiently(lambda: self._write(rows, replaced))

    def _write(self, rows: pa.Table, replaced: pa.Table) -> None:
        with self._database.write_lock, self._database.transaction("keeping what was seen") as cursor:
            cursor.register("_seen", rows)
            cursor.register("_replaced", replaced)
            cursor.execute(
                f"DELETE FROM {self._table} AS t USING _replaced AS s "
                "WHERE t.source = s.source AND t.file = s.file AND t.mark = s.mark"
            )
            cursor.execute(f"INSERT INTO {self._table} SELECT {', '.join(COLUMNS)} FROM _seen")
            cursor.unregister("_replaced")
            cursor.unregister("_seen")

    def sightings(
        self,
        source: str | None = None,
        *,
        delivery: str | None = None,
        files: Sequence[str] | None = None,
        states: Collection[State] | None = None,
    ) -> list[Sighting]:
        """See `ports.Ledger`."""
        with self._database.transaction("reading what was seen") as cursor:
            if files is not None:  # a list is bound slowly
                cursor.register("_asked", pa.table({"file": pa.array(files, pa.string())}))
            rows = cursor.execute(
                f"SELECT {', '.join(COLUMNS)} FROM {self._table} "
                "WHERE ($source IS NULL OR source = $source) AND ($delivery IS NULL OR delivery = $delivery) "
                f"AND {'true' if files is None else 'file IN (SELECT file FROM _asked)'} "
                "AND ($states IS NULL OR list_contains($states::VARCHAR[], state)) "
                "ORDER BY seen_at, source, file, mark",
                {"source": source, "delivery": delivery, "states": None if states is None else list(states)},
            ).fetchall()
            if files is not None:
                cursor.unregister("_asked")
        return [sighting_of(row) for row in rows]

    def counts(self) -> dict[tuple[str, State], int]:
        """See `ports.Ledger`."""
        with self._database.transaction("counting what was seen") as cursor:
            rows = cursor.execute(f"SELECT source, state, count(*) FROM {self._table} GROUP BY ALL").fetchall()
        return {(source, state): int(count) for source, state, count in rows}

    def turn(self, source: str) -> Turn:
        """See `ports.Ledger`."""
        return _Always()


class _Always:
    """See `ports.Turn`. Who has the file open has it alone."""

    def check(self) -> None: ...

    def close(self) -> None: ...
