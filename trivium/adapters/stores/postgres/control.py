"""Administration of the PostgreSQL store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any, Unpack

import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import CONSOLIDATING, Catalog
from trivium.adapters.stores.postgres.commits import draw_commit, horizon
from trivium.adapters.stores.postgres.current import LOOPS, NO_LOOPS, prepare_rows, record_columns, temporary
from trivium.adapters.stores.postgres.database import Connection
from trivium.adapters.stores.postgres.indexes import index_beside_writers, index_own
from trivium.adapters.stores.postgres.listing import Listing
from trivium.adapters.stores.postgres.publishing import insert, one_at_a_time, publish_load, readings
from trivium.adapters.stores.postgres.quarantine import require_open
from trivium.engine import tables
from trivium.engine.choice import indexed
from trivium.engine.held import Held, held_of, the_held
from trivium.engine.law.statements import key_hash, quote
from trivium.engine.readings import Reading, to_restore, to_retract
from trivium.engine.rows import (
    archived_rows,
    finding_row,
    key_of,
    key_row,
    reading_row,
    reconciliation_of,
    reconciliation_row,
    stored,
)
from trivium.engine.sums import Sum
from trivium.engine.tables import control, history, mention
from trivium.engine.tables import master as master_table
from trivium.ports import ApiKey, Change, Consolidation, Delivery, Published, Reconciliation, Rejected


class PostgresControl:
    """See `ports.Control`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._listing = catalog, Listing(catalog)

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
        index_beside_writers(
            catalog.database, [of(shape) for of in (history, mention) for shape in catalog.domain.shapes]
        )
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
                    only = temporary(connection, f"_tail_{shape.name}", law.touched(after=after, commit=commit))
                    same = " AND ".join(f"t.{quote(k.name)} = m.{quote(k.name)}" for k in shape.keys)
                    hashes = [key_hash(f"{alias}.{quote(k.name)}" for k in shape.keys) for alias in "tm"]
                    same += f" AND {hashes[0]} = {hashes[1]}"
                    connection.execute(f"DELETE FROM {master} AS m USING {only} AS t WHERE {same}")
                    rows = prepare_rows(connection, law, only)
                connection.execute(NO_LOOPS)
                fold = law.fold(commit=commit, rows=rows)
                keys += connection.execute(f"INSERT INTO {master} ({names}) SELECT {names} FROM ({fold}) AS f").rowcount
                index_own(catalog.database, connection, table, indexed(shape))
            catalog.set_meta(connection, "consolidated", str(commit))
        return Consolidation(after, commit, keys)

    def consolidated(self) -> int:
        """See `ports.Control`."""
        with self._catalog.database.transaction("reading the store") as connection:
            return _consolidated(self._catalog, connection)

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
            insert(catalog, connection, "_contested", [source, delivery])
        return Published(commit, reading_no, top.revision, attempt, True)

    def release(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""
        load_no, held = self._held(source, delivery)
        return publish_load(self._catalog, load_no, held.released(by), held.account, released=True)

    def refuse(self, source: str, delivery: str, by: str | None) -> None:
        """See `ports.Control`."""
        load_no, held = self._held(source, delivery)
        told = held.refusal(by, dt.datetime.now(dt.UTC))
        with self._catalog.database.transaction("refusing a held delivery") as connection:
            self._catalog.remove_loads(connection, [load_no])
            row = connection.execute(tables.last_commit(self._catalog.database.table)).fetchone()
            assert row is not None
            insert(self._catalog, connection, "_finding", finding_row(row[0], source, told))

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
        these = None if readings is None else list(readings)
        return self._listing.deliveries({"source": source, "delivery": delivery}, readings=these)

    def newest(
        self,
        source: str | None = None,
        delivery: str | None = None,
        *,
        states: Collection[str] = (),
        behind: int | None = None,
        most: int,
    ) -> pa.Table:
        """See `ports.Control`."""
        return self._listing.deliveries(
            {"source": source, "delivery": delivery}, states=states, behind=behind, most=most
        )

    def sums(self) -> dict[str, Sum]:
        """See `ports.Control`."""
        return self._listing.sums()

    def archived(self) -> pa.Table:
        """See `ports.Control`."""
        t = self._catalog.database.table
        with self._catalog.database.transaction("reading what is kept") as connection:
            rows = connection.execute(
                f"SELECT source, digest, arrived_at FROM {t('_reading')} WHERE archived"
            ).fetchall()
            held = connection.execute(f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL").fetchall()
        return archived_rows(rows, [held_of(text) for (text,) in held])

    def quarantine(
        self,
        source: str | None = None,
        *,
        closed: bool = False,
        decided: bool = False,
        due: int | None = None,
        most: int | None = None,
        newest: bool = False,
        behind: tuple[int, int] | None = None,
        **among: Unpack[Rejected],
    ) -> pa.Table:
        """See `ports.Control`."""
        return self._listing.quarantine(
            {"source": source, **among},
            closed=closed, decided=decided, due=due, most=most, newest=newest, behind=behind,
        )  # fmt: skip

    def quarantined(
        self, source: str | None = None, *, closed: bool = False, unnamed: Collection[str] = ()
    ) -> dict[str, int]:
        """See `ports.Control`."""
        return self._listing.quarantined(source, closed=closed, unnamed=unnamed)

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

    def keep_key(self, key: ApiKey) -> None:
        """See `ports.Control`."""
        table, row = self._catalog.database.table("_key"), key_row(key)
        with self._catalog.database.transaction("keeping a key") as connection:
            connection.execute(f"DELETE FROM {table} WHERE key_id = %s", [key.key_id])
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", row)

    def api_keys(self) -> list[ApiKey]:
        """See `ports.Control`."""
        with self._catalog.database.transaction("reading keys") as connection:
            table = self._catalog.database.table("_key")
            rows = connection.execute(f"SELECT * FROM {table} ORDER BY made_at, key_id").fetchall()
        return [key_of(row) for row in rows]

    def keys_changed(self) -> int:
        """See `ports.Control`."""
        with self._catalog.database.transaction("looking at keys") as connection:
            row = connection.execute(
                "SELECT coalesce(sum(hashtextextended(k::text, 0) >> 8), 0)::bigint "
                f"FROM {self._catalog.database.table('_key')} AS k"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def forget(self, source: str, *, answers: dt.datetime, bodies: dt.datetime | None) -> int:
        """See `ports.Control`."""
        t = self._catalog.database.table
        with self._catalog.database.transaction("forgetting") as connection:
            gone = connection.execute(
                f"DELETE FROM {t('_answer')} WHERE source = %s AND answered_at < %s", [source, stored(answers)]
            ).rowcount
            if bodies is not None:
                gone += connection.execute(
                    f"DELETE FROM {t('_body')} AS b USING {t('_reading')} AS r "
                    "WHERE r.reading_no = b.load_no AND r.source = %s AND r.arrived_at < %s",
                    [source, stored(bodies)],
                ).rowcount
        return gone

    def findings(
        self,
        source: str | None = None,
        kind: str | None = None,
        *,
        behind: tuple[int, str, str, str, str] | None = None,
        most: int | None = None,
    ) -> pa.Table:
        """See `ports.Control`."""
        return self._listing.findings({"source": source, "kind": kind}, behind=behind, most=most)

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
