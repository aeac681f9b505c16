"""The tiny transactions by which a load of the DuckDB store begins to count.

The load's row in `_open` is what there is one of: a publication takes it away, and so does whoever removes the load.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.quarantine import require_open
from trivium.engine.held import held_of
from trivium.engine.readings import Reading, highest, number, refuse_taken, why_taken
from trivium.errors import StoreError
from trivium.ports import Account, Delivery, Mend, Published


def known(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, delivery: Delivery) -> tuple[str | None, bool]:
    """Why the content of `delivery` needs no reading again, and whether something else came between."""
    held = cursor.execute(f"SELECT held FROM {catalog.database.table('_open')} WHERE held IS NOT NULL").fetchall()
    waiting = [held_of(row[0]).delivery for row in held]
    return why_taken(delivery, waiting, readings(catalog, cursor, delivery.source, delivery.name))


def count_again(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Counts one more arrival of known bytes, in the caller's transaction. The caller holds the write lock."""
    table, at = catalog.database.table("_again"), delivery.arrived_at.astimezone(dt.UTC).replace(tzinfo=None)
    same = [delivery.source, delivery.name, delivery.digest]
    counted = cursor.execute(
        f"UPDATE {table} SET times = times + 1, last_at = greatest(last_at, ?) "
        "WHERE source = ? AND delivery = ? AND digest = ?",
        [at, *same],
    ).fetchone()
    if counted == (0,):
        cursor.execute(f"INSERT INTO {table} VALUES (?, ?, ?, 1, ?)", [*same, at])


def refuse_known(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Raises AlreadyTaken for a first reading of what is known. The caller holds the write lock."""
    refuse_taken(delivery, known(catalog, cursor, delivery)[0])


def publish_load(
    catalog: Catalog, load_no: int, delivery: Delivery, account: Account, *, released: bool = False
) -> Published:
    """Publishes rows that are durable already. `released`: held until now, so somebody decided on it."""
    with catalog.commit("publishing a load") as (cursor, commit):
        if not released:
            refuse_known(catalog, cursor, delivery)
        numbered = number(delivery, readings(catalog, cursor, delivery.source, delivery.name))
        _insert_load(catalog, cursor, load_no, load_no, commit, account)
        insert_reading(
            catalog, cursor, load_no, delivery, numbered.revision, numbered.attempt, load_no, commit, numbered.kind
        )
        for kind, detail in numbered.findings:
            cursor.execute(
                f"INSERT INTO {catalog.database.table('_finding')} VALUES (?, ?, ?, ?, ?)",
                [commit, kind, delivery.source, delivery.name, detail],
            )
    told = tuple(detail for _, detail in numbered.findings)
    return Published(commit, load_no, numbered.revision, numbered.attempt, numbered.counts, told)


def publish_mend(catalog: Catalog, load_no: int, mend: Mend, account: Account) -> Published:
    """Publishes mended records whose rows are durable already, and resolves their old entries."""
    t = catalog.database.table
    with catalog.commit("publishing mended records") as (cursor, commit):
        row = cursor.execute(
            f"SELECT l.reading_no, r.revision, r.attempt, r.source, r.delivery FROM {t('_load')} AS l "
            f"JOIN {t('_reading')} AS r USING (reading_no) WHERE l.load_no = ?",
            [mend.load_no],
        ).fetchone()
        if row is None:
            raise StoreError(f"load {mend.load_no} is not published", hint="release its delivery first")
        require_open(catalog, cursor, mend.load_no, mend.places)
        top = highest(readings(catalog, cursor, row[3], row[4]))
        _insert_load(catalog, cursor, load_no, int(row[0]), commit, account)
        cursor.executemany(
            f"INSERT INTO {t('_resolution')} VALUES (?, ?, ?, ?, ?, ?, ?)",
            mend.resolutions(commit, load_no),
        )
    return Published(commit, load_no, int(row[1]), int(row[2]), top is not None and top.says == row[0])


def readings(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, source: str, delivery: str) -> Sequence[Reading]:
    """The readings of a delivery, oldest first."""
    rows = cursor.execute(
        f"SELECT reading_no, revision, digest, attempt, says, commit_no, kind "
        f"FROM {catalog.database.table('_reading')} WHERE source = ? AND delivery = ? ORDER BY reading_no",
        [source, delivery],
    ).fetchall()
    return [Reading(*row) for row in rows]


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
        f"INSERT INTO {catalog.database.table('_reading')} VALUES ({', '.join('?' * 15)})",
        [
            reading_no, delivery.source, delivery.name, revision, delivery.digest, attempt, says, commit, kind,
            delivery.file, delivery.size, delivery.archived,
            delivery.arrived_at.astimezone(dt.UTC).replace(tzinfo=None), delivery.by, delivery.manifest,
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
    opened = cursor.execute(f"DELETE FROM {catalog.database.table('_open')} WHERE load_no = ?", [load_no]).fetchone()
    if opened == (0,):
        raise StoreError(f"load {load_no} was removed before it was published", hint="send it again")
    cursor.execute(
        f"INSERT INTO {catalog.database.table('_load')} VALUES (?, ?, ?, ?, ?, ?, ?)",
        [load_no, reading_no, commit, account.received, account.accepted, account.rejected, account.ignored],
    )
