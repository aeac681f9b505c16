"""Values of every type, at their extremes, come back as they went in; wide entities too."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.reference import Load, Reading, Source, World, export, fold
from tests.stores import Place
from tests.worlds.declared import spec_of
from tests.worlds.lab import Lab, put
from tests.worlds.rows import Accepted, Row, Said
from tests.worlds.shop import domain_of
from trivium.model.domain import Domain
from trivium.model.entity import Entity, Facet, Field, Key
from trivium.model.types import Json


class Kinds(Entity):
    """One attribute of each type."""

    number: Key[int]
    text: str | None = None
    whole: int | None = None
    money: Decimal | None = Field(max_digits=12, decimal_places=2)
    deep: Decimal | None = Field(max_digits=38, decimal_places=37)
    broad: Decimal | None = Field(max_digits=38, decimal_places=0)
    ratio: float | None = None
    flag: bool | None = None
    day: date | None = None
    instant: datetime | None = None
    clock: time | None = None
    code: UUID | None = None
    tree: Json | None = None
    tags: list[str] | None = None


FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
EXTREMES: dict[str, list[Any]] = {
    "text": [
        "",
        " ",
        "x" * 1_000_000,
        "\x01\x1f\x7f\u2028\ufeff\uffff\U0010ffff",
        "e\u0301",
        "'\"\\%$1{}\r\n\t",
        "NULL",
    ],
    "whole": [0, -(2**63), 2**63 - 1, 2**53 + 1],
    "money": [Decimal("0.00"), Decimal("-9999999999.99"), Decimal("9999999999.99"), Decimal("-0.01")],
    "deep": [Decimal("9." + "9" * 37), Decimal("-0." + "0" * 36 + "1"), Decimal(0)],
    "broad": [Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal("1" + "0" * 37)],
    "ratio": [0.0, -0.0, 5e-324, 1.7976931348623157e308, -1e16, 0.1 + 0.2, 1e-5, 123456789012345680.0, 1e22],
    "flag": [True, False],
    "day": [date(1, 1, 1), date(9999, 12, 31), date(1969, 12, 31), date(2024, 2, 29)],
    "instant": [FIRST, LAST, datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)],
    "clock": [time(0, 0), time(23, 59, 59, 999999), time(0, 0, 0, 1), time(12, 30)],
    "code": [UUID(int=0), UUID(int=2**128 - 1), UUID("0190163d-8694-739b-aea5-966c26f8ad91")],
    "tree": ["null", "{}", '{"a":[1,null,{"b":"\\u0000é"}]}', '"text"', "1e400"],
    "tags": ["[]", '["a","b,c"]', '[""]'],
}


def expected(lab: Lab, rows: list[Row]) -> bytes:
    """The reference's export of rows that one delivery states."""
    spec = spec_of(lab.domain.shapes[0])
    said = [one for row in rows if isinstance(row, Accepted) for one in row.said]
    world = World(
        (Source("events", 100),),
        (Reading("events", "d", 1, "aa", 1, 1, 1),),
        (Load(1, "events", "d", 1, "aa", 1, 1),),
        tuple(one.statement(1, place) for place, one in enumerate(said, 1)),
    )
    return export(fold(world, spec), spec, incomplete=True)


def check(lab: Lab, rows: list[Row]) -> None:
    """The same bytes from the tail, from the master and after reopening, and the values themselves."""
    bytes_ = expected(lab, rows)
    lab.send(rows)
    assert lab.export().encode() == bytes_
    lab.store.control.consolidate()
    assert lab.export().encode() == bytes_
    lab.reopen()
    assert lab.export().encode() == bytes_


@pytest.mark.parametrize("attribute", EXTREMES)
def test_extremes_of_each_type(place: Place, attribute: str) -> None:
    lab = Lab(place, domain_of(Kinds))
    try:
        rows: list[Row] = [put((n,), 1, **{attribute: value}) for n, value in enumerate([None, *EXTREMES[attribute]])]
        check(lab, rows)
    finally:
        lab.store.control.close()


def test_all_types_of_one_record(place: Place) -> None:
    lab = Lab(place, domain_of(Kinds))
    try:
        full = {name: values[-1] for name, values in EXTREMES.items()}
        rows: list[Row] = [put((1,), 1, **full), put((1,), 2, text="later"), put((2,), 1)]
        check(lab, rows)
    finally:
        lab.store.control.close()


class Keyed(Entity):
    """A key of six parts."""

    shop: Key[str]
    day: Key[date]
    till: Key[int]
    at: Key[datetime]
    price: Key[Decimal] = Field(max_digits=38, decimal_places=2)
    ticket: Key[UUID]
    note: str | None = None


def test_a_key_of_six_parts_in_order(place: Place) -> None:
    """Texts by their bytes, numbers by value, the rest by time and bytes; each key is found by itself."""
    lab = Lab(place, domain_of(Keyed))
    try:
        shops = ["", "B", "a", "e\u0301", "é", "\uffff", "\U0001f600", "a,b", "a'b", 'a"b']
        start = datetime(2026, 3, 2, 9, tzinfo=UTC)
        keys: list[tuple[Any, ...]] = [(shop, date(1, 1, 1), -1, start, Decimal("1.00"), UUID(int=1)) for shop in shops]
        base = keys[0]
        others = [date(9999, 12, 31), 2, datetime(2026, 3, 2, 10, tzinfo=UTC), Decimal("-5.10"), UUID(int=2**127)]
        keys += [(*base[:part], other, *base[part + 1 :]) for part, other in enumerate(others, 1)]
        check(lab, [put(key, 1, note="n") for key in keys])
        for key in keys:
            naive = tuple(part.replace(tzinfo=None) if isinstance(part, datetime) else part for part in key)
            asked = tuple(str(part) if isinstance(part, UUID) else part for part in naive)
            assert len(lab.rows(key=asked)) == 1
        assert lab.rows(key=("nowhere", *asked[1:])) == {}
    finally:
        lab.store.control.close()


def wide(attributes: int, facets: int) -> Domain:
    """An entity of many attributes and facets."""
    members = {"amount": Decimal | None, "currency": str | None, "since": date | None}
    limit = Field(max_digits=12, decimal_places=2)
    facet: Any = type("Money", (Facet,), {"__annotations__": members, "amount": limit})
    types: dict[str, Any] = {"a": Key[str], "b": Key[str], "c": Key[int], "d": Key[int], "e": Key[str], "f": Key[str]}
    types |= {f"attribute_{number}": str | None for number in range(attributes)}
    types |= {f"facet_{number}": facet for number in range(facets)}
    return domain_of(type("Wide", (Entity,), {"__annotations__": types}), "wide")


@pytest.mark.slow
def test_a_wide_entity(place: Place) -> None:
    """200 attributes, 50 facets of three members, a key of six parts: full, partial and contested records."""
    lab = Lab(place, wide(200, 50))
    try:
        texts: dict[str, Any] = {f"attribute_{number}": f"v{number}" for number in range(200)}
        money: dict[str, Any] = {f"facet_{number}": (Decimal(number), "EUR", date(2026, 1, 1)) for number in range(50)}
        one, two, three = (("k", "k", 1, number, "k", "k") for number in (1, 2, 3))
        halves = [dict(list((texts | money).items())[start::2]) for start in (0, 1)]
        rows: list[Row] = [put(one, 1, **texts, **money), put(one, 2, attribute_7="new", facet_9=(None, "USD", None))]
        rows += [put(two, 1, **halves[0]), put(two, 2, **halves[1])]
        rows += [put(three, 1, attribute_0="only")]
        check(lab, rows)
        found = lab.rows()
        assert (found[one]["attribute_7"], found[one]["facet_9_currency"]) == ("new", "USD")
        assert found[two]["_lacks"] == ""
        assert len(found[three]["_lacks"].split(",")) == 249
    finally:
        lab.store.control.close()


def test_equal_contents_have_equal_digests_whatever_the_declaration_says_first(place: Place) -> None:
    """The digest goes by name: of two contents of one rank the same wins after attributes are declared anew."""

    class Before(Entity, name="thing"):
        k: Key[str]
        a: str | None = None
        b: str | None = None

    class After(Entity, name="thing"):
        k: Key[str]
        b: str | None = None
        a: str | None = None
        c: str | None = None

    lab = Lab(place, domain_of(Before))
    try:
        told = (("a", ("x",)), ("b", ("y",)))
        rows: list[Row] = [Accepted((Said(("k",), 1, told),)), put(("k",), 1, a="z", b="y")]
        lab.send(rows, "before")
        winner = lab.rows()[("k",)]["a"]
        lab.reopen(domain_of(After))
        lab.send(rows[::-1], "after")
        assert lab.rows()[("k",)]["a"] == winner
        assert len({row["_digest"] for row in lab.store.reader.statements("thing", ("k",)).to_pylist()}) == 2
    finally:
        lab.store.control.close()
