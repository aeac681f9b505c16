"""The rejected records of a chunk: every reason against each, and what of their keys can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from trivium.engine.judge.plan import Plan
from trivium.engine.judge.session import Session
from trivium.engine.law.statements import quote
from trivium.engine.places import line_of
from trivium.engine.reading import RawChunk
from trivium.model.source import Source

_FIELDS: Final[list[pa.Field[Any]]] = [
    pa.field("place", pa.int64(), False),
    pa.field("line", pa.int64()),
    pa.field("byte_offset", pa.int64()),
    pa.field("raw", pa.binary(), False),
    pa.field("reasons", pa.string(), False),
    pa.field("keyless", pa.bool_(), False),
    pa.field("due", pa.int64()),
]
SCHEMA: Final = pa.schema(_FIELDS)

_AT_ONCE: Final = 1 << 14
"""Rows whose reasons are found at once: each may have one for each of its attributes, and all are texts."""

_EARLY: Final = """'{"rule":"future"'"""
"""How the JSON text of the reason begins that time alone will cure."""


@dataclass(frozen=True, slots=True)
class Rejects:
    """`rejected` as in a Verdict. `mentions`: its keys by entity. `scopes`: the asserted parts of keys that could be
    read in rejected records, and their places; None where the source asserts nothing for a whole delivery."""

    rejected: Any | None
    mentions: dict[str, Any]
    scopes: Any | None


NONE: Final = Rejects(None, {}, None)


def rejects(session: Session, source: Source, plan: Plan, chunk: RawChunk, rows: Any, bad: Any) -> Rejects:
    """What is to be said of the rows `bad` (their numbers in the chunk, ascending) and of the torn records.

    `rows` is what is shown as `plan.shown`; the bad ones of it take its place.
    """
    tables: list[Any] = []
    mentioned: dict[str, list[Any]] = {}
    scoped: list[Any] = []
    for low in range(0, len(bad), _AT_ONCE):
        session.share(plan.shown, only_rows(rows, bad[low : low + _AT_ONCE]))
        tables.append(_judged(session, source, plan, chunk))
        for entity, keys in plan.mentions.items():
            mentioned.setdefault(entity, []).append(session.each(keys))
        if source.asserts:
            scoped.append(_scopes(session, plan, source.asserts))
    if chunk.torn.num_rows:
        tables.append(_torn(session, chunk.torn))
    rejected = pa.concat_tables(tables).sort_by([("place", "ascending"), ("byte_offset", "ascending")])
    mentions = {entity: pa.concat_tables(keys) for entity, keys in mentioned.items()}
    mentions = {entity: keys for entity, keys in mentions.items() if keys.num_rows}
    return Rejects(rejected, mentions, pa.concat_tables(scoped) if scoped else None)


def _judged(session: Session, source: Source, plan: Plan, chunk: RawChunk) -> Any:
    # Items of one record may have the same reason, when it lies in the record: the first stands for all.
    rows = session.each(
        plan.over_views(f"""
        SELECT _row, place, '[' || array_to_string(said, ',') || ']' AS reasons,
               NOT readable AS keyless,
               CASE WHEN len(list_filter(said, lambda r: NOT starts_with(r, {_EARLY}))) = 0
                   THEN said_at - {source.max_ahead * 1_000_000} END AS due
        FROM (
            SELECT * REPLACE (CASE
                WHEN several THEN list_filter(said, lambda r, i: list_position(said, r) = i) ELSE said
            END AS said) FROM (
                SELECT _row, any_value(_place) AS place, bool_and(_key) AS readable, max(_at) AS said_at,
                       count(*) > 1 AS several, flatten(list(reasons ORDER BY _nth, _pos, reasons)) AS said
                FROM ({plan.reasons}) GROUP BY _row
            )
        )
        ORDER BY _row
    """)
    )
    index = rows["_row"].to_numpy()
    raw, offset = chunk.raw(index)
    line = pa.array(line_of(rows["place"].to_numpy()))
    return pa.table([rows["place"], line, offset, raw, rows["reasons"], rows["keyless"], rows["due"]], schema=SCHEMA)


def _scopes(session: Session, plan: Plan, asserts: tuple[str, ...]) -> Any:
    parts = ", ".join(map(quote, asserts))
    found = f"(SELECT *, bool_or(_nth < 0 AND NOT _key) OVER (PARTITION BY _row) AS _doubted FROM ({plan.reasons}))"
    trusted = f"FROM {found} WHERE _nth >= 0 AND NOT _doubted"
    return session.each(plan.over_views(f"SELECT DISTINCT {parts}, _place {trusted} AND _scope"))


def _torn(session: Session, torn: Any) -> Any:
    session.show("torn", torn)
    return session.arrow("""
        SELECT place, line, "offset" AS byte_offset, raw, '[' || array_to_string(
                   list_transform(reasons, lambda r: reason(r.rule, NULL, NULL, r.message)), ','
               ) || ']' AS reasons, true AS keyless, NULL::BIGINT AS due
        FROM torn
    """).cast(SCHEMA)


def only_rows(rows: Any, numbers: Any) -> Any:
    """The rows of these numbers, out of a table with `_row`."""
    return rows.filter(pa.array(np.isin(rows["_row"].to_numpy(), numbers)))


def bad_rows(tables: list[Any]) -> Any:
    """The numbers of the rows that are not good in every table, ascending."""
    found = [table["_row"].to_numpy()[~_mask(table["_ok"])] for table in tables]
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _mask(column: Any) -> Any:
    return column.to_numpy().astype(bool)
