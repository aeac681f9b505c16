"""A bundle of small deliveries on its way into PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.database import translated
from trivium.adapters.stores.postgres.publishing import publish_unheard
from trivium.adapters.stores.postgres.writing import Writing
from trivium.errors import StoreError
from trivium.ports import Account, Delivery, Gone, Published, Verdict


class PostgresBundle:
    """See `ports.Bundle`."""

    def __init__(self, catalog: Catalog, source: str, count: int) -> None:
        self._catalog = catalog
        self._done = False
        with ExitStack() as opened, translated("opening loads"):
            self._life = opened.enter_context(closing(catalog.database.connect()))
            self.load_nos: Sequence[int] = catalog.next_loads(self._life, count)
            self._rows = Writing(catalog, source, self.load_nos)
            opened.callback(self._rows.roll_back)
            catalog.hold_alive(self._life, self.load_nos)
            opened.callback(self._remove_quietly)
            at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
            with catalog.database.transaction("opening loads") as connection:
                connection.execute(
                    f"INSERT INTO {catalog.database.table('_open')} "
                    "SELECT load_no, %s, %s, NULL FROM unnest(%s::bigint[]) AS t(load_no)",
                    [source, at, list(self.load_nos)],
                )
            opened.pop_all()

    def append(self, verdict: Verdict) -> None:
        """See `ports.Bundle`."""
        self._rows.add(verdict)

    def gone(self) -> Gone:
        """See `ports.Bundle`."""
        return self._rows.gone(self.load_nos)

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        """See `ports.Bundle`."""
        self._rows.commit()
        published = publish_unheard(self._catalog, self.load_nos, deliveries)
        self._finish()
        return published

    def abandon(self) -> None:
        """See `ports.Bundle`."""
        if self._done:
            return
        self._rows.roll_back()
        try:
            self._remove()
        finally:
            self._finish()

    def _remove_quietly(self) -> None:
        with suppress(StoreError):  # what cannot be removed now is swept at the next start
            self._remove()

    def _remove(self) -> None:
        with self._catalog.database.transaction("abandoning loads") as connection:
            self._catalog.remove_loads(connection, self.load_nos)

    def _finish(self) -> None:
        self._done = True
        self._life.close()
