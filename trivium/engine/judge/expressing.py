"""Expressions of a source as SQL over its raw columns: their results are texts, judged like any text that was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb

from trivium.engine.judge.scopes import Scope
from trivium.engine.judge.session import Session
from trivium.errors import DeclarationError
from trivium.model.expressions import Demand, Expression, ordinal_name


class Expressing:
    """Renders expressions; `ordinals` maps their `ordinal(…)` calls to the columns that hold them.

    Each is bound once, over columns of text, so that a type that does not fit is found before any record is judged.
    """

    def __init__(self, session: Session, where: str, ordinals: Mapping[str, str]) -> None:
        self._session, self._where, self._ordinals = session, where, ordinals

    def text(self, expression: Expression, scope: Scope) -> str:
        """SQL of the result as text; decimals without the zeros that only their scale adds."""
        sql = f"TRY({expression.sql(self._columns(scope))})"
        kind = self._type(expression)
        if kind == "VARCHAR":
            return sql
        if kind in ("DOUBLE", "FLOAT"):
            raise DeclarationError(
                self._where, f"{expression.text!r} is not exact", cure="keep to whole and decimal numbers"
            )
        if kind.startswith("DECIMAL") and not kind.endswith(",0)"):
            return f"plain_number({sql})"
        if kind.startswith(("DECIMAL", "TIMESTAMP")) or kind in _PLAIN:
            return f"({sql})::VARCHAR"
        raise DeclarationError(
            self._where, f"{expression.text!r} gives {kind}", cure="give a text, a number, a date or a time"
        )

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
        try:
            row = self._session.row(f"DESCRIBE SELECT TRY({sql}) FROM (SELECT NULL::VARCHAR AS raw_text)")
        except duckdb.Error as error:
            detail = str(error).split("\n")[0]
            raise DeclarationError(self._where, f"{expression.text!r} does not work", cure=detail) from error
        return str(row[1])


_PLAIN = frozenset(
    {"BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER", "BOOLEAN", "DATE", "TIME", '"NULL"'}
)
