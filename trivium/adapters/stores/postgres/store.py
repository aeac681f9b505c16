"""The PostgreSQL store: its four ports over one schema."""

from __future__ import annotations

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.control import PostgresControl
from trivium.adapters.stores.postgres.database import Database
from trivium.adapters.stores.postgres.ledger import PostgresLedger
from trivium.adapters.stores.postgres.load import PostgresHistory
from trivium.adapters.stores.postgres.reader import PostgresReader
from trivium.model.domain import Domain
from trivium.ports import Control, History, Ledger, Reader


class PostgresStore:
    """One domain in one schema, called like the domain. Any number of instances may write it at once.

    `url`: postgresql://user@host:port/database. Durable: what `publish` returned for is on disk.
    """

    def __init__(self, url: str, domain: Domain) -> None:
        catalog = Catalog(Database(url, domain.name), domain)
        self.history: History = PostgresHistory(catalog)
        self.reader: Reader = PostgresReader(catalog)
        self.control: Control = PostgresControl(catalog)
        self.ledger: Ledger = PostgresLedger(catalog.database)
