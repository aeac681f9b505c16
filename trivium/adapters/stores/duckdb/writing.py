"""Rows on their way into the DuckDB store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.database import translated
from trivium.adapters.stores.duckdb.reader import current_sql, prepare_tail
from trivium.engine.law.statements import quote
from trivium.engine.tables import Table, assertion, control, history, mention
from trivium.engine.verdict import PART
from trivium.ports import Gone, Verdict

_QUARANTINE: Final = control("_quarantine")

# DuckDB's threads each fill a row group of 122,880 rows of their own; smaller pieces they write twice, the second time
# one thread alone, and hold in memory until the end. 1M sales lines in pieces of 100,000 and of 400,000: 2.2 and 1.3 s.
_PIECE_ROWS = 400_000
_PIECE_BYTES = 128 << 20


class Writing:
    """Writes the rows of loads of one source, in one transaction of their own; nobody sees them before a commit names
    their loads. Of several loads the column `_part` says which a row is of. Used by one thread at a time."""

    def __init__(self, catalog: Catalog, source: str, load_nos: Sequence[int]) -> None:
        self._catalog, self._load_nos = catalog, load_nos
        self._constants = {"_source": catalog.source_no(source)}
        if len(load_nos) == 1:  # a constant is stored without being looked at
            self._constants |= dict.fromkeys(("_load", "load_no"), load_nos[0])
        self._waiting = _Waiting()
        with translated("opening a load"):
            self._cursor: duckdb.DuckDBPyConnection | None = catalog.database.cursor()
            self._cursor.execute("BEGIN")

    def add(self, verdict: Verdict) -> None:
        """Takes a piece."""
        self._open()
        for shape in self._catalog.domain.shapes:
            for table, rows in (
                (history(shape), verdict.statements.get(shape.name)),
                (assertion(shape), verdict.assertions.get(shape.name)),
                (mention(shape), verdict.mentions.get(shape.name)),
            ):
                self._waiting.add(table, self._numbered(rows, "_load"))
        self._waiting.add(_QUARANTINE, self._numbered(verdict.rejected, "load_no"))
        if self._waiting.rows >= _PIECE_ROWS or self._waiting.bytes >= _PIECE_BYTES:
            self.written()

    def written(self) -> duckdb.DuckDBPyConnection:
        """Writes what waits; the cursor that sees it."""
        cursor = self._open()
        with translated("writing a load"):
            for table, rows in self._waiting.taken():
                self._insert(cursor, table, rows)
        return cursor

    def commit(self) -> None:
        """Makes the rows durable; they stay invisible, for no commit names their load yet."""
        cursor = self.written()
        with translated("writing a load"):
            cursor.execute("COMMIT")
            cursor.close()
        self._cursor = None

    def roll_back(self) -> None:
        """Forgets what was not committed. Idempotent."""
        if self._cursor is not None:
            with suppress(duckdb.Error):  # a transaction that failed is rolled back already
                self._cursor.execute("ROLLBACK")
            self._cursor.close()
            self._cursor = None

    def _numbered(self, rows: pa.Table | None, name: str) -> pa.Table | None:
        """The rows with the number of their load under `name`, where it is not the same for all."""
        if rows is None or not rows.num_rows or PART not in rows.column_names:
            return rows
        loads = pa.array(self._load_nos, pa.int64()).take(rows[PART].combine_chunks())
        return rows.drop_columns([PART]).append_column(name, loads)

    def _open(self) -> duckdb.DuckDBPyConnection:
        assert self._cursor is not None, "a published load takes no more rows"
        return self._cursor

    def _insert(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table) -> None:
        values = [
            f"{self._constants[name]}"
            if name in self._constants
            else quote(name)
            if name in rows.column_names
            else "NULL"
            for name in self._catalog.columns(table.name)
        ]
        # Not `register`: a view that is dropped again lives on in its transaction, and with it all rows of the load.
        cursor.from_arrow(rows).project(", ".join(values)).insert_into(self._catalog.database.table(table.name))


def gone_by(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, loads: Sequence[int]) -> Gone:
    """What the assertions of loads whose rows this cursor sees would end, against what holds now."""
    total = Gone(0, 0)
    with translated("counting what a delivery would end"):
        for shape in catalog.domain.shapes:
            law = catalog.law(shape.name)
            if not law.assertions:
                continue
            commit = catalog.commit_no
            tail = prepare_tail(catalog, cursor, law, commit)
            row = cursor.execute(law.gone(loads=loads, current=current_sql(catalog, law, tail, commit))).fetchone()
            assert row is not None
            total = Gone(total.gone + int(row[0]), total.alive + int(row[1]))
    return total


class _Waiting:
    """Rows that were appended and are not written yet, by table."""

    def __init__(self) -> None:
        self._parts: dict[Table, list[pa.Table]] = {}
        self.rows = self.bytes = 0

    def add(self, table: Table, rows: pa.Table | None) -> None:
        if rows is not None and rows.num_rows:
            self._parts.setdefault(table, []).append(rows)
            self.rows += rows.num_rows
            self.bytes += rows.nbytes

    def taken(self) -> Iterator[tuple[Table, pa.Table]]:
        parts, self._parts, self.rows, self.bytes = self._parts, {}, 0, 0
        while parts:
            table, tables = parts.popitem()
            yield table, pa.concat_tables(tables)
