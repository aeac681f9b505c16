"""The plan for JSON: records and the items of their lists become relations of members, then routes read those."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from trivium.engine.judge.expressing import Expressing
from trivium.engine.judge.faults import all_of, document_faults, fault, twice
from trivium.engine.judge.json_rows import Items, item_rows, record_rows, weight
from trivium.engine.judge.kinds import ARRAY, NULL
from trivium.engine.judge.mapping import Clock, Mapper
from trivium.engine.judge.members import JsonScope
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.plan import Claim, Plan
from trivium.engine.judge.session import Session
from trivium.engine.judge.totals import totals_sql
from trivium.engine.law.statements import text
from trivium.engine.verdict import PART
from trivium.errors import DeclarationError
from trivium.model.domain import Domain
from trivium.model.source import Route, Source

_FAULTS: Final = {
    "json": "the record must be a JSON object; mend its text and send the record again",
    "object": "the record must be a JSON object; mend its text and send the record again",
    "nul": "no text may hold the character U+0000; remove it and send the record again",
    "mark": "no text may begin with the control character U+0001; remove it and send the record again",
}


def json_plan(
    session: Session,
    domain: Domain,
    source: Source,
    clock: Clock,
    captured: Mapping[str, str],
    *,
    beside: Sequence[str] = (),
) -> Plan:
    """The plan for a source of JSON records.

    `captured`: values by the names under which expressions read them where a record has no such member, as SQL over
    the chunk. `beside`: the columns of the chunk that this, or `clock`, reads.
    """
    ordinals = ordinals_of(source)
    expressing = Expressing(session, source.where, ordinals.names)
    mapper = Mapper(domain, source, clock, expressing)
    record = JsonScope("r_", captured, source.where)
    # A name of its own, so that several sources in one session do not put each other's plans out.
    relation = re.sub(r"\W", "_", f"record_{source.name}".lower())
    routes, claims, items = [], [], []
    for number, route in enumerate(source.routes):
        if route.each is None:
            routes.append(mapper.plan(route, relation, record, where=["_fault IS NULL"]))
            continue
        item = _items(number, route, record, captured, source)
        items.append(item)
        sound = ["_item_fault IS NULL"]
        routes.append(mapper.plan(route, item.view, item.scope, record=record, where=sound, position="_pos"))
        if route.asserts:
            # a record without the list leaves it untouched; null and an empty list say that nothing is left
            there = ["_fault IS NULL", f"{item.kind} IS NOT NULL"]
            claim = mapper.claim(route, relation, item.scope, record, where=there)
            claims.append(Claim(route.asserts, claim))
    ignore = expressing.condition(source.ignore, record) if source.ignore else None
    part, broken = PART if PART in beside else "0", f"_fault IS NOT NULL OR {record.twice('_names')} IS NOT NULL"
    totals = totals_sql(expressing, source, record, relation, broken=broken, part=part)
    texts = [[record.text(name) for name in columns] for columns in ordinals.columns]
    faults, strict = all_of(_faults(relation, record, items)), source.terms.unknown == "refuse"
    strange = list(_unknown(relation, record, items)) if strict else []
    deep = all_of([*strange, *document_faults(routes)])
    views, weights = [], []
    for item in items:
        number = next(n for n, planned in enumerate(routes) if planned.relation == item.view)
        reads = routes[number].statements() + routes[number].reasons()
        outer = [name for name in record.names if re.search(rf"\b{name}\b", reads)]
        view = item_rows(item, relation, [*beside, *outer])
        views.append((item.view, view))
        weights.append(weight(item, outer))
        routes[number] = dataclasses.replace(routes[number], view=f"({view})")
    rows = record_rows(record, items, beside, ignore, weights)
    made: str | None = rows
    counts: tuple[str, ...] = ()
    if texts:
        made = ordinals.select(f"SELECT * FROM ({rows}) WHERE NOT _ignored", texts)
        counts = tuple(ordinals.count(relation, texts))
    elif len(routes) == 1 and not items and totals is None:
        made = None
        views.append((relation, rows))
        routes[0] = dataclasses.replace(routes[0], view=f"({rows})")
    return Plan(
        relation,
        tuple(routes),
        tuple(claims),
        made=made,
        counts=counts,
        views=tuple(views),
        faults=faults,
        deep=deep,
        strict=strict,
        totals=totals,
    )


def _items(number: int, route: Route, record: JsonScope, captured: Mapping[str, str], source: Source) -> Items:
    assert route.each is not None
    if any(expression.ordinals for expression in route.columns.values()):
        raise DeclarationError(
            source.where, f"ordinal() for the items of {route.each!r}", cure="an item's key must be in the item"
        )
    label = f"({text(route.each + '[')} || _pos || ']')"
    scope = JsonScope(f"i{number}_", captured, source.where, outer=record, asserts=route.asserts, item=label)
    return Items(route.each, f"item_{number}", scope, record.listed(route.each), record.kind(route.each), label)


def _unknown(relation: str, record: JsonScope, items: Sequence[Items]) -> Iterator[str]:
    """Members of which nothing reads anything, where the source takes none."""
    message = text("the source takes no member that it does not know; leave it out, or declare what reads it")
    member = record.unknown("_names")
    yield fault(relation, f"{member} IS NOT NULL", f"reason('unknown_member', {member}, NULL, {message})", key=True)
    for item in items:
        member = item.scope.unknown("_names")
        field = f"{item.label} || '.' || {member}"
        yield fault(item.view, f"{member} IS NOT NULL", f"reason('unknown_member', {field}, NULL, {message})", key=True)


def _faults(relation: str, record: JsonScope, items: Sequence[Items]) -> Iterator[str]:
    """What is wrong with records and their items as JSON. Then their keys cannot be trusted either."""
    words = " ".join(f"WHEN {text(rule)} THEN {text(message)}" for rule, message in _FAULTS.items())
    yield fault(relation, "_fault IS NOT NULL", f"reason(_fault, NULL, NULL, CASE _fault {words} END)", key=False)
    member = record.twice("_names")
    yield fault(relation, f"{member} IS NOT NULL", twice(member), key=False)
    for item in items:
        message = f"{item.each} must be a list of objects; correct it at its source and send the record again"
        shown = f"plain_member({item.document}, {item.kind})"
        reason = f"reason('list', {text(item.each)}, {shown}, {text(message)})"
        yield fault(relation, f"{item.kind} NOT IN ({ARRAY}, {NULL})", reason, key=False)
        message = "each item must be a JSON object; correct it at its source and send the record again"
        reason = f"reason('object', {item.label}, NULL, {text(message)})"
        yield fault(item.view, "_item_fault IS NOT NULL", reason, key=False)
        member = item.scope.twice("_names")
        yield fault(item.view, f"{member} IS NOT NULL", twice(f"{item.label} || '.' || {member}"), key=False)
