"""The PostgreSQL database: connections, transactions, errors in our words."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

import psycopg

from trivium.adapters.stores.postgres.copying import Pipe
from trivium.engine.law.statements import quote
from trivium.engine.masking import masked
from trivium.engine.tables import Table
from trivium.errors import StoreBusy, StoreError, StoreUnusable

Connection = psycopg.Connection[tuple[Any, ...]]

_TYPES: Final = {"text": 'text COLLATE "C"', "double": "double precision", "bytes": "bytea", "decimal": "numeric"}
_IDLE: Final = 4
"""Connections kept open between calls."""


def sql_type(neutral: str) -> str:
    """PostgreSQL's type for an engine-neutral one; texts compare by their bytes whatever the database's locale."""
    if neutral.startswith("decimal"):
        return "numeric" + neutral[7:]
    return _TYPES.get(neutral, neutral)


def create_table(schema: str, table: Table) -> list[str]:
    """The statements that create a table with its indexes."""
    name = f"{quote(schema)}.{quote(table.name)}"
    columns = [
        f"{quote(c.name)} {sql_type(c.type)}{'' if c.nullable else ' NOT NULL'}"
        f"{'' if c.usual is None else f' DEFAULT {c.usual}'}"
        for c in table.columns
    ]
    if table.primary:
        columns.append(f"PRIMARY KEY ({', '.join(map(quote, table.primary))})")
    made = [f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(columns)})"]
    for number, index in enumerate(table.index, 1):
        how = _BY_LOAD if index == _LOAD else ""
        made.append(
            f"CREATE INDEX IF NOT EXISTS {quote(f'{table.name}__{number}')} ON {name} {how}"
            f"({', '.join(map(quote, index))})"
        )
    return made


_LOAD: Final = ("_load",)
_BY_LOAD: Final = "USING brin "
"""A load's rows lie together: a summary of each stretch of the table finds them, and costs COPY nothing."""

UNKNOWN: Final = "whether it was kept is not known; the same call again finds out, and takes nothing twice"


@contextmanager
def translated(what: str, *, hint: str | None = None) -> Iterator[None]:
    """Errors of the driver as errors of the store: the one place where they are translated."""
    try:
        yield
    except (psycopg.errors.LockNotAvailable, psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as e:
        raise StoreBusy(f"{what}: {e.diag.message_primary}", hint="the same call may succeed now") from e
    except psycopg.errors.DiskFull as error:
        raise StoreError(
            f"{what}: PostgreSQL has no room: {masked(str(error)).strip()}",
            hint=hint or "nothing was kept; make room and call again",
        ) from error
    except psycopg.OperationalError as error:
        raise StoreError(
            f"{what}: PostgreSQL is not to be had: {masked(str(error)).strip()}",
            hint=hint or "nothing was kept; the call may be repeated when it is back",
        ) from error
    except psycopg.Error as error:
        raise StoreError(f"{what}: {masked(str(error)).strip()}", hint=hint or "nothing of this was kept") from error


class Database:
    """One schema of a PostgreSQL database, and connections to it."""

    def __init__(self, url: str, schema: str) -> None:
        self._url = url
        self.schema = schema
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue(_IDLE)
        self._pipes: queue.LifoQueue[Pipe] = queue.LifoQueue(_IDLE)
        self._closed = False
        with self.transaction("opening the store") as connection:
            row = connection.execute("SHOW server_version_num").fetchone()
        if row is None or int(row[0]) < 150000:
            self.close()
            raise StoreUnusable("this PostgreSQL is older than 15", hint="use PostgreSQL 15 or later")

    @property
    def name(self) -> str:
        """What the store is called where people read it."""
        return masked(self._url)

    def connect(self) -> Connection:
        """A connection of its own, for one thread; the caller closes it."""
        connection = psycopg.connect(self._url, autocommit=True, connect_timeout=10)
        try:
            connection.execute("SET TimeZone = 'UTC'")
        except BaseException:
            connection.close()
            raise
        return connection

    def pipe(self) -> Pipe:
        """A connection for Arrow data, for one thread; the caller closes it."""
        return Pipe(self._url)

    @contextmanager
    def lent_pipe(self) -> Iterator[Pipe]:
        """A connection for Arrow data, kept open from one block to the next that ends well; what was not committed
        within is gone."""
        pipe = self._idle_pipe() or self.pipe()
        with ExitStack() as failing, suppress(queue.Full):
            failing.callback(_close_quietly, pipe)
            yield pipe
            pipe.roll_back()
            if not self._closed:
                self._pipes.put_nowait(pipe)
                failing.pop_all()

    def _idle_pipe(self) -> Pipe | None:
        with suppress(queue.Empty):
            while True:
                pipe = self._pipes.get_nowait()
                if pipe.lives():
                    return pipe
                _close_quietly(pipe)
        return None

    def written(self, sql: str, values: Mapping[str, Any]) -> str:
        """SQL with its parameters written out by the driver, for what comes by COPY, which takes none."""
        with translated("reading"):
            connection = self._borrow()
            try:
                return psycopg.ClientCursor(connection).mogrify(sql, values)
            finally:
                self._give_back(connection)

    @contextmanager
    def transaction(self, what: str, *, snapshot: bool = False) -> Iterator[Connection]:
        """A connection inside a transaction: committed when the block ends well, else rolled back.

        `snapshot`: every statement of it sees the same state (repeatable read).
        """
        with translated(what):
            connection = self._borrow()
            try:
                connection.execute(f"BEGIN ISOLATION LEVEL {'REPEATABLE READ' if snapshot else 'READ COMMITTED'}")
                yield connection
                with translated(what, hint=UNKNOWN):
                    connection.execute("COMMIT")
            except BaseException:
                with suppress(psycopg.Error):  # a broken connection has rolled back by itself
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._give_back(connection)

    def table(self, name: str) -> str:
        """A table's name, quoted and with its schema."""
        return f"{quote(self.schema)}.{quote(name)}"

    def close(self) -> None:
        """Closes the idle connections, and each that is in use when it is given back."""
        self._closed = True
        for idle in (self._idle, self._pipes):
            with suppress(queue.Empty):
                while True:
                    idle.get_nowait().close()

    def _borrow(self) -> Connection:
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return self.connect()
            if not connection.closed and connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        if self._closed or connection.closed or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.close()
            return
        try:
            self._idle.put_nowait(connection)
        except queue.Full:
            connection.close()


def _close_quietly(pipe: Pipe) -> None:
    with suppress(StoreError):  # a broken connection has rolled back by itself
        pipe.close()
