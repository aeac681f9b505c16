"""A delete that is called: a statement like any other, judged as one record of a source that states nothing else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Final

from trivium.engine.plain import plain
from trivium.model.entity import EntityShape
from trivium.model.expressions import parse
from trivium.model.source import Route, Source

_AT: Final = "event_time"
_SEQUENCE: Final = "sequence"


def deleting(source: Source, shape: EntityShape) -> Source:
    """The source as it deletes records of an entity: its records are what `delete_record` makes."""
    columns = {key.name: parse(f'"key.{key.path}"', source.where, exact=True) for key in shape.keys}
    route = Route(shape, columns, (), None, (), None, parse("true", source.where, exact=True), None, None)
    return dataclasses.replace(
        source,
        routes=(route,),
        event_time=parse(f'"{_AT}"', source.where, exact=True),
        sequence=parse(f'"{_SEQUENCE}"', source.where, exact=True),
        ignore=None,
    )


def delete_record(shape: EntityShape, key: Sequence[Any], event_time: str, sequence: int | None) -> bytes:
    """The record that deletes a key at an instant (RFC 3339)."""
    values = {column.path: plain(column, value) for column, value in zip(shape.keys, key, strict=True)}
    return json.dumps({"key": values, _AT: event_time, _SEQUENCE: sequence}).encode()
