"""What the DuckDB store knows of itself: its declaration, sources, commit and load numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from trivium.adapters.stores.duckdb.database import Database, create_table, sql_type
from trivium.engine import tables
from trivium.engine.evolution import added_groups, changes, describe, law_fingerprint
from trivium.engine.law.statements import Law, assertion_parts, quote, render
from trivium.engine.tables import CONTROL, FORMAT, entity_tables, history, master
from trivium.errors import StoreMismatch
from trivium.model.domain import Domain
from trivium.ports import Change


class Catalog:
    """Reads and writes the store's own description, and hands out numbers. One for each open store."""

    def __init__(self, database: Database, domain: Domain) -> None:
        self.database = database
        self.domain = domain
        self._numbers = threading.Lock()
        self._laws: dict[str, Law] = {}
        self._columns: dict[str, list[str]] = {}
        self._sources: dict[str, int] = {}
        self._load_no = 0
        self._commit_no: int | None = None

    def made(self) -> bool:
        """Whether `prepare` was ever called here."""
        return self._meta("declared") is not None

    def keeps(self) -> dict[str, bool]:
        """What it keeps; one to replay from may be older. Since format 2: what records were mended to; since 3:
        manifests, and how often known bytes came; since 4: of which deliveries more than one reading came."""
        made = int(self._meta("format") or FORMAT)
        return {"mends": made >= 2, "manifests": made >= 3, "contested": made >= 4}

    def plan(self) -> list[Change]:
        """What `prepare` would change."""
        return changes(self._meta("declared"), self._meta("format"), self.domain)

    def prepare(self) -> list[Change]:
        """Creates and widens tables, sweeps crashed loads, forgets a master folded by another law."""
        kept = self._meta("declared")
        found = changes(kept, self._meta("format"), self.domain)
        refused = [change for change in found if not change.allowed]
        if refused:
            raise StoreMismatch(
                f"the store {self.database.path} was made for another declaration: {refused[0].what}",
                hint=refused[0].way_out,
            )
        schema = self.database.schema
        with self.database.transaction("preparing the store") as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
            for table in CONTROL:
                cursor.execute(create_table(schema, table))
            for shape in self.domain.shapes:
                for table in entity_tables(shape):
                    cursor.execute(create_table(schema, table))
                added = added_groups(kept, shape)
                for table in (history(shape), master(shape)):
                    have = {
                        row[0]
                        for row in cursor.execute(
                            "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?",
                            [schema, table.name],
                        ).fetchall()
                    }
                    for column in table.columns:
                        if added and column.name not in have:
                            cursor.execute(
                                f"ALTER TABLE {self.database.table(table.name)} "
                                f"ADD COLUMN {quote(column.name)} {sql_type(column.type)}"
                            )
            self._register_sources(cursor)
            self._forget_other_law(cursor)
            self._set(cursor, "declared", describe(self.domain))
            self._set(cursor, "format", str(FORMAT))
        self._sweep()
        self._read_numbers()
        self._laws.clear()
        self._columns.clear()
        return [] if kept == describe(self.domain) else found

    def law(self, entity: str) -> Law:
        """The law's statements for an entity of this store."""
        if entity not in self._laws:
            with self.database.transaction("reading the sources") as cursor:
                sources = dict(
                    cursor.execute(f"SELECT source_no, precedence FROM {self.database.table('_source')}").fetchall()
                )
                kept = cursor.execute(
                    f"SELECT DISTINCT _parts FROM {self.database.table(entity + '__assertion')}"
                ).fetchall()
            parts = {*assertion_parts(self.domain, entity), *(tuple(row[0].split(",")) for row in kept)}
            self._laws[entity] = Law(
                self.domain.shape(entity), "duckdb", self.database.schema, sources, tuple(sorted(parts))
            )
        return self._laws[entity]

    def columns(self, table: str) -> list[str]:
        """A table's columns in the store's order, in which those of a later declaration stand last."""
        if table not in self._columns:
            with self.database.transaction("reading the tables") as cursor:
                self._columns[table] = [
                    row[0]
                    for row in cursor.execute(
                        "SELECT column_name FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? "
                        "ORDER BY column_index",
                        [self.database.schema, table],
                    ).fetchall()
                ]
        return self._columns[table]

    def render(self, statement: str, **values: Any) -> str:
        """A statement that is about the store and no entity."""
        return render("duckdb", statement, self.database.schema, **values)

    def source_no(self, source: str) -> int:
        """The store's number of a source, which it keeps for ever."""
        if source not in self._sources:
            with self.database.transaction("reading the sources") as cursor:
                row = cursor.execute(
                    f"SELECT source_no FROM {self.database.table('_source')} WHERE name = ?", [source]
                ).fetchone()
            assert row is not None, f"source {source} is not registered"
            self._sources[source] = int(row[0])
        return self._sources[source]

    @property
    def commit_no(self) -> int:
        """The last commit."""
        with self.database.write_lock:
            if self._commit_no is None:
                with self.database.transaction("reading the store") as cursor:
                    row = cursor.execute(tables.last_commit(self.database.table)).fetchone()
                assert row is not None
                self._commit_no = int(row[0])
            return self._commit_no

    @contextmanager
    def commit(self, what: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """A transaction that makes the next commit: its cursor and its number. One at a time."""
        with self.drawn() as commit, self.database.transaction(what) as cursor:
            yield cursor, commit

    @contextmanager
    def drawn(self, *, makes: bool = True) -> Iterator[int]:
        """The number of the commit that is made within, for one at a time; of the last one, where none is made."""
        with self.database.write_lock:
            commit = self.commit_no + makes
            self._commit_no = None  # a COMMIT that fails may have been made: its number must not be given again
            yield commit
            self._commit_no = commit

    def next_loads(self, count: int) -> list[int]:
        """So many numbers no load had before."""
        with self._numbers:
            self._load_no += count
            return list(range(self._load_no - count + 1, self._load_no + 1))

    def _meta(self, key: str) -> str | None:
        with self.database.transaction("reading the store") as cursor:
            known = cursor.execute(
                "SELECT 1 FROM duckdb_tables() WHERE schema_name = ? AND table_name = '_meta'",
                [self.database.schema],
            ).fetchone()
            if known is None:
                return None
            row = cursor.execute(f"SELECT value FROM {self.database.table('_meta')} WHERE key = ?", [key]).fetchone()
        return None if row is None else str(row[0])

    def _set(self, cursor: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
        set_meta(self.database, cursor, key, value)

    def _register_sources(self, cursor: duckdb.DuckDBPyConnection) -> None:
        table = self.database.table("_source")
        known = {name: no for no, name in cursor.execute(f"SELECT source_no, name FROM {table}").fetchall()}
        for source in self.domain.sources:
            if source.name in known:
                cursor.execute(
                    f"UPDATE {table} SET precedence = ? WHERE name = ? AND precedence <> ?",
                    [source.precedence, source.name, source.precedence],
                )
            else:
                known[source.name] = max(known.values(), default=0) + 1
                cursor.execute(
                    f"INSERT INTO {table} VALUES (?, ?, ?)",
                    [known[source.name], source.name, source.precedence],
                )

    def _forget_other_law(self, cursor: duckdb.DuckDBPyConnection) -> None:
        fingerprint = law_fingerprint(self.domain)
        row = cursor.execute(f"SELECT value FROM {self.database.table('_meta')} WHERE key = 'law'").fetchone()
        if row is not None and row[0] != fingerprint:
            for shape in self.domain.shapes:
                cursor.execute(f"DELETE FROM {self.database.table(master(shape).name)}")
            self._set(cursor, "consolidated", "0")
        self._set(cursor, "law", fingerprint)

    def _sweep(self) -> None:
        """Removes the rows of loads that were neither published nor held: their process is gone, for only one
        process can have the file open."""
        with self.database.transaction("sweeping crashed loads") as cursor:
            crashed = [
                row[0]
                for row in cursor.execute(
                    f"SELECT load_no FROM {self.database.table('_open')} WHERE held IS NULL"
                ).fetchall()
            ]
            remove_loads(self.database, self.domain, cursor, crashed)

    def _read_numbers(self) -> None:
        t = self.database.table
        with self.database.transaction("reading the store") as cursor:
            row = cursor.execute(
                f"""SELECT greatest((SELECT coalesce(max(load_no), 0) FROM {t("_load")}),
                                    (SELECT coalesce(max(reading_no), 0) FROM {t("_reading")}),
                                    (SELECT coalesce(max(load_no), 0) FROM {t("_open")}))"""
            ).fetchone()
        assert row is not None
        self._load_no, self._commit_no = int(row[0]), None


def set_meta(database: Database, cursor: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Writes one line of the store's description, in the caller's transaction."""
    table = database.table("_meta")
    cursor.execute(f"DELETE FROM {table} WHERE key = ?", [key])
    cursor.execute(f"INSERT INTO {table} VALUES (?, ?)", [key, value])


def remove_loads(
    database: Database, domain: Domain, cursor: duckdb.DuckDBPyConnection, load_nos: Sequence[int]
) -> None:
    """Removes every row of these loads, in the caller's transaction, but of those that were published after all."""
    t, these = database.table, ", ".join(map(str, load_nos))
    if not these:
        return
    there = cursor.execute(f"SELECT load_no FROM {t('_load')} WHERE load_no IN ({these})").fetchall()
    gone = ", ".join(map(str, sorted(set(load_nos) - {row[0] for row in there})))
    if not gone:
        return
    for shape in domain.shapes:
        for suffix in ("history", "assertion", "mention"):
            cursor.execute(f"DELETE FROM {t(f'{shape.name}__{suffix}')} WHERE _load IN ({gone})")
    for table in ("_quarantine", "_open"):
        cursor.execute(f"DELETE FROM {t(table)} WHERE load_no IN ({gone})")
