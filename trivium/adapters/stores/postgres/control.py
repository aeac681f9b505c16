"""Administration of the PostgreSQL store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Unpack

import psycopg.rows
import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import CONSOLIDATING, Catalog
from trivium.adapters.stores.postgres.commits import draw_commit, horizon
from trivium.adapters.stores.postgres.current import LOOPS, NO_LOOPS, record_columns
from trivium.adapters.stores.postgres.database import Connection
from trivium.adapters.stores.postgres.indexes import index_beside_writers, index_own
from trivium.adapters.stores.postgres.publishing import insert, one_at_a_time, publish_load, readings
from trivium.adapters.stores.postgres.quarantine import require_open
from trivium.engine import tables
from trivium.engine.held import Held, the_held
from trivium.engine.law.statements import key_hash, quote, rejected
from trivium.engine.readings import Reading, to_restore, to_retract
from trivium.engine.rows import reading_row, reconciliation_of, reconciliation_row
from trivium.engine.tables import arrow_schema, control, history
from trivium.engine.tables import master as master_table
from trivium.ports import Change, Consolidation, Delivery, Published, Reconciliation, Rejected

_DELIVERIES: list[tuple[str, pa.DataType]] = [
    ("source", pa.string()), ("delivery", pa.string()), ("revision", pa.int64()), ("attempt", pa.int64()),
    ("kind", pa.string()), ("state", pa.string()), ("reading_no", pa.int64()), ("commit_no", pa.int64()),
    ("digest", pa.string()), ("file", pa.string()), ("size", pa.int64()), ("archived", pa.bool_()),
    ("arrived_at", pa.timestamp("us")), ("by", pa.string()), ("received", pa.int64()), ("accepted", pa.int64()),
    ("rejected", pa.int64()), ("ignored", pa.int64()), ("gone", pa.int64()), ("alive", pa.int64()),
    ("manifest", pa.string()), ("again", pa.int64()), ("again_at", pa.timestamp("us")),
]  # fmt: skip
_QUARANTINE: list[tuple[str, pa.DataType]] = [
    ("load_no", pa.int64()), ("place", pa.int64()), ("source", pa.string()), ("delivery", pa.string()),
    ("revision", pa.int64()), ("file", pa.string()), ("line", pa.int64()), ("byte_offset", pa.int64()),
    ("raw", pa.binary()), ("reasons", pa.string()), ("keyless", pa.bool_()), ("due", pa.int64()),
    ("commit_no", pa.int64()), ("state", pa.string()), ("by", pa.string()), ("digest", pa.string()),
    ("archived", pa.bool_()), ("arrived_at", pa.timestamp("us")), ("reading_no", pa.int64()),
    ("resolved_in", pa.int64()), ("mended", pa.binary()),
]  # fmt: skip


class PostgresControl:
    """See `ports.Control`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def made(self) -> bool:
        """See `ports.Control`."""
        return self._catalog.made()

    def plan(self) -> list[Change]:
        """See `ports.Control`."""
        return self._catalog.plan()

    def prepare(self) -> list[Change]:
        """See `ports.Control`."""
        return self._catalog.prepare()

    def consolidate(self) -> Consolidation:
        """See `ports.Control`. One instance at a time does it; another that tries meanwhile finds nothing to do."""
        catalog, keys = self._catalog, 0
        t = catalog.database.table
        with catalog.database.transaction("reading the store") as connection:
            after = _consolidated(catalog, connection)
        if after >= horizon(catalog.database):
            return Consolidation(after, after, 0)
        index_beside_writers(catalog.database, [history(shape) for shape in catalog.domain.shapes])
        commit = horizon(catalog.database)
        with catalog.database.transaction("consolidating", snapshot=True) as connection:
            free = connection.execute(
                "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [CONSOLIDATING, catalog.database.schema]
            ).fetchone()
            after = _consolidated(catalog, connection)
            if free != (True,) or after >= commit:
                return Consolidation(after, after, 0)
            connection.execute("SET LOCAL work_mem = '128MB'")
            connection.execute("SET LOCAL jit = off")
            for shape in catalog.domain.shapes:
                law = catalog.law(shape.name)
                table = master_table(shape)
                names, master, rows = record_columns(law), t(table.name), None
                connection.execute(LOOPS)
                if after:
                    only = f"pg_temp.{quote(f'_tail_{shape.name}')}"
                    connection.execute(
                        f"CREATE TEMP TABLE {quote(f'_tail_{shape.name}')} ON COMMIT DROP AS "
                        + law.touched(after=after, commit=commit)
                    )
                    connection.execute(f"ANALYZE {only}")
                    same = " AND ".join(f"t.{quote(k.name)} = m.{quote(k.name)}" for k in shape.keys)
                    hashes = [key_hash(f"{alias}.{quote(k.name)}" for k in shape.keys) for alias in "tm"]
                    same += f" AND {hashes[0]} = {hashes[1]}"
                    connection.execute(f"DELETE FROM {master} AS m USING {only} AS t WHERE {same}")
                    rows = f"pg_temp.{quote(f'_rows_{shape.name}')}"
                    connection.execute(
                        f"CREATE TEMP TABLE {quote(f'_rows_{shape.name}')} ON COMMIT DROP AS {law.rows_of(only)}"
                    )
                    connection.execute(f"ANALYZE {rows}")
                connection.execute(NO_LOOPS)
                fold = law.fold(commit=commit, rows=rows)
                keys += connection.execute(f"INSERT INTO {master} ({names}) SELECT {names} FROM ({fold}) AS f").rowcount
                index_own(catalog.database, connection, table)
            catalog.set_meta(connection, "consolidated", str(commit))
        return Consolidation(after, commit, keys)

    def retract(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""

        def silence(found: Sequence[Reading]) -> tuple[Reading, int | None]:
            return to_retract(source, delivery, found), None

        return self._say(source, delivery, "retraction", by, silence)

    def restore(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""

        def again(found: Sequence[Reading]) -> tuple[Reading, int | None]:
            return to_restore(source, delivery, found)

        return self._say(source, delivery, "restored", by, again)

    def _say(
        self,
        source: str,
        delivery: str,
        kind: str,
        by: str | None,
        decide: Callable[[Sequence[Reading]], tuple[Reading, int | None]],
    ) -> Published:
        """A reading without rows of its own: it says nothing, or what an earlier one said."""
        catalog = self._catalog
        with catalog.database.transaction(f"{kind} of a delivery") as connection:
            one_at_a_time(connection, catalog.database.schema, source, delivery)
            top, says = decide(readings(catalog, connection, source, delivery))
            row = connection.execute(
                f"SELECT file, size, archived FROM {catalog.database.table('_reading')} WHERE reading_no = %s",
                [top.reading_no],
            ).fetchone()
            assert row is not None
            reading_no = catalog.next_loads(connection, 1)[0]
            sent = Delivery(
                source, delivery, top.revision, top.digest, row[0], row[1], dt.datetime.now(dt.UTC),
                archived=row[2], by=by,
            )  # fmt: skip
            attempt = top.attempt + 1
            commit = draw_commit(catalog.database, connection)
            insert(catalog, connection, "_reading", reading_row(
                reading_no, sent, revision=top.revision, attempt=attempt, says=says, commit=commit, kind=kind
            ))  # fmt: skip
        return Published(commit, reading_no, top.revision, attempt, True)

    def release(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""
        load_no, held = self._held(source, delivery)
        return publish_load(self._catalog, load_no, held.released(by), held.account, released=True)

    def refuse(self, source: str, delivery: str, by: str | None) -> None:
        """See `ports.Control`."""
        load_no, _ = self._held(source, delivery)
        with self._catalog.database.transaction("refusing a held delivery") as connection:
            self._catalog.remove_loads(connection, [load_no])

    def _held(self, source: str, delivery: str) -> tuple[int, Held]:
        with self._catalog.database.transaction("reading held deliveries") as connection:
            rows = connection.execute(
                f"SELECT load_no, held FROM {self._catalog.database.table('_open')} "
                "WHERE held IS NOT NULL AND source = %s",
                [source],
            ).fetchall()
        return the_held([(int(load_no), str(text)) for load_no, text in rows], source, delivery)

    def drop(self, load_no: int, place: int, by: str | None) -> int:
        """See `ports.Control`."""
        catalog, t = self._catalog, self._catalog.database.table
        with catalog.database.transaction("dropping a quarantined record") as connection:
            require_open(catalog.database, connection, load_no, [place])
            commit = draw_commit(catalog.database, connection)
            connection.execute(
                f"INSERT INTO {t('_resolution')} VALUES (%s, %s, 'dropped', %s, NULL, %s, NULL)",
                [load_no, place, commit, by],
            )
        return commit

    def deliveries(
        self, source: str | None = None, delivery: str | None = None, *, readings: Sequence[int] | None = None
    ) -> pa.Table:
        """See `ports.Control`."""
        asked = {"source": source, "delivery": delivery, "readings": None if readings is None else list(readings)}
        sql = self._catalog.render("deliveries", manifests=self._catalog.keeps_manifests())
        return self._table(sql, asked, pa.schema(_DELIVERIES))

    def quarantine(
        self,
        source: str | None = None,
        *,
        closed: bool = False,
        decided: bool = False,
        due: int | None = None,
        most: int | None = None,
        **among: Unpack[Rejected],
    ) -> pa.Table:
        """See `ports.Control`."""
        sql, values = self._rejected({"source": source, **among}, closed=closed, decided=decided, due=due, most=most)
        return self._table(sql, values, pa.schema(_QUARANTINE))

    def quarantined(self, source: str | None = None, *, closed: bool = False) -> dict[str, int]:
        """See `ports.Control`."""
        sql, values = self._rejected({"source": source}, closed=closed, counting=True)
        with self._catalog.database.transaction("counting the quarantine") as connection:
            return dict(connection.execute(sql, values).fetchall())

    def _rejected(self, given: dict[str, Any], **asked: Any) -> tuple[str, dict[str, Any]]:
        return rejected(partial(self._catalog.render, mends=self._catalog.keeps_mends()), given, **asked)

    def keep_reconciliation(self, kept: Reconciliation) -> None:
        """See `ports.Control`."""
        names = [column.name for column in control("_reconciliation").columns]
        with self._catalog.database.transaction("keeping a reconciliation") as connection:
            connection.execute(
                f"INSERT INTO {self._catalog.database.table('_reconciliation')} "
                f"VALUES ({', '.join(['%s'] * len(names))}) ON CONFLICT (reading_no) DO UPDATE SET "
                + ", ".join(f"{name} = excluded.{name}" for name in names),
                reconciliation_row(kept),
            )

    def reconciliations(self, source: str | None = None, delivery: str | None = None) -> list[Reconciliation]:
        """See `ports.Control`."""
        with self._catalog.database.transaction("reading reconciliations") as connection:
            rows = connection.execute(
                "SELECT reading_no, source, delivery, against, accepted, computed_at, summary, "
                "CASE WHEN %(delivery)s::text IS NULL THEN '' ELSE differences END "
                f"FROM {self._catalog.database.table('_reconciliation')} "
                "WHERE (%(source)s::text IS NULL OR source = %(source)s) "
                "AND (%(delivery)s::text IS NULL OR delivery = %(delivery)s) ORDER BY reading_no",
                {"source": source, "delivery": delivery},
            ).fetchall()
        return [reconciliation_of(row) for row in rows]

    def findings(self) -> pa.Table:
        """See `ports.Control`."""
        schema = arrow_schema(control("_finding"))
        return self._table(
            f"SELECT * FROM {self._catalog.database.table('_finding')} ORDER BY commit_no, kind, subject", {}, schema
        )

    def _table(self, sql: str, parameters: dict[str, Any], schema: pa.Schema) -> pa.Table:
        with (
            self._catalog.database.transaction("reading", snapshot=True) as connection,
            connection.cursor(row_factory=psycopg.rows.dict_row) as cursor,
        ):
            return pa.Table.from_pylist(cursor.execute(sql, parameters).fetchall(), schema=schema)

    def status(self) -> dict[str, Any]:
        """See `ports.Control`."""
        catalog, t = self._catalog, self._catalog.database.table
        with catalog.database.transaction("reading the status", snapshot=True) as connection:
            row = connection.execute(tables.last_commit(t)).fetchone()
            assert row is not None
            folded = _consolidated(catalog, connection)
            entities = {}
            for shape in catalog.domain.shapes:
                counts = connection.execute(
                    f"SELECT (SELECT count(*) FROM {t(shape.name + '__history')}), "
                    f"(SELECT count(*) FROM {t(shape.name + '__master')} WHERE _alive), "
                    f"(SELECT count(*) FROM {t(shape.name + '__master')} WHERE _alive AND _lacks <> '')"
                ).fetchone()
                assert counts is not None
                entities[shape.name] = {"statements": counts[0], "master": counts[1], "incomplete": counts[2]}
            loads = connection.execute(
                f"SELECT load_no, source, opened_at FROM {t('_open')} WHERE held IS NULL ORDER BY 1"
            ).fetchall()
        return {
            "store": catalog.database.name,
            "commit": row[0],
            "consolidated": folded,
            "entities": entities,
            "loading": [{"load": n, "source": s, "since": f"{at.isoformat()}Z"} for n, s, at in loads],
        }

    def close(self) -> None:
        """See `ports.Control`."""
        self._catalog.database.close()


def _consolidated(catalog: Catalog, connection: Connection) -> int:
    row = connection.execute(
        f"SELECT value::bigint FROM {catalog.database.table('_meta')} WHERE key = 'consolidated'"
    ).fetchone()
    return int(row[0]) if row else 0
