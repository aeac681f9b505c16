"""Where the stores of the fault tests lie. What is there can be kept, and put back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

from tests.faults.shop import shop
from trivium.adapters.objects.folder import RawFolder
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.adapters.stores.postgres import PostgresStore
from trivium.ports import Store
from trivium.service.opening import Opened


class Ground(Protocol):
    """One kind of store, in one place."""

    folder: Path

    @property
    def named(self) -> str:
        """What `--store` is told."""

    @property
    def raw(self) -> Path:
        """Where raw input is kept."""

    def store(self) -> Store:
        """Opens it, not prepared."""

    def keep(self) -> None:
        """Keeps what is there. Nobody has it open."""

    def put_back(self) -> None:
        """Puts back what was kept."""

    def clear(self) -> None:
        """Removes the store."""


@contextmanager
def opened(ground: Ground, *, prepare: bool = True) -> Iterator[Opened]:
    store = ground.store()
    try:
        if prepare:
            store.control.prepare()
        yield Opened(shop, store, RawFolder(ground.raw))
    finally:
        store.control.close()


@dataclass
class DuckDBGround:
    """A file. `store_on` and `raw_on`: folders for it and for the raw input that lie elsewhere."""

    folder: Path
    store_on: Path | None = None
    raw_on: Path | None = None
    _kept: bytes | None = None

    @property
    def path(self) -> Path:
        return (self.store_on or self.folder) / "shop.duckdb"

    @property
    def raw(self) -> Path:
        return (self.raw_on or self.folder) / "raw"

    @property
    def named(self) -> str:
        return str(self.path)

    def store(self) -> Store:
        return DuckDBStore(self.path, shop, memory="300MB", threads=1)

    def keep(self) -> None:
        self._kept = self.path.read_bytes() if self.path.exists() else None
        assert not self._log.exists()

    def put_back(self) -> None:
        self.clear()
        if self._kept is not None:
            self.path.write_bytes(self._kept)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)
        self._log.unlink(missing_ok=True)

    @property
    def _log(self) -> Path:
        return self.path.with_name(f"{self.path.name}.wal")


@dataclass
class PostgresGround:
    """A schema."""

    url: str
    folder: Path
    _kept: dict[str, bytes] | None = None
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def named(self) -> str:
        return self.url

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    def store(self) -> Store:
        return PostgresStore(self.url, shop)

    def keep(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'shop'").fetchall()
            self._kept = {}
            for (name,) in tables:
                with connection.cursor() as cursor, cursor.copy(_told("COPY {} TO STDOUT", name)) as out:
                    self._kept[name] = b"".join(bytes(piece) for piece in out)
            self._numbers = dict(
                connection.execute(
                    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'shop' AND last_value > 0"
                ).fetchall()
            )

    def put_back(self) -> None:
        if not self._kept:
            self.clear()
            return
        with psycopg.connect(self.url) as connection:
            for name, rows in self._kept.items():
                connection.execute(_told("DELETE FROM {}", name))
                with connection.cursor() as cursor, cursor.copy(_told("COPY {} FROM STDIN", name)) as into:
                    into.write(rows)
            for name, number in self._numbers.items():
                connection.execute("SELECT setval(%s, %s)", [f"shop.{name}", number])

    def clear(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS shop CASCADE")


def _told(statement: str, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier("shop", table))
