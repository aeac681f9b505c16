"""Small deliveries written and published in one transaction of the DuckDB store."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.database import UNKNOWN, translated
from trivium.adapters.stores.duckdb.scripts import Script
from trivium.adapters.stores.duckdb.writing import rows_of, values_of
from trivium.engine.handful import key_hash
from trivium.engine.readings import number
from trivium.engine.rows import answer_row, answered_of, finding_row, load_row, reading_row
from trivium.engine.tables import Table, control, rows_table
from trivium.errors import AlreadyTaken, Outrun
from trivium.ports import Answer, Answered, Handful, Position, Published

_MANY: Final = 20_000
"""Rows that are written before the others are made to wait."""


def take(catalog: Catalog, source: str, handful: Handful) -> list[Published]:
    """See `ports.History.take`. While others wait, only the small rows that make the others count are written, and the
    transaction committed."""
    load_nos = catalog.next_loads(len(handful.deliveries))
    rows = list(_rows_of(catalog, handful, load_nos))
    with translated("taking a handful"), catalog.database.scripts.transaction() as script:
        for table, some in rows:
            _insert(catalog, script, table, some, {"_source": catalog.source_no(source)})
        if sum(some.num_rows for _, some in rows) > _MANY:
            script.run()
        with catalog.database.write_lock:
            check_free(catalog, source, handful.positions, [answer.key for answer in handful.answers])
            with catalog.drawn(makes=bool(load_nos)) as commit:
                _publish(catalog, script, source, handful, load_nos, commit)
                with translated("taking a handful", hint=UNKNOWN):
                    script.run("COMMIT")
    return [Published(commit, load_no, 1, 1, True) for load_no in load_nos]


def _rows_of(catalog: Catalog, handful: Handful, load_nos: Sequence[int]) -> Iterator[tuple[Table, pa.Table]]:
    """The rows of a handful, each with the number of its load."""
    for table, rows in rows_of(catalog, handful.verdict, load_nos):
        name = "load_no" if table.name == "_quarantine" else "_load"
        if name not in rows.column_names:  # all are of one
            rows = rows.append_column(name, pa.repeat(pa.scalar(load_nos[0], pa.int64()), rows.num_rows))
        yield table, rows


def _insert(
    catalog: Catalog, script: Script, table: Table, rows: pa.Table, constants: Mapping[str, int] = MappingProxyType({})
) -> None:
    name, values = catalog.database.table(table.name), values_of(catalog, table, rows, constants)
    script.add(f"INSERT INTO {name} SELECT {values} FROM {{rows}}", rows)


def check_free(catalog: Catalog, source: str, positions: Sequence[Position], keys: Collection[str]) -> None:
    """Raises where somebody else was here: the caller holds the lock, and its own transaction began before."""
    if positions:
        found = positions_of(catalog, source)
        for position in positions:
            if found.get(position.part) != position.before:
                raise Outrun(
                    f"{source} has been read up to {found.get(position.part)} in {position.part}, and not "
                    f"{position.before}: another process reads it",
                    hint="nothing was taken twice; it goes on from there",
                )
    if keys and (taken := answered(catalog, source, keys)):
        raise AlreadyTaken(f"a request of {source} with the key {next(iter(taken))!r} was answered", hint="ask for it")


def _publish(
    catalog: Catalog, script: Script, source: str, handful: Handful, load_nos: Sequence[int], commit: int
) -> None:
    loads, readings = [], []
    for load_no, (delivery, account) in zip(load_nos, handful.deliveries, strict=True):
        one = number(delivery, [])
        loads.append(load_row(load_no, load_no, commit, account))
        readings.append(
            reading_row(load_no, delivery, revision=1, attempt=1, says=load_no, commit=commit, kind=one.kind)
        )
    findings = [finding_row(commit, source, finding) for finding in handful.findings]
    answers = [answer_row(source, answer, commit) for answer in handful.answers]
    bodies = [list(row) for row in zip(load_nos, handful.bodies, strict=False)]
    for name, rows in (
        ("_load", loads), ("_reading", readings), ("_answer", answers), ("_body", bodies), ("_finding", findings),
    ):  # fmt: skip
        if rows:
            _insert(catalog, script, control(name), rows_table(control(name), rows))
    positions = control("_position")
    for moved in (True, False):
        rows = [
            (source, position.part, position.after, commit)
            for position in handful.positions
            if (position.before is not None) == moved
        ]
        if rows and moved:
            script.add(
                f"UPDATE {catalog.database.table(positions.name)} AS p SET position = r.position, "
                "commit_no = r.commit_no FROM {rows} AS r WHERE p.source = r.source AND p.part = r.part",
                rows_table(positions, rows),
            )
        elif rows:
            _insert(catalog, script, positions, rows_table(positions, rows))


def positions_of(catalog: Catalog, source: str) -> dict[str, int]:
    """See `ports.History.positions`."""
    with catalog.database.transaction("reading positions") as cursor:
        rows = cursor.execute(
            f"SELECT part, position FROM {catalog.database.table('_position')} WHERE source = ?", [source]
        ).fetchall()
    return {str(part): int(position) for part, position in rows}


def answered(catalog: Catalog, source: str, keys: Collection[str]) -> dict[str, Answered]:
    """See `ports.History.answered`. Keys are looked for by a number, which is compared sooner than a text."""
    asked = pa.table({"key_hash": pa.array([key_hash(key) for key in keys], pa.int64())})
    with catalog.database.transaction("looking for answers") as cursor:
        cursor.register("_asked", asked)
        rows = cursor.execute(
            f"SELECT key, digest, status, answer, answered_at, commit_no FROM {catalog.database.table('_answer')} "
            "WHERE key_hash IN (SELECT key_hash FROM _asked) AND source = ?",
            [source],
        ).fetchall()
        cursor.unregister("_asked")
    return {row[0]: answered_of(row) for row in rows if row[0] in keys}


def write_answer(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, source: str, answer: Answer, commit: int) -> None:
    """Keeps what the request of a load was answered, in the caller's transaction; the caller holds the lock."""
    check_free(catalog, source, [], [answer.key])
    row = answer_row(source, answer, commit)
    cursor.execute(f"INSERT INTO {catalog.database.table('_answer')} VALUES ({', '.join('?' * len(row))})", list(row))


def body(catalog: Catalog, source: str, delivery: str, digest: str) -> bytes | None:
    """See `ports.History.body`."""
    t = catalog.database.table
    with catalog.database.transaction("reading a body") as cursor:
        row = cursor.execute(
            f"SELECT b.raw FROM {t('_body')} AS b JOIN {t('_reading')} AS r ON r.reading_no = b.load_no "
            "WHERE r.source = ? AND r.delivery = ? AND r.digest = ?",
            [source, delivery, digest],
        ).fetchone()
    return None if row is None else bytes(row[0])
