"""What a JSON schema says of a value, in words; and docstrings as HTML."""

from __future__ import annotations

import re
from typing import Any, Final

from markupsafe import Markup, escape

_TYPES: Final = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false",
                 "array": "list", "object": "object"}  # fmt: skip
_FORMATS: Final = {"date": "date", "date-time": "instant", "uuid": "UUID", "decimal": "decimal"}
_MOST_CHOICES: Final = 12
_NO_NUL: Final = r"^[^\x00]*$"
_INT64: Final = (-(2**63), 2**63 - 1)


def kind_words(schema: dict[str, Any]) -> str:
    """The type."""
    if "enum" in schema and "type" in schema and schema["type"] != "boolean":
        return "one of"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_words(one) for one in schema["anyOf"]))
    kinds = schema.get("type", [])
    listed = [kinds] if isinstance(kinds, str) else kinds
    plain = [kind for kind in listed if kind != "null"]
    if not plain or len(plain) > 3:
        return "any value"
    told = [
        _FORMATS.get(schema.get("format", ""), _TYPES[kind]) if kind == "string" else _TYPES[kind] for kind in plain
    ]
    if plain == ["array"] and (items := kind_words(schema.get("items", {}))) not in ("any value", "one of", "object"):
        told = [f"list of {items}"]
    return " or ".join([*dict.fromkeys(told), *(["null"] if "null" in listed else [])])


def limit_words(schema: dict[str, Any]) -> str:
    """The bounds, the choices and what is taken if nothing is given."""
    told = []
    choices = schema.get("enum", schema.get("items", {}).get("enum", ()))
    if choices:
        shown = [str(choice) for choice in choices[:_MOST_CHOICES] if choice is not None]
        told.append(", ".join(shown) + (" …" if len(choices) > _MOST_CHOICES else ""))
    for name, words in (("minimum", "≥ {}"), ("exclusiveMinimum", "> {}"), ("maximum", "≤ {}"),
                        ("exclusiveMaximum", "< {}"), ("minLength", "at least {} characters"),
                        ("maxLength", "at most {} characters"), ("minItems", "at least {}"),
                        ("maxItems", "at most {}")):  # fmt: skip
        if name in schema and schema[name] not in _INT64:
            told.append(words.format(schema[name]))
    for name in ("pattern", "x-pattern"):
        if name in schema and "format" not in schema and len(schema[name]) <= 60 and schema[name] != _NO_NUL:
            told.append(f"like {schema[name]}")
    if schema.get("default") is not None:
        told.append(f"default {str(schema['default']).lower()}")
    return "; ".join(told)


def as_html(text: str) -> Markup:
    """Plain text with a little Markdown (paragraphs, lists, bold, code) as HTML; whatever else it has is text."""
    blocks = []
    for block in re.split(r"\n\s*\n", text.strip()):
        items = re.split(r"(?m)^- ", block)
        blocks.append(f"<p>{_line(items[0])}</p>" if items[0].strip() else "")
        if len(items) > 1:
            blocks.append(f"<ul>{''.join(f'<li>{_line(one)}</li>' for one in items[1:])}</ul>")
    return Markup("".join(blocks))  # noqa: S704 - every piece of text went through escape


def _line(text: str) -> str:
    told = str(escape(text.strip()))
    told = re.sub(r"`([^`]+)`", r"<code>\1</code>", told)
    return re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", told)
