"""The tiny transactions by which a load of the PostgreSQL store begins to count.

The load's row in `_open` is what there is one of: a publication takes it away, and so does whoever removes the load.
The second of two that want it waits for the first, and then finds it gone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.commits import draw_commit
from trivium.adapters.stores.postgres.database import Connection
from trivium.adapters.stores.postgres.quarantine import require_open
from trivium.adapters.stores.postgres.taking import tell_commit, write_answer
from trivium.engine.held import held_of
from trivium.engine.readings import Reading, highest, number, refuse_taken, why_taken
from trivium.engine.rows import load_row, reading_row, stored
from trivium.errors import AlreadyTaken, StoreError
from trivium.ports import Account, Answer, Delivery, Mend, Published


def known(catalog: Catalog, connection: Connection, delivery: Delivery) -> tuple[str | None, bool]:
    """Why the content of `delivery` needs no reading again, and whether something else came between."""
    held = connection.execute(
        f"SELECT held FROM {catalog.database.table('_open')} WHERE held IS NOT NULL AND source = %s", [delivery.source]
    ).fetchall()
    waiting = [held_of(row[0]).delivery for row in held]
    return why_taken(delivery, waiting, readings(catalog, connection, delivery.source, delivery.name))


def count_again(catalog: Catalog, connection: Connection, delivery: Delivery) -> None:
    """Counts one more arrival of known bytes, in the caller's transaction."""
    connection.execute(
        f"INSERT INTO {catalog.database.table('_again')} AS a VALUES (%s, %s, %s, 1, %s) "
        "ON CONFLICT (source, delivery, digest) DO UPDATE SET times = a.times + 1, "
        "last_at = greatest(a.last_at, excluded.last_at)",
        [delivery.source, delivery.name, delivery.digest, stored(delivery.arrived_at)],
    )


def refuse_known(catalog: Catalog, connection: Connection, delivery: Delivery) -> None:
    """Raises AlreadyTaken for a first reading of what is known. From here to the end of the transaction nobody else
    publishes or holds a reading of this delivery."""
    one_at_a_time(connection, catalog.database.schema, delivery.source, delivery.name)
    refuse_taken(delivery, known(catalog, connection, delivery)[0])


def one_at_a_time(connection: Connection, schema: str, source: str, *deliveries: str) -> None:
    """Readings of one delivery are numbered one after the other; those of different ones do not meet. Of several the
    locks are taken in one order, or two bundles could wait for each other."""
    locks = [json.dumps([schema, source, delivery]) for delivery in sorted(deliveries)]
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS t(name)", [locks]
    )


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
    with catalog.database.transaction("publishing a load") as connection:
        if released:
            one_at_a_time(connection, catalog.database.schema, delivery.source, delivery.name)
        else:
            refuse_known(catalog, connection, delivery)
        before = readings(catalog, connection, delivery.source, delivery.name)
        numbered = number(delivery, before)
        _close(catalog, connection, load_no)
        if answer is not None:  # it may have to wait for another that has the key
            write_answer(catalog, connection, delivery.source, answer)
        commit = draw_commit(catalog.database, connection)
        insert(catalog, connection, "_reading", reading_row(
            load_no, delivery, revision=numbered.revision, attempt=numbered.attempt, says=load_no, commit=commit,
            kind=numbered.kind,
        ))  # fmt: skip
        insert(catalog, connection, "_load", load_row(load_no, load_no, commit, account))
        if before:
            insert(catalog, connection, "_contested", [delivery.source, delivery.name])
        if answer is not None:
            tell_commit(catalog, connection, delivery.source, answer, commit)
        for kind, detail in numbered.findings:
            connection.execute(
                f"INSERT INTO {catalog.database.table('_finding')} VALUES (%s, %s, %s, %s, %s)",
                [commit, kind, delivery.source, delivery.name, detail],
            )
    told = tuple(detail for _, detail in numbered.findings)
    return Published(commit, load_no, numbered.revision, numbered.attempt, numbered.counts, told)


def unheard(catalog: Catalog, connection: Connection, source: str, deliveries: Sequence[str]) -> set[str]:
    """Those of the deliveries of which nothing was ever said, also not by one that is held."""
    t = catalog.database.table
    said = connection.execute(
        f"SELECT DISTINCT delivery FROM {t('_reading')} WHERE source = %s AND delivery = ANY(%s)",
        [source, list(deliveries)],
    ).fetchall()
    held = connection.execute(
        f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL AND source = %s", [source]
    ).fetchall()
    return set(deliveries) - {row[0] for row in said} - {held_of(row[0]).delivery.name for row in held}


def publish_unheard(
    catalog: Catalog, load_nos: Sequence[int], deliveries: Sequence[tuple[Delivery, Account]]
) -> list[Published]:
    """Publishes loads of different deliveries of one source, of which nothing was said before, in one commit; their
    rows are durable already."""
    t, schema, source = catalog.database.table, catalog.database.schema, deliveries[0][0].source
    names = [delivery.name for delivery, _ in deliveries]
    numbered = [number(delivery, []) for delivery, _ in deliveries]
    with catalog.database.transaction("publishing loads") as connection, connection.cursor() as cursor:
        one_at_a_time(connection, schema, source, *names)
        if len(unheard(catalog, connection, source, names)) < len(names):
            raise AlreadyTaken(f"something was said of a delivery of {source} meanwhile", hint="load them one by one")
        closed = connection.execute(f"DELETE FROM {t('_open')} WHERE load_no = ANY(%s)", [list(load_nos)])
        if closed.rowcount < len(names):
            raise StoreError("a load was removed before it was published", hint="send its file again")
        commit = draw_commit(catalog.database, connection)
        loads, readings = [], []
        for load_no, (delivery, account), one in zip(load_nos, deliveries, numbered, strict=True):
            loads.append(load_row(load_no, load_no, commit, account))
            readings.append(
                reading_row(
                    load_no, delivery, revision=one.revision, attempt=one.attempt, says=load_no, commit=commit,
                    kind=one.kind,
                )
            )  # fmt: skip
        for table, rows in (("_reading", readings), ("_load", loads)):
            cursor.executemany(f"INSERT INTO {t(table)} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
    return [
        Published(commit, load_no, one.revision, one.attempt, True)
        for load_no, one in zip(load_nos, numbered, strict=True)
    ]


def publish_mend(catalog: Catalog, load_no: int, mend: Mend, account: Account) -> Published:
    """Publishes mended records whose rows are durable already, and resolves their old entries."""
    t = catalog.database.table
    with catalog.database.transaction("publishing mended records") as connection:
        row = connection.execute(
            f"SELECT l.reading_no, r.revision, r.attempt, r.source, r.delivery FROM {t('_load')} AS l "
            f"JOIN {t('_reading')} AS r USING (reading_no) WHERE l.load_no = %s",
            [mend.load_no],
        ).fetchone()
        if row is None:
            raise StoreError(f"load {mend.load_no} is not published", hint="release its delivery first")
        require_open(catalog.database, connection, mend.load_no, mend.places)
        top = highest(readings(catalog, connection, row[3], row[4]))
        _close(catalog, connection, load_no)
        commit = draw_commit(catalog.database, connection)
        insert(catalog, connection, "_load", load_row(load_no, int(row[0]), commit, account))
        for row_of_place in mend.resolutions(commit, load_no):
            connection.execute(f"INSERT INTO {t('_resolution')} VALUES (%s, %s, %s, %s, %s, %s, %s)", row_of_place)
    return Published(commit, load_no, int(row[1]), int(row[2]), top is not None and top.says == row[0])


def readings(catalog: Catalog, connection: Connection, source: str, delivery: str) -> Sequence[Reading]:
    """The readings of a delivery, oldest first."""
    rows = connection.execute(
        f"SELECT reading_no, revision, digest, attempt, says, commit_no, kind "
        f"FROM {catalog.database.table('_reading')} WHERE source = %s AND delivery = %s ORDER BY reading_no",
        [source, delivery],
    ).fetchall()
    return [Reading(*row) for row in rows]


def insert(catalog: Catalog, connection: Connection, table: str, row: Sequence[Any]) -> None:
    """Writes a row of one of the tables of `engine.rows`, in the caller's transaction."""
    values = ", ".join(["%s"] * len(row))
    connection.execute(f"INSERT INTO {catalog.database.table(table)} VALUES ({values})", row)


def still_open(load_no: int, found: int) -> None:
    """Raises StoreError where a load's row in `_open` was not found."""
    if found == 0:
        raise StoreError(f"load {load_no} was removed before it was published", hint="send it again")


def _close(catalog: Catalog, connection: Connection, load_no: int) -> None:
    """Takes the load's row in `_open`. It may have to wait, so do it before a commit number is drawn."""
    taken = connection.execute(f"DELETE FROM {catalog.database.table('_open')} WHERE load_no = %s", [load_no])
    still_open(load_no, taken.rowcount)
