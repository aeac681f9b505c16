"""What is answered, as JSON Schema: problems, accounts, explanations, rows of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trivium.web.openapi.records import object_of
from trivium.web.openapi.values import INSTANT, Schema
from trivium.web.operation import Member

_TEXT: Final[Schema] = {"type": "string"}
_COUNT: Final[Schema] = {"type": "integer", "format": "int64", "minimum": 0}
_NUMBER: Final[Schema] = {"type": "integer", "format": "int64"}
_ANY: Final[Schema] = {}

_KINDS: Final[dict[str, Schema]] = {
    "text": _TEXT,
    "integer": _NUMBER,
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "instant": INSTANT,
    "list": {"type": "array", "items": {}},
    "object": {"type": "object"},
}


def or_null(schema: Schema) -> Schema:
    """The schema of a value that may be null as well."""
    return schema | {"type": [schema["type"], "null"]}


_REASON: Final = object_of(
    {
        "rule": _TEXT | {"description": "The rule that is broken."},
        "field": or_null(_TEXT) | {"description": "The attribute that it is about."},
        "value": _ANY | {"description": "The value that breaks it."},
        "message": _TEXT | {"description": "What is wrong, in words."},
    },
)
_REJECT: Final = object_of(
    {
        "item": _NUMBER | {"description": "Which record of the request: the element, the line; from 1."},
        "reasons": {"type": "array", "items": _REASON, "description": "Every reason."},
    }
)
_ACCOUNT: Final[Schema] = {
    "received": _COUNT | {"description": "Records received: always the sum of the other three."},
    "accepted": _COUNT | {"description": "Records accepted."},
    "rejected": _COUNT | {"description": "Records rejected: they are in quarantine."},
    "ignored": _COUNT | {"description": "What the source declares to be no record of its own."},
    "commit": _NUMBER | {"description": "The commit in which all of it is durable."},
    "delivery": _TEXT | {"description": "The request's own name: it can be explained, retracted, replayed by it."},
    "rejects": {"type": "array", "items": _REJECT, "description": "The first hundred of the rejected records."},
    "rejects_not_shown": _COUNT | {"description": "How many more there are."},
}
_PROBLEM: Final[Schema] = {
    "title": _TEXT | {"description": "The status in words."},
    "status": {"type": "integer"},
    "detail": _TEXT | {"description": "What is wrong, and where."},
    "hint": _TEXT | {"description": "What to do about it."},
}
_SAID: Final[Schema] = {
    "value": _ANY,
    "source": _TEXT,
    "delivery": _TEXT,
    "revision": _NUMBER,
    "file": _TEXT | {"description": "The file, the request, the range of the partition."},
    "place": _NUMBER | {"description": "The place in it: the record of a file, the item of a request, the offset."},
    "commit": _NUMBER,
    "event_time": INSTANT,
    "sequence": or_null(_NUMBER),
    "mended": or_null({"type": "object"}) | {"description": "Who mended it in quarantine, if it was mended."},
}
_ORIGIN: Final[Schema] = {name: schema for name, schema in _SAID.items() if name != "value"}

SHARED: Final[dict[str, Schema]] = {
    "problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457). Where it helps there are further members: `parameter`, `value`, "
        "`allowed`, `known`; `line`, `column`, `offset` of a body; `what`, `since` of a record that is gone.",
        "properties": _PROBLEM,
        "required": ["title", "status", "detail"],
    },
    "account": object_of(_ACCOUNT, optional=["rejects_not_shown"])
    | {"description": "What became of the records of a request."},
    "refused": object_of(_PROBLEM | _ACCOUNT, optional=["rejects_not_shown"])
    | {"description": "All records were rejected: a problem with the account."},
    "explanation": object_of(
        {
            "entity": _TEXT,
            "key": _TEXT,
            "state": _TEXT | {"description": "alive, gone, unknown."},
            "lacks": {"type": "array", "items": _TEXT},
            "attributes": {
                "type": "array",
                "items": object_of(
                    {
                        "attribute": _TEXT,
                        "winner": or_null(object_of(_SAID)),
                        "losers": {"type": "array", "items": object_of(_SAID | {"why": or_null(_TEXT)})},
                    }
                ),
                "description": "In the order of declaration, each with who won it and who lost, the strongest first.",
            },
            "deaths": {
                "type": "array",
                "items": object_of({"what": _TEXT, "counts": {"type": "boolean"}, "why_not": or_null(_TEXT)} | _ORIGIN),
            },
            "ties": {"type": "array", "items": {"type": "array", "items": object_of(_ORIGIN)}},
            "quarantine": object_of(
                {
                    "naming": {
                        "type": "array",
                        "items": _TEXT,
                        "description": "The open rejected records that name the key, LOAD:PLACE.",
                    },
                    "of_sources": {
                        "type": "object",
                        "additionalProperties": _NUMBER,
                        "description": "Where none does: how many there are of which a key is not known, by source.",
                    },
                }
            )
            | {"description": "What of the key waits in quarantine."},
            "as_of": or_null(INSTANT),
            "policy": or_null(_TEXT),
        }
    ),
    "alive": object_of({"status": _TEXT}),
    "readiness": {"type": "object", "description": "Whether it is ready, and how each part stands, since when, why."},
    "openapi": {"type": "object", "description": "An OpenAPI document."},
}
"""What is the same for all entities."""


def rows_schema(members: Sequence[Member]) -> Schema:
    """A row with these members; of a path with dots each part is an object."""
    inside: dict[str, list[Member]] = {}
    for member in members:
        inside.setdefault(member.path.partition(".")[0], []).append(member)
    properties: dict[str, Any] = {}
    for name, parts in inside.items():
        if parts[0].path == name:
            properties[name] = _told(parts[0])
            continue
        nested = {one.path.partition(".")[2]: _told(one) for one in parts}
        whole = object_of(nested)
        properties[name] = whole if any(one.always for one in parts) else or_null(whole)
    return object_of(properties)


def page_schema(name: str, items: Schema, *, more: Schema | None = None) -> Schema:
    """A page of rows as one JSON document: `more` are the members beside the rows."""
    following = or_null(_TEXT) | {"description": "Where the next page begins: hand it back as `cursor`."}
    return object_of({name: {"type": "array", "items": items}, **({"next": following} if more is None else more)})


def _told(member: Member) -> Schema:
    schema = dict(_KINDS[member.kind])
    if member.inside:
        found = rows_schema(member.inside)
        schema = schema | {"items": found} if member.kind == "list" else found
    return (schema if member.always else or_null(schema)) | {"description": member.about}
