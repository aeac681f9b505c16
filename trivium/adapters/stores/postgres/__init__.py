"""The shared store: a PostgreSQL schema that several instances write at once."""

from trivium.adapters.stores.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
