"""Where the stores under test lie: one factory for each adapter, so that all pass the same tests."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.model.domain import Domain
from trivium.ports import Store


class Place(Protocol):
    """Where one store lies. Opening it again finds what was left; only one store may be open at a time."""

    def open(self, domain: Domain) -> Store:
        """The store, not prepared yet."""

    def remove(self) -> None:
        """Removes everything. The store is closed by then."""


class Stores(Protocol):
    """One kind of store."""

    name: str

    def new(self) -> Place:
        """A place where nothing is yet."""


class DuckDBPlace:
    """A file in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trivium-store-"))

    def open(self, domain: Domain) -> Store:
        return DuckDBStore(self.folder / "store.duckdb", domain, memory="300MB", threads=2)

    def remove(self) -> None:
        shutil.rmtree(self.folder)


class DuckDBStores:
    """DuckDB files."""

    name = "duckdb"

    def new(self) -> Place:
        return DuckDBPlace()
