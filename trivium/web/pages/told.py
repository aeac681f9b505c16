"""An OpenAPI 3.1 document as what a page shows of it: chapters with operations and the members of records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from trivium.web.pages.words import kind_words, limit_words


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter, or a member of a record: one that is in an object has its path. `must`: it is always there."""

    name: str
    kind: str
    must: bool
    about: str
    limits: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be answered. `kinds`: the media types; `problem`: it is one of those that are the same everywhere."""

    status: int
    words: str
    about: str
    kinds: tuple[str, ...]
    headers: tuple[str, ...]
    problem: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An operation. `shapes`: (label, name) of the records that it takes and gives."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    rows: tuple[Row, ...]
    takes: tuple[str, ...]
    answers: tuple[Answer, ...]
    shapes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A record as it is given out, or taken."""

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A domain, or what is of none."""

    name: str
    about: str
    operations: tuple[Told, ...]
    shapes: tuple[Shape, ...]


def chapters(document: dict[str, Any]) -> list[Chapter]:
    """All of it, in the order of the document's tags."""
    operations: dict[str, list[Told]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            operations[one["tags"][0]].append(_operation(document, method.upper(), path, one))
    shapes: dict[str, list[Shape]] = {name: [] for name in operations}
    for name, schema in document["components"]["schemas"].items():
        domain, _, rest = name.partition(".")
        if domain in shapes and rest and not rest.endswith((".gone", ".change")):
            shapes[domain].append(_shape(name, rest, schema))
    return [
        Chapter(tag["name"], tag.get("description", ""), tuple(operations[tag["name"]]), tuple(shapes[tag["name"]]))
        for tag in document["tags"]
    ]


def _operation(document: dict[str, Any], method: str, path: str, one: dict[str, Any]) -> Told:
    rows = []
    for parameter in one.get("parameters", ()):
        schema = parameter["schema"]
        if parameter.get("explode"):
            rows.append(Row("….SIGN", "filters", False, parameter["description"], ""))
            continue
        place = {"path": "in the path", "header": "header"}.get(parameter["in"], "")
        limits = "; ".join(filter(None, (place, limit_words(schema))))
        about = parameter.get("description", "")
        rows.append(Row(parameter["name"], kind_words(schema), parameter.get("required", False), about, limits))
    answers = tuple(_answer(document, int(status), answer) for status, answer in one["responses"].items())
    takes = tuple(one.get("requestBody", {}).get("content", ()))
    return Told(
        one["operationId"], method, path, one["summary"], one["description"], tuple(rows), takes, answers,
        tuple(dict.fromkeys(_shapes(one))),
    )  # fmt: skip


def _answer(document: dict[str, Any], status: int, found: dict[str, Any]) -> Answer:
    shared = "$ref" in found
    if shared:
        found = document["components"]["responses"][found["$ref"].rpartition("/")[2]]
    kinds, headers = tuple(found.get("content", ())), tuple(found.get("headers", ()))
    return Answer(status, HTTPStatus(status).phrase, found["description"], kinds, headers, shared)


def _shapes(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The records that are taken, and given with 200."""
    for label, part in (("takes", one.get("requestBody", {})), ("gives", one["responses"].get("200", {}))):
        schema = part.get("content", {}).get("application/json", {}).get("schema", {})
        for name in _references(schema):
            if "." in name and not name.endswith((".gone", ".row", ".other")):
                yield label, name.removesuffix(".change")


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def _shape(name: str, rest: str, schema: dict[str, Any]) -> Shape:
    sent = rest.endswith(".sent")
    title = f"What {rest.removesuffix('.sent')} sends" if sent else rest
    return Shape(name, title, schema.get("description", ""), tuple(_members(schema, "", sent=sent)))


def _members(schema: dict[str, Any], prefix: str, *, sent: bool) -> Iterator[Row]:
    """The members of an object, and of those in it, each by its path."""
    must = set(schema.get("required", ())).union(*(one["required"] for one in schema.get("anyOf", ())))
    for name, member in schema.get("properties", {}).items():
        always = name in must and name != "_lacks"
        inner = member.get("items", {}) if "array" in str(member.get("type")) else member
        yield Row(prefix + name, kind_words(member), always, member.get("description", ""), limit_words(member))
        if "properties" in inner:
            dots = "[]." if inner is not member else "."
            yield from _members(inner, f"{prefix}{name}{dots}", sent=sent)
