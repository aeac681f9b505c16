"""Deliveries and their readings: numbers, repetition, retraction, and what is held."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.worlds.lab import ARRIVED, Lab, delivery, put
from tests.worlds.rows import Claim
from trivium.errors import UsageError
from trivium.ports import Account, Gone

A, B = ("a",), ("b",)
ONE = Account(1, 1, 0, 0)


def status(lab: Lab) -> object:
    row = lab.rows().get(A)
    return row and row["status"]


def standings(lab: Lab) -> list[tuple[int, int, str, str]]:
    rows = lab.store.control.deliveries("events", "d").to_pylist()
    return [(row["revision"], row["attempt"], row["kind"], row["state"]) for row in rows]


def test_a_new_delivery_is_not_known(lab: Lab) -> None:
    assert lab.store.history.known(delivery("d")) is None
    lab.send([put(A, 1, status="on")])
    assert lab.store.history.known(delivery("d", digest="bb")) is None
    assert lab.store.history.known(delivery("d", revision=2)) is None
    assert lab.store.history.known(delivery("d", source="files")) is None
    assert lab.store.history.known(delivery("e")) is None


def test_the_same_bytes_are_known(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    assert "commit 1" in (lab.store.history.known(delivery("d")) or "")
    assert "commit 1" in (lab.store.history.known(delivery("d", revision=None)) or "")
    assert lab.store.control.findings().num_rows == 0


def test_the_same_bytes_after_something_else_are_a_finding(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    lab.send([put(A, 1, status="off")], revision=2, digest="bb")
    lab.send([put(A, 1, status="on")], "another")
    assert lab.store.history.known(delivery("d")) is not None
    (found,) = lab.store.control.findings().to_pylist()
    assert (found["kind"], found["source"], found["subject"], found["commit_no"]) == ("repeated", "events", "d", 2)


def test_what_is_retracted_is_known(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    lab.store.control.retract("events", "d", "ann")
    assert "retracted" in (lab.store.history.known(delivery("d")) or "")


def test_the_highest_revision_counts_whichever_comes_first(lab: Lab) -> None:
    second = lab.send([put(A, 1, status="off")], revision=2, digest="bb")
    first = lab.send([put(A, 9, status="on")], revision=1)
    assert (second.counts, first.counts) == (True, False)
    assert status(lab) == "off"
    assert standings(lab) == [(1, 1, "first", "superseded"), (2, 1, "revision", "counts")]


def test_arrivals_are_numbered_where_the_name_has_no_revision(lab: Lab) -> None:
    assert lab.send([put(A, 1, status="one")], revision=None, digest="bb").revision == 1
    assert lab.send([put(A, 1, status="two")], revision=None, digest="aa").revision == 2
    assert status(lab) == "two"
    assert lab.send([put(A, 1, status="again")], revision=None, digest="bb", kind="replay").revision == 1
    assert status(lab) == "two"
    assert lab.send([put(A, 1, status="three")], revision=None, digest="cc").revision == 3
    assert lab.send([put(A, 1, status="other")], "other", revision=None, digest="dd").revision == 1


def test_one_revision_with_two_contents_is_a_finding(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")], digest="bb")
    published = lab.send([put(A, 1, status="off")], digest="aa")
    assert not published.counts
    assert len(published.findings) == 1
    assert [one["kind"] for one in lab.store.control.findings().to_pylist()] == ["revision"]
    assert status(lab) == "on"


def test_a_replay_is_a_higher_attempt(lab: Lab) -> None:
    lab.send([put(A, 1, status="on", note="n"), put(B, 1, status="on")])
    again = lab.send([put(A, 1, status="off")], kind="replay")
    assert (again.revision, again.attempt, again.counts) == (1, 2, True)
    assert lab.alive() == [A]
    assert lab.rows()[A]["note"] is None
    assert standings(lab) == [(1, 1, "first", "superseded"), (1, 2, "replay", "counts")]


def test_retraction_and_taking_back(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")], "other", source="files")
    lab.send([put(A, 2, status="off"), put(B, 1, status="on")])
    retracted = lab.store.control.retract("events", "d", "ann")
    assert (retracted.revision, retracted.attempt, retracted.counts) == (1, 2, True)
    assert lab.alive() == [A]
    assert status(lab) == "on"
    assert standings(lab) == [(1, 1, "first", "retracted"), (1, 2, "retraction", "retracted")]
    restored = lab.store.control.restore("events", "d", "ann")
    assert (restored.attempt, restored.counts) == (3, True)
    assert lab.alive() == [A, B]
    assert status(lab) == "off"
    assert standings(lab)[0] == (1, 1, "first", "counts")
    assert [row["by"] for row in lab.store.control.deliveries("events").to_pylist()] == [None, "ann", "ann"]


def test_what_cannot_be_retracted_or_taken_back(lab: Lab) -> None:
    control = lab.store.control
    with pytest.raises(UsageError, match="has no delivery 'd'"):
        control.retract("events", "d", None)
    with pytest.raises(UsageError, match="is not retracted"):
        control.restore("events", "d", None)
    lab.send([put(A, 1, status="on")])
    with pytest.raises(UsageError, match="is not retracted"):
        control.restore("events", "d", None)
    control.retract("events", "d", None)
    with pytest.raises(UsageError, match="is retracted already"):
        control.retract("events", "d", None)
    assert control.deliveries().num_rows == 2


def hold(lab: Lab, row_status: str, revision: int | None = 1, digest: str = "aa") -> None:
    load = lab.load([put(A, 1, status=row_status)], [Claim((("order_id", "b"),), 5)])
    load.hold(delivery("d", revision, digest), ONE, Gone(1, 2))


def test_nothing_of_a_held_delivery_exists(lab: Lab) -> None:
    lab.send([put(B, 1, status="on")], "other")
    hold(lab, "held")
    assert lab.alive() == [B]
    assert lab.store.control.status()["commit"] == 1
    assert lab.store.reader.statements("order", A).num_rows == 0
    row = lab.store.control.deliveries("events", "d").to_pylist()[0]
    assert (row["state"], row["commit_no"], row["revision"]) == ("held", None, 1)
    assert (row["received"], row["accepted"], row["gone"], row["alive"]) == (1, 1, 1, 2)
    assert lab.store.control.status()["loading"] == []


def test_a_held_delivery_outlives_the_process_and_is_released(lab: Lab) -> None:
    lab.send([put(B, 1, status="on")], "other")
    hold(lab, "held")
    lab.reopen()
    assert lab.alive() == [B]
    published = lab.store.control.release("events", "d", "ann")
    assert (published.commit, published.revision, published.counts) == (2, 1, True)
    assert lab.alive() == [A]
    row = lab.store.control.deliveries("events", "d").to_pylist()[0]
    assert (row["state"], row["commit_no"], row["by"], row["accepted"]) == ("counts", 2, "ann", 1)
    with pytest.raises(UsageError, match="holds no delivery 'd'"):
        lab.store.control.release("events", "d", "ann")


def test_a_held_delivery_is_refused(lab: Lab) -> None:
    hold(lab, "held")
    lab.store.control.refuse("events", "d", "ann")
    assert lab.store.control.deliveries().num_rows == 0
    assert lab.store.control.status()["entities"]["order"]["statements"] == 0
    assert lab.store.history.known(delivery("d")) is None
    (found,) = lab.store.control.findings().to_pylist()
    assert (found["kind"], found["source"], found["subject"]) == ("refused", "events", "d")
    assert found["detail"].startswith("ann refused it at 20")
    with pytest.raises(UsageError, match="holds no delivery 'd'"):
        lab.store.control.refuse("events", "d", "ann")


def test_what_is_held_is_known_but_for_another_revision(lab: Lab) -> None:
    """The same bytes under another revision are a reading of their own, or the order of arrival would count."""
    hold(lab, "held")
    assert "held" in (lab.store.history.known(delivery("d")) or "")
    assert lab.store.history.known(delivery("d", revision=2)) is None
    assert lab.store.history.known(delivery("d", digest="bb")) is None


def test_several_readings_held_are_released_one_by_one(lab: Lab) -> None:
    hold(lab, "two", 2, "bb")
    hold(lab, "one", 1, "aa")
    assert [row["revision"] for row in lab.store.control.deliveries().to_pylist()] == [1, 2]
    first = lab.store.control.release("events", "d", "ann")
    second = lab.store.control.release("events", "d", "ann")
    assert [(one.revision, one.counts) for one in (first, second)] == [(2, True), (1, False)]
    assert status(lab) == "two"


def test_what_a_load_would_end(lab: Lab) -> None:
    """Living records in the scope that the load does not mention; those that rank above it are not ended."""
    keys = [(order, line) for order in ("a", "b") for line in (1, 2, 3)]
    lab.send([put(key, 1, sku="x") for key in keys], "before", entity="order_line")
    lab.send([put(("a", 3), 9, sku="new")], "late", entity="order_line")
    rows = {"order_line": [put(("a", 1), 5, sku="y")]}
    load = lab.load(rows)
    assert load.gone() == Gone(0, 0)
    load.append(lab.verdict({"order_line": []}, [Claim((("order_id", "a"),), 5)]))
    assert load.gone() == Gone(1, 3)
    lab.store.control.consolidate()
    assert load.gone() == Gone(1, 3)
    load.publish(delivery("d"), ONE)
    assert lab.alive("order_line") == [("a", 1), ("a", 3), ("b", 1), ("b", 2), ("b", 3)]


def again(lab: Lab) -> list[int]:
    return [row["again"] for row in lab.store.control.deliveries("events", "d").to_pylist()]


def test_what_comes_again_is_counted(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    lab.send([put(A, 1, status="off")], revision=2, digest="bb")
    assert again(lab) == [0, 0]
    for _ in range(3):
        lab.store.history.known(delivery("d"))
    lab.store.history.known(delivery("d", revision=None, digest="bb"))
    assert lab.store.history.known(delivery("d", digest="cc")) is None
    lab.reopen()
    lab.store.history.known(delivery("d"))
    assert again(lab) == [4, 1]
    row = lab.store.control.deliveries("events", "d").to_pylist()[0]
    assert row["again_at"] == ARRIVED.replace(tzinfo=None)


def test_held_ones_that_come_again_are_counted_before_and_after_their_release(lab: Lab) -> None:
    hold(lab, "held")
    lab.store.history.known(delivery("d"))
    assert again(lab) == [1]
    lab.store.control.release("events", "d", "ann")
    lab.store.history.known(delivery("d"))
    assert again(lab) == [2]


def test_they_are_counted_from_many_threads(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: lab.store.history.known(delivery("d")), range(40)))
    assert None not in found
    assert again(lab) == [40]


def test_a_manifest_is_kept_and_remarks_are_written(lab: Lab) -> None:
    sent = replace(delivery("d"), manifest='{"rows": 1, "né": "\\u0000"}', remarks=(("unconfirmed", "how so"),))
    published = lab.load([put(A, 1, status="on")]).publish(sent, ONE)
    assert published.findings == ("how so",)
    (row,) = lab.store.control.deliveries().to_pylist()
    assert row["manifest"] == sent.manifest
    (found,) = lab.store.control.findings().to_pylist()
    assert (found["kind"], found["subject"], found["detail"]) == ("unconfirmed", "d", "how so")


def test_a_held_delivery_keeps_its_manifest_and_remarks(lab: Lab) -> None:
    sent = replace(delivery("d"), manifest='{"rows": 1}', remarks=(("unconfirmed", "how so"),))
    lab.load([put(A, 1, status="on")]).hold(sent, ONE, Gone(1, 2))
    assert lab.store.control.deliveries().to_pylist()[0]["manifest"] == '{"rows": 1}'
    assert lab.store.control.findings().num_rows == 0
    lab.reopen()
    lab.store.control.release("events", "d", "ann")
    assert lab.store.control.deliveries().to_pylist()[0]["manifest"] == '{"rows": 1}'
    assert [row["kind"] for row in lab.store.control.findings().to_pylist()] == ["unconfirmed"]


def test_other_content_under_a_name_without_a_revision_is_a_finding(lab: Lab) -> None:
    lab.send([put(A, 1, status="one")], revision=None, digest="bb")
    assert lab.store.control.findings().num_rows == 0
    lab.send([put(A, 1, status="two")], revision=None, digest="aa")
    lab.send([put(A, 1, status="two")], revision=None, digest="aa", kind="replay")
    assert [row["kind"] for row in lab.store.control.findings().to_pylist()] == ["correction"]
