"""A domain: entities, sources and views of one business area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from trivium.errors import DeclarationError, UsageError
from trivium.model.entity import Entity, EntityShape
from trivium.model.expressions import place_of
from trivium.model.keywords import checked
from trivium.model.naming import check_name
from trivium.model.reconcile import check_reconciling
from trivium.model.source import Source

_IMPURE = (exp.Rand, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.CurrentUser)


@checked
@dataclass(frozen=True, slots=True)
class View:
    """A named SQL query over the current records of the domain's entities.

    It reads entities as tables and attributes as columns (`total.amount` as `total_amount`); a parameter is
    `$name`, named in `parameters` with the value it has when none is given.
    """

    name: str
    sql: str
    description: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict)


@checked
@dataclass(frozen=True, slots=True)
class Domain:
    """One business area with one service. Everything it declares is checked as it is made."""

    name: str
    entities: Sequence[type[Entity]]
    sources: Sequence[Source]
    views: Sequence[View] = ()

    def __post_init__(self) -> None:
        where = f"domain {self.name!r}"
        check_name(self.name, where)
        if not self.entities:
            raise DeclarationError(where, "has no entities", cure="entities=[…]")
        _unique([shape.name for shape in self.shapes], where, "entity")
        _unique([source.name for source in self.sources], where, "source")
        _unique([*(view.name for view in self.views), *(s.name for s in self.shapes)], where, "view")
        declared = {shape.name for shape in self.shapes}
        stated = {source.name: [route.shape for route in source.routes] for source in self.sources}
        for source in self.sources:
            for route in source.routes:
                if route.shape.name not in declared:
                    raise DeclarationError(
                        source.where,
                        f"states {route.shape.name}, which is not of {where}",
                        cure="add it to entities",
                    )
            if source.reconciles is not None:
                other = source.reconciles.source
                if other not in stated or other == source.name:
                    known = ", ".join(sorted(stated.keys() - {source.name})) or "there is no other"
                    raise DeclarationError(source.where, f"reconciles {other!r}, an unknown source", cure=known)
                check_reconciling(source.reconciles, stated[source.name], stated[other], source.where)
        for view in self.views:
            _check_view(view, declared, where)

    @property
    def shapes(self) -> tuple[EntityShape, ...]:
        """The entities as declared, in order."""
        return tuple(entity.shape for entity in self.entities)

    def shape(self, name: str) -> EntityShape:
        """The entity of this name; raises UsageError naming those there are."""
        for shape in self.shapes:
            if shape.name == name:
                return shape
        raise UsageError(
            f"{self.name} has no entity {name!r}", hint=f"entities: {', '.join(s.name for s in self.shapes)}"
        )

    def view(self, name: str) -> View:
        """The view of this name; raises UsageError naming those there are."""
        for view in self.views:
            if view.name == name:
                return view
        raise UsageError(
            f"{self.name} has no view {name!r}",
            hint=f"views: {', '.join(v.name for v in self.views) or 'none'}",
        )

    def source(self, name: str) -> Source:
        """The source of this name; raises UsageError naming those there are."""
        for source in self.sources:
            if source.name == name:
                return source
        raise UsageError(
            f"{self.name} has no source {name!r}", hint=f"sources: {', '.join(s.name for s in self.sources)}"
        )


def _unique(names: list[str], where: str, what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DeclarationError(where, f"has two of the {what} {name!r}", cure="give each its own name")


def _pure(functions: set[str]) -> bool:
    """Whether DuckDB knows all of these and says that the same arguments give the same result for ever."""
    rows = duckdb.execute(
        "SELECT function_name, bool_and(stability IS NULL OR stability = 'CONSISTENT') FROM duckdb_functions() "
        "WHERE list_contains(?, function_name) AND function_type <> 'table' GROUP BY 1",
        [list(functions)],
    ).fetchall()
    return dict(rows) == dict.fromkeys(functions, True)


def _check_view(view: View, entities: set[str], where: str) -> None:
    where = f"{where}, view {view.name!r}"
    check_name(view.name, where)
    try:
        statements = sqlglot.parse(view.sql, read="duckdb")
    except SqlglotError as error:
        raise DeclarationError(where, "does not parse", cure=f"look at {place_of(error)}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise DeclarationError(where, "is not one SELECT", cure="a view is a single query")
    tree = statements[0]
    local = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or table.db or table.name not in entities | local:
            raise DeclarationError(
                where,
                f"reads {table.sql('duckdb')}, which is no entity",
                cure=f"entities: {', '.join(sorted(entities))}",
            )
    if next(tree.find_all(*_IMPURE), None) or not _pure({call.name.lower() for call in tree.find_all(exp.Anonymous)}):
        raise DeclarationError(where, "asks the clock, chance or a setting", cure="give the view a parameter instead")
    named = {node.name for node in tree.find_all(exp.Parameter, exp.Placeholder)}
    missing = sorted(named - set(view.parameters))
    if missing:
        raise DeclarationError(where, f"has no parameter ${missing[0]}", cure=f"parameters={{'{missing[0]}': None}}")
    unread = sorted(set(view.parameters) - named)
    if unread:  # DuckDB refuses to run it
        raise DeclarationError(where, f"does not read its parameter {unread[0]!r}", cure=f"write ${unread[0]} in it")
