"""A load on its way into PostgreSQL, and the tiny transaction that publishes it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.commits import draw_commit
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.database import Connection
from trivium.adapters.stores.postgres.quarantine import require_open
from trivium.adapters.stores.postgres.reader import current_sql, last_commit, prepare_tail
from trivium.engine.delivery import encode
from trivium.engine.law.statements import Trial, quote
from trivium.engine.readings import Reading, highest, number, why_known
from trivium.engine.tables import CONTROL, Table, TableColumn, arrow_schema, assertion, history, mention
from trivium.errors import StoreError
from trivium.ports import Account, Delivery, Gone, Mend, Preview, Published, Verdict

_QUARANTINE = next(table for table in CONTROL if table.name == "_quarantine")


class PostgresHistory:
    """What was said. Instances load side by side; each load publishes in a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def known(self, delivery: Delivery) -> str | None:
        """See `ports.History`."""
        t = self._catalog.database.table
        with self._catalog.database.transaction("looking for a delivery") as connection:
            held = connection.execute(
                f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL AND source = %s", [delivery.source]
            )
            for (kept_text,) in held.fetchall():
                kept = json.loads(kept_text)["delivery"]
                same = (kept["name"], kept["digest"]) == (delivery.name, delivery.digest)
                if same and delivery.revision in (None, kept["revision"]):
                    return "held: `trivium deliveries APP release` publishes it"
            found = readings(self._catalog, connection, delivery.source, delivery.name)
            why = why_known(delivery, found)
            if why is None:
                return None
            if why[1]:
                connection.execute(
                    f"INSERT INTO {t('_finding')} VALUES (%s, 'repeated', %s, %s, %s)",
                    [max(r.commit_no for r in found), delivery.source, delivery.name,
                     f"the same bytes came again: {why[0]}"],
                )  # fmt: skip
            return why[0]

    def open(self, source: str) -> PostgresLoad:
        """See `ports.History`."""
        return PostgresLoad(self._catalog, source)


class PostgresLoad:
    """See `ports.Load`."""

    def __init__(self, catalog: Catalog, source: str) -> None:
        self._catalog = catalog
        self._source_no = catalog.source_no(source)
        self._done = False
        self._life = catalog.database.connect()
        with catalog.database.transaction("opening a load") as connection:
            self.load_no = catalog.next_load(connection)
            catalog.hold_alive(self._life, self.load_no)
            connection.execute(
                f"INSERT INTO {catalog.database.table('_open')} VALUES (%s, %s, %s, NULL)",
                [self.load_no, source, dt.datetime.now(dt.UTC).replace(tzinfo=None)],
            )
        self._pipe: Pipe | None = catalog.database.pipe()

    def append(self, verdict: Verdict) -> None:
        """See `ports.Load`."""
        for shape in self._catalog.domain.shapes:
            for table, rows in (
                (history(shape), verdict.statements.get(shape.name)),
                (assertion(shape), verdict.assertions.get(shape.name)),
                (mention(shape), verdict.mentions.get(shape.name)),
            ):
                if rows is not None and rows.num_rows:
                    self._insert(table, rows, {"_source": self._source_no, "_load": self.load_no})
        if verdict.rejected is not None and verdict.rejected.num_rows:
            self._insert(_QUARANTINE, verdict.rejected, {"load_no": self.load_no})

    def gone(self) -> Gone:
        """See `ports.Load`."""
        total = Gone(0, 0)
        pipe = self._open_pipe()
        for shape in self._catalog.domain.shapes:
            law = self._catalog.law(shape.name)
            if not law.assertions:
                continue
            commit = last_commit(self._catalog, pipe)
            tail = prepare_tail(self._catalog, pipe, law, commit)
            current = current_sql(self._catalog, law, tail, commit)
            gone, alive = pipe.row(law.gone(load_no=self.load_no, current=current))
            total = Gone(total.gone + int(gone), total.alive + int(alive))
        return total

    def preview(self, delivery: Delivery) -> list[Preview]:
        """See `ports.Load`."""
        pipe, catalog, found = self._open_pipe(), self._catalog, []
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
            name = f"_trial_{shape.name}"
            keys = law.touched_by([self.load_no, *(row[0] for row in loads)])
            pipe.execute(f"DROP TABLE IF EXISTS pg_temp.{quote(name)}")
            pipe.execute(f"CREATE TEMP TABLE {quote(name)} ON COMMIT DROP AS {keys}")
            only = f"pg_temp.{quote(name)}"
            appear, end, change, both = pipe.row(
                law.preview(
                    before=law.fold(commit=commit, only=only), after=law.fold(commit=commit, only=only, trial=trial)
                )
            )
            found.append(Preview(shape.name, appear, end, change, both - change))
        return found

    def publish(self, delivery: Delivery, account: Account) -> Published:
        """See `ports.Load`."""
        self._commit_rows()
        published = publish_load(self._catalog, self.load_no, delivery, account)
        self._finish()
        return published

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        """See `ports.Load`."""
        self._commit_rows()
        catalog, t = self._catalog, self._catalog.database.table
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
            commit = draw_commit(catalog.database, connection)
            _insert_load(catalog, connection, self.load_no, int(row[0]), commit, account)
            for place in mend.places:
                connection.execute(
                    f"INSERT INTO {t('_resolution')} VALUES (%s, %s, %s, %s, %s, %s)",
                    [mend.load_no, place, mend.outcome, commit, self.load_no, mend.by],
                )
        self._finish()
        return Published(commit, self.load_no, int(row[1]), int(row[2]), top is not None and top.says == row[0])

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """See `ports.Load`."""
        self._commit_rows()
        kept = {"delivery": encode(delivery), "account": dataclasses.asdict(account), "gone": dataclasses.asdict(gone)}
        with self._catalog.database.transaction("holding a delivery") as connection:
            connection.execute(
                f"UPDATE {self._catalog.database.table('_open')} SET held = %s WHERE load_no = %s",
                [json.dumps(kept), self.load_no],
            )
        self._finish()

    def abandon(self) -> None:
        """See `ports.Load`."""
        if self._done:
            return
        if self._pipe is not None:
            with suppress(StoreError):  # a broken connection has rolled back by itself
                self._pipe.close()
            self._pipe = None
        try:
            with self._catalog.database.transaction("abandoning a load") as connection:
                self._catalog.remove_load(connection, self.load_no)
        finally:
            self._finish()

    def _finish(self) -> None:
        self._done = True
        self._life.close()

    def _open_pipe(self) -> Pipe:
        assert self._pipe is not None, "a published load takes no more rows"
        return self._pipe

    def _commit_rows(self) -> None:
        """Makes the rows durable; they stay invisible, for no commit names their load yet."""
        pipe = self._open_pipe()
        pipe.commit()
        pipe.close()
        self._pipe = None

    def _insert(self, table: Table, rows: pa.Table, constants: dict[str, int]) -> None:
        defaults = self._catalog.defaults(table.name)
        fields = [
            field
            for field, column in zip(arrow_schema(table), table.columns, strict=True)
            if field.name in constants
            or (field.name in rows.column_names and not (field.name in defaults and _usual(rows, column)))
        ]
        # What is no longer declared is not stated, whatever its default says.
        undeclared = defaults.difference(column.name for column in table.columns)
        constants = constants | dict.fromkeys(undeclared, False)
        fields += [pa.field(name, pa.bool_()) for name in sorted(undeclared)]
        columns = [
            pa.chunked_array([pa.repeat(pa.scalar(constants[field.name], field.type), rows.num_rows)])
            if field.name in constants
            else rows[field.name].cast(field.type)
            for field in fields
        ]
        self._open_pipe().append(self._catalog.database.schema, table.name, pa.table(columns, schema=pa.schema(fields)))


def _usual(rows: pa.Table, column: TableColumn) -> bool:
    """Whether a column has nothing but its usual value, which the table's default fills in: a fifth of COPY's time."""
    if column.usual is None:
        return False
    values = rows[column.name]
    return values.null_count == 0 and pc.all(pc.equal(values, pa.scalar(column.usual, values.type))).as_py()


def readings(catalog: Catalog, connection: Connection, source: str, delivery: str) -> Sequence[Reading]:
    """The readings of a delivery, oldest first."""
    rows = connection.execute(
        f"SELECT reading_no, revision, digest, attempt, says, commit_no, kind "
        f"FROM {catalog.database.table('_reading')} WHERE source = %s AND delivery = %s ORDER BY reading_no",
        [source, delivery],
    ).fetchall()
    return [Reading(*row) for row in rows]


def one_at_a_time(connection: Connection, schema: str, source: str, delivery: str) -> None:
    """Readings of one delivery are numbered one after the other; those of different ones do not meet."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [json.dumps([schema, source, delivery])]
    )


def publish_load(catalog: Catalog, load_no: int, delivery: Delivery, account: Account) -> Published:
    """Publishes rows that are durable already."""
    with catalog.database.transaction("publishing a load") as connection:
        one_at_a_time(connection, catalog.database.schema, delivery.source, delivery.name)
        numbered = number(delivery, readings(catalog, connection, delivery.source, delivery.name))
        kind = delivery.kind if delivery.kind != "first" or numbered.revision <= 1 else "revision"
        commit = draw_commit(catalog.database, connection)
        insert_reading(
            catalog, connection, load_no, delivery, numbered.revision, numbered.attempt, load_no, commit, kind
        )
        _insert_load(catalog, connection, load_no, load_no, commit, account)
        for finding in numbered.findings:
            connection.execute(
                f"INSERT INTO {catalog.database.table('_finding')} VALUES (%s, 'revision', %s, %s, %s)",
                [commit, delivery.source, delivery.name, finding],
            )
    return Published(commit, load_no, numbered.revision, numbered.attempt, numbered.counts, numbered.findings)


def insert_reading(
    catalog: Catalog,
    connection: Connection,
    reading_no: int,
    delivery: Delivery,
    revision: int,
    attempt: int,
    says: int | None,
    commit: int,
    kind: str,
) -> None:
    """Writes a reading, in the caller's transaction."""
    values: list[Any] = [
        reading_no, delivery.source, delivery.name, revision, delivery.digest, attempt, says, commit, kind,
        delivery.file, delivery.size, delivery.archived,
        delivery.arrived_at.astimezone(dt.UTC).replace(tzinfo=None), delivery.by,
    ]  # fmt: skip
    connection.execute(
        f"INSERT INTO {catalog.database.table('_reading')} VALUES ({', '.join(['%s'] * len(values))})", values
    )


def _insert_load(
    catalog: Catalog, connection: Connection, load_no: int, reading_no: int, commit: int, account: Account
) -> None:
    connection.execute(
        f"INSERT INTO {catalog.database.table('_load')} VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [load_no, reading_no, commit, account.received, account.accepted, account.rejected, account.ignored],
    )
    connection.execute(f"DELETE FROM {catalog.database.table('_open')} WHERE load_no = %s", [load_no])
