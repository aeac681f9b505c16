"""What the rows of a delivery say, before they have a load; and the verdict that a judge would make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any, Literal
from uuid import UUID

import pyarrow as pa

from tests.reference import EntitySpec, Key, Statement, Value, digest
from tests.worlds.declared import spec_of
from trivium.engine.tables import CONTROL, Table, arrow_schema, assertion, history, mention
from trivium.model.entity import EntityShape
from trivium.ports import Account, Verdict

NOWHERE = 0
"""The load of a statement that has none yet."""


@dataclass(frozen=True)
class Said:
    """One statement; `says` as in the reference."""

    key: Key
    event_time: int
    says: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    kind: Literal["put", "delete"] = "put"
    sequence: int = -1

    def statement(self, load: int, place: int) -> Statement:
        return Statement(self.key, self.event_time, load, place, self.says, self.kind, self.sequence)


@dataclass(frozen=True)
class Claim:
    """One assertion; `scope` as in the reference."""

    scope: tuple[tuple[str, Value], ...]
    event_time: int
    sequence: int = -1


@dataclass(frozen=True)
class Accepted:
    """A record: what it states, and the scope for which it claims to be complete."""

    said: tuple[Said, ...] = ()
    claim: Claim | None = None


@dataclass(frozen=True)
class Rejected:
    """A rejected record, with its key if that can be read."""

    key: Key | None = None
    due: int | None = None
    raw: bytes | None = None


Row = Accepted | Rejected
Placed = tuple[int, Row]


def placed(rows: Iterable[Row], first: int = 1) -> list[Placed]:
    """The rows with their places."""
    return list(enumerate(rows, first))


def account_of(rows: Sequence[Placed]) -> Account:
    rejected = sum(isinstance(row, Rejected) for _, row in rows)
    return Account(len(rows), len(rows) - rejected, rejected, 0)


def verdict(shape: EntityShape, rows: Sequence[Placed], claims: Sequence[Claim] = ()) -> Verdict:
    """What the judge would make of rows of one entity; `claims` are those of the whole delivery."""
    spec = spec_of(shape)
    accepted = [(place, row) for place, row in rows if isinstance(row, Accepted)]
    rejected = [(place, row) for place, row in rows if isinstance(row, Rejected)]
    said = [statement_row(shape, spec, place, one) for place, row in accepted for one in row.said]
    own = [claim_row(shape, place, row.claim) for place, row in accepted if row.claim is not None]
    whole = [claim_row(shape, None, claim) for claim in claims]
    named = [{**key_row(shape, row.key), "_place": place} for place, row in rejected if row.key is not None]
    return Verdict(
        account_of(rows),
        {shape.name: table(history(shape), said)},
        {shape.name: table(assertion(shape), own + whole)},
        {shape.name: table(mention(shape), named)},
        table(QUARANTINE, [rejected_row(place, row) for place, row in rejected]),
    )


QUARANTINE = next(table for table in CONTROL if table.name == "_quarantine")
GIVEN_BY_STORE = {"_source", "_load", "load_no"}


def table(of: Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as Arrow, without the columns that the store fills in itself."""
    fields = [field for field in arrow_schema(of) if field.name not in GIVEN_BY_STORE]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def statement_row(shape: EntityShape, spec: EntitySpec, place: int, said: Said) -> dict[str, Any]:
    row: dict[str, Any] = {
        **key_row(shape, said.key),
        "_at": said.event_time,
        "_seq": said.sequence,
        "_kind": 0 if said.kind == "put" else 1,
        "_digest": digest(said.statement(NOWHERE, place), spec),
        "_place": place,
    }
    stated = dict(said.says)
    for group in shape.groups:
        row[f"{group.name}__stated"] = group.name in stated
        for column, value in zip(group.columns, stated.get(group.name, ()), strict=group.name in stated):
            row[column.name] = kept(value, column.type.decimal_places)
    return row


def claim_row(shape: EntityShape, place: int | None, claim: Claim) -> dict[str, Any]:
    scope = dict(claim.scope)
    parts = [key.name for key in shape.keys if key.name in scope]
    values = {name: kept(value) for name, value in scope.items()}
    own = {"_parts": ",".join(parts), "_at": claim.event_time, "_seq": claim.sequence, "_place": place}
    return {**values, **own}


def key_row(shape: EntityShape, key: Key) -> dict[str, Any]:
    return {column.name: kept(part, column.type.decimal_places) for column, part in zip(shape.keys, key, strict=True)}


def rejected_row(place: int, row: Rejected) -> dict[str, Any]:
    return {
        "place": place,
        "line": place + 1,
        "byte_offset": 100 * place,
        "raw": f"row {place}".encode() if row.raw is None else row.raw,
        "reasons": '[{"rule":"type","field":"grade","value":"x","message":"is not a whole number"}]',
        "keyless": row.key is None,
        "due": row.due,
    }


def kept(value: Value, places: int | None = None) -> Any:
    """A value as the judge hands it over: decimals with their places, instants in UTC without a zone."""
    match value:
        case Decimal():
            return value.quantize(Decimal(1).scaleb(-(places or 0)), context=Context(prec=100))
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case UUID():
            return str(value)
    return value
