"""The judge's own DuckDB: in memory, shut off from the outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from trivium.engine.embedded import MEMORY, embedded
from trivium.engine.judge.lane import Lane
from trivium.errors import RefusedDelivery

_MACROS = [Path(__file__).with_name(name) for name in ("macros.sql", "json.sql")]

_SHARE: Final = 1 << 12
"""Rows of which a thread has at least so many, where it takes part."""


class Session:
    """Connections with the judge's macros. It belongs to one thread at a time. Between deliveries it holds plans, and
    the tables last shown.

    `threads` (None: one for every core) and `memory` (such as `1GB`) bound what it takes of the machine. Each thread
    has a connection of its own and a share of the rows: DuckDB hands the result of a kept plan on one by one, and so
    computes it with hardly more than one thread.
    """

    def __init__(self, *, threads: int | None = None, memory: str = MEMORY) -> None:
        self._memory = memory
        self._connection = embedded(memory=memory, threads=1)
        for macros in _MACROS:
            self._connection.execute(macros.read_text("utf-8"))
        others = [self._connection.cursor() for _ in range(1, threads or os.cpu_count() or 1)]
        for other in others:
            other.execute("SET TimeZone = 'UTC'")  # a connection does not have it from the one that it is made of
        # A list of constants is compared one by one, for it would else be joined, which takes longer to set up.
        self._connection.execute("SET disabled_optimizers = 'in_clause'")
        self._connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        self._lanes = [Lane(self._connection), *map(Lane, others)]
        self._sharing = 1
        self._threads: ThreadPoolExecutor | None = None

    def show(self, name: str, table: Any) -> None:
        """Makes an Arrow table readable under a name, in the place of one shown before."""
        self._lanes[0].show(name, table)

    def share(self, name: str, table: Any) -> None:
        """Makes it readable for `each`: every thread has a part of it, if there is enough for several."""
        self._sharing = max(1, min(len(self._lanes), table.num_rows // _SHARE))
        bounds = [table.num_rows * number // self._sharing for number in range(self._sharing + 1)]
        for lane, low, high in zip(self._lanes, bounds, bounds[1:], strict=False):
            lane.show(name, table.slice(low, high - low))

    def run(self, sql: str) -> None:
        """Runs a statement that gives nothing back."""
        with self._told():
            self._connection.execute(sql)

    def arrow(self, sql: str) -> Any:
        """The result of a query as a pa.Table. Its plan is kept."""
        with self._told():
            return self._lanes[0].arrow(sql)

    def each(self, sql: str) -> Any:
        """The results of a query over each part of what was shared last, one behind the other in its order."""
        if self._sharing == 1:
            return self.arrow(sql)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(len(self._lanes) - 1, "judge")
        others = [self._threads.submit(lane.arrow, sql) for lane in self._lanes[1 : self._sharing]]
        with self._told():
            try:
                first = self._lanes[0].arrow(sql)
            finally:
                wait(others)
            return pa.concat_tables([first, *(other.result() for other in others)])

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

    def too_much(self) -> RefusedDelivery:
        """What is said of a delivery that cannot be judged in the memory there is."""
        return RefusedDelivery(
            f"its records take more memory to judge than the {self._memory} that the judge has",
            hint="look for a record of many megabytes, or one with very many members or items; send it in parts",
            details={"rule": "memory"},
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What needs more memory than there is would need it again, however often it is tried."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise self.too_much() from error

    def close(self) -> None:
        """Lets go of the memory. Idempotent."""
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        for lane in reversed(self._lanes):
            lane.connection.close()
