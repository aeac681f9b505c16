"""One connection of a session: the tables that it is shown, and the plans of what it is asked."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import duckdb
import pyarrow as pa

_BATCH: Final = 1 << 13
"""Rows that DuckDB reads at a time of a table that is shown."""

_PLANS: Final = 64
"""Statements of which the plan is kept: those last used."""


class _Shown:
    """What DuckDB reads a table by. Another may be put in its place; to plans that read it nothing has changed."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, schema: object = None) -> object:
        return self.table.__arrow_c_stream__(schema)


class Lane:
    """To plan a statement of the judge takes DuckDB some ten times as long as to run it over a few records. So the plan
    of what `arrow` runs is kept, until a table of other columns is shown under a name that it reads, or a table is
    made. Belongs to one thread at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._shown: dict[str, _Shown] = {}
        self._plans: OrderedDict[str, str] = OrderedDict()
        self._planned = 0

    def show(self, name: str, table: Any) -> None:
        """Makes an Arrow table readable under a name, in the place of one shown before."""
        table = pa.Table.from_batches(table.to_batches(max_chunksize=_BATCH), table.schema)
        shown = self._shown.get(name)
        if shown is not None and shown.table.schema.equals(table.schema):
            shown.table = table
            return
        # A plan reads what it was made for, whatever has its name by now.
        for sql in [sql for sql in self._plans if name in sql]:
            self._forget(sql)
        self._shown[name] = _Shown(table)
        self.connection.register(name, self._shown[name])

    def arrow(self, sql: str) -> Any:
        """The result of a query as a pa.Table. Its plan is kept."""
        return self.connection.execute(f"EXECUTE {self._plan(sql)}").to_arrow_table()

    def _plan(self, sql: str) -> str:
        """The name under which the plan of a query is kept."""
        name = self._plans.get(sql)
        if name is None:
            self._planned += 1
            name = f"plan_{self._planned}"
            self.connection.execute(f"PREPARE {name} AS {sql}")
            self._plans[sql] = name
            if len(self._plans) > _PLANS:
                self._forget(next(iter(self._plans)))
        self._plans.move_to_end(sql)
        return name

    def _forget(self, sql: str) -> None:
        self.connection.execute(f"DEALLOCATE {self._plans.pop(sql)}")
