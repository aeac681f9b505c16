"""Where the stores under test lie: one factory for each adapter, so that all pass the same tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from trivium.adapters.stores.attached import Serving, attached
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.adapters.stores.postgres import PostgresStore
from trivium.model.domain import Domain
from trivium.ports import Store

KINDS = [
    "duckdb",
    "attached",
    pytest.param("postgres_url_c", marks=pytest.mark.server, id="postgres"),
    pytest.param("postgres_url_en", marks=pytest.mark.server, id="postgres-english"),
]
"""Parameters for a fixture of stores. A PostgreSQL is called like the fixture that gives its URL."""


MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of its own is made there
"""Thousands of small stores are made: where there is a file system in memory, they do not wait for the disk."""


class Place(Protocol):
    """Where one store lies. Opening it again finds what was left. It can be pickled."""

    def open(self, domain: Domain) -> Store:
        """The store, not prepared yet."""

    def remove(self) -> None:
        """Removes everything. The store is closed by then."""


class Stores(Protocol):
    """One kind of store."""

    @property
    def shared(self) -> bool:
        """Whether several instances may have one store open at once."""

    @property
    def evolves(self) -> bool:
        """Whether opening it can make it fit another declaration."""

    def new(self) -> Place:
        """A place where nothing is yet. It may be where the last one was, if that is removed."""


@dataclass(frozen=True)
class DuckDBPlace:
    """A file in a folder of its own."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="trivium-store-", dir=MEMORY)))

    def open(self, domain: Domain) -> Store:
        return DuckDBStore(self.folder / "store.duckdb", domain, memory="300MB", threads=2)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


class DuckDBStores:
    """DuckDB files."""

    shared = False
    evolves = True

    def new(self) -> Place:
        return DuckDBPlace()


@dataclass(frozen=True)
class AttachedPlace(DuckDBPlace):
    """The same, held by a service and used through it."""

    def open(self, domain: Domain) -> Store:
        path = self.folder / "store.duckdb"
        held = super().open(domain)
        held.control.prepare()
        serving = Serving(held, domain, path)
        serving.__enter__()
        store = attached(path, domain)
        assert store is not None

        def close() -> None:
            serving.__exit__(None, None, None)
            held.control.close()

        store.control.close = close  # type: ignore[method-assign]
        return store


class AttachedStores:
    """DuckDB files that a service holds."""

    shared = False
    evolves = False

    def new(self) -> Place:
        return AttachedPlace()


@dataclass(frozen=True)
class PostgresPlace:
    """A database. The store's schema is called like its domain."""

    url: str

    def open(self, domain: Domain) -> Store:
        return PostgresStore(self.url, domain)

    def remove(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            schemas = connection.execute(
                "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname !~ '^pg_' "
                "AND nspname NOT IN ('information_schema', 'public')"
            ).fetchall()
            for (schema,) in schemas:
                connection.execute(f"DROP SCHEMA {schema} CASCADE")


@dataclass(frozen=True)
class PostgresStores:
    """Schemas in a database."""

    url: str
    shared = True
    evolves = True

    def new(self) -> Place:
        place = PostgresPlace(self.url)
        place.remove()  # other tests may have left something
        return place


def stores_of(request: pytest.FixtureRequest) -> Stores:
    """The stores that a fixture's parameter from KINDS names."""
    if request.param in ("duckdb", "attached"):
        return DuckDBStores() if request.param == "duckdb" else AttachedStores()
    return PostgresStores(request.getfixturevalue(request.param))
