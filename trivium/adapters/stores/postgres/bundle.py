"""A bundle of small deliveries on its way into PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.opened import OpenedLoads
from trivium.adapters.stores.postgres.publishing import publish_unheard
from trivium.ports import Account, Delivery, Gone, Published, Verdict


class PostgresBundle:
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
        return self._opened.rows.gone(self.load_nos)

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        """See `ports.Bundle`."""
        self._opened.rows.commit()
        published = publish_unheard(self._catalog, self.load_nos, deliveries)
        self._opened.finish()
        return published

    def abandon(self) -> None:
        """See `ports.Bundle`."""
        self._opened.abandon()
