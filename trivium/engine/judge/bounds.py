"""The bounds that a `Field` sets, each with the rule it is called by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trivium.engine.law.statements import text
from trivium.model.types import ColumnType

_COMPARED = {"ge": (">=", "at least"), "gt": (">", "greater than"), "le": ("<=", "at most"), "lt": ("<", "less than")}


@dataclass(frozen=True, slots=True)
class Bound:
    """`holds` is SQL over the value; `expects` says in words what it wants."""

    rule: str
    holds: str
    expects: str


def bounds_of(type_: ColumnType, value: str) -> Iterator[Bound]:
    """The bounds of a type for the value of this SQL."""
    if type_.choices:
        listed = ", ".join(map(str, type_.choices))
        yield Bound("choice", f"{value} IN ({', '.join(map(_literal, type_.choices))})", f"one of {listed}")
    for rule, (operator, words) in _COMPARED.items():
        limit = getattr(type_, rule)
        if limit is not None:
            yield Bound(rule, f"{value} {operator} {_typed(limit, type_)}", f"{words} {limit}")
    length, things = (f"json_array_length({value})", "elements") if type_.kind == "list" else (
        f"length({value})", "characters"
    )  # fmt: skip
    if type_.min_length is not None:
        yield Bound("min_length", f"{length} >= {type_.min_length}", f"of at least {type_.min_length} {things}")
    if type_.max_length is not None:
        yield Bound("max_length", f"{length} <= {type_.max_length}", f"of at most {type_.max_length} {things}")
    if type_.pattern is not None:
        yield Bound("pattern", f"regexp_matches({value}, {text(type_.pattern)})", f"a text in the form {type_.pattern}")


def _typed(limit: Any, type_: ColumnType) -> str:
    # A bare literal such as 0.1 beside a column could pull both to another type; a float's bound is a float.
    if type_.kind == "float":
        return f"{limit}::DOUBLE"
    return _literal(limit)


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dt.date):
        return f"DATE {text(value.isoformat())}"
    return f"{value:f}" if hasattr(value, "as_tuple") else str(value)
