"""What a store does when it is opened by another declaration than it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import pytest

from tests.stores import Place, Stores
from tests.worlds.lab import Lab, put
from tests.worlds.shop import domain_of, source
from trivium.errors import StoreMismatch
from trivium.model.domain import Domain
from trivium.model.entity import Entity, Facet, Field, Key

A, B = ("a",), ("b",)
BASE: dict[str, Any] = {
    "k": Key[str],
    "status": Literal["on", "off"],
    "note": str | None,
    "count": int | None,
}


@pytest.fixture(autouse=True)
def evolving(stores: Stores) -> None:
    if not stores.evolves:
        pytest.skip("the service that holds the store has made it fit its own declaration")


def thing(types: dict[str, Any], **body: Any) -> Domain:
    """The entity `thing` with these attributes; those that `body` names are optional or have a Field."""
    return domain_of(type("Thing", (Entity,), {"__annotations__": types, **({"note": None, "count": None} | body)}))


@pytest.fixture
def lab(place: Place) -> Iterator[Lab]:
    lab = Lab(place, thing(BASE))
    lab.send([put(A, 1, status="on", note="n"), put(B, 1, note="m", count=3)])
    lab.store.control.consolidate()
    lab.store.control.close()
    yield lab
    lab.store.control.close()


def plan(lab: Lab, domain: Domain) -> list[tuple[str, bool]]:
    """What `plan` says of a declaration. It writes nothing: it says the same again."""
    lab.store = lab.place.open(domain)
    first, second = lab.store.control.plan(), lab.store.control.plan()
    assert first == second
    lab.store.control.close()
    return [(change.what, change.allowed) for change in first]


def test_a_new_store_is_planned_and_made(place: Place) -> None:
    store = place.open(thing(BASE))
    assert [change.allowed for change in store.control.plan()] == [True]
    assert [change.allowed for change in store.control.prepare()] == [True]
    assert store.control.plan() == []
    assert store.control.prepare() == []
    store.control.close()


def test_the_same_declaration_changes_nothing(lab: Lab) -> None:
    assert plan(lab, thing(BASE)) == []
    lab.open(thing(BASE))
    assert lab.store.control.status()["consolidated"] == 1


def test_an_optional_attribute_is_added_without_rewrite(lab: Lab) -> None:
    wider = thing(BASE | {"colour": str | None}, colour=None)
    assert plan(lab, wider) == [("thing: add colour; no rewrite", True)]
    lab.open(wider)
    assert lab.rows()[A]["colour"] is None
    assert lab.rows()[A]["_lacks"] == ""
    lab.send([put(A, 2, colour="red")], "later")
    assert [lab.rows()[A][name] for name in ("status", "note", "colour")] == ["on", "n", "red"]
    assert lab.rows(key=B)[B]["colour"] is None
    lab.store.control.consolidate()
    assert [lab.rows()[A][name] for name in ("status", "note", "colour")] == ["on", "n", "red"]


class Price(Facet):
    """An amount of money."""

    amount: Decimal = Field(max_digits=12, decimal_places=2)
    currency: str


def test_a_facet_is_added(lab: Lab) -> None:
    lab.open(thing(BASE | {"price": Price}))
    assert lab.rows()[A]["_lacks"] == "price"
    assert lab.rows()[B]["_lacks"] == "status,price"
    lab.send([put(A, 2, price=(Decimal("1.50"), "EUR"))], "later")
    assert lab.rows()[A]["_lacks"] == ""
    assert lab.rows()[A]["price_amount"] == Decimal("1.50")


def test_an_attribute_that_is_no_longer_declared_comes_back_with_its_values(lab: Lab) -> None:
    narrow = {name: kind for name, kind in BASE.items() if name != "note"}
    without = domain_of(type("Thing", (Entity,), {"__annotations__": narrow, "count": None}))
    assert plan(lab, without) == [("thing: note is no longer declared; its values are kept, not shown", True)]
    lab.open(without)
    assert "note" not in lab.rows()[A]
    lab.send([put(A, 2, status="off")], "later")
    lab.store.control.consolidate()
    lab.reopen(thing(BASE))
    assert [lab.rows()[A][name] for name in ("status", "note")] == ["off", "n"]
    assert lab.rows()[B]["note"] == "m"


@pytest.mark.parametrize(
    ("types", "body"),
    [
        (BASE | {"status": Literal["on", "off", "out"]}, {}),
        (BASE | {"status": str}, {}),
    ],
    ids=["more choices", "any text"],
)
def test_a_bound_is_lifted(lab: Lab, types: dict[str, Any], body: dict[str, Any]) -> None:
    assert [allowed for _, allowed in plan(lab, thing(types, **body))] == [True]
    lab.open(thing(types, **body))
    assert lab.alive() == [A, B]


@pytest.mark.parametrize(
    ("types", "body", "says"),
    [
        (BASE | {"count": str | None}, {}, "thing.count: int becomes text"),
        (
            BASE | {"count": Decimal | None},
            {"count": Field(max_digits=4, decimal_places=2)},
            "thing.count: int becomes decimal(4,2)",
        ),
        (BASE | {"status": Literal["on"]}, {}, "thing.status: one of off, on becomes one of on"),
        (BASE | {"note": str | None}, {"note": Field(max_length=3)}, "thing.note: no bound becomes max_length=3"),
        (
            {"k": Key[int]} | {name: kind for name, kind in BASE.items() if name != "k"},
            {},
            "thing: the key changes from k (text) to k (int)",
        ),
        (
            {"k": Key[str], "l": Key[int]} | {name: kind for name, kind in BASE.items() if name != "k"},
            {},
            "thing: the key changes from k (text) to k (text), l (int)",
        ),
    ],
    ids=["another type", "decimal for int", "fewer choices", "a new bound", "another key type", "a longer key"],
)
def test_what_held_data_may_not_fit_is_refused_with_the_way_out(
    lab: Lab, types: dict[str, Any], body: dict[str, Any], says: str
) -> None:
    changed = thing(types, **body)
    assert (says, False) in plan(lab, changed)
    store = lab.place.open(changed)
    with pytest.raises(StoreMismatch) as refused:
        store.control.prepare()
    assert "replay" in (refused.value.hint or "")
    store.control.close()
    lab.open(thing(BASE))
    assert lab.alive() == [A, B]
    assert lab.store.control.status()["consolidated"] == 1


def with_source(precedence: int) -> Domain:
    base = thing(BASE)
    entity = base.entities[0]
    office = replace(source("office", entity), precedence=precedence)
    return replace(base, sources=[*base.sources, office])


def test_a_source_is_added_and_its_precedence_changed(lab: Lab) -> None:
    lab.open(with_source(200))
    lab.send([put(A, 1, status="off")], "o", source="office")
    assert lab.rows()[A]["status"] == "off"
    lab.store.control.consolidate()
    lab.reopen(with_source(1))
    assert lab.rows()[A]["status"] == "on"
    lab.store.control.consolidate()
    assert lab.rows()[A]["status"] == "on"


def test_a_source_that_is_no_longer_declared_keeps_what_it_said(lab: Lab) -> None:
    lab.open(with_source(200))
    lab.send([put(A, 1, status="off")], "o", source="office")
    lab.reopen(thing(BASE))
    assert lab.rows()[A]["status"] == "off"


def test_an_entity_is_added_and_one_no_longer_declared(lab: Lab) -> None:
    other: type[Entity] = type("Other", (Entity,), {"__annotations__": {"k": Key[str], "note": str | None}})
    base = thing(BASE)
    both = Domain("shop", [*base.entities, other], [source("events", *base.entities, other)])
    lab.open(both)
    lab.send({"other": [put(A, 1, note="x")]}, "o")
    assert lab.alive("other") == [A]
    lab.store.control.close()
    assert [allowed for _, allowed in plan(lab, thing(BASE))] == [True]
    lab.open(thing(BASE))
    assert lab.alive() == [A, B]
    lab.reopen(both)
    assert lab.alive("other") == [A]


def test_instances_of_two_declarations_side_by_side(lab: Lab, stores: Stores) -> None:
    """While a service is rolled out, the older instance writes beside the newer: it states nothing it cannot know."""
    if not stores.shared:
        pytest.skip("only one instance at a time can have this store open")
    lab.open(thing(BASE))
    newer = Lab(lab.place, thing(BASE | {"colour": str | None}, colour=None))
    try:
        newer.send([put(A, 1, colour="red")], "new")
        lab.send([put(A, 2, status="off", note="x", count=1), put(B, 2, status="on")], "old")
        assert [newer.rows()[A][name] for name in ("status", "note", "colour")] == ["off", "x", "red"]
        newer.store.control.consolidate()
        assert lab.rows()[B]["status"] == "on"
        assert newer.rows()[A]["colour"] == "red"
    finally:
        newer.store.control.close()
