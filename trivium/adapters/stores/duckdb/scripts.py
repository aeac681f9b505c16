"""Small transactions that are run again and again: planned once, and each one call into DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import pyarrow as pa

_MOST_IDLE: Final = 8
_MOST_PREPARED: Final = 64
"""Statements that one connection keeps."""


class Scripts:
    """Connections with the statements that they have prepared, each used by one thread at a time. To plan an INSERT
    takes longer than to run it for the few rows of a handful, and so does to tell DuckDB of a new Arrow table.
    """

    def __init__(self, cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._cursor = cursor
        self._idle: list[_Kept] = []

    @contextmanager
    def transaction(self) -> Iterator[Script]:
        """A script; when the block ends without that it has run its COMMIT, or fails, nothing of it was done."""
        kept = self._idle.pop() if self._idle else _Kept(self._cursor())
        script = Script(kept)
        try:
            yield script
        except BaseException:
            kept.close()  # and so rolls back
            raise
        kept.empty()
        if script.open or len(self._idle) >= _MOST_IDLE or kept.prepared >= _MOST_PREPARED:
            kept.close()
        else:
            self._idle.append(kept)

    def close(self) -> None:
        """Closes the connections that nobody uses now."""
        while self._idle:
            self._idle.pop().close()


class Script:
    """Statements of one transaction, and the rows that they read. Each call into DuckDB runs several: after each its
    thread waits for the interpreter, and under load a dozen calls took ten times as long."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept
        self._calls: list[str] = []
        self.open = False

    def add(self, statement: str, rows: pa.Table) -> None:
        """A statement that reads rows, which it calls `{rows}`. It is kept for the next script: what differs from one
        to the next has to be in the rows."""
        self._calls.append(f"EXECUTE {self._kept.named(statement, rows)}")

    def run(self, *last: str) -> None:
        """Runs what was added since it ran; `last` ends the transaction."""
        begin = [] if self.open else ["BEGIN"]
        self.open = True
        self._kept.cursor.execute("; ".join([*begin, *self._calls, *last]))
        self._calls, self.open = [], not last
        self._kept.empty()


class _Kept:
    """A connection, and its prepared statements by their text and the columns of the rows that they read."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.cursor = cursor
        self._statements: dict[tuple[str, pa.Schema], tuple[str, _Rows]] = {}

    @property
    def prepared(self) -> int:
        return len(self._statements)

    def named(self, statement: str, rows: pa.Table) -> str:
        """The name of a prepared statement, which reads these rows when it is run next."""
        name, read = self._statements.get((statement, rows.schema)) or self._prepare(statement, rows.schema)
        assert read.rows is None, f"twice in one script: {statement}"
        read.rows = rows
        return name

    def _prepare(self, statement: str, schema: pa.Schema) -> tuple[str, _Rows]:
        number, read = len(self._statements), _Rows(schema)
        self.cursor.register(f"_rows_{number}", read)
        self.cursor.execute(f"PREPARE _statement_{number} AS {statement.format(rows=f'_rows_{number}')}")
        self._statements[statement, schema] = f"_statement_{number}", read
        return self._statements[statement, schema]

    def empty(self) -> None:
        """Holds no rows."""
        for _, read in self._statements.values():
            read.rows = None

    def close(self) -> None:
        self.empty()
        self.cursor.close()


class _Rows:
    """What a prepared statement reads: other rows from run to run, always of one schema."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self.rows: pa.Table | None = None

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        rows: Any = self._schema.empty_table() if self.rows is None else self.rows
        return rows.__arrow_c_stream__(requested_schema)
