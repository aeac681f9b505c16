"""The plan of a source: everything that is run over one chunk of its records, made once for a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from trivium.engine.judge.mapping import Mapper
from trivium.engine.judge.expressing import Expressing
from trivium.engine.judge.mapping import Clock
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.route import RoutePlan
from trivium.engine.judge.scopes import CsvScope
from trivium.engine.judge.session import Session
from trivium.model.domain import Domain
from trivium.model.source import Source

CHUNK: Final = "chunk"
"""The raw records: `_row` (from 0), `_line`, and either the cells `c0`, `c1` … or the text `json`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`prepare` is run first, `after` last; `relation` then has the records that are not ignored.

    `claims` are what single records assert, with the parts of the key. `faults`: rows `_row`, `_place`, `reasons` of
    records that are bad in themselves, whatever is stated; None where there can be none.
    """

    relation: str
    routes: tuple[RoutePlan, ...]
    claims: tuple[RoutePlan, ...] = ()
    prepare: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    faults: str | None = None


def csv_plan(
    session: Session, domain: Domain, source: Source, clock: Clock, header: Sequence[str], captured: Mapping[str, str]
) -> Plan:
    """The plan for CSV with this header. Raises RefusedDelivery where an expression reads a column it has not."""
    scope = CsvScope(header, captured, source.where)
    ordinals = ordinals_of(source)
    expressing = Expressing(session, source.where, ordinals.names)
    mapper = Mapper(domain, source, clock, expressing)
    kept = source.ignore is not None or bool(ordinals.columns)
    relation = "kept" if kept else CHUNK
    routes = tuple(mapper.plan(route, relation, scope) for route in source.routes)
    if not kept:
        return Plan(relation, routes)
    texts = [[scope.text(name) for name in columns] for columns in ordinals.columns]
    ignore = [f"NOT {expressing.condition(source.ignore, scope)}"] if source.ignore else []
    rows = f"SELECT {', '.join(['_row', '_line', *scope.used])} FROM {CHUNK} WHERE {' AND '.join(ignore) or 'true'}"
    if ordinals.columns:
        rows = ordinals.select(rows, texts)
    return Plan(
        relation,
        routes,
        prepare=(f"CREATE OR REPLACE TEMP TABLE kept AS {rows}", *ordinals.count("kept", texts)),
        after=("DROP TABLE kept",),
    )
