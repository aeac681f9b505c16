"""One chunk of records, judged by a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.engine.judge.assertions import record_assertions
from trivium.engine.judge.plan import CHUNK, Plan
from trivium.engine.judge.rejects import NONE, bad_rows, rejects
from trivium.engine.judge.session import Session
from trivium.engine.judge.totals import totals_of
from trivium.engine.reading import RawChunk
from trivium.engine.verdict import Account, Total, Verdict, summed
from trivium.model.source import Source

_OWN = ["_row", "_ok"]


@dataclass(frozen=True, slots=True)
class Heard:
    """The verdict on a chunk. `scopes`: as of `rejects.Rejects`. `ignored`: the places of the ignored records.
    `totals`: those of each part, without the torn records; a part that has no others is not there."""

    verdict: Verdict
    scopes: Any | None
    ignored: Any
    totals: dict[int, dict[str, Total]]


def hear(
    session: Session, source: Source, plan: Plan, chunk: RawChunk, beside: Mapping[str, Any] | None = None
) -> Heard:
    """Judges a chunk. `beside`: columns that its records have besides their cells, by name."""
    count = chunk.table.num_rows
    session.show(CHUNK, _chunk_table(source, chunk, beside or {}))
    for sql in plan.prepare:
        session.run(sql)
    ignored = np.empty(0, dtype=np.int64)
    if plan.relation != CHUNK:
        kept = session.arrow(f"SELECT _place FROM {plan.relation}")["_place"].to_numpy()
        if len(kept) < count:
            ignored = np.setdiff1d(chunk.place.to_numpy(), kept)
    said = [session.arrow(route.statements()) for route in plan.routes]
    claimed = [session.arrow(claim.plan.statements()) for claim in plan.claims]
    faulty = [session.arrow(f"SELECT _row, false AS _ok FROM ({plan.faults})")] if plan.faults else []
    bad = bad_rows([*said, *claimed, *faulty])
    found = rejects(session, source, plan, chunk, bad) if len(bad) or chunk.torn.num_rows else NONE
    totals = totals_of(session, source, plan.totals)
    for sql in plan.after:
        session.run(sql)
    said = [_accepted(table, bad) for table in said]
    claims = [(claim, _accepted(table, bad)) for claim, table in zip(plan.claims, claimed, strict=True)]
    torn, passed = chunk.torn.num_rows, len(ignored)
    return Heard(
        Verdict(
            Account(chunk.received, count - passed - len(bad), len(bad) + torn, passed),
            _by_entity(plan, said),
            record_assertions(source, plan, said, claims),
            found.mentions,
            found.rejected,
            _whole(source, totals, torn),
        ),
        found.scopes,
        ignored,
        totals,
    )


def is_json(source: Source, columns: Sequence[str]) -> bool:
    """Whether records of these columns are JSON."""
    # A source of JSON may be sent CSV over REST; a file of CSV may have a column that is called so.
    return source.format.documents and list(columns) == ["json"]


def _chunk_table(source: Source, chunk: RawChunk, beside: Mapping[str, Any]) -> Any:
    table = chunk.table
    if not is_json(source, table.column_names):
        table = table.rename_columns([f"c{number}" for number in range(table.num_columns)])
    for name, column in beside.items():
        table = table.append_column(name, column)
    rows = pa.array(np.arange(table.num_rows, dtype=np.int64))
    return table.append_column("_row", rows).append_column("_place", chunk.place)


def _whole(source: Source, totals: Mapping[int, Mapping[str, Total]], torn: int) -> dict[str, Total]:
    """The totals of a chunk, of which torn records could not be read either."""
    whole = {name: Total(unread=torn) for name in source.terms.totals}
    return reduce(summed, totals.values(), whole)


def _accepted(table: Any, bad: Any) -> Any:
    if len(bad):
        table = table.filter(pa.array(~np.isin(table["_row"].to_numpy(), bad)))
    return table.drop_columns(_OWN)


def _by_entity(plan: Plan, tables: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for route, table in zip(plan.routes, tables, strict=True):
        if table.num_rows:
            found.setdefault(route.shape.name, []).append(table)
    return {name: pa.concat_tables(parts) for name, parts in found.items()}
