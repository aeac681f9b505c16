"""A driver that fails: before or after its n-th call, once or from then on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import duckdb
import psycopg
import pytest

from trivium.adapters.stores.duckdb import database as duckdb_database
from trivium.adapters.stores.postgres import database as postgres_database

Mode = Literal["before", "after", "after COMMIT", "for good"]


@dataclass
class Breaker:
    """Counts the driver's calls and fails at the n-th. `after`: it has been done, but nobody learns of it.

    `after COMMIT` counts only those that have something to make durable. `for good`: from the n-th call on nothing is
    done, as if the process died.
    """

    at: int
    mode: Mode
    armed: bool = False
    calls: int = 0
    failed: list[str] = field(default_factory=list)
    _one: Any = field(default_factory=threading.Lock)

    @contextmanager
    def arm(self) -> Iterator[None]:
        """Calls count, and fail, while this is entered."""
        self.armed = True
        try:
            yield
        finally:
            self.armed = False

    def call(self, done: Callable[[], Any], what: str, fail: Callable[[str], Exception]) -> Any:
        if not self.armed or (self.mode == "after COMMIT" and what != "COMMIT"):
            return done()
        with self._one:
            self.calls += 1
            mine = self.calls == self.at or (self.mode == "for good" and self.calls > self.at)
        if not mine:
            return done()
        self.failed.append(what)
        if self.mode in ("after", "after COMMIT"):
            done()
        raise fail(f"broken {self.mode} call {self.calls}: {what}")


class Brittle:
    """A connection, cursor or relation of a driver whose calls may fail.

    `lost` closes the connection that the failure is about. `wrote` is shared by all that belong to one connection.
    """

    CALLS = ("execute", "executemany", "insert_into", "adbc_ingest", "commit")
    MAKERS = ("cursor", "from_arrow", "project")
    WRITES = ("insert", "delete", "update", "create", "alter")

    def __init__(
        self,
        real: Any,
        breaker: Breaker,
        fail: Callable[[str], Exception],
        lost: Callable[[], object] = lambda: None,
        wrote: list[bool] | None = None,
    ) -> None:
        self._real, self._breaker, self._fail, self._lost = real, breaker, fail, lost
        self._wrote = [False] if wrote is None else wrote

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name in self.MAKERS:
            return lambda *args, **more: Brittle(
                found(*args, **more), self._breaker, self._fail, self._lost, self._wrote
            )
        if name not in self.CALLS:
            return found

        def call(*args: Any, **more: Any) -> Any:
            what = name if name == "commit" or not args else " ".join(str(args[0]).split())[:120]
            if what.lower() == "commit":
                what = "COMMIT" if self._wrote[0] else "COMMIT of nothing"
                self._wrote[0] = False
            elif name in ("insert_into", "adbc_ingest") or what.lower().startswith(self.WRITES):
                self._wrote[0] = True
            return self._breaker.call(lambda: found(*args, **more), what, self._failed)

        return call

    def _failed(self, message: str) -> Exception:
        self._lost()  # a server that is not heard any more takes back what was under way
        return self._fail(message)

    def __enter__(self) -> Brittle:
        self._real.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self._real.__exit__(*error)


@contextmanager
def broken(breaker: Breaker) -> Iterator[None]:
    """Connections that are made while this is entered fail as the breaker says."""
    duckdb_cursor = duckdb_database.Database.cursor
    postgres_connect = postgres_database.Database.connect
    adbc_connect = adbc_driver_postgresql.dbapi.connect

    def cursor(self: duckdb_database.Database) -> Any:
        return Brittle(duckdb_cursor(self), breaker, duckdb.IOException)

    def connect(self: postgres_database.Database) -> Any:
        real = postgres_connect(self)
        return Brittle(real, breaker, psycopg.OperationalError, real.close)

    def pipe(url: str) -> Any:
        real = adbc_connect(url)
        return Brittle(real, breaker, _adbc_error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb_database.Database, "cursor", cursor)
        patch.setattr(postgres_database.Database, "connect", connect)
        patch.setattr(adbc_driver_postgresql.dbapi, "connect", pipe)
        yield


def _adbc_error(message: str) -> Exception:
    return adbc_driver_manager.OperationalError(message, status_code=adbc_driver_manager.AdbcStatusCode.IO)
