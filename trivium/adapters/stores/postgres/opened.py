"""Loads that were opened in PostgreSQL and do not count yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.database import translated
from trivium.adapters.stores.postgres.writing import Writing
from trivium.engine.rows import open_row
from trivium.errors import StoreError


class OpenedLoads:
    """Numbers of loads of one source, their rows in `_open`, and what is written of them. A connection of its own says
    that whoever opened them is alive: of one that is not, the next start removes what it left."""

    def __init__(self, catalog: Catalog, source: str, count: int) -> None:
        self._catalog = catalog
        self._done = False
        with ExitStack() as opened, translated("opening a load"):
            self._life = opened.enter_context(closing(catalog.database.connect()))
            self.numbers: Sequence[int] = catalog.next_loads(self._life, count)
            self.rows = Writing(catalog, source, self.numbers)
            opened.callback(self.rows.roll_back)
            catalog.hold_alive(self._life, self.numbers)
            opened.callback(self._remove_quietly)
            now = dt.datetime.now(dt.UTC)
            with catalog.database.transaction("opening a load") as connection, connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {catalog.database.table('_open')} VALUES (%s, %s, %s, %s)",
                    [open_row(number, source, now) for number in self.numbers],
                )
            opened.pop_all()

    def finish(self) -> None:
        """They count, or are held: nothing is left to do."""
        self._done = True
        self._life.close()

    def abandon(self) -> None:
        """Removes whatever there is of them. Idempotent, and without effect once they are finished."""
        if self._done:
            return
        try:
            self.rows.roll_back()
            self._remove()
        finally:
            self.finish()

    def _remove_quietly(self) -> None:
        with suppress(StoreError):  # what cannot be removed now is swept at the next start
            self._remove()

    def _remove(self) -> None:
        with self._catalog.database.transaction("abandoning a load") as connection:
            self._catalog.remove_loads(connection, self.numbers)
