"""What has changed behind a position, in the order of commit and key."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tests.worlds.lab import Lab, delete, put
from tests.worlds.rows import Claim, Rejected
from trivium.ports import Place

A, B, C = ("a",), ("b",), ("c",)


def changed(lab: Lab, after: int, key: tuple[Any, ...] | None = None, most: int = 100, entity: str = "order") -> str:
    """Such as `1:a 1:b 2:c`."""
    table, end = lab.store.reader.changed(entity, after, key, most=most)
    if most >= 100:
        assert end == (max(lab.store.reader.commit(), after), None)
    return " ".join(f"{row.pop('_commit')}:{','.join(map(str, row.values()))}" for row in table.to_pylist())


def test_each_key_once_at_its_last_commit(lab: Lab) -> None:
    assert changed(lab, 0) == ""
    lab.send([put(C, 1, status="on"), put(A, 1, status="on"), put(B, 1, status="on"), put(B, 2, status="off")])
    lab.send([put(B, 3, status="on")], "e")
    assert lab.store.reader.commit() == 2
    for _ in range(2):
        assert changed(lab, 0) == "1:a 1:c 2:b"
        assert changed(lab, 1) == "2:b"
        assert changed(lab, 2) == ""
        assert changed(lab, 9) == ""
        assert changed(lab, 1, A) == "1:c 2:b"
        assert changed(lab, 1, C) == "2:b"
        assert changed(lab, 1, ("é",)) == "2:b"
        assert changed(lab, 2, B) == ""
        assert changed(lab, 0, most=1) == "1:a"
        assert changed(lab, 1, C, most=1) == "2:b"
        assert changed(lab, 0, entity="order_line") == ""
        lab.store.control.consolidate()


def test_a_correction_touches_what_it_says_and_what_it_no_longer_says(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, status="on")], "day")
    lab.send([put(C, 1, status="on")], "other")
    lab.send([put(B, 1, status="off")], "day", 2, "bb")
    assert changed(lab, 0) == "2:c 3:a 3:b"
    assert changed(lab, 2) == "3:a 3:b"


def test_a_retraction_touches_what_was_said_and_so_does_taking_it_back(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, status="on")], "day")
    lab.send([put(C, 1, status="on")], "other")
    lab.store.control.consolidate()
    lab.store.control.retract("events", "day", None)
    assert changed(lab, 1) == "2:c 3:a 3:b"
    lab.store.control.restore("events", "day", None)
    assert changed(lab, 3) == "4:a 4:b"
    assert changed(lab, 3, A) == "4:a 4:b"
    assert changed(lab, 4, A) == "4:b"


def test_an_assertion_touches_what_it_ends(lab: Lab) -> None:
    lines = [put(("a", line), 1, sku="x") for line in (1, 2, 10)] + [put(("b", 1), 1, sku="x")]
    lab.send({"order_line": lines}, "before")
    for consolidated in (False, True):
        if consolidated:
            lab.store.control.consolidate()
        lab.send({"order_line": []}, f"day {consolidated}", claims=[Claim((("order_id", "a"),), 5 + consolidated)])
        commit = lab.store.reader.commit()
        assert changed(lab, commit - 1, entity="order_line") == f"{commit}:a,1 {commit}:a,2 {commit}:a,10"
        assert changed(lab, commit, ("a", 1), entity="order_line", most=1) == f"{commit}:a,2"
    assert changed(lab, 0, entity="order_line") == "1:b,1 3:a,1 3:a,2 3:a,10"


def test_what_is_retracted_is_told_though_an_assertion_came_over_it_later(lab: Lab) -> None:
    """Also where the master has folded it away meanwhile, between one page and the next or before both."""
    lab.send({"order_line": [put(("a", line), 1, sku="x") for line in (1, 2)] + [put(("b", 1), 1, sku="x")]}, "day")
    lab.store.control.consolidate()
    lab.store.control.retract("events", "day", None)
    lab.send({"order_line": []}, "all", claims=[Claim((("order_id", "a"),), 5)])
    first, place = lab.store.reader.changed("order_line", 1, None, most=1)
    assert first.to_pylist() == [{"order_id": "a", "line": 1, "_commit": 2}]
    lab.store.control.consolidate()
    rest, end = lab.store.reader.changed("order_line", *place, most=100)
    assert [(row["order_id"], row["line"], row["_commit"]) for row in rest.to_pylist()] == [("a", 2, 2), ("b", 1, 2)]
    assert end == (3, None)
    assert changed(lab, 0, entity="order_line") == "2:a,1 2:a,2 2:b,1"


def test_of_what_is_gone_a_page_tells_once_though_an_assertion_came_over_it(lab: Lab) -> None:
    """Two rows of one key would be two keys for who asks for their records."""
    lab.send({"order_line": [put(("a", 1), 1, sku="x")]}, "day")
    lab.store.control.consolidate()
    lab.store.control.retract("events", "day", None)
    lab.send({"order_line": []}, "all", claims=[Claim((("order_id", "a"),), 5)])
    assert changed(lab, 1, entity="order_line") == "3:a,1"
    assert changed(lab, 1, entity="order_line", most=1) == "2:a,1"
    assert changed(lab, 2, ("a", 0), entity="order_line", most=1) == "2:a,1"
    assert changed(lab, 2, ("a", 1), entity="order_line", most=1) == "3:a,1", "again, behind its place"


def test_what_counts_again_is_told_though_an_assertion_came_over_it_later(lab: Lab) -> None:
    lab.send({"order_line": [put(("a", 1), 9, sku="x")]}, "day")
    lab.store.control.retract("events", "day", None)
    lab.store.control.consolidate()
    lab.store.control.restore("events", "day", None)
    lab.send({"order_line": []}, "all", claims=[Claim((("order_id", "a"),), 5)])
    assert changed(lab, 2, entity="order_line") == "3:a,1"
    lab.store.control.consolidate()
    assert changed(lab, 2, entity="order_line") == "4:a,1"


def test_a_mended_record_and_a_dropped_one_touch(lab: Lab) -> None:
    load = lab.send([put(A, 1, status="on"), Rejected(B), Rejected(C)], "day").load_no
    lab.mend(load, 2, put(B, 1, status="on"))
    assert changed(lab, 1) == "2:a 2:b"  # it may tell of more than was changed
    lab.store.control.drop(load, 3, None)
    assert changed(lab, 2) == "3:a 3:b"


def test_a_walk_by_pages_is_the_whole(lab: Lab) -> None:
    for n in range(5):
        lab.send([put((f"{key:03}",), n, status="on") for key in range(n, 400, n + 1)], f"{n}")
    whole = changed(lab, 0, most=10_000)
    for most in (1000, 7):
        found: list[str] = []
        place: Place = (0, None)
        while True:
            table, place = lab.store.reader.changed("order", *place, most=most)
            assert table.num_rows <= most
            if not table.num_rows:
                break
            found += [f"{row['_commit']}:{row['order_id']}" for row in table.to_pylist()]
        assert " ".join(found) == whole


def test_those_records(lab: Lab) -> None:
    """In the order of the keys; also of keys of which nothing is said, which live in no table."""
    lab.send([put(A, 1, status="on"), put(B, 1, note="n"), put(C, 1, status="on"), delete(C, 2)])
    for _ in range(2):
        keys = pa.table({"order_id": ["c", "x", "b", "a", "'"]})
        rows = lab.store.reader.those("order", keys).to_pylist()
        assert [(row["order_id"], row["_alive"], row["_lacks"], row["status"]) for row in rows] == [
            ("c", False, "", None), ("x", False, "", None), ("b", True, "status", None), ("a", True, "", "on"),
            ("'", False, "", None),
        ]  # fmt: skip
        assert list(rows[0]) == [
            *("order_id", "status", "note", "total_amount", "total_currency", "paid_at"),
            *("_alive", "_lacks", "_stamp"),
        ]
        lab.store.control.consolidate()
    assert lab.store.reader.those("order", keys.slice(0, 0)).num_rows == 0
