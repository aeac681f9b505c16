"""Arrow in and out of PostgreSQL by ADBC: binary COPY one way, Arrow batches the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import adbc_driver_manager
import pyarrow as pa

from trivium.engine.embedded import importing
from trivium.engine.masking import masked
from trivium.errors import StoreError

with importing():  # it takes Arrow for missing where a part of it is
    import adbc_driver_postgresql.dbapi as adbc


@contextmanager
def translated(what: str, *, hint: str | None = None) -> Iterator[None]:
    """Errors of this driver as errors of the store."""
    try:
        yield
    except adbc_driver_manager.Error as error:
        raise StoreError(
            f"{what}: {masked(str(error)).strip()}", hint=hint or "nothing was kept; mend the cause and call again"
        ) from error


class Pipe:
    """A connection for Arrow data, inside one transaction from the first statement to `commit` or `close`."""

    def __init__(self, url: str) -> None:
        with translated("opening the store"):
            self._connection = adbc.connect(url)
        try:
            self.execute("SET TimeZone = 'UTC'")
            self.commit()
        except BaseException:
            with suppress(StoreError):  # the first failure is the one to tell
                self.close()
            raise

    def snapshot(self) -> None:
        """Every statement up to `commit` or `close` sees the same state. Call it first."""
        with translated("reading"):
            self._connection.rollback()
        self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def append(self, schema: str, table: str, rows: pa.Table) -> None:
        """Appends rows to an existing table, columns by name."""
        with translated(f"writing {table}"), self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema)

    def execute(self, sql: str) -> None:
        """Runs one statement."""
        with translated("running a statement"), self._connection.cursor() as cursor:
            cursor.execute(sql)

    def batches(self, sql: str, schema: pa.Schema | None = None) -> Iterator[pa.RecordBatch]:
        """The result of one query, as it comes; made to fit `schema` where one is given."""
        with translated("reading"), self._connection.cursor() as cursor:
            cursor.execute(sql)
            for batch in cursor.fetch_record_batch():
                yield batch if schema is None else conform(batch, schema)

    def row(self, sql: str) -> tuple[Any, ...]:
        """The only row of a query."""
        (found,) = self.rows(sql)
        return found

    def rows(self, sql: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement that gives few, its parameters `$1`, `$2` … bound."""
        with translated("running a statement"), self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(values) or None)
            return [tuple(row) for row in cursor.fetchall()]

    def commit(self, *, hint: str | None = None) -> None:
        """Makes durable what was done."""
        with translated("committing", hint=hint):
            self._connection.commit()

    def lives(self) -> bool:
        """Whether the server still answers here: it may have been started anew."""
        try:
            return self.row("SELECT 1") == (1,)
        except StoreError:
            return False

    def roll_back(self) -> None:
        """Ends the transaction: what was not committed is gone, and its snapshot is let go."""
        with translated("rolling back"):
            self._connection.rollback()

    def close(self) -> None:
        """Lets go; what was not committed is gone."""
        with translated("closing"):
            try:
                self._connection.rollback()
            finally:
                self._connection.close()


def conform(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch in the types of `schema`, by name: the driver hands NUMERIC over as text of its own kind."""
    columns = []
    for field in schema:
        column: Any = batch.column(field.name)
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.storage
        columns.append(column if column.type == field.type else column.cast(field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)
