"""Loads that were opened in the DuckDB store and do not count yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

from trivium.adapters.stores.duckdb.catalog import Catalog, remove_loads
from trivium.adapters.stores.duckdb.writing import Writing
from trivium.engine.rows import open_row
from trivium.engine.tables import control, rows_table
from trivium.errors import StoreError


class OpenedLoads:
    """Numbers of loads of one source, their rows in `_open`, and what is written of them."""

    def __init__(self, catalog: Catalog, source: str, count: int) -> None:
        self._catalog = catalog
        self._done = False
        self.numbers: Sequence[int] = catalog.next_loads(count)
        self.rows = Writing(catalog, source, self.numbers)
        now = dt.datetime.now(dt.UTC)
        rows = rows_table(control("_open"), [open_row(number, source, now) for number in self.numbers])
        try:
            with catalog.database.transaction("opening a load") as cursor:
                cursor.from_arrow(rows).insert_into(catalog.database.table("_open"))
        except BaseException:
            with suppress(StoreError):  # what cannot be removed now is swept at the next start
                self.abandon()
            raise

    def finish(self) -> None:
        """They count, or are held: nothing is left to do."""
        self._done = True

    def abandon(self) -> None:
        """Removes whatever there is of them. Idempotent, and without effect once they are finished."""
        if self._done:
            return
        self.rows.roll_back()
        with self._catalog.database.transaction("abandoning a load") as cursor:
            remove_loads(self._catalog.database, self._catalog.domain, cursor, self.numbers)
        self._done = True
