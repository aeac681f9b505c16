"""Rows on their way into the DuckDB store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Final

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.current import current_sql, prepare_tail
from trivium.adapters.stores.duckdb.database import translated
from trivium.engine.law.statements import quote
from trivium.engine.tables import Table, assertion, control, history, mention
from trivium.engine.verdict import PART
from trivium.ports import Gone, Verdict

_QUARANTINE: Final = control("_quarantine")

# DuckDB's threads each fill a row group of 122,880 rows of their own; smaller pieces they write twice, the second time
# one thread alone, and hold in memory until the end. 1M sales lines in pieces of 100,000 and of 400,000: 2.2 and 1.3 s.
_PIECE_ROWS = 400_000
_PIECE_BYTES = 128 << 20
_FEW_ROWS = 10_000


class Writing:
    """Writes the rows of loads of one source, in one transaction of their own; nobody sees them before a commit names
    their loads. Of several loads the column `_part` says which a row is of. Used by one thread at a time."""

    def __init__(self, catalog: Catalog, source: str, load_nos: Sequence[int]) -> None:
        self._catalog, self._load_nos = catalog, load_nos
        self._constants = constants_of(catalog, source, load_nos)
        self._waiting = _Waiting()
        with translated("opening a load"):
            self._cursor: duckdb.DuckDBPyConnection | None = catalog.database.cursor()
            self._cursor.execute("BEGIN")

    def add(self, verdict: Verdict) -> None:
        """Takes a piece."""
        self._open()
        for table, rows in rows_of(self._catalog, verdict, self._load_nos):
            self._waiting.add(table, rows)
        if self._waiting.rows >= _PIECE_ROWS or self._waiting.bytes >= _PIECE_BYTES:
            self.written()

    def written(self) -> duckdb.DuckDBPyConnection:
        """Writes what waits; the cursor that sees it."""
        cursor = self._open()
        wide = self._catalog.database.wide() if self._waiting.rows > _FEW_ROWS else nullcontext()
        with translated("writing a load"), wide:
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

    def _open(self) -> duckdb.DuckDBPyConnection:
        assert self._cursor is not None, "a published load takes no more rows"
        return self._cursor

    def _insert(self, cursor: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table) -> None:
        # Not `register`: a view that is dropped again lives on in its transaction, and with it all rows of the load.
        values = values_of(self._catalog, table, rows, self._constants)
        cursor.from_arrow(rows).project(values).insert_into(self._catalog.database.table(table.name))


def constants_of(catalog: Catalog, source: str, load_nos: Sequence[int]) -> dict[str, int]:
    """What is the same in every row of loads of one source: a constant is stored without being looked at."""
    found = {"_source": catalog.source_no(source)}
    return found | dict.fromkeys(("_load", "load_no"), load_nos[0]) if len(load_nos) == 1 else found


def rows_of(catalog: Catalog, verdict: Verdict, load_nos: Sequence[int]) -> Iterator[tuple[Table, pa.Table]]:
    """The rows of a verdict by the tables that keep them, with the numbers of their loads where these differ."""
    for shape in catalog.domain.shapes:
        for table, rows in (
            (history(shape), verdict.statements.get(shape.name)),
            (assertion(shape), verdict.assertions.get(shape.name)),
            (mention(shape), verdict.mentions.get(shape.name)),
        ):
            if rows is not None and rows.num_rows:
                yield table, _numbered(rows, load_nos, "_load")
    if verdict.rejected is not None and verdict.rejected.num_rows:
        yield _QUARANTINE, _numbered(verdict.rejected, load_nos, "load_no")


def values_of(catalog: Catalog, table: Table, rows: pa.Table, constants: Mapping[str, int]) -> str:
    """What is selected from rows, in the order of the table's columns."""
    there = set(rows.column_names)
    return ", ".join(
        f"{constants[name]}" if name in constants else quote(name) if name in there else "NULL"
        for name in catalog.columns(table.name)
    )


def _numbered(rows: pa.Table, load_nos: Sequence[int], name: str) -> pa.Table:
    if PART not in rows.column_names:
        return rows
    loads = pa.array(load_nos, pa.int64()).take(rows[PART].combine_chunks())
    return rows.drop_columns([PART]).append_column(name, loads)


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
