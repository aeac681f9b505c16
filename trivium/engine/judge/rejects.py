"""The rejected records of a chunk: every reason against each, and what of their keys can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from trivium.engine.judge.plan import Plan
from trivium.engine.judge.session import Session
from trivium.engine.law.statements import quote
from trivium.engine.reading import RawChunk
from trivium.model.source import Source

SCHEMA: Final = pa.schema(
    [
        pa.field("place", pa.int64(), False),
        pa.field("line", pa.int64()),
        pa.field("byte_offset", pa.int64()),
        pa.field("raw", pa.binary(), False),
        pa.field("reasons", pa.string(), False),
        pa.field("keyless", pa.bool_(), False),
        pa.field("due", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Rejects:
    """`rejected` as in a Verdict. `mentions`: its keys by entity. `scopes`: the asserted parts of keys that could be
    read in rejected records; None where the source asserts nothing for a whole delivery."""

    rejected: Any | None
    mentions: dict[str, Any]
    scopes: Any | None


NONE: Final = Rejects(None, {}, None)


def rejects(session: Session, source: Source, plan: Plan, chunk: RawChunk, bad: Any) -> Rejects:
    """What is to be said of the rows `bad` (their numbers in the chunk, ascending) and of the torn records."""
    tables: list[Any] = []
    mentions: dict[str, Any] = {}
    scopes = None
    if len(bad):
        session.show("bad", pa.table({"_row": bad}))
        only = "_row IN (SELECT _row FROM bad)"
        found = [f"SELECT {n} AS nth, * FROM ({p.reasons(only)})" for n, p in enumerate(plan.stated)]
        if plan.faults:
            found.append(f"SELECT -1 AS nth, * FROM ({plan.faults}) WHERE {only}")
        session.run(f"CREATE OR REPLACE TEMP TABLE found AS {' UNION ALL BY NAME '.join(found)}")
        tables.append(_judged(session, source, chunk))
        if source.asserts:
            shape = plan.routes[0].shape
            mentions, scopes = _mentions(session, shape.name, [key.name for key in shape.keys], source.asserts)
        session.run("DROP TABLE found")
    if chunk.torn.num_rows:
        tables.append(_torn(session, source, chunk.torn))
    rejected = pa.concat_tables(tables).sort_by([("place", "ascending"), ("byte_offset", "ascending")])
    return Rejects(rejected, mentions, scopes)


def _judged(session: Session, source: Source, chunk: RawChunk) -> Any:
    # One reason a row, each once, in the order of routes, items and columns.
    rows = session.arrow(f"""
        WITH single AS (
            SELECT _row, reason, min(position) AS position
            FROM (
                SELECT _row, unnest(reasons) AS reason,
                       [nth, nth_row, generate_subscripts(reasons, 1)] AS position
                FROM (SELECT *, row_number() OVER (PARTITION BY nth, _row) AS nth_row FROM found)
            )
            GROUP BY _row, reason
        ), reasons AS (
            SELECT _row, to_json(list(reason ORDER BY position))::VARCHAR AS reasons,
                   bool_and(reason.rule = 'future') AS early
            FROM single GROUP BY _row
        )
        SELECT _row, any_value(_place) AS place, any_value(r.reasons) AS reasons,
               {"NOT bool_and(_key)" if source.asserts else "false"} AS keyless,
               CASE WHEN any_value(early) THEN max(_at) - {source.max_ahead * 1_000_000} END AS due
        FROM found JOIN reasons AS r USING (_row)
        GROUP BY _row ORDER BY _row
    """)
    index = rows["_row"].to_numpy()
    raw, offset = chunk.raw(index)
    return pa.table(
        [rows["place"], rows["place"], offset, raw, rows["reasons"], rows["keyless"], rows["due"]], schema=SCHEMA
    )


def _mentions(session: Session, entity: str, keys: list[str], asserts: tuple[str, ...]) -> tuple[dict[str, Any], Any]:
    columns, parts = ", ".join(map(quote, keys)), ", ".join(map(quote, asserts))
    trusted = "nth >= 0 AND _row NOT IN (SELECT _row FROM found WHERE nth < 0 AND NOT _key)"
    readable = session.arrow(f"SELECT DISTINCT {columns}, _place FROM found WHERE _key AND {trusted}")
    scopes = session.arrow(f"SELECT DISTINCT {parts} FROM found WHERE _scope AND {trusted}")
    return {entity: readable} if readable.num_rows else {}, scopes


def _torn(session: Session, source: Source, torn: Any) -> Any:
    session.show("torn", torn)
    keyless = "true" if source.asserts else "false"
    return session.arrow(f"""
        SELECT line AS place, line, "offset" AS byte_offset, raw,
               to_json(list_transform(reasons, lambda r: reason(r.rule, NULL, NULL, r.message)))::VARCHAR AS reasons,
               {keyless} AS keyless, NULL::BIGINT AS due
        FROM torn
    """).cast(SCHEMA)


def bad_rows(tables: list[Any]) -> Any:
    """The numbers of the rows that are not good in every table, ascending."""
    found = [table["_row"].to_numpy()[~_mask(table["_ok"])] for table in tables]
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _mask(column: Any) -> Any:
    return column.to_numpy().astype(bool)
