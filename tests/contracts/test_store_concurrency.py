"""Readers, loads and consolidation side by side, in threads of one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar

from tests.stores import Stores
from tests.worlds.lab import Lab, delivery, put
from tests.worlds.rows import Rejected, Row
from tests.worlds.shop import shop
from trivium.errors import StoreBusy, StoreError, UsageError
from trivium.ports import Account

T = TypeVar("T")


@contextmanager
def meanwhile(*work: Callable[[threading.Event], T]) -> Iterator[list[Future[T]]]:
    """Runs functions in threads while the block runs; they see when it is over. What they raise is raised."""
    over = threading.Event()
    with ThreadPoolExecutor(len(work)) as pool:
        running = [pool.submit(one, over) for one in work]
        try:
            yield running
        finally:
            over.set()
        for future in running:
            future.result()


def order(number: int, at: int = 1) -> Row:
    return put((f"k{number:03}",), at, status="on")


def test_two_readers_during_a_load_see_all_or_nothing(lab: Lab) -> None:
    """Pieces are written and published while they read; a reader sees the first delivery, then both."""
    lab.send([order(number) for number in range(10)], "first")

    def read(over: threading.Event) -> list[int]:
        seen = []
        while not over.is_set():
            seen.append(len(lab.alive()))
        return seen

    with meanwhile(read, read) as readers:
        load = lab.store.history.open("events")
        for piece in range(5):
            rows = [order(number) for number in range(10 + piece * 10, 20 + piece * 10)]
            load.append(lab.verdict(rows, first=1 + piece * 10))
        load.publish(delivery("second"), Account(50, 50, 0, 0))
        assert len(lab.alive()) == 60
    for reader in readers:
        seen = reader.result()
        assert set(seen) <= {10, 60}
        assert seen == sorted(seen)


def test_a_reader_that_has_begun_sees_one_snapshot(lab: Lab) -> None:
    lab.send([order(number) for number in range(10)], "first")
    batches = lab.store.reader.records("order")
    first = next(iter(batches))
    lab.send([order(number) for number in range(10, 20)], "second")
    lab.store.control.consolidate()
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 10
    assert len(lab.alive()) == 20


def test_a_reader_may_leave_early(lab: Lab) -> None:
    lab.send([order(number) for number in range(10)], "first")
    for _ in range(20):
        next(iter(lab.store.reader.records("order")))
    lab.send([order(11)], "second")
    lab.store.control.consolidate()
    assert len(lab.alive()) == 11


def test_consolidation_while_deliveries_come(lab: Lab) -> None:
    """Every read is some prefix of what came, and nothing is lost or counted twice."""

    def consolidate(over: threading.Event) -> None:
        while not over.is_set():
            done = lab.store.control.consolidate()
            assert done.after <= done.commit

    def read(over: threading.Event) -> None:
        least = 0
        while not over.is_set():
            alive = lab.alive()
            assert alive == [(f"k{number:03}",) for number in range(len(alive))]
            assert len(alive) >= least
            least = len(alive)

    with meanwhile(consolidate, read):
        for number in range(20):
            lab.send([order(number), order(0, at=number + 2)], f"d{number}")
    assert len(lab.alive()) == 20
    exported = lab.export()
    lab.store.control.consolidate()
    assert lab.export() == exported
    assert lab.store.control.status()["entities"]["order"] == {"statements": 40, "master": 20, "incomplete": 0}


def test_consolidations_at_once(lab: Lab) -> None:
    """They take turns, or one is told that the store is busy; the master is right either way."""

    def consolidate(over: threading.Event) -> None:
        for _ in range(8):
            try:
                lab.store.control.consolidate()
            except StoreBusy:
                continue

    with meanwhile(consolidate, consolidate):
        for number in range(10):
            lab.send([order(number)], f"d{number}")
    lab.store.control.consolidate()
    assert len(lab.alive()) == 10
    assert lab.store.control.status()["entities"]["order"] == {"statements": 10, "master": 10, "incomplete": 0}


def test_many_publish_at_once(lab: Lab) -> None:
    """Every commit has a number of its own, in the order in which readers see them."""

    def publish(first: int) -> Callable[[threading.Event], list[int]]:
        def work(over: threading.Event) -> list[int]:
            return [lab.send([order(number)], f"d{number}").commit for number in range(first, first + 8)]

        return work

    with meanwhile(*(publish(first) for first in (0, 10, 20))) as publishers:
        pass
    commits = [publisher.result() for publisher in publishers]
    assert all(one == sorted(one) for one in commits)
    assert len({commit for one in commits for commit in one}) == 24
    assert len(lab.alive()) == 24
    assert lab.store.control.status()["commit"] == max(map(max, commits))


def test_readings_of_one_delivery_published_at_once_are_numbered_apart(lab: Lab) -> None:
    """Arrivals are numbered once, whoever comes at the same moment."""

    def publish(number: int) -> Callable[[threading.Event], int]:
        def work(over: threading.Event) -> int:
            return lab.send([order(number)], "same", None, f"{number:02}").revision

        return work

    with meanwhile(*(publish(number) for number in range(6))) as publishers:
        pass
    assert sorted(publisher.result() for publisher in publishers) == [1, 2, 3, 4, 5, 6]
    states = [row["state"] for row in lab.store.control.deliveries("events", "same").to_pylist()]
    assert states == ["superseded"] * 5 + ["counts"]
    assert len(lab.alive()) == 1


def test_one_of_several_mends_of_the_same_record_wins(lab: Lab) -> None:
    load_no = lab.send([Rejected(("a",))], "d").load_no

    def mend(value: str) -> Callable[[threading.Event], str | None]:
        def work(over: threading.Event) -> str | None:
            try:
                lab.mend(load_no, 1, put(("a",), 1, status=value))
            except UsageError:
                return None
            return value

        return work

    with meanwhile(*(mend(value) for value in ("one", "two", "three"))) as menders:
        pass
    won = [value for mender in menders if (value := mender.result())]
    assert len(won) == 1
    assert lab.rows()[("a",)]["status"] == won[0]


def test_a_load_of_a_store_that_was_removed_is_in_nobodys_way(stores: Stores) -> None:
    """Its process lives on, and the new store gives the same numbers again."""
    first = stores.new()
    gone = Lab(first, shop())
    forgotten = gone.store.history.open("events")
    first.remove()
    second = stores.new()
    try:
        lab = Lab(second, shop())
        again = lab.load([order(2)])
        assert again.load_no == forgotten.load_no
        again.publish(delivery("second"), Account(1, 1, 0, 0))
        with suppress(StoreError):  # there is nothing any more to remove it from
            forgotten.abandon()
        assert len(lab.alive()) == 1
        lab.store.control.close()
    finally:
        second.remove()
        gone.store.control.close()
