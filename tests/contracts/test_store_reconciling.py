"""What one source makes of the records by itself, and what is kept of comparing it with another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.reference import Key
from tests.stores import PostgresPlace
from tests.worlds.lab import Lab, delete, put
from tests.worlds.rows import Claim
from trivium.ports import Alone, Reconciliation

A, B, C = ("a",), ("b",), ("c",)


def alone(lab: Lab, who: Alone, entity: str = "order", **how: Any) -> dict[Key, dict[str, Any]]:
    shape = lab.domain.shape(entity)
    rows = [row for batch in lab.store.reader.alone(entity, who, **how) for row in batch.to_pylist()]
    found = {tuple(row[key.name] for key in shape.keys): row for row in rows}
    assert len(found) == len(rows)
    return found


def states(lab: Lab, who: Alone, **how: Any) -> dict[Key, Any]:
    return {key: row["status"] if row["_alive"] else None for key, row in alone(lab, who, **how).items()}


def test_a_source_alone_knows_nothing_of_what_others_said(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 5, status="on")])
    lab.send([put(A, 9, status="off"), delete(B, 9), put(C, 9, status="new")], "f", source="files")
    for _ in range(2):
        assert states(lab, Alone("events")) == {A: "on", B: "on"}
        assert states(lab, Alone("files")) == {A: "off", B: None, C: "new"}
        assert states(lab, Alone("lines")) == {}
        lab.store.control.consolidate()


def test_as_of_and_one_delivery_of_it(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")], "d")
    lab.send([put(A, 5, status="off"), put(B, 5, status="on")], "e'%s{x}")
    assert states(lab, Alone("events"), as_of=4) == {A: "on"}
    assert states(lab, Alone("events", "d")) == {A: "on"}
    assert states(lab, Alone("events", "e'%s{x}")) == {A: "off", B: "on"}
    lab.send([put(A, 2, status="mended")], "d", 2, "bb")
    assert states(lab, Alone("events", "d")) == {A: "mended"}
    lab.store.control.retract("events", "d", None)
    assert states(lab, Alone("events", "d")) == {}
    assert states(lab, Alone("files", "d")) == {}


def test_where_each_group_is_from_and_that_it_is_stated(lab: Lab) -> None:
    lab.send([put(B, 1, status="x"), put(A, 1, status="on", note=None, total=(None, "EUR"))], "one")
    full: dict[str, Any] = {"status": "on", "note": "n", "total": (None, "EUR"), "paid_at": None}
    two = lab.send([put(A, 2, status="off"), put(C, 1, **full), put(C, 2, **full), delete(B, 2)], "two").load_no
    one = two - 1
    found = alone(lab, Alone("events"))

    def origins(key: Key) -> dict[str, tuple[int, int]]:
        groups = ("status", "note", "total", "paid_at")
        row = {name: (found[key][f"{name}__reading"], found[key][f"{name}__place"]) for name in groups}
        return {name: origin for name, origin in row.items() if origin != (None, None)}

    assert origins(A) == {"status": (two, 1), "note": (one, 2), "total": (one, 2)}
    assert origins(C) == dict.fromkeys(("status", "note", "total", "paid_at"), (two, 3))
    assert origins(B) == {}
    assert found[A]["note"] is None
    assert found[A]["total_currency"] == "EUR"


def test_about_the_keys_that_a_reading_states_or_covers(lab: Lab) -> None:
    lines = [put(("a", line), 1, sku="x") for line in (1, 2)] + [put(("b", 1), 1, sku="x")]
    lab.send({"order_line": lines}, "before")
    claims = [Claim((("order_id", "a"),), 5)]
    of = lab.send({"order_line": [put(("a", 1), 5, sku="y")]}, "file", claims=claims, source="files").load_no
    for _ in range(2):
        assert sorted(alone(lab, Alone("events"), "order_line", about=of)) == [("a", 1), ("a", 2)]
        assert sorted(alone(lab, Alone("files"), "order_line", about=of)) == [("a", 1)]
        assert alone(lab, Alone("events"), "order_line", about=of + 1000) == {}
        lab.store.control.consolidate()


def test_an_assertion_of_its_own_ends_what_it_said(lab: Lab) -> None:
    lab.send({"order_line": [put(("a", 1), 1, sku="x")]}, "before", source="files")
    lab.send({"order_line": [put(("a", 1), 1, sku="x")]}, "other")
    lab.send({"order_line": []}, "file", claims=[Claim((("order_id", "a"),), 5)], source="files")
    assert [row["_alive"] for row in alone(lab, Alone("files"), "order_line").values()] == [False]
    assert [row["_alive"] for row in alone(lab, Alone("events"), "order_line").values()] == [True]
    assert [row["_alive"] for row in alone(lab, Alone("files"), "order_line", as_of=4).values()] == [True]


def test_reconciliations_are_kept_by_their_reading(lab: Lab) -> None:
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    first = Reconciliation(7, "files", "2026-03-02", "events", 10, at, '{"a":1}', "[1,2]")
    other = replace(first, reading_no=9, delivery="2026-03-03")
    for one in (other, first):
        lab.store.control.keep_reconciliation(one)
    assert lab.store.control.reconciliations() == [replace(first, differences=""), replace(other, differences="")]
    again = replace(first, accepted=11, summary='{"a":2}', differences="[]", computed_at=at.replace(minute=45))
    lab.store.control.keep_reconciliation(again)
    lab.reopen()
    assert lab.store.control.reconciliations("files", "2026-03-02") == [again]
    assert lab.store.control.reconciliations("files", "2026-03-04") == []
    assert lab.store.control.reconciliations("events") == []
    assert lab.store.control.status()["commit"] == 0


def test_deliveries_by_their_readings(lab: Lab) -> None:
    first, second, third = (lab.send([put(A, at, status="on")], f"d{at}").load_no for at in (1, 2, 3))
    found = lab.store.control.deliveries(readings=[third, first]).to_pylist()
    assert [row["reading_no"] for row in found] == [first, third]
    assert lab.store.control.deliveries(readings=[]).num_rows == 0
    assert lab.store.control.deliveries("events").num_rows == 3
    assert second not in (first, third)


def test_a_store_of_before_gains_the_table(lab: Lab) -> None:
    if not isinstance(lab.place, PostgresPlace):
        pytest.skip("a file is given all tables whenever it is opened")
    lab.store.control.close()
    with psycopg.connect(lab.place.url, autocommit=True) as connection:
        connection.execute("DROP TABLE shop._reconciliation")
    lab.open(lab.domain)
    assert lab.store.control.reconciliations() == []
