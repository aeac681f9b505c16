"""Rejected records, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from tests.worlds.lab import Lab, account, delivery, put
from tests.worlds.rows import Claim, Rejected, Row
from trivium.errors import StoreError, UsageError
from trivium.ports import Mend

A, B, C = ("a",), ("b",), ("c",)


def states(lab: Lab) -> list[tuple[int, int, str]]:
    rows = lab.store.control.quarantine(closed=True).to_pylist()
    return [(row["load_no"], row["place"], row["state"]) for row in rows]


def test_what_is_kept_of_a_rejected_record(lab: Lab) -> None:
    rows: list[Row] = [put(A, 1, status="on"), Rejected(B), Rejected(due=7)]
    load_no = lab.send(rows, "day", 3).load_no
    kept = lab.store.control.quarantine().to_pylist()
    names = (
        "load_no",
        "place",
        "source",
        "delivery",
        "revision",
        "file",
        "line",
        "byte_offset",
        "raw",
        "keyless",
        "due",
    )
    assert [tuple(row[name] for name in names) for row in kept] == [
        (load_no, 2, "events", "day", 3, "in/day.json", 3, 200, b"row 2", False, None),
        (load_no, 3, "events", "day", 3, "in/day.json", 4, 300, b"row 3", True, 7),
    ]
    assert kept[0]["reasons"].startswith('[{"rule":"type"')
    assert (kept[0]["state"], kept[0]["commit_no"], kept[0]["digest"]) == ("open", 1, "aa")
    assert lab.store.control.quarantine("files").num_rows == 0
    assert lab.store.control.quarantine("events").num_rows == 2


def test_some_of_it_can_be_asked_for_and_it_can_be_counted(lab: Lab) -> None:
    first = lab.send([Rejected(A), Rejected(due=7), Rejected(due=9)], "day").load_no
    second = lab.send([Rejected(A), Rejected(due=8)], "night").load_no
    control = lab.store.control
    control.drop(first, 1, None)

    def names(**asked: Any) -> list[tuple[int, int]]:
        return [(row["load_no"], row["place"]) for row in control.quarantine(**asked).to_pylist()]

    every = [(first, 2), (first, 3), (second, 1), (second, 2)]
    assert names() == names(source="events") == every
    assert names(closed=True) == [(first, 1), *every]
    assert names(delivery="night") == names(load_no=second) == every[2:]
    assert names(place=1) == [(second, 1)]
    assert names(place=1, load_no=first) == []
    assert names(place=1, load_no=first, closed=True) == [(first, 1)]
    reading_no = control.quarantine(load_no=first).to_pylist()[0]["reading_no"]
    assert names(reading_no=reading_no) == every[:2]
    assert names(due=8) == [(first, 2), (second, 2)]
    assert names(due=6) == names(most=0) == names(delivery='it\'s "none"') == []
    assert names(most=3) == every[:3]
    assert names(decided=True) == names(decided=True, delivery="day") == [(first, 1)]
    assert names(decided=True, delivery="night") == []
    assert control.quarantined() == control.quarantined("events") == {"events": 4}
    assert control.quarantined(closed=True) == {"events": 5}
    assert control.quarantined("files") == {}


def test_the_open_records_that_name_a_key(lab: Lab) -> None:
    first = lab.send([put(A, 1, status="on"), Rejected(B), Rejected(B), Rejected(C)], "day").load_no
    found = lab.store.reader.rejected("order", B).to_pylist()
    assert found == [{"load_no": first, "place": 2}, {"load_no": first, "place": 3}]
    lab.store.control.drop(first, 2, None)
    lab.mend(first, 3, put(B, 1, status="on"))
    assert lab.store.reader.rejected("order", B).num_rows == 0
    assert lab.store.reader.rejected("order", C).num_rows == 1
    lab.send([put(C, 1, status="on")], "day", 2, "bb")
    assert lab.store.reader.rejected("order", C).num_rows == 0


def test_how_many_open_records_may_name_a_key_that_is_not_known(lab: Lab) -> None:
    """Each is counted once, however many keys it names; what was mended or does not count any more is not."""
    first = lab.send([Rejected(B), Rejected(), Rejected()], "day").load_no
    lab.send([Rejected(), Rejected(B)], "files", source="files")
    unkept = lab.verdict([Rejected(C), Rejected(C)])
    keyed = unkept.mentions["order"]
    unkept.mentions["order"] = pa.concat_tables([keyed.slice(0, 1)] * 2)
    load = lab.store.history.open("files")
    load.append(unkept)
    load.publish(delivery("more", source="files"), account([Rejected(), Rejected()]))
    lab.store.control.drop(first, 3, None)

    def count(*entities: str, **asked: Any) -> dict[str, int]:
        return lab.store.control.quarantined(unnamed=entities, **asked)

    assert count("order") == count("order", "order_line") == {"events": 1, "files": 2}
    assert count("order", source="files") == {"files": 2}
    assert count("order", closed=True) == {"events": 2, "files": 2}
    assert count("order_line") == lab.store.control.quarantined() == {"events": 2, "files": 4}


def test_what_another_delivery_rejected_holds_no_assertion_back(lab: Lab) -> None:
    """Neither by its key, nor for want of one: it is not what the delivery that asserts has sent."""
    lab.send([put(A, 1, status="on"), put(B, 1, status="on")], "before")
    lab.send([Rejected(A), Rejected()], "other")
    lab.send([Rejected(B)], claims=[Claim((("order_id", name),), 5) for name in "ab"])
    told = {name: lab.store.reader.assertions("order", (name,)).to_pylist() for name in "ab"}
    assert [row["held_back"] for rows in told.values() for row in rows] == [False, False]
    assert [row["mentioned"] for row in told["a"] + told["b"]] == [False, True]
    assert lab.alive() == [B]


def test_a_record_is_open_only_while_its_reading_counts(lab: Lab) -> None:
    first = lab.send([Rejected(A)], "day", 1, "aa").load_no
    second = lab.send([Rejected(B)], "day", 2, "bb").load_no
    assert states(lab) == [(first, 1, "superseded"), (second, 1, "open")]
    assert [row["load_no"] for row in lab.store.control.quarantine().to_pylist()] == [second]
    lab.store.control.retract("events", "day", None)
    assert lab.store.control.quarantine().num_rows == 0
    lab.store.control.restore("events", "day", None)
    assert states(lab) == [(first, 1, "superseded"), (second, 1, "open")]


def test_drop(lab: Lab) -> None:
    load_no = lab.send([Rejected(A), Rejected(B)]).load_no
    commit = lab.store.control.drop(load_no, 1, "ann")
    assert commit == 2
    assert lab.store.control.status()["commit"] == 2
    assert states(lab) == [(load_no, 1, "dropped"), (load_no, 2, "open")]
    assert [row["place"] for row in lab.store.control.quarantine().to_pylist()] == [2]
    assert lab.store.control.quarantine(closed=True).to_pylist()[0]["by"] == "ann"


def test_what_cannot_be_dropped(lab: Lab) -> None:
    load_no = lab.send([put(A, 1, status="on"), Rejected(B)]).load_no
    lab.store.control.drop(load_no, 2, None)
    for place in (1, 2, 3):
        with pytest.raises(UsageError, match=f"no open quarantined record {load_no}:{place}"):
            lab.store.control.drop(load_no, place, None)
    unpublished = lab.load([Rejected(A)])
    with pytest.raises(UsageError):
        lab.store.control.drop(unpublished.load_no, 1, None)
    unpublished.abandon()
    assert lab.store.control.status()["commit"] == 2


def test_mend_keeps_delivery_and_reading(lab: Lab) -> None:
    first = lab.send([put(A, 1, status="on"), Rejected(B)], revision=4)
    mended = lab.mend(first.load_no, 2, put(B, 1, status="on"))
    assert (mended.commit, mended.revision, mended.attempt, mended.counts) == (2, 4, 1, True)
    assert lab.alive() == [A, B]
    assert states(lab) == [(first.load_no, 2, "mended")]
    statement = lab.store.reader.statements("order", B).to_pylist()[0]
    assert [statement[name] for name in ("delivery", "revision", "_place", "commit_no", "live")] == ["d", 4, 2, 2, True]
    lab.store.control.retract("events", "d", None)
    assert lab.alive() == []


def test_retry_may_be_rejected_again(lab: Lab) -> None:
    first = lab.send([Rejected(A)])
    again = lab.mend(first.load_no, 1, Rejected(A, due=9), retried=True)
    assert states(lab) == [(first.load_no, 1, "retried"), (again.load_no, 1, "open")]
    third = lab.mend(again.load_no, 1, put(A, 1, status="on"), retried=True)
    assert lab.alive() == [A]
    assert (third.revision, third.attempt) == (1, 1)
    assert lab.store.control.quarantine().num_rows == 0


def test_what_a_record_was_mended_to_is_kept_and_its_statement_says_so(lab: Lab) -> None:
    first = lab.send([Rejected(A), put(B, 1, status="on"), Rejected(C)])
    lab.mend(first.load_no, 3, put(C, 1, status="on"), retried=True)
    again = lab.mend(first.load_no, 1, Rejected(A))
    lab.mend(again.load_no, 1, Rejected(A))
    (third,) = lab.store.control.quarantine().to_pylist()
    lab.mend(third["load_no"], 1, put(A, 1, status="on"), retried=True)
    rows = lab.store.control.quarantine(closed=True).to_pylist()
    assert [(row["state"], row["mended"], row["resolved_in"]) for row in rows] == [
        ("mended", b"mended", 3), ("retried", None, 2), ("mended", b"mended", 4), ("retried", None, 5),
    ]  # fmt: skip
    marks = ("_mended_load", "_mended_in", "_mended_by")
    for key, told in ((A, [again.load_no, 4, "ann"]), (B, [None] * 3), (C, [None] * 3)):
        (row,) = lab.store.reader.statements("order", key).to_pylist()
        assert [row[name] for name in marks] == told


def test_a_mend_of_a_reading_that_does_not_count(lab: Lab) -> None:
    first = lab.send([Rejected(A)])
    lab.send([put(B, 1, status="on")], revision=2, digest="bb")
    assert not lab.mend(first.load_no, 1, put(A, 1, status="on")).counts
    assert lab.alive() == [B]


def test_nothing_is_mended_twice(lab: Lab) -> None:
    """Two people may mend the same record; the second is told, and nothing of it is kept."""
    first = lab.send([Rejected(A), Rejected(B)])
    lab.mend(first.load_no, 1, put(A, 1, status="one"))
    load = lab.load([put(A, 1, status="two"), put(B, 1, status="on")])
    with pytest.raises(UsageError, match=f"no open quarantined record {first.load_no}:1"):
        load.publish_mend(Mend(first.load_no, (1, 2), "mended", "bob"), lab.verdict([]).account)
    load.abandon()
    assert lab.alive() == [A]
    assert lab.rows()[A]["status"] == "one"
    assert states(lab) == [(first.load_no, 1, "mended"), (first.load_no, 2, "open")]
    assert lab.store.control.status()["entities"]["order"]["statements"] == 1


def test_nothing_of_an_unpublished_load_is_mended(lab: Lab) -> None:
    load = lab.load([put(A, 1, status="on")])
    with pytest.raises((StoreError, UsageError)):
        load.publish_mend(Mend(77, (1,), "mended", None), lab.verdict([]).account)
    load.abandon()
    assert lab.rows() == {}


def test_a_keyless_row_holds_the_assertion_of_its_delivery_back(lab: Lab) -> None:
    lab.send([put(A, 1, status="on"), put(B, 1, status="on")], "before")
    load_no = lab.send([Rejected(B), Rejected()], claims=[Claim((("order_id", "a"),), 5)]).load_no
    assert [row["held_back"] for row in lab.store.reader.assertions("order", A).to_pylist()] == [True]
    assert lab.alive() == [A, B]
    lab.store.control.drop(load_no, 1, None)
    assert lab.alive() == [A, B]
    lab.store.control.drop(load_no, 2, None)
    assert lab.alive() == [B]
    assert [row["held_back"] for row in lab.store.reader.assertions("order", A).to_pylist()] == [False]
    assert {tuple(row.values()) for row in lab.store.reader.touched("order", 3)[0].to_pylist()} >= {A}
