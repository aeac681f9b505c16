"""The judge's own DuckDB: in memory, shut off from the outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from trivium.engine.embedded import MEMORY, embedded
from trivium.errors import RefusedDelivery

_MACROS = [Path(__file__).with_name(name) for name in ("macros.sql", "json.sql")]


class Session:
    """A connection with the judge's macros. It belongs to one thread at a time and holds nothing between deliveries.

    `threads` and `memory` (such as `1GB`) bound what it takes of the machine.
    """

    def __init__(self, *, threads: int | None = None, memory: str = MEMORY) -> None:
        self._memory = memory
        self._connection = embedded(memory=memory, threads=threads)
        for macros in _MACROS:
            self._connection.execute(macros.read_text("utf-8"))
        self._connection.execute("SET enable_external_access = false; SET lock_configuration = true")

    def show(self, name: str, table: Any) -> None:
        """Makes an Arrow table readable under a name, in the place of one shown before."""
        self._connection.register(name, table)

    def run(self, sql: str) -> None:
        """Runs a statement that gives nothing back."""
        with self._told():
            self._connection.execute(sql)

    def arrow(self, sql: str) -> Any:
        """The result as a pa.Table."""
        with self._told():
            return self._connection.execute(sql).to_arrow_table()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a result that has few."""
        with self._told():
            return self._connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        """The first row of the result."""
        with self._told():
            row = self._connection.execute(sql).fetchone()
        assert row is not None
        return row

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What needs more memory than there is would need it again, however often it is tried."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise RefusedDelivery(
                f"its records take more memory to judge than the {self._memory} that the judge has",
                hint="look for a record of many megabytes, or one with very many members or items; send it in parts",
                details={"rule": "memory"},
            ) from error

    def close(self) -> None:
        """Lets go of the memory. Idempotent."""
        self._connection.close()
