"""Requests that wait together: bounds that are reached, and a store that fails, before or after it has committed."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.running.counter import counter
from tests.servers.tools import wait_until
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.channels.raw import digest_of
from trivium.channels.rest import Grouping, KeyReused, Reply, Request, Sent, TooBusy, Unreadable, read_body, request_id
from trivium.channels.rest import grouping as grouping_module
from trivium.engine.judge.handfuls import HandfulJudge
from trivium.errors import StoreError, TriviumError
from trivium.model.source import Source
from trivium.ports import Handful, Published

AT = "2026-03-01T10:00:00Z"
NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


class Brittle:
    """A history whose `take` does first what the test says."""

    def __init__(self, history: Any) -> None:
        self._history = history
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._history, name)

    def take(self, source: str, handful: Handful) -> list[Published]:
        self.before()
        published: list[Published] = self._history.take(source, handful)
        self.after()
        return published


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    opened = DuckDBStore(tmp_path / "counter.duckdb", counter, threads=1)
    opened.control.prepare()
    opened.history = Brittle(opened.history)
    yield opened
    opened.control.close()


def till() -> Source:
    return counter.source("till")


def request(key: str, *, idempotent: str | None = None, raw: bytes | None = None, **more: Any) -> Request:
    body = raw or json.dumps({"order_id": key, "status": "paid", "total": "1.00", "at": AT, **more}).encode()
    sent = Sent(request_id(NOW), "POST /v1/in/till application/json", NOW, idempotent)
    return Request(sent, body, read_body(body, "json"), digest_of(body))


def failing() -> None:
    raise StoreError("the disk is full", hint="make room")


def statements(store: Any) -> int:
    count: int = store.control.status()["entities"]["order"]["statements"]
    return count


def filled(grouping: Grouping, **more: Any) -> list[Future[Reply]]:
    """Submits until no more is taken. Some are judged by then, and wait to be committed."""
    waiting: list[Future[Reply]] = []
    with suppress(TooBusy):
        while len(waiting) < 10_000:
            waiting.append(grouping.submit(request(f"O{len(waiting)}", **more)))
    assert len(waiting) < 10_000
    return waiting


def test_too_many_are_told_so_and_those_that_wait_are_answered(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping_module, "MOST_WAITING", 5)
    gate = threading.Event()
    store.history.before = lambda: gate.wait(30)
    with closing(Grouping(store, counter, till())) as grouping:
        waiting = filled(grouping)
        assert grouping.waiting == 5
        gate.set()
        assert {reply.result(30).status for reply in waiting} == {200}
    assert statements(store) == len(waiting)


def test_bodies_of_too_many_bytes_are_too_many(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping_module, "MOST_BYTES", 1_000)
    gate = threading.Event()
    store.history.before = lambda: gate.wait(30)
    with closing(Grouping(store, counter, till())) as grouping:
        waiting = filled(grouping, note="x" * 100)
        assert len(waiting) < 100
        gate.set()


def test_the_bound_is_of_what_waits_and_not_of_all_that_ever_came(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping_module, "MOST_BYTES", 1_000)
    with closing(Grouping(store, counter, till())) as grouping:
        for number in range(30):
            assert grouping.submit(request(f"O{number}", note="x" * 100)).result(30).status == 200


def test_a_judge_that_cannot_be_made_is_told_to_who_waits(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_judge(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(grouping_module, "HandfulJudge", no_judge)
    with closing(Grouping(store, counter, till())) as grouping:
        with pytest.raises(TriviumError):  # whether it comes before the thread has ended, or after
            grouping.submit(request("O1")).result(30)
        wait_until(lambda: grouping.ended, "it has ended")
        with pytest.raises(TooBusy):
            grouping.submit(request("O2"))


def test_a_store_that_fails_has_taken_nothing_and_goes_on(store: Any) -> None:
    with closing(Grouping(store, counter, till())) as grouping:
        store.history.before = failing
        with pytest.raises(StoreError):
            grouping.submit(request("O1", idempotent="k")).result(30)
        store.history.before = lambda: None
        assert grouping.submit(request("O1", idempotent="k")).result(30).status == 200
    assert statements(store) == 1


def test_an_answer_that_was_lost_after_the_commit_is_given_again(store: Any) -> None:
    with closing(Grouping(store, counter, till())) as grouping:
        store.history.after = failing
        one = request("O1", idempotent="k")
        with pytest.raises(StoreError):
            grouping.submit(one).result(30)
        store.history.after = lambda: None
        again = grouping.submit(one).result(30)
        assert (again.status, again.again) == (200, True)
    assert statements(store) == 1


def test_a_key_that_another_process_answered_meanwhile(store: Any) -> None:
    """Between the look at the keys and the commit: all of the group are judged again, and none is taken twice."""
    with closing(Grouping(store, counter, till())) as other, closing(Grouping(store, counter, till())) as grouping:
        one, twin, third = request("O1", idempotent="k"), request("O1", idempotent="k"), request("O2")
        done: list[Reply] = []

        def first() -> None:
            store.history.before = lambda: None
            done.append(other.submit(one).result(30))

        store.history.before = first
        replies = [grouping.submit(twin), grouping.submit(third)]
        assert [reply.result(30).status for reply in replies] == [200, 200]
        assert replies[0].result().document["commit"] == done[0].document["commit"]
    assert statements(store) == 2


def test_a_key_under_way_with_another_body(store: Any) -> None:
    gate = threading.Event()
    store.history.before = lambda: gate.wait(30)
    with closing(Grouping(store, counter, till())) as grouping:
        one = grouping.submit(request("O1", idempotent="k"))
        with pytest.raises(KeyReused):
            grouping.submit(request("O2", idempotent="k"))
        gate.set()
        assert one.result(30).status == 200


def test_a_key_that_is_answered_while_its_twin_is_looked_up(store: Any) -> None:
    class Answered(dict[str, Any]):
        """The one who answers lets go of the key in between."""

        def __contains__(self, key: object) -> bool:
            return self.pop(str(key), None) is not None

    with closing(Grouping(store, counter, till())) as grouping:
        grouping._keys = Answered(k=(request("O1", idempotent="k").identity, Future()))
        with suppress(TooBusy):
            grouping.submit(request("O1", idempotent="k"))


def test_what_the_judge_cannot_take_does_no_harm_to_others(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = HandfulJudge.judge

    def judge(self: Any, values: Any, *args: Any, **more: Any) -> Any:
        if any(b"poison" in value for value in values.to_pylist()):
            raise MemoryError
        return real(self, values, *args, **more)

    monkeypatch.setattr(HandfulJudge, "judge", judge)
    gate = threading.Event()
    store.history.before = lambda: gate.wait(30)
    with closing(Grouping(store, counter, till())) as grouping:
        first = grouping.submit(request("O0"))
        good, bad = grouping.submit(request("O1")), grouping.submit(request("O2", note="poison"))
        broken = grouping.submit(request("O3", raw=b'{"order_id": '))
        gate.set()
        assert first.result(30).status == good.result(30).status == 200
        assert "MemoryError" in str(bad.exception(30))
        assert isinstance(broken.exception(30), Unreadable)
    assert statements(store) == 2


def test_ending_answers_what_waits_and_nothing_more(store: Any) -> None:
    grouping = Grouping(store, counter, till())
    waiting = [grouping.submit(request(f"O{number}")) for number in range(50)]
    grouping.close()
    assert {reply.result(0).status for reply in waiting} == {200}
    with pytest.raises(TooBusy):
        grouping.submit(request("O99"))
