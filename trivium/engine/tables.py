"""The tables of a store, in terms that every engine can map to types of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from trivium.engine.law.statements import neutral_type, stated, won_place, won_reading
from trivium.model.entity import Column, EntityShape
from trivium.model.survivorship import NO_SEQUENCE

FORMAT: Final = 4
"""The layout of a store. A store of another format is refused with the way out."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`type` is an engine-neutral name: text, bigint, smallint, boolean, double, date, timestamp (UTC,
    microseconds), time, bytes, or decimal(p,s). `usual` is the value that most rows have, so that a store may
    leave it out of what it writes."""

    name: str
    type: str
    nullable: bool = True
    usual: int | bool | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `index` are the column lists that an engine with indexes keeps for look-ups. `whole`: the columns, of
    any length, by which a row is found if all of them are given; better indexed when the first rows are there."""

    name: str
    columns: tuple[TableColumn, ...]
    primary: tuple[str, ...] = ()
    index: tuple[tuple[str, ...], ...] = ()
    whole: tuple[str, ...] = ()


_ARROW: Final[dict[str, pa.DataType]] = {
    "text": pa.string(), "bigint": pa.int64(), "smallint": pa.int16(), "double": pa.float64(),
    "boolean": pa.bool_(), "date": pa.date32(), "timestamp": pa.timestamp("us"), "time": pa.time64("us"),
    "bytes": pa.binary(),
}  # fmt: skip


def arrow_type(neutral: str) -> pa.DataType:
    """The Arrow type of an engine-neutral one."""
    if neutral.startswith("decimal"):
        precision, scale = neutral[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _ARROW[neutral]


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a table's rows."""
    return pa.schema([pa.field(c.name, arrow_type(c.type), c.nullable) for c in table.columns])


def _columns(columns: tuple[Column, ...], *, nullable: bool) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(c.name, neutral_type(c.type), nullable) for c in columns)


def history(shape: EntityShape) -> Table:
    """Every accepted statement, append-only."""
    keys = tuple(key.name for key in shape.keys)
    return Table(
        f"{shape.name}__history",
        (
            *_columns(shape.keys, nullable=False),
            *_columns(shape.columns, nullable=True),
            *(TableColumn(stated(group.name), "boolean", usual=True) for group in shape.groups),
            TableColumn("_at", "bigint", False),
            TableColumn("_seq", "bigint", False, usual=NO_SEQUENCE),
            TableColumn("_kind", "smallint", False, usual=0),
            TableColumn("_digest", "bigint", False),
            TableColumn("_source", "smallint", False),
            TableColumn("_load", "bigint", False),
            TableColumn("_place", "bigint", False),
        ),
        index=(("_load",),),
        whole=keys,
    )


def assertion(shape: EntityShape) -> Table:
    """Claims to be complete for a scope."""
    return Table(
        f"{shape.name}__assertion",
        (
            *_columns(shape.keys, nullable=True),
            TableColumn("_parts", "text", False),
            TableColumn("_at", "bigint", False),
            TableColumn("_seq", "bigint", False),
            TableColumn("_source", "smallint", False),
            TableColumn("_load", "bigint", False),
            TableColumn("_place", "bigint"),
        ),
        index=(("_load",),),
    )


def mention(shape: EntityShape) -> Table:
    """Keys that a rejected row named."""
    return Table(
        f"{shape.name}__mention",
        (
            *_columns(shape.keys, nullable=False),
            TableColumn("_load", "bigint", False),
            TableColumn("_place", "bigint", False),
        ),
        index=(("_load",),),
        whole=tuple(key.name for key in shape.keys),
    )


def master(shape: EntityShape) -> Table:
    """The fold of the history up to the consolidated commit."""
    return Table(
        f"{shape.name}__master",
        (
            *_columns(shape.keys, nullable=False),
            *_columns(shape.columns, nullable=True),
            TableColumn("_alive", "boolean", False),
            TableColumn("_lacks", "text", False),
            TableColumn("_stamp", "bigint"),
        ),
        whole=tuple(key.name for key in shape.keys),
    )


SIGHTING: Final = Table(
    "_sighting",
    (
        TableColumn("source", "text", False),
        TableColumn("file", "text", False),
        TableColumn("mark", "text", False),
        TableColumn("size", "bigint", False),
        TableColumn("state", "text", False),
        TableColumn("seen_at", "timestamp", False),
        TableColumn("changed_at", "timestamp", False),
        TableColumn("delivery", "text"),
        TableColumn("load_no", "bigint"),
        TableColumn("done", "bigint", False),
        TableColumn("received", "bigint", False),
        TableColumn("why", "text"),
        TableColumn("moved_to", "text"),
    ),
    ("source", "file", "mark"),
)
"""Files seen in inboxes, see `engine.sighting`."""


def alone(shape: EntityShape) -> Table:
    """What one source makes of the records: like the master, with where each group's winner is from."""
    told = (column for group in shape.groups for column in (won_reading(group.name), won_place(group.name)))
    return Table("", (*master(shape).columns, *(TableColumn(name, "bigint") for name in told)))


CONTROL: Final = (
    Table("_meta", (TableColumn("key", "text", False), TableColumn("value", "text", False)), ("key",)),
    Table(
        "_source",
        (
            TableColumn("source_no", "smallint", False),
            TableColumn("name", "text", False),
            TableColumn("precedence", "smallint", False),
        ),
        ("source_no",),
    ),
    Table(
        "_reading",
        (
            TableColumn("reading_no", "bigint", False),
            TableColumn("source", "text", False),
            TableColumn("delivery", "text", False),
            TableColumn("revision", "bigint", False),
            TableColumn("digest", "text", False),
            TableColumn("attempt", "bigint", False),
            TableColumn("says", "bigint"),
            TableColumn("commit_no", "bigint", False),
            TableColumn("kind", "text", False),
            TableColumn("file", "text", False),
            TableColumn("size", "bigint", False),
            TableColumn("archived", "boolean", False),
            TableColumn("arrived_at", "timestamp", False),
            TableColumn("by", "text"),
            TableColumn("manifest", "text"),
        ),
        ("reading_no",),
        (("source", "delivery"), ("commit_no",)),
    ),
    Table(
        "_contested",
        (TableColumn("source", "text", False), TableColumn("delivery", "text", False)),
        index=(("source", "delivery"),),
    ),
    Table(
        "_again",
        (
            TableColumn("source", "text", False),
            TableColumn("delivery", "text", False),
            TableColumn("digest", "text", False),
            TableColumn("times", "bigint", False),
            TableColumn("last_at", "timestamp", False),
        ),
        ("source", "delivery", "digest"),
    ),
    Table(
        "_load",
        (
            TableColumn("load_no", "bigint", False),
            TableColumn("reading_no", "bigint", False),
            TableColumn("commit_no", "bigint", False),
            TableColumn("received", "bigint", False),
            TableColumn("accepted", "bigint", False),
            TableColumn("rejected", "bigint", False),
            TableColumn("ignored", "bigint", False),
        ),
        ("load_no",),
        (("reading_no",), ("commit_no",)),
    ),
    Table(
        "_open",
        (
            TableColumn("load_no", "bigint", False),
            TableColumn("source", "text", False),
            TableColumn("opened_at", "timestamp", False),
            TableColumn("held", "text"),
        ),
        ("load_no",),
    ),
    Table(
        "_quarantine",
        (
            TableColumn("load_no", "bigint", False),
            TableColumn("place", "bigint", False),
            TableColumn("line", "bigint"),
            TableColumn("byte_offset", "bigint"),
            TableColumn("raw", "bytes", False),
            TableColumn("reasons", "text", False),
            TableColumn("keyless", "boolean", False),
            TableColumn("due", "bigint"),
        ),
        index=(("load_no",),),
    ),
    Table(
        "_resolution",
        (
            TableColumn("load_no", "bigint", False),
            TableColumn("place", "bigint", False),
            TableColumn("outcome", "text", False),
            TableColumn("commit_no", "bigint", False),
            TableColumn("by_load", "bigint"),
            TableColumn("by", "text"),
            TableColumn("raw", "bytes"),
        ),
        index=(("load_no", "place"),),
    ),
    Table(
        "_position",
        (
            TableColumn("source", "text", False),
            TableColumn("part", "text", False),
            TableColumn("position", "bigint", False),
            TableColumn("commit_no", "bigint", False),
        ),
        ("source", "part"),
    ),
    Table(
        "_answer",
        (
            TableColumn("source", "text", False),
            TableColumn("key", "text", False),
            TableColumn("key_hash", "bigint", False),
            TableColumn("digest", "text", False),
            TableColumn("status", "smallint", False),
            TableColumn("answer", "text", False),
            TableColumn("commit_no", "bigint", False),
            TableColumn("answered_at", "timestamp", False),
        ),
        ("source", "key"),
        (("answered_at",),),
    ),
    Table(
        "_body",
        (
            TableColumn("load_no", "bigint", False),
            TableColumn("raw", "bytes", False),
        ),
        ("load_no",),
    ),
    Table(
        "_reconciliation",
        (
            TableColumn("reading_no", "bigint", False),
            TableColumn("source", "text", False),
            TableColumn("delivery", "text", False),
            TableColumn("against", "text", False),
            TableColumn("accepted", "bigint", False),
            TableColumn("computed_at", "timestamp", False),
            TableColumn("summary", "text", False),
            TableColumn("differences", "text", False),
        ),
        ("reading_no",),
    ),
    Table(
        "_finding",
        (
            TableColumn("commit_no", "bigint", False),
            TableColumn("kind", "text", False),
            TableColumn("source", "text"),
            TableColumn("subject", "text", False),
            TableColumn("detail", "text", False),
        ),
    ),
    Table(
        "_key",
        (
            TableColumn("key_id", "text", False),
            TableColumn("name", "text", False),
            TableColumn("hash", "text", False),
            TableColumn("grants", "text", False),
            TableColumn("made_at", "timestamp", False),
            TableColumn("made_by", "text"),
            TableColumn("revoked_at", "timestamp"),
            TableColumn("revoked_by", "text"),
        ),
        ("key_id",),
    ),
    SIGHTING,
)
"""What every store keeps beside its entities. `_open` are loads under way or held (`held` is then JSON). `_contested`
are the deliveries of which more than one reading came, as often as one more did: which one counts is asked of these
alone. `_position` says how far a source has read the parts of a topic. `_answer` keeps what a request with an
idempotency key was answered (`key_hash`: by which an engine without indexes finds the key), `_body` the raw input of
small requests.
`raw` of a resolution is what a record was mended to. `_again` counts the arrivals of bytes that were known, the one
thing that is updated: nothing but what a person is told depends on it. `manifest` is the text that came with a file."""


def control(name: str) -> Table:
    """The table of this name that every store has."""
    return next(table for table in CONTROL if table.name == name)


def last_commit(table: Callable[[str], str]) -> str:
    """SQL for the number of the last commit, 0 before the first; `table` writes a table's name out."""
    made = (f"(SELECT coalesce(max(commit_no), 0) FROM {table(name)})" for name in ("_reading", "_load", "_resolution"))
    return f"SELECT greatest({', '.join(made)})"


def rows_table(table: Table, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows of a table, given in the order of its columns, as Arrow."""
    schema = arrow_schema(table)
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def entity_tables(shape: EntityShape) -> Iterator[Table]:
    """The four tables of an entity."""
    yield history(shape)
    yield assertion(shape)
    yield mention(shape)
    yield master(shape)


def numbered(rows: pa.Table) -> pa.Table:
    """The rows with their number as `_nth`, from 0."""
    return rows.append_column("_nth", pa.array(range(rows.num_rows), pa.int64()))
