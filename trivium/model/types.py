"""The types of attributes: what a value is, and within what bounds."""

from __future__ import annotations

import datetime as dt
import types
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from trivium.errors import DeclarationError

Kind = Literal["str", "int", "decimal", "float", "bool", "date", "datetime", "time", "uuid", "json", "list"]

MAX_DIGITS: Final = 38
"""Most digits of an exact decimal: what DuckDB and Arrow hold in 128 bits."""


class Json:
    """Annotation of a nested JSON value, kept as the text it came in, without white space between its parts."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The type of one column and the bounds its values must keep.

    `element` is the type of a list's items. `choices` come from a `Literal`. Bounds that are None do not bind.
    """

    kind: Kind
    max_digits: int | None = None
    decimal_places: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    ge: Any = None
    gt: Any = None
    le: Any = None
    lt: Any = None
    choices: tuple[Any, ...] = ()
    element: Kind | None = None

    @property
    def label(self) -> str:
        """The type as a person would name it, such as `decimal(12,2)`."""
        if self.kind == "decimal":
            return f"decimal({self.max_digits},{self.decimal_places})"
        if self.kind == "list":
            return f"list[{self.element or 'json'}]"
        return self.kind


_PLAIN: Final[dict[Any, Kind]] = {
    str: "str",
    int: "int",
    Decimal: "decimal",
    float: "float",
    bool: "bool",
    dt.date: "date",
    dt.datetime: "datetime",
    dt.time: "time",
    uuid.UUID: "uuid",
    Json: "json",
    dict: "json",
    list: "list",
}

_BOUNDS_OF: Final[dict[str, frozenset[str]]] = {
    "str": frozenset({"min_length", "max_length", "pattern"}),
    "int": frozenset({"ge", "gt", "le", "lt"}),
    "decimal": frozenset({"ge", "gt", "le", "lt", "max_digits", "decimal_places"}),
    "float": frozenset({"ge", "gt", "le", "lt"}),
    "date": frozenset({"ge", "gt", "le", "lt"}),
    "list": frozenset({"min_length", "max_length"}),
}


def split_optional(annotation: Any) -> tuple[Any, bool]:
    """`X | None` as (X, True), anything else as (itself, False)."""
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        if len(rest) == 1 and len(rest) < len(get_args(annotation)):
            return rest[0], True
    return annotation, False


def split_annotated(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """`Annotated[X, a, b]` as (X, (a, b)), anything else as (itself, ())."""
    if get_origin(annotation) is Annotated:
        base, *extras = get_args(annotation)
        return base, tuple(extras)
    return annotation, ()


def column_type(annotation: Any, bounds: dict[str, Any], where: str) -> ColumnType:
    """The type that `annotation` with the bounds of its `Field` declares; refused where they do not fit."""
    bounds = {name: value for name, value in bounds.items() if value is not None}
    kind, choices, element = _kind(annotation, where)
    misplaced = sorted(set(bounds) - _BOUNDS_OF.get(kind, frozenset()))
    if misplaced:
        allowed = ", ".join(sorted(_BOUNDS_OF.get(kind, frozenset()))) or "none"
        raise DeclarationError(where, f"{misplaced[0]} does not apply to {kind}", cure=f"bounds for {kind}: {allowed}")
    if kind == "decimal":
        digits, places = bounds.get("max_digits", MAX_DIGITS), bounds.get("decimal_places")
        if places is None:
            raise DeclarationError(
                where, "a Decimal needs its decimal places", cure="Field(max_digits=12, decimal_places=2)"
            )
        if not 0 < digits <= MAX_DIGITS or not 0 <= places <= digits:
            raise DeclarationError(
                where,
                f"max_digits={digits}, decimal_places={places} is not a decimal",
                cure=f"1 to {MAX_DIGITS} digits, of which 0 to max_digits are decimal places",
            )
        bounds |= {"max_digits": digits}
    if kind == "str" and "pattern" in bounds:
        _check_pattern(bounds["pattern"], where)
    return ColumnType(kind, choices=choices, element=element, **bounds)


def _check_pattern(pattern: str, where: str) -> None:
    import duckdb

    try:
        duckdb.execute("SELECT regexp_matches('', ?)", [pattern])
    except duckdb.Error as error:
        raise DeclarationError(
            where, f"pattern {pattern!r} is not a regular expression", cure=f"RE2 says: {error}"
        ) from error


def _kind(annotation: Any, where: str) -> tuple[Kind, tuple[Any, ...], Kind | None]:
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
        bases = {type(choice) for choice in choices}
        if bases in ({str}, {int}):
            return _PLAIN[bases.pop()], choices, None
        raise DeclarationError(where, "a Literal mixes types", cure="use texts only, or whole numbers only")
    if get_origin(annotation) is list:
        (item,) = get_args(annotation)
        element, _, _ = _kind(item, where)
        if element == "list":
            raise DeclarationError(where, "a list of lists", cure="declare it Json")
        return "list", (), element
    if get_origin(annotation) is dict:
        return "json", (), None
    if annotation in _PLAIN:
        return _PLAIN[annotation], (), None
    raise DeclarationError(
        where,
        f"{getattr(annotation, '__name__', annotation)!r} is not a type of attributes",
        cure="use str, int, Decimal, float, bool, date, datetime, time, UUID, Literal, list[...], Json or a Facet",
    )
