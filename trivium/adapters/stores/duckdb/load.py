"""A load on its way into the DuckDB store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog, remove_load
from trivium.adapters.stores.duckdb.database import translated
from trivium.adapters.stores.duckdb.publishing import (
    count_again,
    known,
    publish_load,
    publish_mend,
    readings,
    refuse_known,
)
from trivium.adapters.stores.duckdb.reader import current_sql, last_commit, prepare_tail
from trivium.engine.held import Held
from trivium.engine.law.statements import Trial, quote
from trivium.engine.tables import CONTROL, Table, assertion, history, mention
from trivium.errors import StoreError
from trivium.ports import Account, Delivery, Gone, Mend, Preview, Published, Verdict

_QUARANTINE = next(table for table in CONTROL if table.name == "_quarantine")

# DuckDB's threads each fill a row group of 122,880 rows of their own; smaller pieces they write twice, the second time
# one thread alone, and hold in memory until the end. 1M sales lines in pieces of 100,000 and of 400,000: 2.2 and 1.3 s.
_PIECE_ROWS = 400_000
_PIECE_BYTES = 128 << 20


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
        load = DuckDBLoad(self._catalog, source, self._catalog.next_load())
        try:
            with self._catalog.database.transaction("opening a load") as cursor:
                cursor.execute(
                    f"INSERT INTO {self._catalog.database.table('_open')} VALUES (?, ?, ?, NULL)",
                    [load.load_no, source, dt.datetime.now(dt.UTC).replace(tzinfo=None)],
                )
        except BaseException:
            with suppress(StoreError):  # what cannot be removed now is swept at the next start
                load.abandon()
            raise
        return load


class DuckDBLoad:
    """See `ports.Load`."""

    def __init__(self, catalog: Catalog, source: str, load_no: int) -> None:
        self.load_no = load_no
        self._catalog = catalog
        self._source = source
        self._source_no = catalog.source_no(source)
        self._waiting = _Waiting()
        self._done = False
        with translated("opening a load"):
            self._cursor: duckdb.DuckDBPyConnection | None = catalog.database.cursor()
            self._cursor.execute("BEGIN")

    def append(self, verdict: Verdict) -> None:
        """See `ports.Load`."""
        assert self._cursor is not None, "a published load takes no more rows"
        for shape in self._catalog.domain.shapes:
            for table, rows in (
                (history(shape), verdict.statements.get(shape.name)),
                (assertion(shape), verdict.assertions.get(shape.name)),
                (mention(shape), verdict.mentions.get(shape.name)),
            ):
                self._waiting.add(table, rows)
        self._waiting.add(_QUARANTINE, verdict.rejected)
        if self._waiting.rows >= _PIECE_ROWS or self._waiting.bytes >= _PIECE_BYTES:
            self._write()

    def gone(self) -> Gone:
        """See `ports.Load`."""
        total = Gone(0, 0)
        self._write()
        assert self._cursor is not None
        with translated("counting what a delivery would end"):
            for shape in self._catalog.domain.shapes:
                law = self._catalog.law(shape.name)
                if not law.assertions:
                    continue
                commit = self._catalog.commit_no
                tail = prepare_tail(self._catalog, self._cursor, law, commit)
                row = self._cursor.execute(
                    law.gone(load_no=self.load_no, current=current_sql(self._catalog, law, tail, commit))
                ).fetchone()
                assert row is not None
                total = Gone(total.gone + int(row[0]), total.alive + int(row[1]))
        return total

    def preview(self, delivery: Delivery) -> list[Preview]:
        """See `ports.Load`."""
        self._write()
        assert self._cursor is not None
        catalog, found = self._catalog, []
        trial = Trial(self.load_no, delivery.source, delivery.name)
        with translated("trying a load"):
            commit = last_commit(catalog, self._cursor)
            loads = self._cursor.execute(
                f"SELECT l.load_no FROM {catalog.database.table('_load')} AS l "
                f"JOIN {catalog.database.table('_reading')} AS r USING (reading_no) "
                "WHERE r.source = ? AND r.delivery = ?",
                [delivery.source, delivery.name],
            ).fetchall()
            for shape in catalog.domain.shapes:
                law = catalog.law(shape.name)
                keys = law.touched_by([self.load_no, *(row[0] for row in loads)])
                self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE _trial AS {keys}")
                row = self._cursor.execute(
                    law.preview(
                        before=law.fold(commit=commit, only="temp._trial"),
                        after=law.fold(commit=commit, only="temp._trial", trial=trial),
                    )
                ).fetchone()
                assert row is not None
                appear, end, change, both = row
                found.append(Preview(shape.name, appear, end, change, both - change))
        return found

    def publish(self, delivery: Delivery, account: Account) -> Published:
        """See `ports.Load`."""
        self._commit_rows()
        published = publish_load(self._catalog, self.load_no, delivery, account)
        self._done = True
        return published

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        """See `ports.Load`."""
        self._commit_rows()
        published = publish_mend(self._catalog, self.load_no, mend, account)
        self._done = True
        return published

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """See `ports.Load`."""
        self._commit_rows()
        kept = Held(delivery, account, gone).text()
        database = self._catalog.database
        with database.write_lock, database.transaction("holding a delivery") as cursor:
            refuse_known(self._catalog, cursor, delivery)
            cursor.execute(f"UPDATE {database.table('_open')} SET held = ? WHERE load_no = ?", [kept, self.load_no])
        self._done = True

    def abandon(self) -> None:
        """See `ports.Load`."""
        if self._done:
            return
        if self._cursor is not None:
            with suppress(duckdb.Error):  # a transaction that failed is rolled back already
                self._cursor.execute("ROLLBACK")
            self._cursor.close()
            self._cursor = None
        with self._catalog.database.transaction("abandoning a load") as cursor:
            remove_load(self._catalog.database, self._catalog.domain, cursor, self.load_no)
        self._done = True

    def _commit_rows(self) -> None:
        """Makes the rows durable; they stay invisible, for no commit names their load yet."""
        self._write()
        assert self._cursor is not None, "a load is published once"
        with translated("writing a load"):
            self._cursor.execute("COMMIT")
            self._cursor.close()
        self._cursor = None

    def _write(self) -> None:
        constants = {"_source": self._source_no, "_load": self.load_no, "load_no": self.load_no}
        with translated("writing a load"):
            for table, rows in self._waiting.taken():
                self._insert(table, rows, constants)

    def _insert(self, table: Table, rows: pa.Table, constants: dict[str, int]) -> None:
        assert self._cursor is not None, "a load is published once"
        values = [
            f"{constants[name]}" if name in constants else quote(name) if name in rows.column_names else "NULL"
            for name in self._catalog.columns(table.name)
        ]
        # Not `register`: a view that is dropped again lives on in its transaction, and with it all rows of the load.
        self._cursor.from_arrow(rows).project(", ".join(values)).insert_into(self._catalog.database.table(table.name))


class _Waiting:
    """Rows that were appended and are not written yet, by table."""

    def __init__(self) -> None:
        self._parts: dict[Table, list[pa.Table]] = {}
        self.rows = self.bytes = 0

    def add(self, table: Table, rows: pa.Table | None) -> None:
        if rows is not None and rows.num_rows:
            self._parts.setdefault(table, []).append(rows)
            self.rows += rows.num_rows
            self.bytes += rows.nbytes

    def taken(self) -> Iterator[tuple[Table, pa.Table]]:
        parts, self._parts, self.rows, self.bytes = self._parts, {}, 0, 0
        while parts:
            table, tables = parts.popitem()
            yield table, pa.concat_tables(tables)
