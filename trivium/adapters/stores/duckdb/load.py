"""A load on its way into the DuckDB store."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trivium.adapters.stores.duckdb.bundle import DuckDBBundle
from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.current import last_commit
from trivium.adapters.stores.duckdb.database import translated
from trivium.adapters.stores.duckdb.opened import OpenedLoads
from trivium.adapters.stores.duckdb.publishing import (
    count_again,
    known,
    publish_load,
    publish_mend,
    readings,
    refuse_known,
    unheard,
)
from trivium.adapters.stores.duckdb.taking import answered, body, positions_of, take
from trivium.adapters.stores.duckdb.writing import gone_by
from trivium.engine.held import Held
from trivium.engine.law.statements import Trial
from trivium.ports import Account, Answer, Answered, Delivery, Gone, Handful, Mend, Preview, Published, Verdict


class DuckDBHistory:
    """What was said. Loads may be open side by side; each publishes in a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def known(self, delivery: Delivery) -> str | None:
        """See `ports.History`."""
        catalog = self._catalog
        with catalog.database.write_lock, catalog.database.transaction("looking for a delivery") as cursor:
            why, between = known(catalog, cursor, delivery)
            if why is not None:
                count_again(catalog, cursor, delivery)
            if between:
                found = readings(catalog, cursor, delivery.source, delivery.name)
                cursor.execute(
                    f"INSERT INTO {catalog.database.table('_finding')} VALUES (?, 'repeated', ?, ?, ?)",
                    [max(r.commit_no for r in found), delivery.source, delivery.name,
                     f"the same bytes came again: {why}"],
                )  # fmt: skip
        return why

    def open(self, source: str) -> DuckDBLoad:
        """See `ports.History`."""
        return DuckDBLoad(self._catalog, source)

    def unheard(self, source: str, deliveries: Sequence[str]) -> set[str]:
        """See `ports.History`."""
        with self._catalog.database.transaction("looking for deliveries") as cursor:
            return unheard(self._catalog, cursor, source, deliveries)

    def open_bundle(self, source: str, count: int) -> DuckDBBundle:
        """See `ports.History`."""
        return DuckDBBundle(self._catalog, source, count)

    def take(self, source: str, handful: Handful) -> list[Published]:
        """See `ports.History`."""
        return take(self._catalog, source, handful)

    def positions(self, source: str) -> dict[str, int]:
        """See `ports.History`."""
        return positions_of(self._catalog, source)

    def answered(self, source: str, keys: Collection[str]) -> dict[str, Answered]:
        """See `ports.History`."""
        return answered(self._catalog, source, keys)

    def body(self, source: str, delivery: str, digest: str) -> bytes | None:
        """See `ports.History`."""
        return body(self._catalog, source, delivery, digest)


class DuckDBLoad:
    """See `ports.Load`."""

    def __init__(self, catalog: Catalog, source: str) -> None:
        self._catalog = catalog
        self._opened = OpenedLoads(catalog, source, 1)
        (self.load_no,) = self._opened.numbers

    def append(self, verdict: Verdict) -> None:
        """See `ports.Load`."""
        self._opened.rows.add(verdict)

    def gone(self) -> Gone:
        """See `ports.Load`."""
        return gone_by(self._catalog, self._opened.rows.written(), [self.load_no])

    def preview(self, delivery: Delivery) -> list[Preview]:
        """See `ports.Load`."""
        cursor, catalog, found = self._opened.rows.written(), self._catalog, []
        trial = Trial(self.load_no, delivery.source, delivery.name)
        with translated("trying a load"):
            commit = last_commit(catalog, cursor)
            loads = cursor.execute(
                f"SELECT l.load_no FROM {catalog.database.table('_load')} AS l "
                f"JOIN {catalog.database.table('_reading')} AS r USING (reading_no) "
                "WHERE r.source = ? AND r.delivery = ?",
                [delivery.source, delivery.name],
            ).fetchall()
            for shape in catalog.domain.shapes:
                law = catalog.law(shape.name)
                keys = law.touched_by([self.load_no, *(row[0] for row in loads)])
                cursor.execute(f"CREATE OR REPLACE TEMP TABLE _trial AS {keys}")
                row = cursor.execute(
                    law.preview(
                        before=law.fold(commit=commit, only="temp._trial"),
                        after=law.fold(commit=commit, only="temp._trial", trial=trial),
                    )
                ).fetchone()
                assert row is not None
                appear, end, change, both = row
                found.append(Preview(shape.name, appear, end, change, both - change))
        return found

    def publish(self, delivery: Delivery, account: Account, answer: Answer | None = None) -> Published:
        """See `ports.Load`."""
        self._opened.rows.commit()
        published = publish_load(self._catalog, self.load_no, delivery, account, answer)
        self._opened.finish()
        return published

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        """See `ports.Load`."""
        self._opened.rows.commit()
        published = publish_mend(self._catalog, self.load_no, mend, account)
        self._opened.finish()
        return published

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """See `ports.Load`."""
        self._opened.rows.commit()
        kept = Held(delivery, account, gone).text()
        database = self._catalog.database
        with database.write_lock, database.transaction("holding a delivery") as cursor:
            refuse_known(self._catalog, cursor, delivery)
            cursor.execute(f"UPDATE {database.table('_open')} SET held = ? WHERE load_no = ?", [kept, self.load_no])
        self._opened.finish()

    def abandon(self) -> None:
        """See `ports.Load`."""
        self._opened.abandon()
