"""The types of attributes as JSON Schema: as they are given out, as they are taken, and as a URL writes them.

What a schema cannot say of a value, such as the least of a decimal that travels as a text, its description says.
"""

from __future__ import annotations

import re
from typing import Any, Final

from trivium.engine.plain import escaped
from trivium.model.entity import Column
from trivium.model.types import ColumnType

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string", "pattern": r"^[^\x00]*$"}
"""A text as a parameter: without NUL, which no store has."""
INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_WORDS: Final = {"ge": "at least", "gt": "greater than", "le": "at most", "lt": "less than"}
_KEYWORDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_INT64: Final[Schema] = {"minimum": -(2**63), "maximum": 2**63 - 1}
_ELSEWHERE: Final = re.compile(r"\(\?(?!:)|\[\[:|\\[^dDwWbBnrtf\W]")
"""What RE2 reads and JSON Schema does not, or otherwise."""
_DAY: Final = "[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"


def given(column: Column, *, nullable: bool) -> Schema:
    """A value as records have it. Who may not see what is sensitive is given null in its place."""
    schema = _nullable(_given(column.type), nullable=nullable or column.sensitive)
    return described(schema, column, masked=True)


def taken(column: Column, *, nullable: bool) -> Schema:
    """A value as a member of a record that is sent: as records have it, or in the further ways in which the judge reads
    it without doubt (a number as a text, a decimal as a number)."""
    schema = _taken(column.type)
    return described(_nullable(schema, nullable=nullable), column, masked=False)


def asked(type_: ColumnType) -> Schema:
    """A value as a text in a path or a query."""
    match type_.kind:
        case "str":
            return {"type": "string", "enum": list(type_.choices)} if type_.choices else dict(TEXT)
        case "int":
            return {"type": "integer", "format": "int64", **(_enum(type_) or _INT64)}
        case "float":
            return {"type": "number", "format": "double"}
        case "decimal":
            return {"type": "string", "format": "decimal", "pattern": f"^{_digits(type_)}$"}
        case "time":
            return {"type": "string", "pattern": rf"^{_TIME}(:[0-5][0-9](\.[0-9]{{1,6}})?)?$"}
        case _:
            return _given(type_)


def asked_list(type_: ColumnType) -> Schema:
    """Several such values, joined by commas; a comma or a % inside one is percent-encoded."""
    one = _in_list(type_)
    return {"type": "string", "pattern": f"^{one}(,{one})*$"}


def _in_list(type_: ColumnType) -> str:
    match type_.kind:
        case "int" | "str" if type_.choices:
            return f"({'|'.join(re.escape(escaped(str(choice))) for choice in type_.choices)})"
        case "int":
            return "-?[0-9]{1,18}"
        case "decimal":
            return _digits(type_)
        case "float":
            return r"-?[0-9]{1,300}(\.[0-9]{1,300})?"
        case "date":
            return _DAY
        case "datetime":
            return f"{_DAY}T{_TIME}:[0-5][0-9](\\.[0-9]{{1,6}})?Z"
        case "time":
            return rf"{_TIME}(:[0-5][0-9](\.[0-9]{{1,6}})?)?"
        case "bool":
            return "(true|false)"
        case "uuid":
            return "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
        case _:
            return r"([^,%\x00]|%[2-7][0-9A-Fa-f])*"


def described(schema: Schema, column: Column, *, masked: bool) -> Schema:
    """The schema with what people are told of the column."""
    told = [column.description.rstrip(".")] if column.description else []
    told += [text for text in (_bounds(column.type),) if text]
    if column.sensitive:
        told.append("sensitive" + (": null for who may not see it" if masked else ""))
        schema = schema | {"x-sensitive": True}
    if not told:
        return schema
    text = "; ".join(told)
    return schema | {"description": f"{text[0].upper()}{text[1:]}."}


def _given(type_: ColumnType) -> Schema:
    match type_.kind:
        case "str":
            return {"type": "string", **_enum(type_), **_lengths(type_, "Length"), **_pattern(type_)}
        case "int":
            return {"type": "integer", "format": "int64", **_enum(type_), **_range(type_)}
        case "float":
            return {"type": "number", "format": "double", **_range(type_)}
        case "bool":
            return {"type": "boolean"}
        case "decimal":
            digits, places = type_.max_digits or 0, type_.decimal_places or 0
            whole = f"[0-9]{{1,{digits - places}}}" if digits > places else "0?"
            rest = rf"\.[0-9]{{{places}}}" if places else ""
            return {"type": "string", "format": "decimal", "pattern": f"^-?{whole}{rest}$"}
        case "date":
            return {"type": "string", "format": "date"}
        case "datetime":
            return dict(INSTANT)
        case "time":
            return {"type": "string", "pattern": rf"^{_TIME}:[0-5][0-9](\.[0-9]{{6}})?$"}
        case "uuid":
            return {"type": "string", "format": "uuid"}
        case "list":
            items = {} if type_.element in (None, "json") else _element(type_.element)
            return {"type": "array", "items": items, **_lengths(type_, "Items")}
        case _:  # any JSON value, but null
            return {"type": ["object", "array", "string", "number", "boolean"]}


def _element(kind: str) -> Schema:
    """An element of a list, which is kept as it was sent."""
    match kind:
        case "str":
            return {"type": "string"}
        case "int":
            return {"type": "integer", "format": "int64", **_INT64}
        case "decimal" | "float":
            return {"type": "number"}
        case "bool":
            return {"type": "boolean"}
        case "time":
            return {"type": "string", "pattern": rf"^{_TIME}(:[0-5][0-9](\.[0-9]+)?)?$"}
        case "datetime":
            return {"type": "string", "description": "An instant with its offset."}
        case _:
            return {"type": "string", "format": kind}


def _taken(type_: ColumnType) -> Schema:
    match type_.kind:
        case "int":
            enum = _enum(type_)
            if enum:
                return enum | {"enum": [*enum["enum"], *map(str, enum["enum"])]}
            told = {"type": ["integer", "string"], "format": "int64", "pattern": r"^[+-]?[0-9]+$"}
            return told | _INT64 | _range(type_)
        case "float":
            number = r"^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
            return {"type": ["number", "string"], "format": "double", "pattern": number, **_range(type_)}
        case "decimal":
            return {"type": ["string", "number"], "pattern": rf"^[+-]?{_digits(type_, sent=True)}$", **_range(type_)}
        case "time":
            return {"type": "string", "pattern": rf"^{_TIME}(:[0-5][0-9](\.[0-9]+)?)?$"}
        case "datetime":
            return {"type": "string", "format": "date-time"}
        case _:
            return _given(type_)


def _digits(type_: ColumnType, *, sent: bool = False) -> str:
    """A decimal as a person may write it, without the anchors. What is `sent` may end with zeros that say nothing."""
    digits, places = type_.max_digits or 38, type_.decimal_places or 0
    zeros = "0*" if sent else ""
    rest = rf"(\.[0-9]{{1,{places}}}{zeros})?" if places else (r"(\.0+)?" if sent else "")
    whole = f"0*[0-9]{{1,{digits - places}}}" if digits > places else "0+"
    return f"{'' if sent else '-?'}{whole}{rest}"


def _enum(type_: ColumnType) -> Schema:
    return {"enum": list(type_.choices)} if type_.choices else {}


def _lengths(type_: ColumnType, what: str) -> Schema:
    bounds = {f"min{what}": type_.min_length, f"max{what}": type_.max_length}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _pattern(type_: ColumnType) -> Schema:
    """The pattern, where JSON Schema reads it as the judge does; else for people and their tools to know."""
    if type_.pattern is None:
        return {}
    return {"x-pattern" if _ELSEWHERE.search(type_.pattern) else "pattern": type_.pattern}


def _range(type_: ColumnType) -> Schema:
    found = {}
    for name, keyword in _KEYWORDS.items():
        bound = getattr(type_, name)
        if bound is not None:
            found[keyword] = int(bound) if bound == int(bound) else float(bound)
    return found


def _bounds(type_: ColumnType) -> str | None:
    """The bounds that a schema cannot hold a text to, in words."""
    if type_.kind not in ("date", "decimal"):
        return None
    found = [f"{word} {getattr(type_, name)}" for name, word in _WORDS.items() if getattr(type_, name) is not None]
    return " and ".join(found) or None


def _nullable(schema: Schema, *, nullable: bool) -> Schema:
    if not nullable:
        return schema
    told = dict(schema)
    if "type" in told:
        kinds = told["type"] if isinstance(told["type"], list) else [told["type"]]
        told["type"] = [*kinds, "null"]
    if "enum" in told:
        told["enum"] = [*told["enum"], None]
    return told
