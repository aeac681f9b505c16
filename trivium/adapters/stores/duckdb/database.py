"""The DuckDB file: opening it, transactions, errors in our words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

import duckdb

from trivium.adapters.stores.duckdb.scripts import Scripts
from trivium.engine.law.statements import quote
from trivium.engine.tables import Table
from trivium.errors import StoreBusy, StoreError, StoreFull, StoreUnusable

_TYPES: Final = {
    "text": "VARCHAR", "bigint": "BIGINT", "smallint": "SMALLINT", "boolean": "BOOLEAN", "double": "DOUBLE",
    "date": "DATE", "timestamp": "TIMESTAMP", "time": "TIME", "bytes": "BLOB",
}  # fmt: skip


def sql_type(neutral: str) -> str:
    """DuckDB's type for an engine-neutral one."""
    return _TYPES.get(neutral, neutral.upper())


def create_table(schema: str, table: Table) -> str:
    """The statement that creates a table. Without indexes: DuckDB's own make appends slow."""
    columns = ", ".join(f"{quote(c.name)} {sql_type(c.type)}{'' if c.nullable else ' NOT NULL'}" for c in table.columns)
    return f"CREATE TABLE IF NOT EXISTS {quote(schema)}.{quote(table.name)} ({columns})"


UNKNOWN: Final = "whether it was kept is not known; the same call again finds out, and takes nothing twice"


@contextmanager
def translated(what: str, *, hint: str | None = None) -> Iterator[None]:
    """Errors of the driver as errors of the store: the one place where they are translated."""
    try:
        yield
    except duckdb.IOException as error:
        message = str(error)
        if "lock" in message.lower():
            raise StoreBusy(
                f"{what}: another process holds the store", hint="wait until it has ended, or stop it"
            ) from error
        hint = hint or "nothing was kept; mend the cause and call again"
        raise StoreError(f"{what}: {message}", hint=hint) from error
    except duckdb.OutOfMemoryException as error:  # DuckDB's own advice speaks of settings that are not ours to give
        raise StoreFull(
            f"{what}: the store's memory is full ({str(error).partition(chr(10))[0]})",
            hint="nothing was kept; call again when what is done beside it has ended, or give it more (TRIVIUM_MEMORY)",
        ) from error
    except duckdb.TransactionException as error:  # such as a commit that found no room
        if "onflict on" in str(error):
            raise StoreBusy(f"{what}: {error}", hint="nothing was kept; call again") from error
        raise StoreError(f"{what}: {error}", hint=hint or "nothing was kept; mend the cause and call again") from error
    except duckdb.Error as error:
        raise StoreError(f"{what}: {error}", hint=hint or "nothing of this was kept") from error


_PAUSES: Final = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)


def patiently(act: Callable[[], None]) -> None:
    """Does something small, which fails as a whole: where it finds no memory beside something large, such as a fold, it
    is done again after a moment."""
    for pause in _PAUSES:
        try:
            return act()
        except StoreFull:
            time.sleep(pause)
    return act()


class Database:
    """One open DuckDB file with one schema. `write_lock` orders the tiny transactions that publish."""

    def __init__(self, path: Path, schema: str, *, memory: str, threads: int | None) -> None:
        self.path = path
        # A file is a catalog named after itself, and shop.duckdb with a schema `shop` makes every name ambiguous.
        self.schema = f"_{schema}"
        self.write_lock = threading.RLock()
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "temp_directory": f"{path}.tmp",
            "preserve_insertion_order": "false",
            # What DuckDB 1.4 and later read. By default files stay readable for 1.0, with an older compression of
            # texts: a million sales lines are inserted in 1.8 s of CPU instead of 2.2, and take as much room.
            "storage_compatibility_version": "v1.4.0",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        }
        if threads:
            config["threads"] = str(threads)
        self._wide = 0
        self._widening = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnusable(
                f"cannot make the folder {path.parent}: {error}", hint="name another --store"
            ) from error
        self._config = config
        self._opening = threading.Lock()
        self.scripts = Scripts(self.cursor)
        with translated(f"opening {path}"):
            self._connection = self._opened()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        try:
            connection = duckdb.connect(str(self.path), config=self._config)
        except duckdb.SerializationException as error:
            raise StoreUnusable(
                f"{self.path} is not a DuckDB file of this version", hint="name another --store"
            ) from error
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_external_access = false")
        self._most = connection.execute("SELECT current_setting('threads')").fetchone()
        self._set_threads(connection)
        return connection

    def _set_threads(self, connection: duckdb.DuckDBPyConnection) -> None:
        most = 1 if self._most is None else int(self._most[0])
        if most > 1:
            connection.execute(f"SET threads = {most if self._wide else 1}")

    @contextmanager
    def wide(self) -> Iterator[None]:
        """While it lasts, DuckDB uses all of its threads, else that of the caller alone. With several, the thread of a
        small statement turns round and round while another has its work in hand: it takes twice as long."""
        with self._widening:
            self._wide += 1
            self._retune()
        try:
            yield
        finally:
            with self._widening:
                self._wide -= 1
                self._retune()

    def _retune(self) -> None:
        if self._wide < 2:
            with suppress(duckdb.Error):  # such as of a file that has to be opened anew, which will do it
                self._set_threads(self._connection.cursor())

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same file, for one thread.

        After some failures, such as of a checkpoint for which the disk had no room, DuckDB answers nothing more until
        the file is opened anew. So it is here; what other threads hold of before fails, and is theirs to begin again.
        """
        connection = self._connection
        try:
            return self._cursor(connection)
        except duckdb.FatalException:
            with self._opening:
                if connection is self._connection:
                    with suppress(duckdb.Error):
                        self.scripts.close()
                        connection.close()
                    self._connection = self._opened()
            return self._cursor(self._connection)

    def _cursor(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        cursor = connection.cursor()
        # Imported by `python -m`, DuckDB takes the process for a desk and draws its progress on our stdout.
        cursor.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        return cursor

    @contextmanager
    def transaction(self, what: str, *, wide: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside a transaction: committed when the block ends well, else rolled back. `wide`: with all threads
        that the store may use."""
        with translated(what), self.wide() if wide else nullcontext():
            cursor = self.cursor()
            try:
                cursor.execute("BEGIN")
                yield cursor
                with translated(what, hint=UNKNOWN):
                    cursor.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # the transaction may be gone already, which is what is wanted
                    cursor.execute("ROLLBACK")
                raise
            finally:
                cursor.close()

    def table(self, name: str) -> str:
        """A table's name, quoted and with its schema."""
        return f"{quote(self.schema)}.{quote(name)}"

    def close(self) -> None:
        """Closes the file; what was committed is in it."""
        with translated(f"closing {self.path}"):
            self.scripts.close()
            self._connection.close()
