"""The embedded store: one DuckDB file, one process writing it, nothing to install."""

from trivium.adapters.stores.duckdb.store import DuckDBStore

__all__ = ["DuckDBStore"]
