"""One chunk of records, judged by a plan."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.judge.assertions import record_assertions
from trivium.engine.judge.plan import CHUNK, Plan
from trivium.engine.judge.rejects import NONE, bad_rows, only_rows, rejects
from trivium.engine.judge.session import Session
from trivium.engine.judge.totals import totals_of
from trivium.engine.reading import RawChunk
from trivium.engine.verdict import Account, Total, Verdict, summed
from trivium.model.source import Source

_OWN: Final = ["_row", "_ok", "_says", "_names", "_look"]
_NOTHING: Final = np.empty(0, dtype=np.int64)

_MOST_BESIDE: Final = 1 << 28
"""Bytes that the items of a chunk may take along of their records. A record of some megabytes with a million items in
its list would not fit into any memory."""


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
    """Judges a chunk. `beside`: columns that its records have besides their cells, by name.

    The same plan in the same session is cheap to be heard again, as long as the columns beside are of the same names
    and types.
    """
    count, rows = chunk.table.num_rows, _chunk_table(source, chunk, beside or {})
    # What is counted from chunk to chunk needs all of them in one hand.
    share = session.show if plan.counts else session.share
    share(CHUNK, rows)
    kept = rows
    if plan.made is not None:
        rows = kept = _told(session.arrow(plan.made) if plan.counts else session.each(plan.made))
        _check_weight(session, rows)
        share(plan.relation, rows)
        for sql in plan.counts:
            session.run(sql)
    if plan.counts:
        session.share(plan.relation, rows)
    stated = [_told(session.each(sql)) for sql in plan.statements]
    said, claimed = stated[: len(plan.routes)], stated[len(plan.routes) :]
    if plan.relation in dict(plan.views):
        kept = said[0]
    ignored = _NOTHING
    if kept.num_rows < count:
        ignored = np.setdiff1d(chunk.place.to_numpy(), kept["_place"].to_numpy())
    checked = [session.each(plan.failing(plan.checks))] if plan.checks else []
    totals = totals_of(session, source, plan.totals)
    looked = _look(plan, [*stated, kept])
    if plan.deep and len(looked):
        session.share(plan.shown, only_rows(rows, looked))
        checked.append(session.each(plan.failing(plan.deep)))
    bad = bad_rows([*stated, *checked, *([kept] if "_ok" in kept.column_names else [])])
    if len(ignored) and checked:
        bad = bad[np.isin(bad, kept["_row"].to_numpy())]
    found = rejects(session, source, plan, chunk, rows, bad) if len(bad) or chunk.torn.num_rows else NONE
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


def _look(plan: Plan, tables: Sequence[Any]) -> Any:
    """The rows that are looked into for deep faults."""
    found = [_NOTHING]
    for table in tables:
        if "_look" in table.column_names:
            found.append(_only(table, table["_look"])["_row"].to_numpy())
        if plan.strict and "_names" in table.column_names:
            found.append(_only(table, pc.is_valid(table["_names"]))["_row"].to_numpy())
    return np.unique(np.concatenate(found))


def _check_weight(session: Session, rows: Any) -> None:
    """Refuses records whose items would take too much along of them."""
    if "_weight" in rows.column_names and (pc.sum(rows["_weight"]).as_py() or 0) > _MOST_BESIDE:
        raise session.too_much()


def _told(table: Any) -> Any:
    """Without the rows that are ignored. `_ok` then says of the rest, too, that no member is there twice."""
    if "_ignored" in table.column_names:
        table = _only(table, pc.invert(table["_ignored"])).drop_columns(["_ignored"])
    if "_names" in table.column_names and table["_names"].null_count < table.num_rows:
        # Records mostly have the same members in the same order.
        shapes = table["_names"].combine_chunks().dictionary_encode()
        once = np.array([*map(_has_each_once, shapes.dictionary.to_pylist()), True])
        sound = table["_ok"].to_numpy() & once[shapes.indices.fill_null(len(once) - 1).to_numpy()]
        table = table.set_column(table.column_names.index("_ok"), "_ok", pa.array(sound))
    return table


def _has_each_once(names: str) -> bool:
    """Whether each object, given by the names of its members, has none of them twice."""
    return all(len(set(names)) == len(names) for names in json.loads(names) if names is not None)


def _only(table: Any, rows: Any) -> Any:
    return table if pc.all(rows).as_py() in (True, None) else table.filter(rows)


def _accepted(table: Any, bad: Any) -> Any:
    if "_says" in table.column_names:
        table = _only(table, table["_says"])
    if len(bad):
        table = table.filter(pa.array(~np.isin(table["_row"].to_numpy(), bad)))
    return table.drop_columns([name for name in _OWN if name in table.column_names])


def _by_entity(plan: Plan, tables: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for route, table in zip(plan.routes, tables, strict=True):
        if table.num_rows:
            found.setdefault(route.shape.name, []).append(table)
    return {name: pa.concat_tables(parts) for name, parts in found.items()}
