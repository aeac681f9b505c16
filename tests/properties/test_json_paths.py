"""A record of JSON comes to the same verdict by whichever path it is read, and whatever else is in its chunk."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.soak import SOAK
from tests.unit.judge.support import ARRIVED
from trivium import Domain, Entity, Facet, Field, Into, Json, Key, Rest, Rule
from trivium.engine.judge import Judge, Session
from trivium.engine.reading.again import read_json_again

pytestmark = pytest.mark.timeout(0 if SOAK else 900, method="thread")

FEWER = settings(max_examples=settings.default.max_examples // 2 if settings.default else 30)
"""Each example is judged three times."""


class Price(Facet):
    amount: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    currency: str = Field(pattern="^[A-Z]{3}$")


class Thing(Entity):
    id: Key[str]
    kind: Literal["view", "search"]
    n: int | None = Field(None, ge=-10)
    amt: Decimal = Field(max_digits=10, decimal_places=2)
    f: float | None = None
    flag: bool
    d: date | None = None
    tm: time | None = None
    u: UUID
    seen: datetime | None = None
    total: Price | None = None
    note: str | None = Field(None, sensitive=True)

    small = Rule("n is null or amt is null or n < amt + 100")


class Paper(Entity):
    id: Key[str]
    tags: list[str]
    nums: list[Decimal] | None = None
    data: Json | None = None


class Line(Entity):
    id: Key[str]
    line: Key[int]
    sku: str
    qty: Decimal = Field(max_digits=8, decimal_places=2)
    note: str | None = None


class Part(Entity):
    id: Key[str]
    line: Key[int]
    meta: Json | None = None


class Odd(Entity):
    id: Key[str]
    upper: str | None = None
    lower: str | None = None
    loud: str | None = None
    deep: int | None = None
    cell: Json | None = None


LINES = Into(Line, each="lines", columns={"id": "record.id", "note": "record.note"}, asserts="id")
ODD = {"upper": '"A"', "lower": "a", "loud": "upper(concat(a, ':', note, data))", "deep": "total.deep.er",
       "cell": "coalesce(data, '[1]')"}  # fmt: skip
SHOP = Domain(
    "shop",
    entities=[Thing, Paper, Line, Part, Odd],
    sources=[
        Rest("simple", event_time="at", sequence="seq", ignore="kind = 'search'", into=[Into(Thing)]),
        Rest("deleting", event_time="at", into=[Into(Thing, delete="n = 5", when="note is null or note <> '5'")]),
        Rest("papers", event_time="at", into=[Into(Paper)]),
        Rest("orders", event_time="at", into=[Into(Thing, states=["kind", "n"], delete="note = 'x'"), LINES]),
        Rest("parts", event_time="at", into=[Into(Part, each="lines", columns={"id": "record.id"})]),
        Rest("odd", event_time="at", into=[Into(Odd, columns=ODD)]),
    ],
)

NUMBERS = st.sampled_from(
    ["0", "-0", "1", "5", "-7", "2.5", "2.50", "-0.0", "1e3", "1E-3", "1e400", "9223372036854775808",
     "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890", "1.0",
     "0.1000000000000000055511151231257827", "100000000000000000000.0", "NaN", "nan", "-Infinity", "inf", "01", "+1",
     ".5", "1.", "-", "20261101", "0.0000001"]
) | st.decimals(-10**10, 10**10, places=5).map(lambda n: f"{n:.{len(str(n)) % 6}f}")  # fmt: skip
TEXTS = st.sampled_from(
    ["", "a", "5", "-0", "true", "null", "NaN", "2.50", "2026-11-01", "2026-11-01T10:00:00Z", "2099-01-01T00:00:00Z",
     "10:30", "290c4f5e-00aa-11bb-22cc-333344445555", "x, 1.5", "[2.5", "a: -0", "\\u00e9", "é", "\\u0000",
     "\\\\u0000", "\\u0001a", "x\\u0001", "\\ud800", "\\ud83d\\ude00", '\\"', "\\\\", "\\/", "\x01", "a,}", "a, ]",
     "view", " 5", '{\\"a\\":1.5}', '\\": 5, \\"', "🙂"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["id", "kind", "n", "amt", "f", "flag", "d", "u", "tags", "nums", "data", "lines", "total", "note", "A", "a",
     "I\\u0064", "", "amount", "deep", "line", "sku", "more"]
)  # fmt: skip
SPACE = st.sampled_from(["", "", "", " ", "\t "])
END = st.sampled_from([""] * 12 + [",", " , "])


@st.composite
def objects(draw: st.DrawFn, members: list[tuple[str, str]]) -> str:
    space, end = draw(SPACE), draw(END)
    return "{" + space + f"{space},".join(f'"{name}"{space}:{space}{value}' for name, value in members) + end + "}"


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda found, end: f"[{', '.join(found)}{end}]", st.lists(values, max_size=3), END)


def pairs(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.tuples(NAMES, values), max_size=3).flatmap(objects)


SCALARS = NUMBERS | TEXTS.map(lambda text: f'"{text}"') | st.sampled_from(["true", "false", "null", "True", "nul"])
VALUES = st.recursive(SCALARS, lambda values: lists(values) | pairs(values), max_leaves=6)


def mostly(*good: str) -> st.SearchStrategy[str]:
    return st.sampled_from(good) | st.sampled_from(good) | st.sampled_from(good) | VALUES


@st.composite
def some(draw: st.DrawFn, /, **members: st.SearchStrategy[str]) -> str:
    """An object that has most of these, perhaps one of them twice, and what nobody knows."""
    found = [(name, draw(value)) for name, value in members.items() if draw(st.integers(0, 9))]
    found += draw(st.lists(st.tuples(NAMES, VALUES), max_size=1))
    return draw(objects(draw(st.permutations(found))))


ITEMS = some(
    line=mostly("1", "2"), sku=mostly('"a"'), qty=mostly("1", "2.50", "1e2"), meta=mostly('{"a":1}', "[1,2.50]", '"x"')
) | VALUES  # fmt: skip
RECORDS = some(
    id=mostly('"O1"', '"O2"'), at=mostly('"2026-11-01T10:00:00Z"'), seq=mostly("1", "0"), n=mostly("1", "-5", '"7"'),
    kind=mostly('"view"', '"search"'), amt=mostly("1", "2.50", '"4.25"'), f=mostly("1", "1.5"), flag=mostly("true"),
    d=mostly('"2026-11-01"'), tm=mostly('"10:30"'), u=mostly('"290c4f5e-00aa-11bb-22cc-333344445555"'),
    seen=mostly('"2026-11-01T10:00:00.123456Z"', "null"), tags=mostly('["a","b"]'), nums=mostly("[1,2]", "[1.50]"),
    data=mostly('{"a":{"b":[1,{"c":2}]}}', "null"), lines=lists(ITEMS), note=mostly('"x"', "null"),
    total=mostly('{"amount":5,"currency":"EUR"}', '{"amount":5.10,"currency":"EUR"}', '{"deep":{"er":5}}', "null"),
) | VALUES | st.text(max_size=5)  # fmt: skip


def fits_in_a_line(record: str) -> bool:
    return not {"\n", "\r", "\0"} & set(record)


@cache
def judge_of(source: str) -> Judge:
    return Judge(SHOP, SHOP.source(source), arrived_at=ARRIVED, session=session())


@cache
def session() -> Session:
    return Session(threads=1, memory="500MB")


def said_of(source: str, records: list[str]) -> list[Any]:
    """What is said of each of the records, judged as one chunk."""
    found: list[Any] = [[] for _ in records]
    verdict = judge_of(source).judge(read_json_again([record.encode() for record in records]))
    for kind, tables in (("states", verdict.statements), ("asserts", verdict.assertions)):
        for name, table in tables.items():
            for row in table.to_pylist():
                found[row.pop("_place") - 1].append((kind, name, repr(row)))
    if verdict.rejected is not None:
        for row in verdict.rejected.to_pylist():
            found[row["place"] - 1].append((row["reasons"], row["due"], row["keyless"]))
    return [sorted(map(repr, said)) for said in found]


def with_care(record: str) -> str:
    """The same with a member that nobody reads, whose number DuckDB would change."""
    body = record.removeprefix("{")
    return f'{{"unread": [2.50]{"" if body.strip() == "}" else ","}{body}'


@pytest.mark.parametrize("source", [source.name for source in SHOP.sources])
@FEWER
@given(records=st.lists(RECORDS.filter(fits_in_a_line), min_size=1, max_size=12), cut=st.integers(0, 12))
def test_by_whichever_path_and_in_whatever_company(source: str, records: list[str], cut: int) -> None:
    together = said_of(source, records)
    assert together == said_of(source, records[:cut]) + said_of(source, records[cut:])
    objects = [n for n, record in enumerate(records) if record.startswith("{")]
    assert [together[n] for n in objects] == said_of(source, [with_care(records[n]) for n in objects])


def test_a_record_of_each_path_is_accepted() -> None:
    record = '{"id": "O1", "at": "2026-11-01T10:00:00Z", "tags": ["a"], "nums": [], "data": {"a": "b"}}'
    for text in (record, with_care(record), record.replace("[]", "[1]"), record.replace("[]", "[1, 2.50]")):
        assert "states" in said_of("papers", [text])[0][0]
