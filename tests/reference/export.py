"""The canonical export: the same bytes for the same master, on every store."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.reference.record import Record
from tests.reference.spec import EntitySpec, Group
from tests.reference.values import Key, Value, json_text, quoted


def export(records: Mapping[Key, Record], spec: EntitySpec, incomplete: bool = False) -> bytes:
    """One line for each record that is alive and complete, in ascending order of key.

    With `incomplete`, also for those that lack something: what they lack is absent from their line.
    """
    shown = [key for key, record in records.items() if record.complete or (incomplete and record.alive)]
    lines = [line(key, records[key], spec) + "\n" for key in sorted(shown, key=key_order)]
    return "".join(lines).encode()


def key_order(key: Key) -> tuple[Any, ...]:
    return tuple(part_order(part) for part in key)


def part_order(part: Value) -> Any:
    """Text by its UTF-8 bytes, a UUID by its bytes, all else by Python's own order."""
    if isinstance(part, str):
        return part.encode()
    return part.bytes if isinstance(part, UUID) else part


def line(key: Key, record: Record, spec: EntitySpec) -> str:
    members = [member(column.name, json_text(part, column)) for column, part in zip(spec.key, key, strict=True)]
    stated = [group for group in spec.groups if group.name not in record.lacks]
    return joined(members + [member(group.name, group_text(group, record)) for group in stated])


def group_text(group: Group, record: Record) -> str:
    """An attribute's value or a facet's object. An optional group that nobody states reads as null."""
    columns = zip(group.column_names(), group.columns, strict=True)
    texts = [(column.name, json_text(record.values.get(name), column)) for name, column in columns]
    return joined([member(name, text) for name, text in texts]) if group.facet else texts[0][1]


def member(name: str, text: str) -> str:
    return f"{quoted(name)}:{text}"


def joined(members: list[str]) -> str:
    return "{" + ",".join(members) + "}"
