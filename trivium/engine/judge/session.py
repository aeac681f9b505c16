"""The judge's own DuckDB: in memory, shut off from the outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trivium.engine.embedded import MEMORY, embedded

_MACROS = [Path(__file__).with_name(name) for name in ("macros.sql", "json.sql")]


class Session:
    """A connection with the judge's macros. It belongs to one thread at a time and holds nothing between deliveries.

    `threads` and `memory` (such as `1GB`) bound what it takes of the machine.
    """

    def __init__(self, *, threads: int | None = None, memory: str = MEMORY) -> None:
        self._connection = embedded(memory=memory, threads=threads)
        for macros in _MACROS:
            self._connection.execute(macros.read_text("utf-8"))
        self._connection.execute("SET enable_external_access = false; SET lock_configuration = true")

    def show(self, name: str, table: Any) -> None:
        """Makes an Arrow table readable under a name, in the place of one shown before."""
        self._connection.register(name, table)

    def run(self, sql: str) -> None:
        """Runs a statement that gives nothing back."""
        self._connection.execute(sql)

    def arrow(self, sql: str) -> Any:
        """The result as a pa.Table."""
        return self._connection.execute(sql).to_arrow_table()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a result that has few."""
        return self._connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        """The first row of the result."""
        row = self._connection.execute(sql).fetchone()
        assert row is not None
        return row

    def close(self) -> None:
        """Lets go of the memory. Idempotent."""
        self._connection.close()
