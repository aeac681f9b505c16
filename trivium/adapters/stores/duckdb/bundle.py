"""A bundle of small deliveries on its way into the DuckDB store."""

from __future__ import annotations

from collections.abc import Sequence

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.opened import OpenedLoads
from trivium.adapters.stores.duckdb.publishing import publish_unheard
from trivium.adapters.stores.duckdb.writing import gone_by
from trivium.ports import Account, Delivery, Gone, Published, Verdict


class DuckDBBundle:
    """See `ports.Bundle`."""

    def __init__(self, catalog: Catalog, source: str, count: int) -> None:
        self._catalog = catalog
        self._opened = OpenedLoads(catalog, source, count)
        self.load_nos: Sequence[int] = self._opened.numbers

    def append(self, verdict: Verdict) -> None:
        """See `ports.Bundle`."""
        self._opened.rows.add(verdict)

    def gone(self) -> Gone:
        """See `ports.Bundle`."""
        return gone_by(self._catalog, self._opened.rows.written(), self.load_nos)

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        """See `ports.Bundle`."""
        self._opened.rows.commit()
        published = publish_unheard(self._catalog, self.load_nos, deliveries)
        self._opened.finish()
        return published

    def abandon(self) -> None:
        """See `ports.Bundle`."""
        self._opened.abandon()
