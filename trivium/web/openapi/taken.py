"""What a source takes, as JSON Schema: the members that its declaration reads out of a record, and no guess at others.

A member that an attribute is taken from as it is has the attribute's type; one that goes into an expression may be
whatever that reads. Of a record that the conditions of all routes leave out nothing is read, whatever it has.
"""

from __future__ import annotations

from typing import Any, Final

from sqlglot import exp

from trivium.model.entity import Column, Group
from trivium.model.expressions import Expression
from trivium.model.source import Route, Source
from trivium.model.types import ColumnType
from trivium.web.openapi.records import flowing
from trivium.web.openapi.values import Schema, taken

_EVENT_TIME: Final = Column("event_time", "event_time", ColumnType("datetime"), nullable=False)
_SEQUENCE: Final = Column("sequence", "sequence", ColumnType("int", ge=0), nullable=True)


def source_schema(source: Source) -> Schema:
    """One record of a source."""
    record = _Level()
    for route in source.routes:
        level = record.items(route.each) if route.each else record
        _state(route, level, record)
    always = any(route.when is None and not route.each and route.event_time is None for route in source.routes)
    _read(source.event_time, record, _EVENT_TIME, always)
    _read(source.sequence, record, _SEQUENCE, False)
    _read(source.ignore, record, None, False)
    schema = record.schema(open_=source.terms.unknown != "refuse")
    return schema | {"description": flowing(source.description)} if source.description else schema


class _Level:
    """The members of an object, as they become known. What is known of one more closely is kept."""

    def __init__(self) -> None:
        self._members: dict[str, Any] = {}
        self._required: dict[str, None] = {}
        self._lists: set[str] = set()
        self._nullable = False

    def put(self, path: str, schema: Schema, *, required: bool = False) -> None:
        """A member; `a.b` is nested."""
        name, _, rest = path.partition(".")
        if rest:
            self.inside(name).put(rest, schema, required=required)
            return
        if isinstance(self._members.get(name), _Level) or (name in self._members and not schema):
            return
        self._members[name] = schema
        if required:
            self._required[name] = None

    def inside(self, name: str, *, nullable: bool = False) -> _Level:
        """The object that a member is."""
        found = self._members.get(name)
        if not isinstance(found, _Level):
            found = self._members[name] = _Level()
        found._nullable |= nullable
        return found

    def items(self, path: str) -> _Level:
        """What the items of a list are."""
        name, _, rest = path.partition(".")
        level = self.inside(name)
        if rest:
            return level.items(rest)
        self._lists.add(name)
        return level

    def schema(self, *, open_: bool) -> Schema:
        """As it is: with other members too, if it is `open_`."""
        properties = {name: self._told(name, member, open_) for name, member in self._members.items()}
        found: Schema = {"type": ["object", "null"] if self._nullable else "object", "properties": properties}
        if self._required:
            found["required"] = list(self._required)
        return found if open_ else found | {"additionalProperties": False}

    def _told(self, name: str, member: Any, open_: bool) -> Schema:
        if not isinstance(member, _Level):
            schema: Schema = member
            return schema
        inner = member.schema(open_=open_)
        return {"type": ["array", "null"], "items": inner} if name in self._lists else inner


def _state(route: Route, level: _Level, record: _Level) -> None:
    """The members out of which a route states its entity. The key has to be there where it always does."""
    must = route.when is None
    for key in route.shape.keys:
        expression = route.columns.get(key.name)
        if expression is not None:
            _read(expression, level, key, must, record=record)
        elif not (route.each and key.name in route.asserts):
            level.put(key.path, taken(key, nullable=False), required=must)
        else:
            record.put(key.path, taken(key, nullable=False))
    for group in route.groups:
        _group(group, route, level, record)
    for expression in (route.when, route.delete):
        _read(expression, level, None, False, record=record)
    _read(route.event_time, level, _EVENT_TIME, False, record=record)
    _read(route.sequence, level, _SEQUENCE, False, record=record)


def _group(group: Group, route: Route, level: _Level, record: _Level) -> None:
    own = [column for column in group.columns if column.name not in route.columns]
    for column in group.columns:
        nullable = column.nullable
        if column in own:
            if group.facet:
                # a facet is stated whole
                level.inside(group.name, nullable=all(one.nullable for one in group.columns))
            level.put(column.path, taken(column, nullable=nullable), required=group.facet)
        else:
            _read(route.columns[column.name], level, column, False, record=record)


def _read(
    expression: Expression | None, level: _Level, column: Column | None, required: bool, *, record: _Level | None = None
) -> None:
    """What an expression reads. Where it is one member as it is, that has the column's type."""
    if expression is None:
        return
    plain = isinstance(expression.tree, exp.Column) and column is not None
    for path in expression.columns:
        target, name = level, path
        if record is not None and path.startswith("record."):
            target, name = record, path.removeprefix("record.")
        told = taken(column, nullable=column.nullable) if plain and column is not None else {}
        target.put(name, told, required=required and plain)
