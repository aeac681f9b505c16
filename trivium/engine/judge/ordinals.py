"""`ordinal(…)`: the place of a record among those of the delivery that are equal in some columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trivium.engine.judge.session import Session
from trivium.model.expressions import Expression, ordinal_name
from trivium.model.source import Source


@dataclass(frozen=True, slots=True)
class Ordinals:
    """The ordinals that a source's expressions ask for. What earlier chunks had is counted in tables of the session.

    A null equals a null. Records that are ignored have no place; rejected ones keep theirs.
    """

    columns: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> dict[str, str]:
        """The column that holds each ordinal, by the name under which expressions read it."""
        return {ordinal_name(columns): f"ordinal_{number}" for number, columns in enumerate(self.columns)}

    def begin(self, session: Session) -> None:
        """Nothing has been counted yet."""
        for number, columns in enumerate(self.columns):
            values = ", ".join(f"NULL::VARCHAR AS v{i}" for i in range(len(columns)))
            session.run(f"CREATE OR REPLACE TEMP TABLE counted_{number} AS SELECT {values}, 0::BIGINT AS n LIMIT 0")

    def select(self, relation: str, texts: Sequence[Sequence[str]]) -> str:
        """The rows of `relation` with their ordinals; `texts` is SQL of the columns of each."""
        joins, places = [], []
        for number, values in enumerate(texts):
            same = " AND ".join(f"k{number}.v{i} IS NOT DISTINCT FROM ({value})" for i, value in enumerate(values))
            joins.append(f"LEFT JOIN counted_{number} AS k{number} ON {same}")
            places.append(
                f"row_number() OVER (PARTITION BY {', '.join(values)} ORDER BY _row) + coalesce(k{number}.n, 0) "
                f"AS ordinal_{number}"
            )
        return f"SELECT r.*, {', '.join(places)} FROM ({relation}) AS r {' '.join(joins)} ORDER BY _row"

    def count(self, relation: str, texts: Sequence[Sequence[str]]) -> Iterator[str]:
        """The statements that add the rows of `relation` to what is counted."""
        for number, values in enumerate(texts):
            names = ", ".join(f"v{i}" for i in range(len(values)))
            given = ", ".join(f"({value}) AS v{i}" for i, value in enumerate(values))
            yield (
                f"CREATE OR REPLACE TEMP TABLE counted_{number} AS SELECT {names}, sum(n)::BIGINT AS n FROM ("
                f"SELECT * FROM counted_{number} UNION ALL "
                f"SELECT {given}, count(*) AS n FROM {relation} GROUP BY ALL) GROUP BY ALL"
            )


def ordinals_of(source: Source) -> Ordinals:
    """Every ordinal that an expression of the source asks for, once."""
    return Ordinals(tuple(dict.fromkeys(columns for e in expressions_of(source) for columns in e.ordinals)))


def expressions_of(source: Source) -> Iterator[Expression]:
    """Every expression of a source and its routes."""
    found = [source.event_time, source.sequence, source.ignore, *source.terms.totals.values()]
    for route in source.routes:
        found += [*route.columns.values(), route.when, route.delete, route.event_time, route.sequence]
    yield from (expression for expression in found if expression is not None)
