"""Which records a query asks for: its filters and its order, read by the types that the entity declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from trivium.engine.plain import parse_list, parse_value
from trivium.errors import UsageError
from trivium.model.entity import Column, EntityShape
from trivium.ports import Choice, Condition, Order
from trivium.web import shown
from trivium.web.access import Caller
from trivium.web.problems import BadParameter, Forbidden

SIGNS: Final[Mapping[str, Any]] = {
    "eq": "=", "ne": "<>", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "in": "in", "null": "null",
}  # fmt: skip
"""How the outside writes what a column has to be: `total.amount.ge=100`; nothing behind the name is `eq`."""
_WHETHER: Final = ("bool", "json", "list")
"""Kinds that nothing is greater or less of."""
_NESTED: Final = ("json", "list")
"""Kinds of which it can be asked only whether there is a value."""


def signs(column: Column) -> tuple[str, ...]:
    """What can be asked of a column."""
    if column.type.kind in _NESTED:
        return ("null",)
    return ("eq", "ne", "in", "null") if column.type.kind in _WHETHER else tuple(SIGNS)


def orders(column: Column) -> bool:
    """Whether records can be ordered by a column."""
    return column.type.kind not in _NESTED


def choice_of(
    caller: Caller,
    domain: str,
    shape: EntityShape,
    filters: Mapping[str, str],
    order: str | None,
    *,
    incomplete: bool,
    gone: bool,
) -> Choice:
    """What a query asks for. Raises BadParameter, and Forbidden for an attribute that the caller may not see."""
    where = tuple(_condition(shape, name, text) for name, text in filters.items())
    ordered = () if order is None else tuple(_orders(shape, order))
    for name in (*(one.column for one in where), *(one.column for one in ordered)):
        column = shape.column(name)
        assert column is not None
        if not shown.may_be_asked(caller, domain, shape, column):
            raise Forbidden(f"{column.path} is sensitive: records cannot be chosen or ordered by it")
    return Choice(where, ordered, incomplete=incomplete, gone=gone)


def _condition(shape: EntityShape, name: str, text: str) -> Condition:
    column, sign = _named(shape, name), "eq"
    if column is None:
        path, _, sign = name.rpartition(".")
        column = _named(shape, path)
    if column is None or sign not in SIGNS:
        known = ", ".join(one.path for one in (*shape.keys, *shape.columns))
        raise BadParameter(name, None, f"filters of {shape.name} are {known}, each also with .{', .'.join(SIGNS)}")
    if sign not in signs(column):
        told = f"{column.path} is a {column.type.label}: it knows .{', .'.join(signs(column))}"
        raise BadParameter(name, text, told)
    if sign == "null":
        if text not in ("true", "false"):
            raise BadParameter(name, text, "true or false")
        return Condition(column.name, "null", text == "true")
    try:
        value: Any = parse_list(column, text) if sign == "in" else parse_value(column, text)
    except UsageError as error:
        raise BadParameter(name, text, error.hint or error.message) from None
    named = column.type.choices
    if named and sign in ("eq", "ne", "in") and not set(value if sign == "in" else [value]) <= set(named):
        raise BadParameter(name, text, f"one of {', '.join(map(str, named))}")
    return Condition(column.name, SIGNS[sign], value)


def _orders(shape: EntityShape, text: str) -> Iterator[Order]:
    seen: set[str] = set()
    for part in text.split(","):
        column = _named(shape, part.removeprefix("-"))
        if column is None or not orders(column) or column.name in seen:
            known = [one.path for one in (*shape.keys, *shape.columns) if orders(one)]
            raise BadParameter("order", text, f"some of {', '.join(known)}, each once, with a - before it from the end")
        seen.add(column.name)
        yield Order(column.name, part.startswith("-"))


def _named(shape: EntityShape, path: str) -> Column | None:
    return next((column for column in (*shape.keys, *shape.columns) if column.path == path), None)
