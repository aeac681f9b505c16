"""Control totals: exact sums over the records of a delivery, chunk by chunk."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from trivium.engine.judge.expressing import Expressing
from trivium.engine.judge.scopes import CsvScope, Scope
from trivium.engine.judge.session import Session
from trivium.engine.verdict import Total
from trivium.model.expressions import Expression
from trivium.model.source import Source

_NUMBER: Final = r"[+-]?([0-9]{1,16}(\.([0-9]{1,12}0*)?)?|\.[0-9]{1,12}0*)"
"""What is summed exactly: ten billion of these fit into the sum's 38 digits, twelve of them behind the point. To
read 300,000 as DECIMAL(38, 12) takes six seconds, as `number` does, DECIMAL(18, 6), less than one: so the wide ones
are summed apart."""


def totals_sql(
    expressing: Expressing, source: Source, scope: Scope, relation: str, broken: str = "false", part: str = "0"
) -> str | None:
    """The statement that gives, for each `part` of the rows of `relation`, the part, and then of each total of the
    source in turn the sums of usual numbers and of wide ones, and how many rows could not be read; None where there are
    no totals. `broken`: the rows for which this holds cannot be."""
    if not source.terms.totals:
        return None
    inner, middle, outer = [f"{part} AS _of"], [], []
    for number, expression in enumerate(source.terms.totals.values()):
        text, narrow = f"t{number}", f"n{number}"
        inner += [
            f"{_cell(expression, scope) or expressing.text(expression, scope, 'decimal')} AS {text}",
            f"{broken} OR {_fails(expressing, expression, scope)} AS f{number}",
        ]
        middle.append(f"CASE WHEN NOT f{number} THEN number({text}) END AS {narrow}")
        wide = f"NOT f{number} AND {narrow} IS NULL AND regexp_full_match({text}, '{_NUMBER}')"
        outer += [
            f"sum({narrow})",
            f"sum(CASE WHEN {wide} THEN TRY_CAST({text} AS DECIMAL(38, 12)) END)",
            f"count(*) FILTER (WHERE f{number} OR ({text} IS NOT NULL AND {narrow} IS NULL AND NOT ({wide})))",
        ]
    rows = f"SELECT {', '.join(inner)} FROM {relation}"
    return f"SELECT _of, {', '.join(outer)} FROM (SELECT *, {', '.join(middle)} FROM ({rows})) GROUP BY _of"


def totals_of(session: Session, source: Source, sql: str | None) -> dict[int, dict[str, Total]]:
    """What the statement gives of the chunk at hand, by part."""
    found: dict[int, dict[str, Total]] = {}
    if sql is None:
        return found
    for part, *row in zip(*(column.to_pylist() for column in session.each(sql).columns), strict=True):
        figures = [row[at : at + 3] for at in range(0, len(row), 3)]
        sums = found.setdefault(int(part), {name: Total() for name in source.terms.totals})
        for name, (narrow, wide, unread) in zip(source.terms.totals, figures, strict=True):
            sums[name] += Total(narrow or Decimal(0)) + Total(wide or Decimal(0), int(unread))
    return found


def _cell(expression: Expression, scope: Scope) -> str | None:
    """SQL of a total that is a column as it stands, in which numbers have the marks of the format; else None."""
    if not isinstance(scope, CsvScope) or expression.sql(lambda name: "?") != "?":
        return None
    member = scope.named(expression.columns[0], "decimal")
    return None if member is None else member.text


def _fails(expressing: Expressing, expression: Expression, scope: Scope) -> str:
    """SQL, never NULL, of whether a conversion in an expression came to nothing."""
    found = []
    for demand in expressing.demands(expression, scope):
        fails = f"({demand.operand}) IS NOT NULL AND TRY({demand.converted}) IS NULL"
        if demand.guarded:
            fails += f" AND {expressing.text(expression, scope)} IS NULL"
        found.append(f"coalesce({fails}, false)")
    return f"({' OR '.join(found)})" if found else "false"
