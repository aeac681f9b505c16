"""What is given out of an entity, as JSON Schema: records, keys, changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trivium.model.entity import Column, EntityShape, Group
from trivium.web.openapi.values import Schema, given


def record_schema(shape: EntityShape) -> Schema:
    """A record. Either all that is required is there, or `_lacks` names what is not."""
    properties: Schema = {key.path: given(key, nullable=False) for key in shape.keys}
    for group in shape.groups:
        properties[group.name] = _group(group)
    properties["_lacks"] = {
        "type": "array", "items": {"type": "string"}, "minItems": 1,
        "description": "What an incomplete record lacks. A complete one has no such member.",
    }  # fmt: skip
    always = [*(key.path for key in shape.keys), *(group.name for group in shape.groups if not group.required)]
    required = [group.name for group in shape.groups if group.required]
    schema: Schema = {"type": "object", "properties": properties, "required": always, "additionalProperties": False}
    if required:
        schema["anyOf"] = [{"required": required}, {"required": ["_lacks"]}]
    return _told(schema, shape.description)


def gone_schema(shape: EntityShape) -> Schema:
    """What is left of a record that is gone."""
    key = key_schema(shape)
    return key | {
        "properties": key["properties"] | {"_gone": {"type": "boolean", "enum": [True]}},
        "required": [*key["required"], "_gone"],
        "description": "The key of a record that is gone.",
    }


def key_schema(shape: EntityShape) -> Schema:
    """Its key."""
    return object_of({key.path: given(key, nullable=False) for key in shape.keys})


def change_schema(shape: EntityShape, record: str) -> Schema:
    """A change; `record` is the reference of the record's schema."""
    schema = object_of(
        {
            "commit": {"type": "integer", "format": "int64", "description": "The commit that touched it last."},
            "key": key_schema(shape),
            "gone": {"type": "boolean"},
            "record": {"$ref": record},
        },
        optional=["record"],
    )
    return schema | {"description": "A record as it is now; without `record` where it is gone."}


def object_of(properties: dict[str, Any], optional: Iterable[str] = ()) -> Schema:
    """An object of these members, all of which are there but the optional ones, and no others."""
    without = set(optional)
    required = [name for name in properties if name not in without]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _group(group: Group) -> Schema:
    if not group.facet:
        (column,) = group.columns
        return given(column, nullable=column.nullable or not group.required)
    free = not group.required
    return object_of({_member(column): given(column, nullable=column.nullable or free) for column in group.columns})


def _member(column: Column) -> str:
    return column.path.partition(".")[2]


def _told(schema: Schema, about: str | None) -> Schema:
    return schema if not about else schema | {"description": flowing(about)}


def flowing(text: str) -> str:
    """A docstring as Markdown: without the indent of its lines."""
    first, _, rest = text.strip().partition("\n")
    lines = rest.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([first, *(line[indent:].rstrip() for line in lines)]).strip()
