"""A load on its way into PostgreSQL."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack, closing, suppress

import pyarrow as pa
import pyarrow.compute as pc

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.current import current_sql, last_commit, prepare_tail
from trivium.adapters.stores.postgres.database import translated
from trivium.adapters.stores.postgres.publishing import (
    count_again,
    known,
    publish_load,
    publish_mend,
    readings,
    refuse_known,
    still_open,
)
from trivium.engine.held import Held
from trivium.engine.law.statements import Trial, quote
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


class PostgresLoad:
    """See `ports.Load`."""

    def __init__(self, catalog: Catalog, source: str) -> None:
        self._catalog = catalog
        self._source_no = catalog.source_no(source)
        self._done = False
        self._pipe: Pipe | None = catalog.database.pipe()
        with ExitStack() as opened, translated("opening a load"):
            opened.callback(self._close_pipe)
            self._life = opened.enter_context(closing(catalog.database.connect()))
            self.load_no = catalog.next_load(self._life)
            catalog.hold_alive(self._life, self.load_no)
            opened.callback(self._remove_quietly)
            with catalog.database.transaction("opening a load") as connection:
                connection.execute(
                    f"INSERT INTO {catalog.database.table('_open')} VALUES (%s, %s, %s, NULL)",
                    [self.load_no, source, dt.datetime.now(dt.UTC).replace(tzinfo=None)],
                )
            opened.pop_all()

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
        published = publish_mend(self._catalog, self.load_no, mend, account)
        self._finish()
        return published

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """See `ports.Load`."""
        self._commit_rows()
        kept = Held(delivery, account, gone).text()
        with self._catalog.database.transaction("holding a delivery") as connection:
            refuse_known(self._catalog, connection, delivery)
            held = connection.execute(
                f"UPDATE {self._catalog.database.table('_open')} SET held = %s WHERE load_no = %s",
                [kept, self.load_no],
            )
            still_open(self.load_no, held.rowcount)
        self._finish()

    def abandon(self) -> None:
        """See `ports.Load`."""
        if self._done:
            return
        self._close_pipe()
        try:
            self._remove()
        finally:
            self._finish()

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            with suppress(StoreError):  # a broken connection has rolled back by itself
                self._pipe.close()
            self._pipe = None

    def _remove_quietly(self) -> None:
        with suppress(StoreError):  # what cannot be removed now is swept at the next start
            self._remove()

    def _remove(self) -> None:
        with self._catalog.database.transaction("abandoning a load") as connection:
            self._catalog.remove_load(connection, self.load_no)

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
