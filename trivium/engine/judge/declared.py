"""Declarations tried out: everything that the judge would run for them is run once, over no records."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from trivium.engine.judge.csv_plan import csv_plan
from trivium.engine.judge.json_plan import json_plan
from trivium.engine.judge.mapping import Clock
from trivium.engine.judge.ordinals import expressions_of, ordinals_of
from trivium.engine.judge.plan import CHUNK, Plan
from trivium.engine.judge.session import Session
from trivium.engine.law.statements import neutral_type
from trivium.engine.reconciling.within import is_date, within_sql
from trivium.engine.tables import alone, arrow_schema
from trivium.errors import DeclarationError
from trivium.model.domain import Domain
from trivium.model.entity import EntityShape
from trivium.model.reconcile import CAPTURE
from trivium.model.source import Source


def check_sources(domain: Domain) -> None:
    """Raises DeclarationError for the first rule or source of the domain that does not work as it is declared.

    What depends on a delivery (which columns its header has) cannot be known before there is one.
    """
    session = Session(threads=1, memory="200MB")
    try:
        for shape in domain.shapes:
            _check_rules(session, shape)
        for source in domain.sources:
            _check_source(session, domain, source)
            _check_within(session, source)
    finally:
        session.close()


def _check_rules(session: Session, shape: EntityShape) -> None:
    types = {path: c.type for c in (*shape.keys, *shape.columns) for path in (c.path, c.name)}
    for rule in shape.rules:
        where = f"{shape.where}.{rule.name}"
        # Nulls that the optimizer does not see through: it would drop the constants they are compared with.
        sql = rule.expression.sql(lambda path: f"(CASE WHEN n > 0 THEN NULL::{neutral_type(types[path])} END)")
        try:
            kind = session.row(f"SELECT typeof({sql}) FROM range(1) AS r(n)")[0]
            session.row(f"SELECT {sql} FROM range(1) AS r(n)")
        except duckdb.Error as error:
            raise DeclarationError(
                where, f"{rule.expression.text!r} does not work", cure=str(error).split("\n")[0]
            ) from error
        if kind not in ("BOOLEAN", '"NULL"'):
            raise DeclarationError(
                where, f"{rule.expression.text!r} gives {kind}", cure="a rule is a condition, such as quantity > 0"
            )


def _check_source(session: Session, domain: Domain, source: Source) -> None:
    if source.channel != "batch" and ordinals_of(source).columns:
        raise DeclarationError(
            source.where, "numbers its records with ordinal()", cure="they come one by one: send them with a number"
        )
    captured = dict.fromkeys(source.files.captures, "''") if source.files else {}
    clock = Clock(latest=0, cut_off=0 if source.cut_off or source.terms.gives_cut_off else None)
    if not source.format.documents:
        header = _header(source, captured)
        plan = csv_plan(session, domain, source, clock, header, captured)
        names = [f"c{number}" for number in range(len(header))]
    else:
        plan = json_plan(session, domain, source, clock, captured)
        names = ["json"]
    rows = {name: pa.array([], pa.string()) for name in names}
    session.show(CHUNK, pa.table(rows | {"_row": pa.array([], pa.int64()), "_place": pa.array([], pa.int64())}))
    try:
        ordinals_of(source).begin(session)
        _run(session, plan)
    except duckdb.Error as error:
        raise DeclarationError(
            source.where, "does not work as it is declared", cure=str(error).split("\n")[0]
        ) from error


def _check_within(session: Session, source: Source) -> None:
    """Runs the condition of what a source reconciles over no records."""
    for one in {route.shape.name: route.shape for route in source.routes}.values():
        reads = source.reconciles.within.columns if source.reconciles and source.reconciles.within else ()
        if not reads or any(not name.startswith(CAPTURE) and one.column(name) is None for name in reads):
            continue
        sql = within_sql(source, one, {})
        session.show("batch", arrow_schema(alone(one)).empty_table())
        try:
            session.row(f"SELECT count(*) FILTER (WHERE ({sql})::BOOLEAN) FROM batch")
        except duckdb.Error as error:
            dates = [name for name in reads if name.startswith(CAPTURE) and is_date(source, name)]
            told = f"; {' and '.join(dates)} {'is a date' if len(dates) == 1 else 'are dates'} here" if dates else ""
            where = f"{source.where}, within"
            raise DeclarationError(where, "does not work", cure=str(error).split("\n")[0] + told) from error


def _header(source: Source, captured: dict[str, str]) -> list[str]:
    """A header that has all that can be read."""
    read = [name for expression in expressions_of(source) for name in expression.columns]
    read += [name for expression in expressions_of(source) for columns in expression.ordinals for name in columns]
    paths = [c.path for route in source.routes for c in (*route.shape.keys, *route.shape.columns)]
    return [name for name in dict.fromkeys([*read, *paths]) if name not in captured]


def _run(session: Session, plan: Plan) -> None:
    if plan.made is not None:
        session.show(plan.relation, session.arrow(plan.made))
    for sql in plan.counts:
        session.run(sql)
    for sql in filter(None, (*plan.statements, plan.over_views(plan.reasons), plan.totals)):
        session.arrow(sql)
