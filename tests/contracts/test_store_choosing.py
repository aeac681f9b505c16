"""The records that a reader chooses, in the order it asks for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.worlds.lab import Lab, delete, put
from trivium.ports import NOW, Choice, Condition, Moment, Order

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
STATES = ("all tail", "all master", "both")


def chosen(lab: Lab, choice: Choice, moment: Moment = NOW, entity: str = "order") -> list[dict[str, Any]]:
    return [row for batch in lab.store.reader.chosen(entity, choice, moment) for row in batch.to_pylist()]


def keys(lab: Lab, *where: Condition, **how: Any) -> str:
    return "".join(row["order_id"] for row in chosen(lab, Choice(where, **how)))


@pytest.fixture(params=STATES)
def filled(lab: Lab, request: pytest.FixtureRequest) -> Lab:
    """Some orders: all of them in the tail, in the master, or some in both."""
    lab.send(
        [
            put(("a",), 1, status="on", note="n", total=(Decimal("1.50"), "EUR")),
            put(("b",), 2, status="off", total=(Decimal("-2.00"), "EUR"), paid_at=NINE),
            put(("c",), 3, status="on", note="", total=(Decimal("1.50"), "USD")),
            put(("d",), 4, note="it lacks its status"),
            put(("e",), 5, status="on"),
            put(("é",), 5, status="on", note="'; DROP TABLE x; --"),
            put(("Z",), 5, status="off", note="é"),
        ]
    )  # fmt: skip
    if request.param != "all tail":
        lab.store.control.consolidate()
    lab.send([delete(("e",), 6), put(("a",), 7, note="later"), put(("f",), 7, status="on")], "e")
    if request.param == "all master":
        lab.store.control.consolidate()
    return lab


def test_conditions(filled: Lab) -> None:
    """By the bytes of a text; null is not equal to anything."""

    def ids(column: str, sign: Any, value: Any) -> str:
        return keys(filled, Condition(column, sign, value))

    assert keys(filled) == "Zabcfé"
    assert ids("status", "=", "on") == "acfé"
    assert ids("status", "<>", "on") == "Zb"
    assert ids("note", "=", "") == "c"
    assert ids("note", "<>", "later") == "Zbcfé"
    assert ids("note", "null", True) == "bf"
    assert ids("note", "null", False) == "Zacé"
    assert ids("note", "=", "'; DROP TABLE x; --") == "é"
    assert ids("note", "in", ["", "é", "%s $1"]) == "Zc"
    assert ids("order_id", ">", "a") == "bcfé"
    assert ids("order_id", "<=", "a") == "Za"
    assert ids("total_amount", ">=", Decimal("1.50")) == "ac"
    assert ids("total_amount", "<", Decimal("1.50")) == "b"
    assert ids("total_currency", "in", ["USD"]) == "c"
    assert ids("paid_at", "=", NINE.replace(tzinfo=None)) == "b"
    assert keys(filled, Condition("status", "=", "on"), Condition("total_currency", "=", "USD")) == "c"


def test_the_incomplete_and_the_gone_come_if_they_are_asked_for(filled: Lab) -> None:
    assert keys(filled, incomplete=True) == "Zabcdfé"
    assert keys(filled, gone=True) == "Zabcefé"
    assert keys(filled, Condition("order_id", ">=", "d"), incomplete=True, gone=True, most=3) == "def"


def test_orders_and_their_pages(filled: Lab) -> None:
    """Null comes last, the key decides last; page by page it is the same."""
    shape = filled.domain.shape("order")
    for order, expected in (
        ((), "Zabcfé"),
        ((Order("order_id", down=True),), "éfcbaZ"),
        ((Order("status"),), "Zbacfé"),
        ((Order("total_amount"),), "bacZfé"),
        ((Order("total_amount", down=True),), "acbZfé"),
        ((Order("total_amount", down=True), Order("order_id", down=True)), "cabéfZ"),
        ((Order("status"), Order("total_currency", down=True)), "bZcafé"),
        ((Order("paid_at"),), "bZacfé"),
    ):
        assert keys(filled, order=order) == expected
        found, after = "", None
        while rows := chosen(filled, Choice(order=order, after=after, most=2)):
            assert len(rows) <= 2
            found += "".join(row["order_id"] for row in rows)
            after = Choice(order=order).position(shape, rows[-1])
        assert found == expected


def test_moments(filled: Lab) -> None:
    def at(moment: Moment, **how: Any) -> str:
        return "".join(row["order_id"] for row in chosen(filled, Choice(**how), moment))

    assert at(Moment(as_of=5)) == "Zabceé"
    assert at(Moment(as_of=5), most=3) == "Zab"
    assert at(Moment(as_of=1), most=3) == "a"
    assert at(Moment(commit=1), most=10) == "Zabceé"
    assert at(Moment(as_of=5), order=(Order("note"),), most=2) == "cé"


def test_keys_of_several_parts_and_windows_of_the_tail(lab: Lab) -> None:
    """More of the tail than is folded at a time, and keys with many statements: nothing is left out or comes twice."""
    lines = [(f"o{order:03}", line) for order in range(700) for line in (1, 2, 10)]
    lab.send({"order_line": [put(key, 1, sku="x") for key in lines]}, "all")
    lab.send({"order_line": [delete(key, 2) for key in lines[30:2000]]}, "ended")
    for n in range(3):
        lab.send({"order_line": [put(("o900", 1), 5 + n, sku=f"{n}")] * 900}, f"again {n}")
    for where in STATES:
        after, found = None, []
        while rows := chosen(lab, Choice(after=after, most=20), entity="order_line"):
            found += [(row["order_id"], row["line"]) for row in rows]
            after = found[-1]
            assert len(found) <= 200, where
        assert found == [*lines[:30], *lines[2000:], ("o900", 1)]
        assert len(chosen(lab, Choice((Condition("line", "=", 10),), most=100), entity="order_line")) == 44
        lab.store.control.consolidate()
        if where == "all tail":
            lab.send({"order_line": [put(key, 3, sku="y") for key in lines[5:20]]}, "touched")


def test_a_reader_that_stops_early_lets_go(lab: Lab) -> None:
    lab.send([put((f"{n}",), 1, status="on") for n in range(100)])
    records = lab.store.reader.chosen("order", Choice())
    next(records)
    records.close()  # type: ignore[attr-defined]
    lab.send([put(("x",), 1, status="on")], "e")
