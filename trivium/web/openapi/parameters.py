"""The parameters of a path, as OpenAPI 3.1 writes them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, Final

from trivium.model.domain import Domain
from trivium.model.entity import Column, EntityShape
from trivium.web.choosing import orders, signs
from trivium.web.openapi.records import object_of
from trivium.web.openapi.targets import Target
from trivium.web.openapi.values import INSTANT, TEXT, Schema, asked, asked_list, described
from trivium.web.operation import Operation
from trivium.web.parameters import Parameter

FILTERS: Final = "attribute.SIGN"
"""What the object of filters is called, which no attribute can be: its members are parameters, and not itself."""


def parameters(target: Target, domains: Sequence[Domain]) -> Iterator[Schema]:
    """All parameters: of the path, the query, the headers."""
    outline, shape = target.outline, target.shape
    if target.keyed and shape is not None:
        for key in shape.keys:
            yield {"name": key.name, "in": "path", "required": True, **_typed(key, asked(key.type))}
    filters = isinstance(outline, Operation) and outline.filters
    own = outline.asked if isinstance(outline, Operation) else outline.parameters
    taken = {one.name for one in own}
    if filters and shape is not None:
        yield from _filters(shape, taken)
    if filters and target.view is not None:
        for name, usual in target.view.parameters.items():
            if name in taken:
                continue
            text = TEXT | ({} if usual is None else {"default": usual})
            yield {"name": name, "in": "query", "description": "A parameter of the view.", "schema": text}
    for one in own:
        if one.of == "attributes" and shape is not None:
            yield _ordering(one, shape)
        else:
            yield _told(one, "query", _named(one.name, domains) if "{" not in outline.path else None)
    for one in outline.headers:
        yield _told(one, "header")


def _ordering(one: Parameter, shape: EntityShape) -> Schema:
    orderly = [column.path for column in (*shape.keys, *shape.columns) if orders(column)]
    items: Schema = {"type": "string", "enum": [f"{sign}{path}" for path in orderly for sign in ("", "-")]}
    schema: Schema = {"type": "array", "items": items, "uniqueItems": True}
    return {
        "name": one.name,
        "in": "query",
        "description": one.about,
        "style": "form",
        "explode": False,
        "schema": schema,
    }


def _filters(shape: EntityShape, taken: Container[str]) -> Iterator[Schema]:
    """Each attribute that can be asked for as it is, and all other ways to ask as one object, whose members are
    parameters of their own. One whose name is taken can be asked for by `.eq`."""
    further: dict[str, Any] = {}
    for column in (*shape.keys, *shape.columns):
        for sign in signs(column):
            if sign == "eq" and column.path not in taken:
                typed = _typed(column, asked(column.type))
                yield {"name": column.path, "in": "query", **typed}
            further[f"{column.path}.{sign}"] = _signed(column, sign)
    yield {
        "name": FILTERS,
        "in": "query",
        "style": "form",
        "explode": True,
        "description": "Further filters, each a parameter by its own name: is this (`.eq`), is another or null "
        "(`.ne`), is one of these (`.in`), is at least, more, at most, less (`.ge`, `.gt`, `.le`, `.lt`), is null "
        "(`.null`).",
        "schema": object_of(further, optional=further),
    }


def _signed(column: Column, sign: str) -> Schema:
    if sign == "null":
        return {"type": "boolean"}
    return asked_list(column.type) if sign == "in" else asked(column.type)


def _typed(column: Column, schema: Schema) -> Schema:
    told = described({}, column, masked=False)
    return {"schema": schema} | {name: told[name] for name in ("description", "x-sensitive") if name in told}


def _named(name: str, domains: Sequence[Domain]) -> list[str] | None:
    """What there is of the name, where it is that of a domain or a source."""
    if name == "domain":
        return [domain.name for domain in domains]
    if name == "source":
        return [source.name for domain in domains for source in domain.sources] or None
    return None


def _told(one: Parameter, place: str, named: list[str] | None = None) -> Schema:
    found: Schema = {"name": one.name, "in": place, "description": one.about}
    if one.must:
        found["required"] = True
    schema = _schema(one)
    if named is not None:
        schema = {"type": "string", "enum": named}
    if one.words:
        found["description"] += f" Or {', '.join(one.words)}."
        schema = {"anyOf": [schema, {"type": "string", "enum": list(one.words)}]}
    if one.usual is not None:
        schema |= {"default": one.usual}
    found["schema"] = schema
    return found | ({} if one.example is None else {"example": one.example})


def _schema(one: Parameter) -> Schema:
    match one.kind:
        case "instant":
            return dict(INSTANT)
        case "boolean":
            return {"type": "boolean"}
        case "text":
            if one.choices:
                return {"type": "string", "enum": list(one.choices)}
            return TEXT | ({"pattern": one.pattern} if one.pattern else {})
        case _:
            most = {} if one.most is None else {"maximum": one.most}
            return {"type": one.kind, "minimum": one.least or 0} | most
