"""Names: what may be called what, and how a class is called in tables, paths and messages."""

from __future__ import annotations

import re

from trivium.errors import DeclarationError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SOURCE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

MAX_NAME = 40
"""Longest name, in characters: with the suffixes of its tables it stays within PostgreSQL's 63 bytes."""

RESERVED = frozenset({"after", "as_of", "cursor", "format", "limit", "order", "record", "wait"})
"""Attribute names taken by the query parameters of the outside face, or by expressions."""


def snake_case(name: str) -> str:
    """`OrderLine` is `order_line`."""
    return _CAMEL.sub("_", name).lower()


def check_name(name: str, where: str, *, reserved: frozenset[str] = frozenset()) -> str:
    """The name itself; refused unless lower snake case, of decent length and free."""
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise DeclarationError(
            where,
            f"{name!r} cannot be a name",
            cure=f"use lower snake case, a letter first, no double underscore, at most {MAX_NAME} characters",
        )
    if name in reserved:
        raise DeclarationError(where, f"the name {name!r} is reserved", cure="choose another name")
    return name


def check_source_name(name: str) -> str:
    """The name itself; refused unless lower kebab case such as `oms-events`."""
    if not _SOURCE.fullmatch(name) or len(name) > MAX_NAME:
        raise DeclarationError(
            f"source {name!r}",
            "is not a source name",
            cure=f"use lower case words joined by '-', such as 'oms-events', at most {MAX_NAME} characters",
        )
    return name
