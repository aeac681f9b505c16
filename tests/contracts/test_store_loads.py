"""A load is seen whole or not at all."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stores import Place
from tests.worlds.lab import Lab, account, delete, delivery, nameless, put
from tests.worlds.rows import Rejected, Row
from tests.worlds.shop import shop
from trivium.errors import StoreError
from trivium.ports import Account, Moment

ROOT = Path(__file__).parents[2]
A, B, C = ("a",), ("b",), ("c",)


def test_nothing_is_seen_before_publish_and_all_after(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    rows: list[Row] = [put(A, 2, status="off"), put(B, 1, status="on"), Rejected(C)]
    load = lab.load(rows)
    load.append(lab.verdict([put(C, 1, status="on")], first=4))
    assert lab.alive() == [A]
    assert lab.rows()[A]["status"] == "on"
    assert lab.rows(key=B) == {}
    assert lab.store.control.quarantine().num_rows == 0
    assert lab.store.reader.statements("order", B).num_rows == 0
    assert lab.store.reader.touched("order", 0)[0].num_rows == 1
    published = load.publish(delivery("e"), Account(4, 3, 1, 0))
    assert (published.commit, published.revision, published.attempt, published.counts) == (2, 1, 1, True)
    assert lab.alive() == [A, B, C]
    assert lab.rows()[A]["status"] == "off"
    assert lab.store.control.quarantine().num_rows == 1
    assert lab.store.control.status()["commit"] == 2


def test_a_load_without_rows_is_a_reading(lab: Lab) -> None:
    lab.send([put(A, 1, status="on")])
    assert lab.send([], revision=2, digest="bb").counts
    assert lab.alive() == []
    assert lab.rows() == {}


def test_several_entities_in_one_commit(lab: Lab) -> None:
    published = lab.send(
        {
            "order": [put(A, 1, status="on"), put(B, 1, status="on")],
            "order_line": [put(("a", 1), 1, sku="x"), put(("b", 1), 1, sku="y")],
        }
    )
    assert published.commit == 1
    assert lab.alive("order") == [A, B]
    assert lab.alive("order_line") == [("a", 1), ("b", 1)]
    assert lab.alive("order_line", Moment(commit=0)) == []


def test_many_loads_side_by_side(lab: Lab) -> None:
    loads = {number: lab.load([put((f"k{number}",), 1, status="on")]) for number in range(5)}
    assert len({load.load_no for load in loads.values()}) == 5
    assert lab.alive() == []
    for commit, number in enumerate((3, 0, 4), 1):
        assert loads[number].publish(delivery(f"d{number}"), Account(1, 1, 0, 0)).commit == commit
    for number in (1, 2):
        loads[number].abandon()
    assert lab.alive() == [("k0",), ("k3",), ("k4",)]


def test_abandon_leaves_nothing(lab: Lab) -> None:
    rows: list[Row] = [put(A, 1, status="on"), Rejected(B)]
    load = lab.load(rows)
    assert [one["source"] for one in lab.store.control.status()["loading"]] == ["events"]
    load.abandon()
    load.abandon()
    assert lab.store.control.status()["loading"] == []
    assert lab.rows() == {}
    assert lab.store.control.status()["commit"] == 0
    assert lab.send(rows).commit == 1
    assert lab.store.control.status()["entities"]["order"]["statements"] == 1


def test_abandon_after_publish_takes_nothing_back(lab: Lab) -> None:
    load = lab.load([put(A, 1, status="on")])
    load.publish(delivery("d"), Account(1, 1, 0, 0))
    load.abandon()
    assert lab.alive() == [A]


def test_a_publication_that_fails_leaves_nothing_to_see(lab: Lab) -> None:
    """The rows are durable by then, but no commit names them; the same delivery can be loaded again."""
    rows = [put(A, 1, status="on")]
    load = lab.load(rows)
    with pytest.raises(StoreError):
        load.publish(nameless(), account(rows))
    assert lab.rows() == {}
    load.abandon()
    assert lab.store.control.status()["loading"] == []
    assert lab.send(rows).attempt == 1
    assert lab.alive() == [A]


def test_what_a_crashed_load_left_is_swept(place: Place) -> None:
    """A process is killed; see `tests.contracts.crashing` for what it was doing."""
    told = pickle.dumps(place).hex()
    command = [sys.executable, "-m", "tests.contracts.crashing", told]
    crashed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert crashed.returncode == -signal.SIGKILL, crashed.stderr
    assert crashed.stdout == "2 3\n"
    lab = Lab(place, shop())
    try:
        until = time.monotonic() + 10  # a server needs a moment to notice that its client is gone
        while lab.store.control.status()["loading"] and time.monotonic() < until:
            lab.reopen()
        status = lab.store.control.status()
        assert status["loading"] == []
        assert (status["commit"], status["entities"]["order"]["statements"]) == (1, 1)
        assert lab.alive() == [B]
        assert lab.send([put(A, 3, status="on")], "after").commit > 1
        assert lab.alive() == [A, B]
        assert lab.store.control.quarantine(closed=True).num_rows == 0
    finally:
        lab.store.control.close()


def test_a_published_load_survives_reopening(lab: Lab) -> None:
    first = lab.send([put(A, 1, status="on", note="n"), delete(B, 1)])
    lab.reopen()
    assert lab.alive() == [A]
    assert not lab.rows()[B]["_alive"]
    second = lab.send([put(C, 1, status="on")], "e")
    assert second.commit == first.commit + 1
    assert second.load_no > first.load_no


def test_accounts_are_kept_with_their_reading(lab: Lab) -> None:
    lab.load([put(A, 1, status="on"), Rejected()]).publish(delivery("d"), Account(5, 1, 1, 3))
    lab.mend(1, 2, put(B, 1, status="on"))
    rows = lab.store.control.deliveries().to_pylist()
    names = ("source", "delivery", "revision", "attempt", "kind", "state", "commit_no", "digest", "file", "size")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("events", "d", 1, 1, "first", "counts", 1, "aa", "in/d.json", 1234)
    ]
    assert rows[0]["archived"]
    # The mended record is received once more, with the reading that it belongs to.
    assert [rows[0][name] for name in ("received", "accepted", "rejected", "ignored")] == [6, 2, 1, 3]
