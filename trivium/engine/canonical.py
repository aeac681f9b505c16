"""The canonical form of records: the same bytes for the same master on every store. Stated in docs/law.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from trivium.engine.embedded import rendering
from trivium.engine.law.statements import quote, text
from trivium.model.entity import Column, EntityShape, Group


def lines(shape: EntityShape, batches: Iterable[pa.RecordBatch], *, incomplete: bool = False) -> Iterator[bytes]:
    """NDJSON in the canonical form, in pieces: the living records of `batches`, in their order.

    With `incomplete` those that lack something come too, with what they lack left out.
    """
    yield from pieces(f"{record(shape)} || chr(10)", batches, incomplete=incomplete)


def pieces(line: str, batches: Iterable[pa.RecordBatch], *, incomplete: bool, gone: bool = False) -> Iterator[bytes]:
    """The text that the SQL `line` makes of each living record, in their order; of the complete ones, if not
    `incomplete`; with `gone` also of those."""
    complete = "" if incomplete else " AND _lacks = ''"
    alive = "" if gone else " AND _alive"
    sql = (
        f"SELECT string_agg({line}, '' ORDER BY _nth) FROM "
        f"(SELECT *, row_number() OVER () AS _nth FROM batch) WHERE true{alive}{complete}"
    )
    with rendering() as engine:
        for batch in batches:
            engine.register("batch", pa.Table.from_batches([batch]))
            found = engine.execute(sql).fetchone()
            if found and found[0]:
                yield found[0].encode()


def record(shape: EntityShape, more: str | None = None) -> str:
    """SQL of one record's canonical JSON text; what the record lacks is left out. `more` is SQL of further members,
    each with a comma before it."""
    members = [_keys(shape)]
    for group in shape.groups:
        member = f"concat(',', {text(_name(group.name))}, {_group(group)})"
        if group.required:
            lacking = f"list_contains(string_split(_lacks, ','), {text(group.name)})"
            member = f"CASE WHEN {lacking} THEN '' ELSE {member} END"
        members.append(member)
    # One concat: a chain of || copies the line once more for every column.
    if more is not None:
        members.append(more)
    return f"concat('{{', {', '.join(members)}, '}}')"


def key(shape: EntityShape, more: str = "''") -> str:
    """The same of its key alone."""
    return f"concat('{{', {_keys(shape)}, {more}, '}}')"


def _keys(shape: EntityShape) -> str:
    return ", ',', ".join(f"{text(_name(part.path))}, {value(part)}" for part in shape.keys)


def _name(path: str) -> str:
    return f'"{path}":'


def _group(group: Group) -> str:
    if not group.facet:
        return value(group.columns[0])
    inside = " || ',' || ".join(f"{text(_name(c.path.split('.')[1]))} || {value(c)}" for c in group.columns)
    return f"'{{' || {inside} || '}}'"


def value(column: Column) -> str:
    """SQL of one value's canonical JSON text."""
    name = quote(column.name)
    fraction = _fraction(f"extract(microseconds FROM {name})")
    form = {
        "str": _text(name),
        "float": f"({name} + 0.0)::VARCHAR",  # -0.0 is 0.0
        "uuid": f"to_json({name})::VARCHAR",
        "decimal": f"'\"' || {name}::VARCHAR || '\"'",
        "date": f"strftime({name}, '\"%Y-%m-%d\"')",
        "datetime": f"strftime({name}, '\"%Y-%m-%dT%H:%M:%S') || {fraction} || 'Z\"'",
        "time": f"strftime(DATE '2000-01-01' + {name}, '\"%H:%M:%S') || {fraction} || '\"'",
        "json": name,
        "list": name,
    }.get(column.type.kind, f"{name}::VARCHAR")
    return f"coalesce({form}, 'null')"


def _text(name: str) -> str:
    """A text's JSON. DuckDB escapes the rarest control characters as \\u001F, the canonical form is \\u001f: they are
    looked for between the pairs of backslashes, where each \\u is an escape."""
    rare = [0x0B, 0x0E, 0x0F, *range(0x1A, 0x20)]
    lowered = "p"
    for code in rare:
        lowered = f"replace({lowered}, '\\u{code:04X}', '\\u{code:04x}')"
    split = f"string_split(to_json({name})::VARCHAR, '\\\\')"
    mended = f"array_to_string(list_transform({split}, lambda p: {lowered}), '\\\\')"
    found = f"regexp_matches({name}, '[\\x0B\\x0E\\x0F\\x1A-\\x1F]')"
    return f"CASE WHEN {found} THEN {mended} ELSE to_json({name})::VARCHAR END"


def _fraction(microseconds: str) -> str:
    rest = f"({microseconds} % 1000000)"
    return f"CASE WHEN {rest} = 0 THEN '' ELSE '.' || lpad({rest}::VARCHAR, 6, '0') END"
