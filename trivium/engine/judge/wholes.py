"""What a delivery as a whole asserts: for each scope that it speaks of, that it is complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from trivium.engine.judge.session import Session
from trivium.engine.tables import arrow_type
from trivium.engine.law.statements import neutral_type
from trivium.model.source import Source


class Wholes:
    """Gathers the scopes of a delivery: those of its records, and the one that its name gives if it gives all of it."""

    def __init__(self, source: Source, captured: Mapping[str, str], at: int | None) -> None:
        self._source, self._captured, self._at = source, captured, at
        self._found: list[Any] = []

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

    def assertions(self, session: Session) -> dict[str, Any]:
        """A row for each scope, of the time of the delivery's cut-off."""
        if not self._source.asserts or not self._found:
            return {}
        shape = self._source.routes[0].shape
        parts = list(self._source.asserts)
        scopes = pa.concat_tables(self._found).group_by(parts).aggregate([]).sort_by([(p, "ascending") for p in parts])
        count = scopes.num_rows
        if not count:
            return {}
        columns: dict[str, Any] = {}
        for key in shape.keys:
            type_ = arrow_type(neutral_type(key.type))
            columns[key.name] = scopes[key.name].cast(type_) if key.name in parts else pa.nulls(count, type_)
        columns["_parts"] = pa.array([",".join(parts)] * count, pa.string())
        columns["_at"] = pa.array([self._at] * count, pa.int64())
        columns["_seq"] = pa.array([-1] * count, pa.int64())
        columns["_place"] = pa.nulls(count, pa.int64())
        return {shape.name: pa.table(columns)}
