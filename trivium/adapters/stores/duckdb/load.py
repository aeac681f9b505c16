"""A load on its way into the DuckDB store, and the tiny transaction that publishes it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog, remove_load
from trivium.adapters.stores.duckdb.database import translated
from trivium.adapters.stores.duckdb.quarantine import require_open
from trivium.adapters.stores.duckdb.reader import current_sql, last_commit, prepare_tail
from trivium.engine.delivery import encode
from trivium.engine.law.statements import Trial, quote
from trivium.engine.readings import Reading, highest, number, why_known
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
        t = self._catalog.database.table
        with (
            self._catalog.database.write_lock,
            self._catalog.database.transaction("looking for a delivery") as cursor,
        ):
            held = cursor.execute(
                f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL AND source = ?", [delivery.source]
            )
            for (text,) in held.fetchall():
                kept = json.loads(text)["delivery"]
                same = (kept["name"], kept["digest"]) == (delivery.name, delivery.digest)
                if same and delivery.revision in (None, kept["revision"]):
                    return "held: `trivium deliveries APP release` publishes it"
            why = why_known(delivery, readings(self._catalog, cursor, delivery.source, delivery.name))
            if why is None:
                return None
            if why[1]:
                cursor.execute(
                    f"INSERT INTO {t('_finding')} VALUES (?, 'repeated', ?, ?, ?)",
                    [
                        self._catalog.commit_no,
                        delivery.source,
                        delivery.name,
                        f"the same bytes came again: {why[0]}",
                    ],
                )
            return why[0]

    def open(self, source: str) -> DuckDBLoad:
        """See `ports.History`."""
        load_no = self._catalog.next_load()
        with self._catalog.database.transaction("opening a load") as cursor:
            cursor.execute(
                f"INSERT INTO {self._catalog.database.table('_open')} VALUES (?, ?, ?, NULL)",
                [load_no, source, dt.datetime.now(dt.UTC).replace(tzinfo=None)],
            )
        return DuckDBLoad(self._catalog, source, load_no)


class DuckDBLoad:
    """See `ports.Load`."""

    def __init__(self, catalog: Catalog, source: str, load_no: int) -> None:
        self.load_no = load_no
        self._catalog = catalog
        self._source = source
        self._source_no = catalog.source_no(source)
        self._cursor: duckdb.DuckDBPyConnection | None = catalog.database.cursor()
        self._cursor.execute("BEGIN")
        self._waiting = _Waiting()
        self._done = False

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
        with self._catalog.database.write_lock:
            published = publish_load(self._catalog, self.load_no, delivery, account)
        self._done = True
        return published

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        """See `ports.Load`."""
        self._commit_rows()
        catalog, t = self._catalog, self._catalog.database.table
        with catalog.database.write_lock:
            commit = catalog.commit_no + 1
            with catalog.database.transaction("publishing mended records") as cursor:
                row = cursor.execute(
                    f"SELECT l.reading_no, r.revision, r.attempt, r.source, r.delivery FROM {t('_load')} AS l "
                    f"JOIN {t('_reading')} AS r USING (reading_no) WHERE l.load_no = ?",
                    [mend.load_no],
                ).fetchone()
                if row is None:
                    raise StoreError(f"load {mend.load_no} is not published", hint="release its delivery first")
                require_open(catalog, cursor, mend.load_no, mend.places)
                top = highest(readings(catalog, cursor, row[3], row[4]))
                _insert_load(catalog, cursor, self.load_no, int(row[0]), commit, account)
                cursor.executemany(
                    f"INSERT INTO {t('_resolution')} VALUES (?, ?, ?, ?, ?, ?)",
                    [[mend.load_no, place, mend.outcome, commit, self.load_no, mend.by] for place in mend.places],
                )
            catalog.commit_no = commit
        self._done = True
        counts = top is not None and top.says == row[0]
        return Published(commit, self.load_no, int(row[1]), int(row[2]), counts)

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """See `ports.Load`."""
        self._commit_rows()
        kept = {
            "delivery": encode(delivery),
            "account": dataclasses.asdict(account),
            "gone": dataclasses.asdict(gone),
        }
        with self._catalog.database.transaction("holding a delivery") as cursor:
            cursor.execute(
                f"UPDATE {self._catalog.database.table('_open')} SET held = ? WHERE load_no = ?",
                [json.dumps(kept), self.load_no],
            )
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


def readings(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, source: str, delivery: str) -> Sequence[Reading]:
    """The readings of a delivery, oldest first."""
    rows = cursor.execute(
        f"SELECT reading_no, revision, digest, attempt, says, commit_no, kind "
        f"FROM {catalog.database.table('_reading')} WHERE source = ? AND delivery = ? ORDER BY reading_no",
        [source, delivery],
    ).fetchall()
    return [Reading(*row) for row in rows]


def publish_load(catalog: Catalog, load_no: int, delivery: Delivery, account: Account) -> Published:
    """Publishes rows that are durable already. The caller holds the write lock."""
    commit, t = catalog.commit_no + 1, catalog.database.table
    with catalog.database.transaction("publishing a load") as cursor:
        numbered = number(delivery, readings(catalog, cursor, delivery.source, delivery.name))
        kind = delivery.kind if delivery.kind != "first" or numbered.revision <= 1 else "revision"
        insert_reading(catalog, cursor, load_no, delivery, numbered.revision, numbered.attempt, load_no, commit, kind)
        _insert_load(catalog, cursor, load_no, load_no, commit, account)
        cursor.execute(f"DELETE FROM {t('_open')} WHERE load_no = ?", [load_no])
        for finding in numbered.findings:
            cursor.execute(
                f"INSERT INTO {t('_finding')} VALUES (?, 'revision', ?, ?, ?)",
                [commit, delivery.source, delivery.name, finding],
            )
    catalog.commit_no = commit
    return Published(commit, load_no, numbered.revision, numbered.attempt, numbered.counts, numbered.findings)


def insert_reading(
    catalog: Catalog,
    cursor: duckdb.DuckDBPyConnection,
    reading_no: int,
    delivery: Delivery,
    revision: int,
    attempt: int,
    says: int | None,
    commit: int,
    kind: str,
) -> None:
    """Writes a reading, in the caller's transaction."""
    cursor.execute(
        f"INSERT INTO {catalog.database.table('_reading')} VALUES ({', '.join('?' * 14)})",
        [
            reading_no, delivery.source, delivery.name, revision, delivery.digest, attempt, says, commit, kind,
            delivery.file, delivery.size, delivery.archived,
            delivery.arrived_at.astimezone(dt.UTC).replace(tzinfo=None), delivery.by,
        ],
    )  # fmt: skip


def _insert_load(
    catalog: Catalog,
    cursor: duckdb.DuckDBPyConnection,
    load_no: int,
    reading_no: int,
    commit: int,
    account: Account,
) -> None:
    cursor.execute(
        f"INSERT INTO {catalog.database.table('_load')} VALUES (?, ?, ?, ?, ?, ?, ?)",
        [load_no, reading_no, commit, account.received, account.accepted, account.rejected, account.ignored],
    )
    cursor.execute(f"DELETE FROM {catalog.database.table('_open')} WHERE load_no = ?", [load_no])
