"""A load on its way into PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trivium.adapters.stores.postgres.bundle import PostgresBundle
from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.current import LOOPS, last_commit, prepare_rows, temporary
from trivium.adapters.stores.postgres.opened import OpenedLoads
from trivium.adapters.stores.postgres.publishing import (
    count_again,
    known,
    publish_load,
    publish_mend,
    readings,
    refuse_known,
    still_open,
    unheard,
)
from trivium.adapters.stores.postgres.taking import answered, body, positions_of, take
from trivium.engine.held import Held
from trivium.engine.law.statements import Trial
from trivium.ports import Account, Answer, Answered, Delivery, Gone, Handful, Mend, Preview, Published, Verdict


class PostgresHistory:
    """What was said. Instances load side by side; each load publishes in a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def known(self, delivery: Delivery) -> str | None:
        """See `ports.History`."""
        catalog = self._catalog
        with catalog.database.transaction("looking for a delivery") as connection:
            why, between = known(catalog, connection, delivery)
            if why is not None:
                count_again(catalog, connection, delivery)
            if between:
                found = readings(catalog, connection, delivery.source, delivery.name)
                connection.execute(
                    f"INSERT INTO {catalog.database.table('_finding')} VALUES (%s, 'repeated', %s, %s, %s)",
                    [max(r.commit_no for r in found), delivery.source, delivery.name,
                     f"the same bytes came again: {why}"],
                )  # fmt: skip
        return why

    def open(self, source: str) -> PostgresLoad:
        """See `ports.History`."""
        return PostgresLoad(self._catalog, source)

    def unheard(self, source: str, deliveries: Sequence[str]) -> set[str]:
        """See `ports.History`."""
        with self._catalog.database.transaction("looking for deliveries") as connection:
            return unheard(self._catalog, connection, source, deliveries)

    def open_bundle(self, source: str, count: int) -> PostgresBundle:
        """See `ports.History`."""
        return PostgresBundle(self._catalog, source, count)

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


class PostgresLoad:
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
        return self._opened.rows.gone([self.load_no])

    def preview(self, delivery: Delivery) -> list[Preview]:
        """See `ports.Load`."""
        pipe, catalog, found = self._opened.rows.pipe, self._catalog, []
        trial = Trial(self.load_no, delivery.source, delivery.name)
        commit = last_commit(catalog, pipe)
        with catalog.database.transaction("trying a load") as connection:
            loads = connection.execute(
                f"SELECT l.load_no FROM {catalog.database.table('_load')} AS l "
                f"JOIN {catalog.database.table('_reading')} AS r USING (reading_no) "
                "WHERE r.source = %s AND r.delivery = %s",
                [delivery.source, delivery.name],
            ).fetchall()
        for shape in catalog.domain.shapes:
            law = catalog.law(shape.name)
            pipe.execute(LOOPS)
            keys = temporary(pipe, "_trial", law.touched_by([self.load_no, *(row[0] for row in loads)]))
            rows = prepare_rows(pipe, law, keys)
            appear, end, change, both = pipe.row(
                law.preview(
                    before=law.fold(commit=commit, rows=rows), after=law.fold(commit=commit, rows=rows, trial=trial)
                )
            )
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
        with self._catalog.database.transaction("holding a delivery") as connection:
            refuse_known(self._catalog, connection, delivery)
            held = connection.execute(
                f"UPDATE {self._catalog.database.table('_open')} SET held = %s WHERE load_no = %s",
                [kept, self.load_no],
            )
            still_open(self.load_no, held.rowcount)
        self._opened.finish()

    def abandon(self) -> None:
        """See `ports.Load`."""
        self._opened.abandon()
