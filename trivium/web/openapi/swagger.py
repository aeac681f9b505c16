"""OpenAPI 3.1 said in the words of 2.0, as far as it has them.

It has no value of several types: such a value is told without a type, but for null, which is `x-nullable`. An answer
has one schema whatever it comes as, and a request's body one media type's schema: those of JSON.
"""

from __future__ import annotations

from typing import Any, Final

from trivium.web.openapi.values import Schema

_PLACES: Final = {"#/components/schemas/": "#/definitions/", "#/components/responses/": "#/responses/"}
_ALIKE: Final = ("operationId", "summary", "description", "tags", "security")
_NEWER: Final = ("schema", "example", "style", "explode")
_JSON: Final = "application/json"


def lowered_operation(found: Schema) -> Schema:
    """An operation."""
    told: Schema = {name: found[name] for name in _ALIKE if name in found}
    parameters = [lowered_parameter(one) for one in found.get("parameters", ()) if not one.get("explode")]
    if "requestBody" in found:
        contents = found["requestBody"]["content"]
        told["consumes"] = list(contents)
        schema = contents[_JSON]["schema"]["anyOf"][0]
        parameters.append(
            {"name": "records", "in": "body", "required": True, "schema": lowered(schema),
             "description": "One record; or an array of them, an object a line, or rows of CSV."}
        )  # fmt: skip
    if parameters:
        told["parameters"] = parameters
    media = {one: None for response in found["responses"].values() for one in response.get("content", ())}
    told["produces"] = list(media | {"application/problem+json": None})
    told["responses"] = {status: lowered_response(one) for status, one in found["responses"].items()}
    return told


def lowered_response(found: Schema) -> Schema:
    """An answer."""
    if "$ref" in found:
        return {"$ref": _ref(found["$ref"])}
    told: Schema = {"description": found["description"]}
    if contents := found.get("content"):
        told["schema"] = lowered(next(iter(contents.values()))["schema"])
    if "headers" in found:
        told["headers"] = {
            name: {"description": one["description"], **lowered(one["schema"])}
            for name, one in found["headers"].items()
        }
    return told


def lowered_parameter(found: Schema) -> Schema:
    """A parameter that is no body: it has a simple type."""
    told = {name: value for name, value in found.items() if name not in _NEWER}
    if "style" in found:
        told["collectionFormat"] = "csv"
    schema = {name: value for name, value in lowered(found["schema"]).items() if name != "description"}
    if "type" not in schema:  # 2.0 wants one: whatever it is, it is written as a text
        schema = {"type": "string"} | ({"default": str(schema["default"])} if "default" in schema else {})
    return told | schema


def lowered(schema: Any) -> Any:
    """A schema."""
    if isinstance(schema, list):
        return [lowered(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": _ref(schema["$ref"])}
    told: Schema = {}
    for name, value in schema.items():
        match name:
            case "anyOf":
                told |= _any(value)
            case "type":
                told |= _type(value)
            case "exclusiveMinimum" | "exclusiveMaximum":
                told |= {name.replace("exclusiveM", "m"): value, name: True}
            case "properties":
                told[name] = {member: lowered(one) for member, one in value.items()}
            case "enum" | "required" | "default":
                told[name] = value
            case _:
                told[name] = lowered(value)
    if "type" not in told:  # bounds of a type that is not told bind nothing
        for name in ("pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            told.pop(name, None)
    return told


def _type(value: str | list[str]) -> Schema:
    kinds = [value] if isinstance(value, str) else value
    left = [kind for kind in kinds if kind != "null"]
    told: Schema = {"type": left[0]} if len(left) == 1 else {}
    return told if len(left) == len(kinds) else told | {"x-nullable": True}


def _any(options: list[Schema]) -> Schema:
    """What is one of several. Of records nothing is said that holds for all; of a parameter's values the first are
    told, and the others are in its description."""
    names = [one["$ref"].rpartition("/")[2] for one in options if "$ref" in one]
    if names:
        return {"x-any-of": names}
    return {} if "required" in options[0] else dict(lowered(options[0]))


def _ref(name: str) -> str:
    for old, new in _PLACES.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name
