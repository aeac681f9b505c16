"""What records and whole deliveries assert, as rows of the table of assertions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from trivium.engine.judge.plan import Claim, Plan
from trivium.engine.law.statements import neutral_type
from trivium.engine.tables import arrow_type
from trivium.model.entity import EntityShape
from trivium.model.source import Source


def assertion_rows(shape: EntityShape, parts: Sequence[str], table: Any, at: Any, sequence: Any, place: Any) -> Any:
    """A row for each of `table`, whose columns `parts` are the scope; the rest of the key is null."""
    count = table.num_rows
    columns: dict[str, Any] = {}
    for key in shape.keys:
        type_: Any = arrow_type(neutral_type(key.type))
        columns[key.name] = table[key.name].cast(type_) if key.name in parts else pa.nulls(count, type_)
    columns["_parts"] = pa.array([",".join(parts)] * count, pa.string())
    return pa.table(columns | {"_at": at, "_seq": sequence, "_place": place})


def record_assertions(
    source: Source, plan: Plan, said: Sequence[Any], claims: Sequence[tuple[Claim, Any]]
) -> dict[str, Any]:
    """What single records assert: `said` are the accepted statements of each route, `claims` those about lists."""
    found = [
        (route.asserts, planned.shape, table)
        for route, planned, table in zip(source.routes, plan.routes, said, strict=True)
        if route.asserts and route.each is None
    ]
    found += [(claim.parts, claim.plan.shape, table) for claim, table in claims]
    rows: dict[str, list[Any]] = {}
    for parts, shape, table in found:
        if table.num_rows:
            made = assertion_rows(shape, parts, table, table["_at"], table["_seq"], table["_place"])
            rows.setdefault(shape.name, []).append(made)
    return {name: pa.concat_tables(parts) for name, parts in rows.items()}


class Wholes:
    """Gathers the scopes of a delivery: those of its records, and the one that its name gives if it gives all of it."""

    def __init__(self, source: Source, captured: Any | None, at: int | None) -> None:
        self._source, self._at = source, at
        self._found: list[Any] = [] if captured is None else [captured]

    def add(self, statements: Mapping[str, Any], rejected: Any | None) -> None:
        """The scopes of a chunk's statements, and of rejected records whose scope could be read."""
        if not self._source.asserts:
            return
        table = statements.get(self._source.routes[0].shape.name)
        parts = list(self._source.asserts)
        if table is not None:
            self._found.append(table.select(parts).group_by(parts).aggregate([]))
        if rejected is not None:
            self._found.append(rejected.select(parts))

    def assertions(self) -> dict[str, Any]:
        """A row for each scope, of the time of the delivery's cut-off."""
        if not self._source.asserts or not self._found:
            return {}
        shape, parts = self._source.routes[0].shape, list(self._source.asserts)
        scopes = pa.concat_tables(self._found).group_by(parts).aggregate([]).sort_by([(p, "ascending") for p in parts])
        count = scopes.num_rows
        if not count:
            return {}
        at, none = pa.array([self._at] * count, pa.int64()), pa.array([-1] * count, pa.int64())
        return {shape.name: assertion_rows(shape, parts, scopes, at, none, pa.nulls(count, pa.int64()))}
