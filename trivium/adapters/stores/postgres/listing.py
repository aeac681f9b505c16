"""What came into the PostgreSQL store and how it stands, in lists and sums."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection
from typing import Any

import psycopg.rows
import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.commits import horizon
from trivium.engine.held import held_of
from trivium.engine.law import listing
from trivium.engine.sums import Sum, Sums
from trivium.engine.tables import arrow_schema, control

_DELIVERIES: list[tuple[str, pa.DataType]] = [
    ("source", pa.string()), ("delivery", pa.string()), ("revision", pa.int64()), ("attempt", pa.int64()),
    ("kind", pa.string()), ("state", pa.string()), ("reading_no", pa.int64()), ("commit_no", pa.int64()),
    ("digest", pa.string()), ("file", pa.string()), ("size", pa.int64()), ("archived", pa.bool_()),
    ("arrived_at", pa.timestamp("us")), ("by", pa.string()), ("received", pa.int64()), ("accepted", pa.int64()),
    ("rejected", pa.int64()), ("ignored", pa.int64()), ("gone", pa.int64()), ("alive", pa.int64()),
    ("manifest", pa.string()), ("again", pa.int64()), ("again_at", pa.timestamp("us")),
]  # fmt: skip
_QUARANTINE: list[tuple[str, pa.DataType]] = [
    ("load_no", pa.int64()), ("place", pa.int64()), ("source", pa.string()), ("delivery", pa.string()),
    ("revision", pa.int64()), ("file", pa.string()), ("line", pa.int64()), ("byte_offset", pa.int64()),
    ("raw", pa.binary()), ("reasons", pa.string()), ("keyless", pa.bool_()), ("due", pa.int64()),
    ("commit_no", pa.int64()), ("state", pa.string()), ("by", pa.string()), ("digest", pa.string()),
    ("archived", pa.bool_()), ("arrived_at", pa.timestamp("us")), ("reading_no", pa.int64()),
    ("resolved_in", pa.int64()), ("mended", pa.binary()),
]  # fmt: skip


class Listing:
    """The part of `ports.Control` that lists."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._sums, self._summing = Sums(), threading.Lock()

    def deliveries(self, given: dict[str, Any], **asked: Any) -> pa.Table:
        """See `ports.Control.deliveries` and `newest`."""
        return self._table(
            "reading deliveries", pa.schema(_DELIVERIES), *listing.deliveries(self._render(), given, **asked)
        )

    def quarantine(self, given: dict[str, Any], **asked: Any) -> pa.Table:
        """See `ports.Control.quarantine`."""
        return self._table(
            "reading the quarantine", pa.schema(_QUARANTINE), *listing.rejected(self._render(), given, **asked)
        )

    def quarantined(self, source: str | None, *, closed: bool, unnamed: Collection[str]) -> dict[str, int]:
        """See `ports.Control.quarantined`."""
        sql, values = listing.rejected(
            self._render(), {"source": source}, closed=closed, counting=True, unnamed=unnamed
        )
        with self._catalog.database.transaction("counting the quarantine") as connection:
            return dict(connection.execute(sql, values).fetchall())

    def findings(self, given: dict[str, Any], **asked: Any) -> pa.Table:
        """See `ports.Control.findings`."""
        schema = arrow_schema(control("_finding"))
        return self._table("reading findings", schema, *listing.findings(self._catalog.render, given, **asked))

    def sums(self) -> dict[str, Sum]:
        """See `ports.Control.sums`."""
        catalog, t = self._catalog, self._catalog.database.table
        # what may still appear at a lower number is summed again the next time
        with self._summing:
            commit = horizon(catalog.database)
            with catalog.database.transaction("summing up", snapshot=True) as cursor:
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

    def _table(self, what: str, schema: pa.Schema, sql: str, values: dict[str, Any]) -> pa.Table:
        with (
            self._catalog.database.transaction(what, snapshot=True) as connection,
            connection.cursor(row_factory=psycopg.rows.dict_row) as cursor,
        ):
            return pa.Table.from_pylist(cursor.execute(sql, values).fetchall(), schema=schema)
