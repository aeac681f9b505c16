"""The DuckDB store: its four ports over one file."""

from __future__ import annotations

from pathlib import Path

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.control import DuckDBControl
from trivium.adapters.stores.duckdb.database import Database
from trivium.adapters.stores.duckdb.ledger import DuckDBLedger
from trivium.adapters.stores.duckdb.load import DuckDBHistory
from trivium.adapters.stores.duckdb.reader import DuckDBReader
from trivium.model.domain import Domain
from trivium.ports import Control, History, Ledger, Reader


class DuckDBStore:
    """One domain in one DuckDB file. Only one process can have it open; others get StoreBusy.

    Durable: what `publish` returned for is on disk. `memory` bounds DuckDB's own, it spills beside the file.
    """

    def __init__(self, path: Path, domain: Domain, *, memory: str = "300MB", threads: int | None = None) -> None:
        catalog = Catalog(Database(path, domain.name, memory=memory, threads=threads), domain)
        self.history: History = DuckDBHistory(catalog)
        self.reader: Reader = DuckDBReader(catalog)
        self.control: Control = DuckDBControl(catalog)
        self.ledger: Ledger = DuckDBLedger(catalog.database)
