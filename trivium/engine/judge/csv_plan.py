"""The plan for CSV: cells are columns already, so routes read the chunk itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from trivium.engine.judge.expressing import Expressing
from trivium.engine.judge.faults import all_of, document_faults, fault
from trivium.engine.judge.mapping import Clock, Mapper
from trivium.engine.judge.naming import literals
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.plan import CHUNK, Plan
from trivium.engine.judge.scopes import CsvScope
from trivium.engine.judge.session import Session
from trivium.engine.judge.totals import totals_sql
from trivium.engine.law.statements import text
from trivium.engine.verdict import PART
from trivium.errors import DeclarationError, RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.source import Source


def csv_plan(
    session: Session,
    domain: Domain,
    source: Source,
    clock: Clock,
    header: Sequence[str],
    captured: Mapping[str, str],
    *,
    beside: Sequence[str] = (),
) -> Plan:
    """The plan for CSV with this header. Raises RefusedDelivery where an expression reads a column it has not.

    `captured`: what the file's name gave, as SQL over the chunk. `beside`: the columns of the chunk that this reads.
    """
    for route in source.routes:
        if route.each is not None:
            raise DeclarationError(source.where, f"each={route.each!r}: a CSV record has no lists", cure="remove it")
    nameless = f"c{len(header) - 1}" if header and not header[-1] else None
    scope = CsvScope(header[:-1] if nameless else header, captured, source.where, source.format.marks)
    ordinals = ordinals_of(source)
    expressing = Expressing(session, source.where, ordinals.names)
    mapper = Mapper(domain, source, clock, expressing)
    kept = source.ignore is not None or bool(ordinals.columns)
    relation = "kept" if kept else CHUNK
    routes = tuple(mapper.plan(route, relation, scope) for route in source.routes)
    checks = _nameless_fault(relation, nameless) if nameless else None
    deep = all_of(document_faults(routes))
    texts = [[scope.text(name) for name in columns] for columns in ordinals.columns]
    ignore = [f"NOT {expressing.condition(source.ignore, scope)}"] if source.ignore else []
    totals = totals_sql(expressing, source, scope, relation, part=PART if PART in beside else "0")
    unread, absent = scope.unread, tuple(mapper.absent)
    if not kept:
        return Plan(relation, routes, checks=checks, deep=deep, unread=unread, absent=absent, totals=totals)
    cells = ["_row", "_place", *scope.used, *beside, *([nameless] if nameless else [])]
    rows = f"SELECT {', '.join(cells)} FROM {CHUNK} WHERE {' AND '.join(ignore) or 'true'}"
    if ordinals.columns:
        rows = ordinals.select(rows, texts)
    return Plan(
        relation,
        routes,
        made=rows,
        counts=tuple(ordinals.count(relation, texts)),
        checks=checks,
        deep=deep,
        unread=unread,
        absent=absent,
        totals=totals,
    )


def _nameless_fault(relation: str, cell: str) -> str:
    """The records with a text behind the last separator, where the header has a name for none. It may be a cell too
    many, so that all others are in the wrong columns."""
    message = (
        "nothing may stand behind the last separator, for the header has no name there; put a cell that holds a "
        "separator in quotes, or name the column in the header"
    )
    return fault(relation, f"{cell} <> ''", f"reason('nameless_cell', NULL, NULL, {text(message)})", key=False)


def captured_scope(
    session: Session, domain: Domain, source: Source, clock: Clock, captured: Mapping[str, str]
) -> Any | None:
    """The scope that the file's name gives, as a table of one row; None where it does not give all of it.

    A file that says nothing asserts by its name alone. Raises RefusedDelivery where the name gives no such values.
    """
    rows = "(SELECT 0 AS _row, 0 AS _place)"
    table = captured_scopes(session, domain, source, clock, literals(captured), rows) if source.asserts else None
    if table is None:
        return None
    if not table["_ok"][0].as_py():
        given = ", ".join(f"{name} {value!r}" for name, value in captured.items())
        raise RefusedDelivery(
            f"{source.where}: the file's name gives {given}, which is not for what a file can be complete",
            hint=f"name the file so that it gives {', '.join(source.asserts)}",
        )
    return table.select(list(source.asserts))


def captured_scopes(
    session: Session, domain: Domain, source: Source, clock: Clock, captured: Mapping[str, str], rows: str
) -> Any | None:
    """For each row of the relation `rows`, with its `_row`, the scope that is asserted by what `captured` gives, as SQL
    over it, and `_ok`; None where it does not give all of the scope."""
    route = dataclasses.replace(source.routes[0], asserts=source.asserts, when=None, event_time=None, sequence=None)
    scope = CsvScope((), captured, source.where)
    mapper = Mapper(domain, source, clock, Expressing(session, source.where, ordinals_of(source).names))
    try:
        claim = mapper.scope(route, rows, scope)
    except RefusedDelivery:
        return None
    return session.arrow(claim.statements())
