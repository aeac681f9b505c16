"""What a caller is shown of records, explanations and quarantine: every value of an attribute passes here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from trivium.engine.explain import Explained, Explanation, Said
from trivium.model.domain import Domain
from trivium.model.entity import Column, EntityShape
from trivium.web.access import Caller, sees


def records(
    caller: Caller, domain: str, shape: EntityShape, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Records on their way out."""
    without = hidden(caller, domain, shape)
    for batch in batches:
        for name in without:
            at = batch.schema.get_field_index(name)
            field = batch.schema.field(at)
            batch = batch.set_column(at, field.with_nullable(True), pa.nulls(batch.num_rows, field.type))
        yield batch


def explanation(caller: Caller, domain: str, shape: EntityShape, found: Explanation) -> Explanation:
    """An explanation on its way out."""
    without = hidden(caller, domain, shape)
    return replace(found, attributes=tuple(_explained(one, without) for one in found.attributes)) if without else found


def rejected(caller: Caller, domain: Domain, row: dict[str, Any]) -> dict[str, Any]:
    """A row of `Control.quarantine` on its way out, with `masked`: whether of its raw bytes nothing is shown, for they
    may hold what is sensitive. The reasons of single fields were masked by who judged; one of the whole record may
    quote anything."""
    if sees(caller, domain.name) or not any(_sensitive(shape) for shape in domain.shapes):
        return row | {"masked": False}
    reasons = [
        one if one.get("field") else {"rule": one.get("rule"), "field": None} for one in json.loads(row["reasons"])
    ]
    return row | {"masked": True, "raw": b"", "mended": None, "reasons": json.dumps(reasons)}


def finding(caller: Caller, domain: str, one: dict[str, Any]) -> dict[str, Any]:
    """A finding on its way out: of a breach the detail quotes values."""
    if one["kind"] != "breach" or sees(caller, domain):
        return one
    return one | {"detail": "a rule is broken; the values are shown to those who may see what is sensitive"}


def may_be_asked(caller: Caller, domain: str, shape: EntityShape, column: Column) -> bool:
    """Whether records may be chosen or ordered by an attribute: who may not see it must not guess it."""
    return column.name not in hidden(caller, domain, shape)


def hidden(caller: Caller, domain: str, shape: EntityShape) -> frozenset[str]:
    """The columns of which the caller is shown no values."""
    columns = _sensitive(shape)
    return frozenset() if not columns or sees(caller, domain) else columns


def _sensitive(shape: EntityShape) -> frozenset[str]:
    return frozenset(column.name for column in (*shape.keys, *shape.columns) if column.sensitive)


def _explained(one: Explained, without: frozenset[str]) -> Explained:
    def told(said: Said) -> Said:
        values = zip(one.group.columns, said.values, strict=True)
        return replace(said, values=tuple(None if column.name in without else value for column, value in values))

    winner = None if one.winner is None else told(one.winner)
    return replace(one, winner=winner, losers=tuple(map(told, one.losers)))
