"""What a reader is told."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from tests.worlds.lab import Lab, delete, delivery, put
from tests.worlds.rows import Accepted, Claim, Rejected, Row, Said
from trivium.errors import StoreError, UsageError
from trivium.ports import Account, Moment, Preview

A, B, C = ("a",), ("b",), ("c",)


def keys(table: pa.Table) -> list[tuple[object, ...]]:
    return sorted(tuple(row.values()) for row in table.to_pylist())


def test_columns_are_in_declared_order(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    for consolidated in (False, True):
        if consolidated:
            lab.store.control.consolidate()
        for how in ({}, {"key": A}, {"moment": Moment(as_of=5)}):
            batch = next(iter(lab.store.reader.records("order", **how)))
            assert batch.schema.names == [
                *("order_id", "status", "note", "total_amount", "total_currency", "paid_at"),
                *("_alive", "_lacks", "_stamp"),
            ]


def test_alive_gone_incomplete_and_unknown(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, note="n"), put(C, 1, status="on"), delete(C, 2)])
    standing = {key: (row["_alive"], row["_lacks"], row["_stamp"]) for key, row in lab.rows().items()}
    assert standing == {A: (True, "", 256 + 100), B: (True, "status", 256 + 100), C: (False, "", None)}
    assert lab.rows(key=("d",)) == {}
    lab.store.control.consolidate()
    assert {key: (row["_alive"], row["_lacks"], row["_stamp"]) for key, row in lab.rows().items()} == standing
    assert lab.rows(key=("d",)) == {}


def test_a_gone_record_shows_no_values(lab: Lab) -> None:
    lab.send([put(A, 1, status="on", note="n"), delete(A, 2), delete(B, 1)])
    for _ in range(2):
        for key in (A, B):
            row = lab.rows(key=key)[key]
            assert {name for name, value in row.items() if value is not None} == {"order_id", "_alive", "_lacks"}
        lab.store.control.consolidate()


def test_moments(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    lab.send([put(A, 5, status="off")], revision=2, digest="bb")
    lab.store.control.consolidate()
    lab.send([put(A, 3, status="mid")], "e")
    assert lab.rows()[A]["status"] == "off"
    assert lab.rows(moment=Moment(as_of=4))[A]["status"] == "mid"
    assert lab.rows(moment=Moment(commit=1))[A]["status"] == "on"
    assert lab.rows(moment=Moment(as_of=4, commit=2)) == {}
    assert lab.rows(moment=Moment(commit=0)) == {}
    assert lab.rows(moment=Moment(as_of=0)) == {}
    assert lab.rows(moment=Moment(as_of=4), key=A)[A]["status"] == "mid"


def test_touched(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, status="on")])
    lab.send([put(C, 1, status="on")], "e")
    table, commit = lab.store.reader.touched("order", 1)
    assert (keys(table), commit) == ([C], 2)
    assert lab.store.reader.touched("order", 2)[0].num_rows == 0
    assert lab.store.reader.touched("order_line", 0)[0].num_rows == 0
    lab.store.control.retract("events", "d", None)
    assert keys(lab.store.reader.touched("order", 2)[0]) == [A, B]
    assert keys(lab.store.reader.touched("order", 0)[0]) == [A, B, C]


def test_touched_names_the_keys_that_an_assertion_ends_or_spares_again(lab: Lab) -> None:
    lines = [put(("a", line), 1, sku="x") for line in (1, 2)] + [put(("b", 1), 1, sku="x")]
    lab.send({"order_line": lines}, "before")
    lab.store.control.consolidate()
    lab.send({"order_line": [put(("a", 3), 1, sku="x")]}, "late")
    lab.send({"order_line": []}, claims=[Claim((("order_id", "a"),), 5)])
    assert keys(lab.store.reader.touched("order_line", 2)[0]) == [("a", 1), ("a", 2), ("a", 3)]
    lab.store.control.retract("events", "d", None)
    assert keys(lab.store.reader.touched("order_line", 3)[0]) == [("a", 1), ("a", 2), ("a", 3)]


def test_a_record_asserts_the_lines_of_its_order(lab: Lab) -> None:
    """One order with its list of lines, told twice; the second list is shorter."""

    def order(at: int, *lines: int) -> dict[str, list[Accepted]]:
        said = tuple(Said(("a", line), at, (("sku", ("x",)),)) for line in lines)
        claim = Claim((("order_id", "a"),), at)
        return {"order": [put(A, at, status="on")], "order_line": [Accepted(said, claim)]}

    lab.send(order(1, 1, 2, 3), "first")
    lab.send(order(2, 1, 3), "second")
    assert lab.alive("order_line") == [("a", 1), ("a", 3)]
    lab.store.control.consolidate()
    lab.send(order(3), "third")
    assert lab.alive("order_line") == []
    assert lab.alive("order") == [A]
    assert lab.alive("order_line", Moment(as_of=1)) == [("a", 1), ("a", 2), ("a", 3)]


def test_statements_and_assertions_of_a_key(lab: Lab) -> None:
    lab.send({"order_line": [put(("a", 1), 1, 7, sku="x")]}, "one")
    lab.send({"order_line": [put(("a", 2), 2, sku="y")]}, "two", claims=[Claim((("order_id", "a"),), 9)])
    lab.send({"order_line": []}, "two", 2, "bb")
    statements = lab.store.reader.statements("order_line", ("a", 1)).to_pylist()
    names = ("source", "delivery", "revision", "file", "_place", "commit_no", "live", "_at", "_seq", "sku")
    assert [tuple(row[name] for name in names) for row in statements] == [
        ("events", "one", 1, "in/one.json", 1, 1, True, 1, 7, "x")
    ]
    assert [row["live"] for row in lab.store.reader.statements("order_line", ("a", 2)).to_pylist()] == [False]
    assertions = lab.store.reader.assertions("order_line", ("a", 1)).to_pylist()
    assert [(row["delivery"], row["_at"], row["live"], row["held_back"]) for row in assertions] == [
        ("two", 9, False, False)
    ]
    assert lab.store.reader.assertions("order_line", ("b", 1)).num_rows == 0


def test_an_assertion_mentions_what_its_reading_names_though_it_counts_no_more(lab: Lab) -> None:
    rows: list[Row] = [put(A, 1, status="on"), Rejected(B)]
    lab.send(rows, "day", claims=[Claim((("order_id", key),), 9) for key in "abc"])
    lab.send([put(A, 1, status="off")], "day", 2, "bb", claims=[Claim((("order_id", "a"),), 9)])

    def told(key: tuple[str]) -> list[tuple[int, bool, bool]]:
        rows = lab.store.reader.assertions("order", key).to_pylist()
        return sorted((row["revision"], row["live"], row["mentioned"]) for row in rows)

    assert told(A) == [(1, False, True), (2, True, True)]
    assert told(B) == [(1, False, True)]
    assert told(C) == [(1, False, False)]


def test_ties_are_told_with_both_ends_and_of_these_loads_alone(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, 3, status="on"), put(C, 1, status="on")])
    lab.send([put(A, 1, status="off"), put(B, 1, 3, note="n")], "e")
    load = lab.send([put(C, 1, status="on"), put(C, 2, status="on")], "f").load_no
    tied = lab.send([put(C, 2, status="off")], "g").load_no
    found = lab.store.reader.ties("order", most=10).to_pylist()
    names = ("source", "delivery", "place")
    assert [(row["order_id"], row["_at"], row["_seq"], row["contents"], row["total"]) for row in found] == [
        ("a", 1, -1, 2, 3),
        ("b", 1, 3, 2, 3),
        ("c", 2, -1, 2, 3),
    ]
    # the digests of docs/law.md: status=off is greater than status=on
    assert [found[0][name] for name in names] == ["events", "e", 1]
    assert [found[0][f"other_{name}"] for name in names] == ["events", "d", 1]
    assert [row["order_id"] for row in lab.store.reader.ties("order", most=2).to_pylist()] == ["a", "b"]
    for loads in ([load], [tied], [load, tied]):
        few = lab.store.reader.ties("order", most=10, loads=loads).to_pylist()
        assert [(row["order_id"], row["_at"], row["total"]) for row in few] == [("c", 2, 1)]
    lab.store.control.retract("events", "e", None)
    assert [row["order_id"] for row in lab.store.reader.ties("order", most=10).to_pylist()] == ["c"]
    assert lab.store.reader.ties("order_line", most=10).num_rows == 0


def test_a_small_load_is_looked_up_in_a_long_history(lab: Lab) -> None:
    lab.send([put((f"{n:03}",), n, status="on") for n in range(200)])
    load = lab.send([put(("007",), 7, status="off"), put(("008",), 9, status="off")], "e").load_no
    (row,) = lab.store.reader.ties("order", most=10, loads=[load]).to_pylist()
    assert (row["order_id"], row["delivery"], row["other_delivery"]) == ("007", "e", "d")


def view(lab: Lab, sql: str, hidden: dict[str, list[str]] | None = None, **parameters: str) -> list[dict[str, object]]:
    batches = list(lab.store.reader.view(sql, parameters, hidden or {}))
    assert batches
    return pa.Table.from_batches(batches).to_pylist()


def test_a_view_reads_what_is_current_complete_and_alive(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, note="incomplete"), put(C, 1, status="on"), delete(C, 2)])
    sql = (
        'SELECT o.order_id, count(l.line) AS n FROM "order" AS o LEFT JOIN order_line AS l USING (order_id) GROUP BY 1'
    )
    assert view(lab, sql) == [{"order_id": "a", "n": 0}]
    lab.store.control.consolidate()
    lab.send({"order_line": [put(("a", 1), 1, sku="x"), put(("a", 2), 1, sku="y")]}, "lines")
    assert view(lab, sql) == [{"order_id": "a", "n": 2}]


def test_a_view_that_fails_is_an_error_of_the_store(lab: Lab) -> None:
    with pytest.raises(StoreError):
        view(lab, "SELECT nothing_such FROM order_line")
    assert lab.alive() == []


def test_a_view_with_values_that_it_cannot_use(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    sql = 'SELECT order_id, $day::date AS day FROM "order"'
    assert view(lab, sql, day="2026-03-02") == [{"order_id": "a", "day": dt.date(2026, 3, 2)}]
    with pytest.raises(UsageError):
        view(lab, sql, day="soon")


def test_a_view_sees_no_values_of_what_is_hidden(lab: Lab) -> None:
    lab.send([put(A, 1, status="on", note="n")])
    assert view(lab, 'SELECT * FROM "order"', {"order": ["note", "paid_at"], "other": ["x"]})[0]["note"] is None
    assert view(lab, "SELECT count(*) AS n FROM \"order\" WHERE note = 'n'", {"order": ["note"]}) == [{"n": 0}]
    assert view(lab, 'SELECT order_id, note FROM "order"') == [{"order_id": "a", "note": "n"}]


def test_preview(lab: Lab) -> None:
    """What publishing would change, and that trying it changes nothing."""
    lab.send([put(A, 1, status="on"), put(B, 1, status="on"), put(C, 1, status="on")])
    load = lab.load([put(A, 1, status="on"), put(B, 1, status="off"), put(("d",), 1, status="on")])
    previews = {one.entity: one for one in load.preview(delivery("d", 2, "bb"))}
    assert previews["order"] == Preview("order", appear=1, end=1, change=1, stay=1)
    assert (previews["order_line"].appear, previews["order_line"].end) == (0, 0)
    assert lab.alive() == [A, B, C]
    load.publish(delivery("d", 2, "bb"), Account(3, 3, 0, 0))
    assert lab.alive() == [A, B, ("d",)]


def test_consolidation_tells_what_it_did_and_changes_nothing_to_see(lab: Lab) -> None:
    nothing = lab.store.control.consolidate()
    assert (nothing.after, nothing.commit, nothing.keys) == (0, 0, 0)
    lab.send([put(A, 1, status="on"), put(B, 1, status="on"), delete(B, 2)])
    before = lab.rows()
    done = lab.store.control.consolidate()
    assert (done.after, done.commit, done.keys) == (0, 1, 2)
    assert lab.rows() == before
    lab.send([put(B, 3, status="on")], "e")
    done = lab.store.control.consolidate()
    assert (done.after, done.commit, done.keys) == (1, 2, 1)
    status = lab.store.control.status()
    assert (status["commit"], status["consolidated"]) == (2, 2)
    assert status["entities"]["order"] == {"statements": 4, "master": 2, "incomplete": 0}
    lab.store.control.retract("events", "d", None)
    assert lab.alive() == [B]
    lab.store.control.consolidate()
    assert lab.store.control.status()["entities"]["order"]["master"] == 1
    assert lab.alive() == [B]
