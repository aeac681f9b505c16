"""Rows on their way into PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.current import current_sql, last_commit
from trivium.engine.tables import Table, TableColumn, arrow_schema, assertion, control, history, mention
from trivium.engine.verdict import PART
from trivium.errors import StoreError
from trivium.ports import Gone, Verdict

_QUARANTINE: Final = control("_quarantine")


class Writing:
    """Writes the rows of loads of one source, in one transaction of their own; nobody sees them before a commit names
    their loads. Of several loads the column `_part` says which a row is of. Used by one thread at a time. A `pipe` that
    is given is the caller's to commit and to close."""

    def __init__(self, catalog: Catalog, source: str, load_nos: Sequence[int], *, pipe: Pipe | None = None) -> None:
        self._catalog, self._load_nos = catalog, load_nos
        self._source_no = catalog.source_no(source)
        self._pipe: Pipe | None = pipe or catalog.database.pipe()

    def add(self, verdict: Verdict) -> None:
        """Writes a piece."""
        for shape in self._catalog.domain.shapes:
            for table, rows in (
                (history(shape), verdict.statements.get(shape.name)),
                (assertion(shape), verdict.assertions.get(shape.name)),
                (mention(shape), verdict.mentions.get(shape.name)),
            ):
                if rows is not None and rows.num_rows:
                    self._insert(table, self._numbered(rows, "_load"), {"_source": self._source_no})
        if verdict.rejected is not None and verdict.rejected.num_rows:
            self._insert(_QUARANTINE, self._numbered(verdict.rejected, "load_no"), {})

    def gone(self, loads: Sequence[int]) -> Gone:
        """What the assertions of these loads would end, against what holds now."""
        total = Gone(0, 0)
        for shape in self._catalog.domain.shapes:
            law = self._catalog.law(shape.name)
            if not law.assertions:
                continue
            commit = last_commit(self._catalog, self.pipe)
            current = current_sql(self._catalog, self.pipe, law, commit)
            gone, alive = self.pipe.row(law.gone(loads=loads, current=current))
            total = Gone(total.gone + int(gone), total.alive + int(alive))
        return total

    @property
    def pipe(self) -> Pipe:
        """The connection that sees what was written."""
        assert self._pipe is not None, "a published load takes no more rows"
        return self._pipe

    def commit(self) -> None:
        """Makes the rows durable; they stay invisible, for no commit names their load yet."""
        self.pipe.commit()
        self.pipe.close()
        self._pipe = None

    def roll_back(self) -> None:
        """Forgets what was not committed. Idempotent."""
        if self._pipe is not None:
            with suppress(StoreError):  # a broken connection has rolled back by itself
                self._pipe.close()
            self._pipe = None

    def _numbered(self, rows: pa.Table, name: str) -> pa.Table:
        """The rows with the number of their load under `name`."""
        if PART not in rows.column_names:
            return rows.append_column(name, pa.repeat(pa.scalar(self._load_nos[0], pa.int64()), rows.num_rows))
        loads = pa.array(self._load_nos, pa.int64()).take(rows[PART].combine_chunks())
        return rows.append_column(name, loads)

    def _insert(self, table: Table, rows: pa.Table, constants: dict[str, int]) -> None:
        defaults = self._catalog.defaults(table.name)
        fields = [
            field
            for field, column in zip(arrow_schema(table), table.columns, strict=True)
            if field.name in constants
            or (field.name in rows.column_names and not (field.name in defaults and _usual(rows, column)))
        ]
        # What is no longer declared is not stated, whatever its default says.
        undeclared = defaults.difference(column.name for column in table.columns)
        constants = constants | dict.fromkeys(undeclared, False)
        fields += [pa.field(name, pa.bool_()) for name in sorted(undeclared)]
        columns = [
            pa.chunked_array([pa.repeat(pa.scalar(constants[field.name], field.type), rows.num_rows)])
            if field.name in constants
            else rows[field.name].cast(field.type)
            for field in fields
        ]
        self.pipe.append(self._catalog.database.schema, table.name, pa.table(columns, schema=pa.schema(fields)))


def _usual(rows: pa.Table, column: TableColumn) -> bool:
    """Whether a column has nothing but its usual value, which the table's default fills in: a fifth of COPY's time."""
    if column.usual is None:
        return False
    values = rows[column.name]
    return values.null_count == 0 and pc.all(pc.equal(values, pa.scalar(column.usual, values.type))).as_py()
