"""The plan for JSON: records and the items of their lists become tables of members, then routes read those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trivium.engine.judge.expressing import Expressing
from trivium.engine.judge.faults import all_of, document_faults, fault, twice
from trivium.engine.judge.mapping import Clock, Mapper
from trivium.engine.judge.members import JsonScope
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.plan import CHUNK, Claim, Plan
from trivium.engine.judge.session import Session
from trivium.engine.judge.totals import totals_sql
from trivium.engine.law.statements import text
from trivium.errors import DeclarationError
from trivium.model.domain import Domain
from trivium.model.source import Route, Source

RECORD = "record"

_FAULTS = {
    "json": "the record must be a JSON object; mend its text and send the record again",
    "object": "the record must be a JSON object; mend its text and send the record again",
    "nul": "no text may hold the character U+0000; remove it and send the record again",
    "mark": "no text may begin with the control character U+0001; remove it and send the record again",
}


@dataclass(frozen=True, slots=True)
class _Items:
    """The list that a route reads: its name, the table of its items, their scope, its path.

    `kind` is SQL of its JSON type, `label` of what a person calls an item.
    """

    each: str
    table: str
    scope: JsonScope
    path: str
    kind: str
    label: str


def json_plan(session: Session, domain: Domain, source: Source, clock: Clock, captured: Mapping[str, str]) -> Plan:
    """The plan for a source of JSON records."""
    ordinals = ordinals_of(source)
    expressing = Expressing(session, source.where, ordinals.names)
    mapper = Mapper(domain, source, clock, expressing)
    record = JsonScope("r_", captured, source.where)
    routes, claims, items = [], [], []
    for number, route in enumerate(source.routes):
        if route.each is None:
            routes.append(mapper.plan(route, RECORD, record, where=["_fault IS NULL"]))
            continue
        item = _items(number, route, record, captured, source)
        items.append(item)
        sound = ["_item_fault IS NULL"]
        routes.append(mapper.plan(route, item.table, item.scope, record=record, where=sound, position="_pos"))
        if route.asserts:
            # a record without the list leaves it untouched; null and an empty list say that nothing is left
            there = ["_fault IS NULL", f"{item.kind} IS NOT NULL"]
            claim = mapper.claim(route, RECORD, item.scope, record, where=there)
            claims.append(Claim(route.asserts, claim))
    ignore = expressing.condition(source.ignore, record) if source.ignore else None
    totals = totals_sql(expressing, source, record, RECORD, broken="_fault IS NOT NULL OR _twice IS NOT NULL")
    texts = [[record.text(name) for name in columns] for columns in ordinals.columns]
    prepare = [_record_table(record, items, ignore)]
    if texts:
        prepare.append(f"CREATE OR REPLACE TEMP TABLE {RECORD} AS {ordinals.select(f'FROM {RECORD}', texts)}")
        prepare += ordinals.count(RECORD, texts)
    prepare += [_item_table(item, record) for item in items]
    tables = (RECORD, *(item.table for item in items))
    return Plan(
        RECORD,
        tuple(routes),
        tuple(claims),
        tuple(prepare),
        after=tuple(f"DROP TABLE {table}" for table in tables),
        faults=all_of([*_faults(record, items), *document_faults(routes)]),
        totals=totals,
    )


def _items(number: int, route: Route, record: JsonScope, captured: Mapping[str, str], source: Source) -> _Items:
    assert route.each is not None
    if any(expression.ordinals for expression in route.columns.values()):
        raise DeclarationError(
            source.where, f"ordinal() for the items of {route.each!r}", cure="an item's key must be in the item"
        )
    label = f"({text(route.each + '[')} || _pos || ']')"
    scope = JsonScope(f"i{number}_", captured, source.where, outer=record, asserts=route.asserts, item=label)
    kind = str(record.named(route.each).kind)
    return _Items(route.each, f"item_{number}", scope, f"{record.path(route.each)}[*]", kind, label)


def _record_table(record: JsonScope, items: Sequence[_Items], ignore: str | None) -> str:
    lists = [f"json_extract(_document, {text(item.path)}) AS _list_{item.table}" for item in items]
    columns = [
        "_row",
        "_place",
        "CASE WHEN _fault IS NULL AND _kinds[1] <> 'OBJECT' THEN 'object' ELSE _fault END AS _fault",
        f"{record.twice()} AS _twice",
        *record.columns(),
        *(f"_list_{item.table}" for item in items),
    ]
    members = ",\n        ".join([record.extraction("_document"), *lists])
    return f"""
CREATE OR REPLACE TEMP TABLE {RECORD} AS
SELECT * FROM (SELECT {", ".join(columns)} FROM (
    SELECT _row, _place, _fault,
        {members}
    FROM (
        SELECT *, CASE WHEN json_valid(_quick) THEN _quick WHEN _fault IS NULL THEN marked_carefully(json) END
            AS _document
        FROM (
            SELECT *, CASE WHEN _fault IS NULL THEN marked_quickly(json) END AS _quick
            FROM (SELECT _row, _place, json, json_fault(json) AS _fault FROM {CHUNK})
        )
    )
)){f" WHERE NOT {ignore}" if ignore else ""}"""


def _item_table(items: _Items, record: JsonScope) -> str:
    outer, inner = ["_row", "_place", *record.names()], items.scope
    columns = [*outer, "_pos", "CASE WHEN _kinds[1] <> 'OBJECT' THEN 'object' END AS _item_fault"]
    columns += [f"{inner.twice()} AS _item_twice", *inner.columns()]
    return f"""
CREATE OR REPLACE TEMP TABLE {items.table} AS
SELECT {", ".join(columns)} FROM (
    SELECT *, {inner.extraction("_item")} FROM (
        SELECT {", ".join(outer)}, unnest(_list_{items.table}) AS _item,
            generate_subscripts(_list_{items.table}, 1) - 1 AS _pos
        FROM {RECORD}
    )
)"""


def _faults(record: JsonScope, items: Sequence[_Items]) -> Iterator[str]:
    """What is wrong with records and their items as JSON. Then their keys cannot be trusted either."""
    words = " ".join(f"WHEN {text(rule)} THEN {text(message)}" for rule, message in _FAULTS.items())
    yield fault(RECORD, "_fault IS NOT NULL", f"reason(_fault, NULL, NULL, CASE _fault {words} END)", key=False)
    yield fault(RECORD, "_twice IS NOT NULL", twice("_twice"), key=False)
    for item in items:
        message = f"{item.each} must be a list of objects; correct it at its source and send the record again"
        shown = f"unmarked({record.named(item.each).text})"
        reason = f"reason('list', {text(item.each)}, {shown}, {text(message)})"
        yield fault(RECORD, f"{item.kind} NOT IN ('ARRAY', 'NULL')", reason, key=False)
        message = "each item must be a JSON object; correct it at its source and send the record again"
        reason = f"reason('object', {item.label}, NULL, {text(message)})"
        yield fault(item.table, "_item_fault IS NOT NULL", reason, key=False)
        yield fault(item.table, "_item_twice IS NOT NULL", twice(f"{item.label} || '.' || _item_twice"), key=False)
