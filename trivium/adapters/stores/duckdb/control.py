"""Administration of the DuckDB store."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Sequence
from typing import Any, Unpack

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog, remove_loads, set_meta
from trivium.adapters.stores.duckdb.current import consolidated, is_few, last_commit, prepare_tail
from trivium.adapters.stores.duckdb.listing import Listing
from trivium.adapters.stores.duckdb.publishing import insert, publish_load, readings
from trivium.adapters.stores.duckdb.quarantine import require_open
from trivium.engine.held import Held, held_of, the_held
from trivium.engine.law.statements import quote
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
from trivium.ports import ApiKey, Change, Consolidation, Delivery, Published, Reconciliation, Rejected

_SLICE_ROWS = 5_000_000
"""Statements folded at a time in a consolidation: what keeps its memory bounded."""
_SLICE_KEYS = 250_000
"""The same of keys of the tail, which a join has to remember. With the usual 300 MB, a million keys among two million
statements took 14 s in one piece, that wrote to disk what did not fit, and 5 s in four."""


class DuckDBControl:
    """See `ports.Control`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog, self._listing = catalog, Listing(catalog)
        self._keys_changed = 0
        self._consolidating = threading.Lock()

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
        """See `ports.Control`."""
        if not self._consolidating.acquire(blocking=False):  # two would fold the same keys, and one of them in vain
            with self._catalog.database.transaction("reading the status") as cursor:
                stands = consolidated(self._catalog, cursor)
            return Consolidation(stands, stands, 0)
        try:
            return self._consolidate()
        finally:
            self._consolidating.release()

    def _consolidate(self) -> Consolidation:
        catalog, keys = self._catalog, 0
        with catalog.database.transaction("consolidating", wide=True) as cursor:
            commit = last_commit(catalog, cursor)
            after = consolidated(catalog, cursor)
            if after == commit:
                return Consolidation(after, commit, 0)
            for shape in catalog.domain.shapes:
                law = catalog.law(shape.name)
                master = catalog.database.table(f"{shape.name}__master")
                names = ", ".join(
                    quote(c) for c in (*(c.name for c in (*shape.keys, *shape.columns)), "_alive", "_lacks", "_stamp")
                )
                history = catalog.database.table(f"{shape.name}__history")
                tail = prepare_tail(catalog, cursor, law, commit)
                if tail and _is_most(_rows(cursor, tail), _rows(cursor, history)):
                    tail = None
                    cursor.execute(f"DELETE FROM {master}")
                if tail:
                    same = " AND ".join(f"t.{quote(k.name)} = m.{quote(k.name)}" for k in shape.keys)
                    cursor.execute(f"DELETE FROM {master} AS m USING {tail} AS t WHERE {same}")
                parts = _slices(cursor, history, tail)
                few = parts == [None] and is_few(cursor, tail)
                for part in parts:
                    fold = law.fold(commit=commit, only=tail or None, few=few, part=part)
                    row = cursor.execute(f"INSERT INTO {master} ({names}) SELECT {names} FROM ({fold})").fetchone()
                    keys += int(row[0]) if row else 0
            set_meta(catalog.database, cursor, "consolidated", str(commit))
        return Consolidation(after, commit, keys)

    def consolidated(self) -> int:
        """See `ports.Control`."""
        with self._catalog.database.transaction("reading the store") as cursor:
            return consolidated(self._catalog, cursor)

    def retract(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""

        def silence(found: list[Reading]) -> tuple[Reading, int | None]:
            return to_retract(source, delivery, found), None

        return self._say(source, delivery, "retraction", by, silence)

    def restore(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""

        def again(found: list[Reading]) -> tuple[Reading, int | None]:
            return to_restore(source, delivery, found)

        return self._say(source, delivery, "restored", by, again)

    def _say(self, source: str, delivery: str, kind: str, by: str | None, decide: Any) -> Published:
        """A reading without rows of its own: it says nothing, or what an earlier one said."""
        catalog = self._catalog
        with catalog.commit(f"{kind} of a delivery") as (cursor, commit):
            top, says = decide(readings(catalog, cursor, source, delivery))
            file, size, archived = _origin(catalog, cursor, top.reading_no)
            reading_no, attempt = catalog.next_loads(1)[0], top.attempt + 1
            row = Delivery(
                source, delivery, top.revision, top.digest, file, size, dt.datetime.now(dt.UTC),
                archived=archived, by=by,
            )  # fmt: skip
            insert(catalog, cursor, "_reading", reading_row(
                reading_no, row, revision=top.revision, attempt=attempt, says=says, commit=commit, kind=kind
            ))  # fmt: skip
            insert(catalog, cursor, "_contested", [source, delivery])
        return Published(commit, reading_no, top.revision, attempt, True)

    def release(self, source: str, delivery: str, by: str | None) -> Published:
        """See `ports.Control`."""
        with self._catalog.database.write_lock:
            load_no, held = self._held(source, delivery)
            return publish_load(self._catalog, load_no, held.released(by), held.account, released=True)

    def refuse(self, source: str, delivery: str, by: str | None) -> None:
        """See `ports.Control`."""
        with self._catalog.database.write_lock:
            load_no, held = self._held(source, delivery)
            told = held.refusal(by, dt.datetime.now(dt.UTC))
            with self._catalog.database.transaction("refusing a held delivery") as cursor:
                remove_loads(self._catalog.database, self._catalog.domain, cursor, [load_no])
                insert(self._catalog, cursor, "_finding", finding_row(last_commit(self._catalog, cursor), source, told))

    def _held(self, source: str, delivery: str) -> tuple[int, Held]:
        with self._catalog.database.transaction("reading held deliveries") as cursor:
            rows = cursor.execute(
                f"SELECT load_no, held FROM {self._catalog.database.table('_open')} WHERE held IS NOT NULL"
            ).fetchall()
        return the_held([(int(load_no), str(text)) for load_no, text in rows], source, delivery)

    def drop(self, load_no: int, place: int, by: str | None) -> int:
        """See `ports.Control`."""
        catalog, t = self._catalog, self._catalog.database.table
        with catalog.commit("dropping a quarantined record") as (cursor, commit):
            require_open(catalog, cursor, load_no, [place])
            cursor.execute(
                f"INSERT INTO {t('_resolution')} VALUES (?, ?, 'dropped', ?, NULL, ?, NULL)",
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
        with self._catalog.database.transaction("reading what is kept") as cursor:
            rows = cursor.execute(f"SELECT source, digest, arrived_at FROM {t('_reading')} WHERE archived").fetchall()
            held = cursor.execute(f"SELECT held FROM {t('_open')} WHERE held IS NOT NULL").fetchall()
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
        database = self._catalog.database
        table = database.table("_reconciliation")
        with database.write_lock, database.transaction("keeping a reconciliation") as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE reading_no = ?", [kept.reading_no])
            insert(self._catalog, cursor, "_reconciliation", reconciliation_row(kept))

    def reconciliations(self, source: str | None = None, delivery: str | None = None) -> list[Reconciliation]:
        """See `ports.Control`."""
        with self._catalog.database.transaction("reading reconciliations") as cursor:
            rows = cursor.execute(
                "SELECT reading_no, source, delivery, against, accepted, computed_at, summary, "
                "CASE WHEN $delivery IS NULL THEN '' ELSE differences END "
                f"FROM {self._catalog.database.table('_reconciliation')} "
                "WHERE ($source IS NULL OR source = $source) AND ($delivery IS NULL OR delivery = $delivery) "
                "ORDER BY reading_no",
                {"source": source, "delivery": delivery},
            ).fetchall()
        return [reconciliation_of(row) for row in rows]

    def keep_key(self, key: ApiKey) -> None:
        """See `ports.Control`."""
        database, row = self._catalog.database, key_row(key)
        with database.write_lock, database.transaction("keeping a key") as cursor:
            cursor.execute(f"DELETE FROM {database.table('_key')} WHERE key_id = ?", [key.key_id])
            cursor.execute(f"INSERT INTO {database.table('_key')} VALUES ({', '.join('?' * len(row))})", list(row))
        self._keys_changed += 1  # nobody else has the file

    def api_keys(self) -> list[ApiKey]:
        """See `ports.Control`."""
        with self._catalog.database.transaction("reading keys") as cursor:
            table = self._catalog.database.table("_key")
            return [key_of(row) for row in cursor.execute(f"SELECT * FROM {table} ORDER BY made_at, key_id").fetchall()]

    def keys_changed(self) -> int:
        """See `ports.Control`."""
        return self._keys_changed

    def forget(self, source: str, *, answers: dt.datetime, bodies: dt.datetime | None) -> int:
        """See `ports.Control`."""
        t = self._catalog.database.table
        with self._catalog.database.write_lock, self._catalog.database.transaction("forgetting") as cursor:
            gone = cursor.execute(
                f"DELETE FROM {t('_answer')} WHERE source = ? AND answered_at < ?", [source, stored(answers)]
            ).fetchone()
            if bodies is not None:
                old = f"SELECT reading_no FROM {t('_reading')} WHERE source = ? AND arrived_at < ?"
                more = cursor.execute(
                    f"DELETE FROM {t('_body')} WHERE load_no IN ({old})", [source, stored(bodies)]
                ).fetchone()
            else:
                more = (0,)
        return int((gone or (0,))[0]) + int((more or (0,))[0])

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
        with catalog.database.transaction("reading the status") as cursor:
            commit, folded = last_commit(catalog, cursor), consolidated(catalog, cursor)
            entities = {}
            for shape in catalog.domain.shapes:
                row = cursor.execute(
                    f"SELECT (SELECT count(*) FROM {t(shape.name + '__history')}), "
                    f"(SELECT count(*) FROM {t(shape.name + '__master')} WHERE _alive), "
                    f"(SELECT count(*) FROM {t(shape.name + '__master')} WHERE _alive AND _lacks <> '')"
                ).fetchone()
                assert row is not None
                entities[shape.name] = {"statements": row[0], "master": row[1], "incomplete": row[2]}
            loads = cursor.execute(
                f"SELECT load_no, source, opened_at FROM {t('_open')} WHERE held IS NULL ORDER BY 1"
            ).fetchall()
        return {
            "store": str(catalog.database.path),
            "commit": commit,
            "consolidated": folded,
            "entities": entities,
            "loading": [{"load": n, "source": s, "since": f"{at.isoformat()}Z"} for n, s, at in loads],
        }

    def close(self) -> None:
        """See `ports.Control`."""
        self._catalog.database.close()


def _origin(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, reading_no: int) -> tuple[str, int, bool]:
    row = cursor.execute(
        f"SELECT file, size, archived FROM {catalog.database.table('_reading')} WHERE reading_no = ?",
        [reading_no],
    ).fetchone()
    assert row is not None
    return str(row[0]), int(row[1]), bool(row[2])


def _is_most(keys: int, statements: int) -> bool:
    """Whether folding everything anew is quicker than folding so many keys of the tail, each slice of which reads all
    statements. Of two million, 520,000 keys took 1.9 s and everything 2.1 s; 1,010,000 keys 4.6 s and everything 2.6 s.
    """
    return keys > _SLICE_KEYS and 3 * keys >= statements


def _slices(cursor: duckdb.DuckDBPyConnection, history: str, tail: str | None) -> list[tuple[int, int] | None]:
    if tail == "":
        return []
    parts = 1 + _rows(cursor, tail or history) // (_SLICE_KEYS if tail else _SLICE_ROWS)
    return [None] if parts == 1 else [(part, parts) for part in range(parts)]


def _rows(cursor: duckdb.DuckDBPyConnection, table: str) -> int:
    row = cursor.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
