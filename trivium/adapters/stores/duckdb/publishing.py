"""The tiny transactions by which a load of the DuckDB store begins to count.

The load's row in `_open` is what there is one of: a publication takes it away, and so does whoever removes the load.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.quarantine import require_open
from trivium.adapters.stores.duckdb.taking import write_answer
from trivium.engine.held import held_of
from trivium.engine.readings import Reading, highest, number, refuse_taken, why_taken
from trivium.engine.rows import load_row, reading_row, stored
from trivium.engine.tables import control, rows_table
from trivium.errors import AlreadyTaken, StoreError
from trivium.ports import Account, Answer, Delivery, Mend, Published


def known(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, delivery: Delivery) -> tuple[str | None, bool]:
    """Why the content of `delivery` needs no reading again, and whether something else came between."""
    held = cursor.execute(
        f"SELECT held FROM {catalog.database.table('_open')} WHERE held IS NOT NULL AND source = ?", [delivery.source]
    ).fetchall()
    waiting = [held_of(row[0]).delivery for row in held]
    return why_taken(delivery, waiting, readings(catalog, cursor, delivery.source, delivery.name))


def count_again(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Counts one more arrival of known bytes, in the caller's transaction. The caller holds the write lock."""
    table, at = catalog.database.table("_again"), stored(delivery.arrived_at)
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
    catalog: Catalog,
    load_no: int,
    delivery: Delivery,
    account: Account,
    answer: Answer | None = None,
    *,
    released: bool = False,
) -> Published:
    """Publishes rows that are durable already. `released`: held until now, so somebody decided on it."""
    with catalog.commit("publishing a load") as (cursor, commit):
        if not released:
            refuse_known(catalog, cursor, delivery)
        before = readings(catalog, cursor, delivery.source, delivery.name)
        numbered = number(delivery, before)
        _close(catalog, cursor, load_no)
        insert(catalog, cursor, "_load", load_row(load_no, load_no, commit, account))
        insert(catalog, cursor, "_reading", reading_row(
            load_no, delivery, revision=numbered.revision, attempt=numbered.attempt, says=load_no, commit=commit,
            kind=numbered.kind,
        ))  # fmt: skip
        if before:
            insert(catalog, cursor, "_contested", [delivery.source, delivery.name])
        if answer is not None:
            write_answer(catalog, cursor, delivery.source, answer, commit)
        for kind, detail in numbered.findings:
            cursor.execute(
                f"INSERT INTO {catalog.database.table('_finding')} VALUES (?, ?, ?, ?, ?)",
                [commit, kind, delivery.source, delivery.name, detail],
            )
    told = tuple(detail for _, detail in numbered.findings)
    return Published(commit, load_no, numbered.revision, numbered.attempt, numbered.counts, told)


def unheard(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, source: str, deliveries: Sequence[str]) -> set[str]:
    """Those of the deliveries of which nothing was ever said, also not by one that is held."""
    t = catalog.database.table
    cursor.register("_asked", pa.table({"delivery": pa.array(deliveries, pa.string())}))  # a list is bound slowly
    said = cursor.execute(
        f"SELECT DISTINCT delivery FROM {t('_reading')} WHERE source = ? AND delivery IN (SELECT delivery FROM _asked)",
        [source],
    ).fetchall()
    cursor.unregister("_asked")
    held = cursor.execute(f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL AND source = ?", [source]).fetchall()
    return set(deliveries) - {row[0] for row in said} - {held_of(row[0]).delivery.name for row in held}


def publish_unheard(
    catalog: Catalog, load_nos: Sequence[int], deliveries: Sequence[tuple[Delivery, Account]]
) -> list[Published]:
    """Publishes loads of different deliveries of one source, of which nothing was said before, in one commit; their
    rows are durable already."""
    t, source = catalog.database.table, deliveries[0][0].source
    names = [delivery.name for delivery, _ in deliveries]
    numbered = [number(delivery, []) for delivery, _ in deliveries]
    with catalog.commit("publishing loads") as (cursor, commit):
        if len(unheard(catalog, cursor, source, names)) < len(names):
            raise AlreadyTaken(f"something was said of a delivery of {source} meanwhile", hint="load them one by one")
        closed = cursor.execute(
            f"DELETE FROM {t('_open')} WHERE load_no IN ({', '.join(map(str, load_nos))})"
        ).fetchone()
        if closed != (len(names),):
            raise StoreError("a load was removed before it was published", hint="send its file again")
        loads, readings = [], []
        for load_no, (delivery, account), one in zip(load_nos, deliveries, numbered, strict=True):
            loads.append(load_row(load_no, load_no, commit, account))
            readings.append(
                reading_row(
                    load_no, delivery, revision=one.revision, attempt=one.attempt, says=load_no, commit=commit,
                    kind=one.kind,
                )
            )  # fmt: skip
        cursor.from_arrow(rows_table(control("_load"), loads)).insert_into(t("_load"))
        cursor.from_arrow(rows_table(control("_reading"), readings)).insert_into(t("_reading"))
    return [
        Published(commit, load_no, one.revision, one.attempt, True)
        for load_no, one in zip(load_nos, numbered, strict=True)
    ]


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
        _close(catalog, cursor, load_no)
        insert(catalog, cursor, "_load", load_row(load_no, int(row[0]), commit, account))
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


def insert(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, table: str, row: Sequence[Any]) -> None:
    """Writes a row of one of the tables of `engine.rows`, in the caller's transaction."""
    cursor.execute(f"INSERT INTO {catalog.database.table(table)} VALUES ({', '.join('?' * len(row))})", list(row))


def _close(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, load_no: int) -> None:
    """Takes the load's row in `_open`."""
    taken = cursor.execute(f"DELETE FROM {catalog.database.table('_open')} WHERE load_no = ?", [load_no]).fetchone()
    if taken == (0,):
        raise StoreError(f"load {load_no} was removed before it was published", hint="send it again")
