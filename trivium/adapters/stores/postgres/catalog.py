"""What the PostgreSQL store knows of itself: its declaration, sources, load numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.database import Connection, Database, create_table, sql_type
from trivium.engine.evolution import added_groups, changes, describe, law_fingerprint
from trivium.engine.law.statements import Law, assertion_parts, quote, render, text
from trivium.engine.tables import CONTROL, FORMAT, entity_tables, history, master
from trivium.errors import StoreMismatch
from trivium.model.domain import Domain
from trivium.ports import Change

# The first halves of the advisory locks by which instances take turns; the second is the schema's hash.
PREPARING = 0x7472_6975
CONSOLIDATING = 0x7472_6974
INDEXING = 0x7472_6973


class Catalog:
    """Reads and writes the store's own description, and hands out numbers."""

    def __init__(self, database: Database, domain: Domain) -> None:
        self.database = database
        self.domain = domain
        self._laws: dict[str, Law] = {}
        self._sources: dict[str, int] = {}
        self._defaults: dict[str, frozenset[str]] = {}

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
        """Creates and widens tables, sweeps crashed loads, forgets a master folded by another law.

        Instances that start together take turns.
        """
        schema = self.database.schema
        with self.database.transaction("preparing the store") as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [PREPARING, schema])
            kept = self._meta("declared")
            found = changes(kept, self._meta("format"), self.domain)
            refused = [change for change in found if not change.allowed]
            if refused:
                raise StoreMismatch(
                    f"the schema {schema} of {self.database.name} was made for another declaration: {refused[0].what}",
                    hint=refused[0].way_out,
                )
            if kept != describe(self.domain) or self._lacks_tables(connection):
                self._create(connection, kept)
            self._register_sources(connection)
            self._forget_other_law(connection)
            self._set(connection, "declared", describe(self.domain))
            self._set(connection, "format", str(FORMAT))
        self._sweep()
        self._laws.clear()
        self._defaults.clear()
        return [] if kept == describe(self.domain) else found

    def law(self, entity: str) -> Law:
        """The law's statements for an entity of this store."""
        if entity not in self._laws:
            with self.database.transaction("reading the sources") as connection:
                rows = connection.execute(f"SELECT source_no, precedence FROM {self.database.table('_source')}")
                sources = {int(number): int(precedence) for number, precedence in rows.fetchall()}
                kept = connection.execute(
                    f"SELECT DISTINCT _parts FROM {self.database.table(entity + '__assertion')}"
                ).fetchall()
            parts = {*assertion_parts(self.domain, entity), *(tuple(row[0].split(",")) for row in kept)}
            shape = self.domain.shape(entity)
            self._laws[entity] = Law(shape, "postgres", self.database.schema, sources, tuple(sorted(parts)))
        return self._laws[entity]

    def defaults(self, table: str) -> frozenset[str]:
        """The columns that have a default: those since the table was made. Later ones have none, for an instance that
        does not know of them yet would have them filled in."""
        if table not in self._defaults:
            with self.database.transaction("reading the tables") as connection:
                rows = connection.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND atthasdef",
                    [self.database.table(table)],
                ).fetchall()
            self._defaults[table] = frozenset(row[0] for row in rows)
        return self._defaults[table]

    def render(self, statement: str, **values: Any) -> str:
        """A statement that is about the store and no entity."""
        return render("postgres", statement, self.database.schema, **values)

    def source_no(self, source: str) -> int:
        """The store's number of a source, which it keeps for ever."""
        if source not in self._sources:
            with self.database.transaction("reading the sources") as connection:
                row = connection.execute(
                    f"SELECT source_no FROM {self.database.table('_source')} WHERE name = %s", [source]
                ).fetchone()
            assert row is not None, f"source {source} is not registered"
            self._sources[source] = int(row[0])
        return self._sources[source]

    def next_loads(self, connection: Connection | Pipe, count: int) -> list[int]:
        """So many numbers no load had before."""
        sql = f"SELECT nextval({text(self.database.table('_load_no'))}) FROM generate_series(1, {count})"
        rows = connection.rows(sql) if isinstance(connection, Pipe) else connection.execute(sql).fetchall()
        return [int(row[0]) for row in rows]

    def set_meta(self, connection: Connection, key: str, value: str) -> None:
        """Writes one line of the store's description, in the caller's transaction."""
        self._set(connection, key, value)

    def remove_loads(self, connection: Connection, load_nos: Sequence[int]) -> None:
        """Removes every row of these loads, in the caller's transaction, but of those that were published after all."""
        t, these = self.database.table, [sorted(load_nos)]
        # First their rows in `_open`: if a publication has them just now, its end is waited for and seen below.
        connection.execute(f"DELETE FROM {t('_open')} WHERE load_no = ANY(%s)", these)
        there = connection.execute(f"SELECT load_no FROM {t('_load')} WHERE load_no = ANY(%s)", these).fetchall()
        gone = sorted(set(load_nos) - {row[0] for row in there})
        if not gone:
            return
        for shape in self.domain.shapes:
            for suffix in ("history", "assertion", "mention"):
                connection.execute(f"DELETE FROM {t(f'{shape.name}__{suffix}')} WHERE _load = ANY(%s)", [gone])
        connection.execute(f"DELETE FROM {t('_quarantine')} WHERE load_no = ANY(%s)", [gone])

    def _create(self, connection: Connection, kept: str | None) -> None:
        schema = self.database.schema
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}")
        for sequence in ("_commit_no", "_load_no"):
            connection.execute(f"CREATE SEQUENCE IF NOT EXISTS {self.database.table(sequence)}")
        for table in CONTROL:
            for statement in create_table(schema, table):
                connection.execute(statement)
        for shape in self.domain.shapes:
            for table in entity_tables(shape):
                for statement in create_table(schema, table):
                    connection.execute(statement)
            if added_groups(kept, shape):
                for table in (history(shape), master(shape)):
                    for column in table.columns:
                        connection.execute(
                            f"ALTER TABLE {self.database.table(table.name)} "
                            f"ADD COLUMN IF NOT EXISTS {quote(column.name)} {sql_type(column.type)}"
                        )

    def _lacks_tables(self, connection: Connection) -> bool:
        """Whether the store was made by a version that did not know all of today's tables yet."""
        tables = [self.database.table(table.name) for table in CONTROL]
        row = connection.execute(
            "SELECT bool_or(to_regclass(name) IS NULL) FROM unnest(%s::text[]) AS t(name)", [tables]
        ).fetchone()
        return row == (True,)

    def _meta(self, key: str) -> str | None:
        with self.database.transaction("reading the store") as connection:
            known = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [self.database.table("_meta")]).fetchone()
            if known != (True,):
                return None
            row = connection.execute(
                f"SELECT value FROM {self.database.table('_meta')} WHERE key = %s", [key]
            ).fetchone()
        return None if row is None else str(row[0])

    def _set(self, connection: Connection, key: str, value: str) -> None:
        connection.execute(
            f"INSERT INTO {self.database.table('_meta')} VALUES (%s, %s) ON CONFLICT (key) DO UPDATE "
            "SET value = excluded.value WHERE _meta.value <> excluded.value",
            [key, value],
        )

    def _register_sources(self, connection: Connection) -> None:
        table = self.database.table("_source")
        rows = connection.execute(f"SELECT source_no, name, precedence FROM {table}").fetchall()
        known = {name: (int(number), int(precedence)) for number, name, precedence in rows}
        highest = max((number for number, _ in known.values()), default=0)
        for source in self.domain.sources:
            if source.name not in known:
                highest += 1
                connection.execute(
                    f"INSERT INTO {table} VALUES (%s, %s, %s)", [highest, source.name, source.precedence]
                )
            elif known[source.name][1] != source.precedence:
                connection.execute(
                    f"UPDATE {table} SET precedence = %s WHERE name = %s", [source.precedence, source.name]
                )

    def _forget_other_law(self, connection: Connection) -> None:
        fingerprint = law_fingerprint(self.domain)
        row = connection.execute(f"SELECT value FROM {self.database.table('_meta')} WHERE key = 'law'").fetchone()
        if row is not None and row[0] != fingerprint:
            for shape in self.domain.shapes:
                connection.execute(f"DELETE FROM {self.database.table(master(shape).name)}")
            self._set(connection, "consolidated", "0")
        self._set(connection, "law", fingerprint)

    def _sweep(self) -> None:
        """Removes the rows of loads whose process is gone: each living load holds a lock with its number."""
        with self.database.transaction("sweeping crashed loads") as connection:
            rows = connection.execute(
                f"SELECT load_no FROM {self.database.table('_open')} WHERE held IS NULL"
            ).fetchall()
            dead = []
            for (load_no,) in rows:
                row = connection.execute(f"SELECT pg_try_advisory_xact_lock({self._life()})", [load_no]).fetchone()
                if row == (True,):
                    dead.append(load_no)
            if dead:
                self.remove_loads(connection, dead)

    def hold_alive(self, connection: Connection, load_nos: Sequence[int]) -> None:
        """Says, for as long as the connection lives, that the process of these loads does."""
        connection.execute(
            f"SELECT pg_advisory_lock({self._life('load_no')}) FROM unnest(%s::bigint[]) AS t(load_no)",
            [list(load_nos)],
        )

    def _life(self, number: str = "%s::bigint") -> str:
        """The lock of a load, by its number. Its class is the identity of the sequence that gave the number: another
        schema's, or that of a schema of this name that was dropped while a load lived, is another lock."""
        sequence = text(self.database.table("_load_no"))
        return f"({sequence}::regclass::oid::bigint << 32 >> 32)::int4, ({number} << 32 >> 32)::int4"
