"""What came into the DuckDB store and how it stands, in lists and sums."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from typing import Any

import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.current import last_commit
from trivium.engine.held import held_of
from trivium.engine.law import listing
from trivium.engine.sums import Sum, Sums


class Listing:
    """The part of `ports.Control` that lists."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._sums, self._summing = Sums(), threading.Lock()

    def deliveries(self, given: dict[str, Any], **asked: Any) -> pa.Table:
        """See `ports.Control.deliveries` and `newest`."""
        return self._table("reading deliveries", *listing.deliveries(self._render(), given, **asked))

    def quarantine(self, given: dict[str, Any], **asked: Any) -> pa.Table:
        """See `ports.Control.quarantine`."""
        return self._table("reading the quarantine", *listing.rejected(self._render(), given, **asked))

    def quarantined(self, source: str | None, *, closed: bool, unnamed: Collection[str]) -> dict[str, int]:
        """See `ports.Control.quarantined`."""
        sql, values = listing.rejected(
            self._render(), {"source": source}, closed=closed, counting=True, unnamed=unnamed
        )
        with self._catalog.database.transaction("counting the quarantine") as cursor:
            return dict(cursor.execute(sql, values or None).fetchall())

    def findings(self, given: dict[str, Any], **asked: Any) -> pa.Table:
        """See `ports.Control.findings`."""
        return self._table("reading findings", *listing.findings(self._catalog.render, given, **asked))

    def sums(self) -> dict[str, Sum]:
        """See `ports.Control.sums`."""
        catalog, t = self._catalog, self._catalog.database.table
        with self._summing, catalog.database.transaction("summing up") as cursor:
            commit = last_commit(catalog, cursor)
            came = catalog.render("sums", after=self._sums.commit, settled=commit)
            held = cursor.execute(f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL").fetchall()
            again = cursor.execute(f"SELECT source, sum(times) FROM {t('_again')} GROUP BY source").fetchall()
            return self._sums.told(
                commit,
                cursor.execute(came).fetchall(),
                cursor.execute(self._render()("uncounted")).fetchall(),
                Counter(held_of(text).delivery.source for (text,) in held),
                {source: int(times) for source, times in again},
            )

    def _render(self) -> listing.Render:
        return lambda name, **values: self._catalog.render(name, **self._catalog.keeps(), **values)

    def _table(self, what: str, sql: str, values: dict[str, Any]) -> pa.Table:
        with self._catalog.database.transaction(what) as cursor:
            return cursor.execute(sql, values or None).to_arrow_table()
