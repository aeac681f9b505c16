"""Small deliveries written and published in one transaction of PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.commits import draw_sql, last_drawn_sql
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.database import UNKNOWN, Connection
from trivium.adapters.stores.postgres.writing import Writing
from trivium.engine.readings import number
from trivium.engine.rows import answer_row, answered_of, finding_row, load_row, reading_row
from trivium.engine.tables import control, rows_table
from trivium.errors import AlreadyTaken, Outrun
from trivium.ports import Answer, Answered, Handful, Position, Published


def take(catalog: Catalog, source: str, handful: Handful) -> list[Published]:
    """See `ports.History.take`. A row of `_position` is what there is one of: the second of two that want to move it
    waits for the first, and then finds it moved."""
    with catalog.database.lent_pipe() as pipe:
        load_nos = catalog.next_loads(pipe, len(handful.deliveries))
        Writing(catalog, source, load_nos, pipe=pipe).add(handful.verdict)
        for position in handful.positions:
            _move(catalog, pipe, source, position)
        _keep_answers(catalog, pipe, source, handful.answers)
        # Drawn late: until the end of the transaction no reader counts on what came after it.
        ((commit,),) = pipe.rows(draw_sql(catalog.database) if load_nos else last_drawn_sql(catalog.database))
        _publish(catalog, pipe, source, handful, load_nos, int(commit))
        pipe.commit(hint=UNKNOWN)
    return [Published(int(commit), load_no, 1, 1, True) for load_no in load_nos]


def _move(catalog: Catalog, pipe: Pipe, source: str, position: Position) -> None:
    table = catalog.database.table("_position")
    if position.before is None:
        moved = pipe.rows(
            f"INSERT INTO {table} VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING RETURNING 1",
            [source, position.part, position.after],
        )
    else:
        moved = pipe.rows(
            f"UPDATE {table} SET position = $1 WHERE source = $2 AND part = $3 AND position = $4 RETURNING 1",
            [position.after, source, position.part, position.before],
        )
    if not moved:
        raise Outrun(
            f"{source} has not been read up to {position.before} in {position.part}, or further: another process reads "
            "it",
            hint="nothing was taken twice; it goes on from where the store says",
        )


def _keep_answers(catalog: Catalog, pipe: Pipe, source: str, answers: Sequence[Answer]) -> None:
    """Their commit is not known yet, and is written in the same transaction."""
    if not answers:
        return
    rows = [answer_row(source, answer, 0) for answer in answers]
    names = [column.name for column in control("_answer").columns]
    given = json.dumps([dict(zip(names, map(_plain, row), strict=True)) for row in rows])
    kept = pipe.rows(
        f"INSERT INTO {catalog.database.table('_answer')} "
        f"SELECT * FROM json_populate_recordset(NULL::{catalog.database.table('_answer')}, $1::json) "
        "ON CONFLICT DO NOTHING RETURNING 1",
        [given],
    )
    if len(kept) < len(answers):
        raise AlreadyTaken(f"a request of {source} with one of these keys was answered", hint="ask for its answer")


def _plain(value: object) -> object:
    return value if isinstance(value, str | int) else str(value)


def _publish(catalog: Catalog, pipe: Pipe, source: str, handful: Handful, load_nos: Sequence[int], commit: int) -> None:
    table = catalog.database.table
    loads, readings = [], []
    for load_no, (delivery, account) in zip(load_nos, handful.deliveries, strict=True):
        one = number(delivery, [])
        loads.append(load_row(load_no, load_no, commit, account))
        readings.append(
            reading_row(load_no, delivery, revision=1, attempt=1, says=load_no, commit=commit, kind=one.kind)
        )
    findings = [finding_row(commit, source, finding) for finding in handful.findings]
    bodies = [list(row) for row in zip(load_nos, handful.bodies, strict=False)]
    for name, rows in (("_load", loads), ("_reading", readings), ("_body", bodies), ("_finding", findings)):
        if rows:
            pipe.append(catalog.database.schema, name, rows_table(control(name), rows))
    if handful.answers:
        keys = json.dumps([answer.key for answer in handful.answers])
        pipe.rows(
            f"UPDATE {table('_answer')} SET commit_no = $1 WHERE source = $2 "
            "AND key IN (SELECT json_array_elements_text($3::json)) RETURNING 1",
            [commit, source, keys],
        )
    for position in handful.positions:
        pipe.rows(
            f"UPDATE {table('_position')} SET commit_no = $1 WHERE source = $2 AND part = $3 RETURNING 1",
            [commit, source, position.part],
        )


def positions_of(catalog: Catalog, source: str) -> dict[str, int]:
    """See `ports.History.positions`."""
    with catalog.database.transaction("reading positions") as connection:
        rows = connection.execute(
            f"SELECT part, position FROM {catalog.database.table('_position')} WHERE source = %s", [source]
        ).fetchall()
    return {str(part): int(position) for part, position in rows}


def answered(catalog: Catalog, source: str, keys: Collection[str]) -> dict[str, Answered]:
    """See `ports.History.answered`."""
    with catalog.database.transaction("looking for answers") as connection:
        rows = connection.execute(
            "SELECT key, digest, status, answer, answered_at, commit_no "
            f"FROM {catalog.database.table('_answer')} WHERE source = %s AND key = ANY(%s)",
            [source, list(keys)],
        ).fetchall()
    return {row[0]: answered_of(row) for row in rows}


def write_answer(catalog: Catalog, connection: Connection, source: str, answer: Answer) -> None:
    """Keeps what the request of a load was answered, in the caller's transaction, whose commit has no number yet."""
    row = answer_row(source, answer, 0)
    kept = connection.execute(
        f"INSERT INTO {catalog.database.table('_answer')} VALUES ({', '.join(['%s'] * len(row))}) "
        "ON CONFLICT DO NOTHING",
        row,
    )
    if kept.rowcount == 0:
        raise AlreadyTaken(f"a request of {source} with the key {answer.key!r} was answered", hint="ask for its answer")


def tell_commit(catalog: Catalog, connection: Connection, source: str, answer: Answer, commit: int) -> None:
    """Writes down the commit of an answer that was kept in this transaction."""
    connection.execute(
        f"UPDATE {catalog.database.table('_answer')} SET commit_no = %s WHERE source = %s AND key = %s",
        [commit, source, answer.key],
    )


def body(catalog: Catalog, source: str, delivery: str, digest: str) -> bytes | None:
    """See `ports.History.body`."""
    t = catalog.database.table
    with catalog.database.transaction("reading a body") as connection:
        row = connection.execute(
            f"SELECT b.raw FROM {t('_body')} AS b JOIN {t('_reading')} AS r ON r.reading_no = b.load_no "
            "WHERE r.source = %s AND r.delivery = %s AND r.digest = %s",
            [source, delivery, digest],
        ).fetchone()
    return None if row is None else bytes(row[0])
