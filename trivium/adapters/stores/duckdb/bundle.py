"""A bundle of small deliveries on its way into the DuckDB store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

from trivium.adapters.stores.duckdb.catalog import Catalog, remove_loads
from trivium.adapters.stores.duckdb.publishing import publish_unheard
from trivium.adapters.stores.duckdb.writing import Writing, gone_by
from trivium.engine.tables import control, rows_table
from trivium.errors import StoreError
from trivium.ports import Account, Delivery, Gone, Published, Verdict


class DuckDBBundle:
    """See `ports.Bundle`."""

    def __init__(self, catalog: Catalog, source: str, count: int) -> None:
        self.load_nos: Sequence[int] = catalog.next_loads(count)
        self._catalog = catalog
        self._done = False
        self._rows = Writing(catalog, source, self.load_nos)
        opened_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        rows = rows_table(control("_open"), [(load_no, source, opened_at, None) for load_no in self.load_nos])
        try:
            with catalog.database.transaction("opening loads") as cursor:
                cursor.from_arrow(rows).insert_into(catalog.database.table("_open"))
        except BaseException:
            with suppress(StoreError):  # what cannot be removed now is swept at the next start
                self.abandon()
            raise

    def append(self, verdict: Verdict) -> None:
        """See `ports.Bundle`."""
        self._rows.add(verdict)

    def gone(self) -> Gone:
        """See `ports.Bundle`."""
        return gone_by(self._catalog, self._rows.written(), self.load_nos)

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        """See `ports.Bundle`."""
        self._rows.commit()
        published = publish_unheard(self._catalog, self.load_nos, deliveries)
        self._done = True
        return published

    def abandon(self) -> None:
        """See `ports.Bundle`."""
        if self._done:
            return
        self._rows.roll_back()
        with self._catalog.database.transaction("abandoning loads") as cursor:
            remove_loads(self._catalog.database, self._catalog.domain, cursor, self.load_nos)
        self._done = True
