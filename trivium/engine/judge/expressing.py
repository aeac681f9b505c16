"""Expressions of a source as SQL over its raw columns: their results are texts, judged like any text that was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, get_args

import duckdb

from trivium.engine.judge.scopes import Scope
from trivium.engine.judge.session import Session
from trivium.errors import DeclarationError
from trivium.model.expressions import Demand, Expression, ordinal_name
from trivium.model.types import Kind


class Expressing:
    """Renders expressions; `ordinals` maps their `ordinal(…)` calls to the columns that hold them.

    Each is bound once, over columns of text, so that a type that does not fit is found before any record is judged.
    """

    def __init__(self, session: Session, where: str, ordinals: Mapping[str, str]) -> None:
        self._session, self._where, self._ordinals = session, where, ordinals

    def text(self, expression: Expression, scope: Scope, kind: Kind | None = None) -> str:
        """SQL of the result as text, for an attribute of this kind; decimals without the zeros of their scale."""
        sql = f"TRY({expression.sql(self._columns(scope))})"
        type_ = self._type(expression)
        family = _FAMILIES.get("DECIMAL" if type_.startswith("DECIMAL") else type_)
        if family is None:
            cure = "give a text, a whole or decimal number, a date, a time or a condition"
            raise DeclarationError(self._where, f"{expression.text!r} gives {type_}", cure=cure)
        if kind is not None and kind not in family:
            raise DeclarationError(
                self._where, f"{expression.text!r} gives {type_}, never {kind}", cure=f"give {kind}, or a text of it"
            )
        if type_ == "VARCHAR":
            return sql
        if type_.startswith("DECIMAL") and not type_.endswith(",0)"):
            return f"plain_number({sql})"
        return f"({sql})::VARCHAR"

    def condition(self, expression: Expression, scope: Scope) -> str:
        """SQL of whether a condition holds, never NULL: what cannot be told does not hold."""
        kind = self._type(expression)
        if kind not in ("BOOLEAN", '"NULL"'):
            raise DeclarationError(
                self._where, f"{expression.text!r} gives {kind}", cure="give a condition, such as kind = 'D'"
            )
        return f"coalesce(TRY({expression.sql(self._columns(scope))}), false)"

    def demands(self, expression: Expression, scope: Scope) -> tuple[Demand, ...]:
        """What must convert for the result to mean anything."""
        return expression.demands(self._columns(scope))

    def _columns(self, scope: Scope) -> Callable[[str], str]:
        return lambda name: self._ordinals.get(name) or scope.text(name)

    def _type(self, expression: Expression) -> str:
        names = {ordinal_name(columns): "1::BIGINT" for columns in expression.ordinals}
        sql = expression.sql(lambda name: names.get(name, "raw_text"))
        if sql not in _TYPES:
            # A null that the optimizer does not see through, and no TRY: so constants that can never be what they
            # are used as are found.
            over_nothing = "FROM (SELECT CASE WHEN n > 0 THEN '' END AS raw_text FROM range(1) AS r(n))"
            try:
                self._session.row(f"SELECT {sql} {over_nothing}")
                _TYPES[sql] = str(self._session.row(f"DESCRIBE SELECT TRY({sql}) {over_nothing}")[1])
            except duckdb.Error as error:
                raise DeclarationError(
                    self._where, f"{expression.text!r} does not work", cure=str(error).split("\n")[0]
                ) from error
        return _TYPES[sql]


_TYPES: Final[dict[str, str]] = {}
"""The types of expressions seen, which depend on nothing but their text."""

_NUMBERS: Final[tuple[Kind, ...]] = ("int", "decimal", "float", "str")
_FAMILIES: Final[dict[str, tuple[Kind, ...]]] = {
    "VARCHAR": get_args(Kind),
    '"NULL"': get_args(Kind),
    "BOOLEAN": ("bool", "str"),
    "DATE": ("date", "str"),
    "TIME": ("time", "str"),
    "TIMESTAMP": ("datetime", "str"),
    "TIMESTAMP WITH TIME ZONE": ("datetime", "str"),
    "DECIMAL": _NUMBERS,
} | dict.fromkeys(("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER"), _NUMBERS)
"""What an attribute may be that an expression of this type gives. Doubles are left out: they are not exact."""
