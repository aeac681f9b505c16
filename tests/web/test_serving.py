"""The server under load, with clients that are slow, hostile, or gone."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest
import uvicorn

from tests.servers.tools import wait_until
from tests.stores import Place
from tests.web.front import Front
from tests.web.lines import heard, speaking
from tests.worlds.lab import Lab, put
from tests.worlds.shop import shop
from trivium.engine.tables import arrow_schema, master
from trivium.errors import StoreError, TriviumError, UsageError
from trivium.ops.metrics import Metrics
from trivium.web import answering, connection
from trivium.web.application import Application, Limits
from trivium.web.listed import FORMATS
from trivium.web.rendering import rendered
from trivium.web.serving import Serving

ORDERS = "/v1/records/shop/order"


class Gated:
    """A reader whose look-ups wait until they are let through."""

    def __init__(self, lab: Lab) -> None:
        self.real, self.open, self.asked = lab.store.reader, threading.Event(), 0
        lab.store.reader = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def records(self, *args: Any, **kwargs: Any) -> Any:
        self.asked += 1
        assert self.open.wait(60)
        return self.real.records(*args, **kwargs)


def test_who_comes_when_all_threads_work_and_enough_wait_is_told_to_come_again(lab: Lab) -> None:
    lab.send([put(("a",), 1, status="on")])
    gate = Gated(lab)
    with Front.over(lab, Limits(threads=2, waiting=3)) as front:
        found: list[int] = []
        asking = [threading.Thread(target=lambda: found.append(front.get(f"{ORDERS}/a").status)) for _ in range(5)]
        for one in asking:
            one.start()
        wait_until(lambda: front.application.busy == 5, "all are in")
        got = front.get(f"{ORDERS}/a")
        assert (got.status, got.headers["Retry-After"]) == (503, "1")
        assert gate.asked == 2
        gate.open.set()
        for one in asking:
            one.join()
        assert found == [200] * 5
        assert front.get(f"{ORDERS}/a").status == 200


def test_a_stop_answers_what_is_in_flight(lab: Lab) -> None:
    lab.send([put(("a",), 1, status="on")])
    gate = Gated(lab)
    with Front.over(lab) as front:
        found: list[int] = []
        asking = threading.Thread(target=lambda: found.append(front.get(f"{ORDERS}/a").status))
        asking.start()
        wait_until(lambda: gate.asked == 1, "it is asked")
        stopping = threading.Thread(target=front.serving.stop)
        stopping.start()
        wait_until(lambda: refused(front), "it takes no more")
        gate.open.set()
        stopping.join()
        asking.join()
        assert found == [200]


def test_a_stop_does_not_wait_for_ever(lab: Lab) -> None:
    gate = Gated(lab)
    with Front.over(lab) as front:
        found: list[int] = []
        asking = threading.Thread(target=lambda: found.append(front.get(f"{ORDERS}/a").status))
        asking.start()
        wait_until(lambda: gate.asked == 1, "it is asked")
        begun = time.monotonic()
        front.serving.stop(1.0)
        assert time.monotonic() - begun < 15
        assert front.serving.hangs
        gate.open.set()
        asking.join()
        assert found == [503]
        wait_until(lambda: not front.serving.hangs, "its thread has ended")


def refused(front: Front) -> bool:
    try:
        with speaking(front):
            return False
    except ConnectionRefusedError:
        return True


class Counted:
    """A reader that knows how many of its cursors are open."""

    def __init__(self, lab: Lab) -> None:
        self.real, self.open, self.given = lab.store.reader, 0, 0
        lab.store.reader = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def chosen(self, *args: Any) -> Iterator[Any]:
        self.open += 1
        try:
            for batch in self.real.chosen(*args):
                for at in range(0, batch.num_rows, 100):
                    self.given += 1
                    yield batch.slice(at, 100)
        finally:
            self.open -= 1


def test_a_client_that_goes_away_frees_its_cursor(lab: Lab) -> None:
    lab.send([put((f"{n:05}",), 1, status="on", note="x" * 1000) for n in range(20_000)])
    counted = Counted(lab)
    with Front.over(lab) as front:
        with speaking(front) as line:
            line.sendall(f"GET {ORDERS}?limit=all HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
            wait_until(lambda: counted.open == 1, "it is under way")
        wait_until(lambda: counted.open == 0, "the cursor is free")
        assert counted.given < 150
        assert front.get(f"{ORDERS}?limit=1").status == 200


def test_a_client_that_takes_nothing_is_cut_off(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "STALLED", 3.0)
    lab.send([put((f"{n:05}",), 1, status="on", note="x" * 1000) for n in range(20_000)])
    counted = Counted(lab)
    with Front.over(lab, Limits(streams=1)) as front:
        with speaking(front) as line:
            line.sendall(f"GET {ORDERS}?limit=all HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert line.recv(12) == b"HTTP/1.1 200"
            assert front.get(f"{ORDERS}?limit=all").status == 503  # one at a time
            wait_until(lambda: counted.open == 0, "the cursor is free")
            assert not heard(line).endswith(b"0\r\n\r\n")
        assert len(front.get(f"{ORDERS}?limit=all").json["records"]) == 20_000


def test_a_store_that_fails_in_the_midst_of_an_answer_is_seen_by_its_end(lab: Lab) -> None:
    lab.send([put((f"{n:05}",), 1, status="on", note="x" * 1000) for n in range(2000)])

    class Failing(Counted):
        def chosen(self, *args: Any) -> Iterator[Any]:
            for number, batch in enumerate(super().chosen(*args)):
                if number == 10:
                    raise StoreError("the disk is away: /secret/path", hint="")
                yield batch

    Failing(lab)
    with Front.over(lab) as front:
        with speaking(front) as line:
            line.sendall(f"GET {ORDERS}?limit=all HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            told = heard(line)
        assert told.startswith(b"HTTP/1.1 200")
        assert not told.endswith(b"0\r\n\r\n")
        assert len(front.defects) == 1
        front.defects.clear()


def test_what_fails_within_is_not_told_outside(lab: Lab) -> None:
    class Broken(Counted):
        def records(self, *args: Any, **kwargs: Any) -> Any:
            raise RuntimeError("SELECT secret FROM /secret/path")

        def statements(self, *args: Any) -> Any:
            raise StoreError("cannot reach postgresql://user:pass@host", hint="see /secret/path")

    Broken(lab)
    with Front.over(lab) as front:
        told = front.problem(f"{ORDERS}/a", 500)
        assert "secret" not in str(told)
        ((what, error),) = front.defects
        assert (what, type(error)) == ("GET /v1/records/{domain}/{entity}/{key}", RuntimeError)
        front.defects.clear()
        assert "pass" not in str(front.problem("/v1/explain/shop/order/a", 503))


def test_what_is_rendered_at_a_time_is_bounded() -> None:
    """Of long texts fewer rows."""
    shape = shop().shape("order")
    row = {"order_id": "a", "status": "on", "note": "x" * 20_000, "_alive": True, "_lacks": ""}
    batch = pa.RecordBatch.from_pylist([row] * 2_000, schema=arrow_schema(master(shape)))
    for form in FORMATS:
        pieces = list(rendered(shape, [batch], form, incomplete=False, gone=False))
        assert sum(map(len, pieces)) > 40_000_000
        assert max(map(len, pieces)) < 2_000_000


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(100)), 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000, 431),
        (b"this is not HTTP\r\n\r\n", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_a_head_that_is_none_or_too_long(front: Front, sent: bytes, status: int) -> None:
    with speaking(front) as line:
        line.sendall(sent)
        head, _, body = heard(line).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == status
    assert front.get(ORDERS).status == 200


def test_a_head_that_does_not_come_to_its_end(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_SLOWEST_HEAD", 0.3)
    with Front.over(lab) as front:
        for beginning in (b"", b"GET /v1/records/shop/ord"):
            with speaking(front) as line:
                line.sendall(beginning)
                assert heard(line) == b""
        assert front.get(ORDERS).status == 200


def test_connections_are_bounded(lab: Lab) -> None:
    with Front.over(lab, connections=3) as front:
        lines = [socket.create_connection(front.address) for _ in range(3)]
        try:
            wait_until(lambda: front.get(ORDERS).status == 503, "there is no room")
        finally:
            for line in lines:
                line.close()
        wait_until(lambda: front.get(ORDERS).status == 200, "there is room")


def test_requests_one_after_the_other_on_one_connection(front: Front) -> None:
    front.lab.send([put(("a",), 1, status="on")])
    with closing(front.connection()) as line:
        for path, status in ((f"{ORDERS}/a", 200), (f"{ORDERS}/b", 404), ("/nowhere", 404), (ORDERS, 200)):
            line.request("GET", path)
            answer = line.getresponse()
            assert (answer.status, bool(answer.data)) == (status, True)
    with speaking(front) as raw:  # two at once
        once = b"GET /v1/records/shop/order/a HTTP/1.1\r\nHost: x\r\n"
        raw.sendall(once + b"\r\n" + once + b"Connection: close\r\n\r\n")
        assert heard(raw).count(b"HTTP/1.1 200") == 2


def test_an_address_that_is_taken(front: Front) -> None:
    host, port = front.address
    with pytest.raises(UsageError, match="cannot listen"):
        Serving(front.application, host, port).start()


def test_many_at_once(front: Front, place: Place) -> None:
    """Readers of everything, beside writers: each answer is whole and of one moment."""
    lab, over = front.lab, threading.Event()
    wrong: list[Any] = []

    def read(path: str) -> None:
        while not over.is_set():
            got = front.get(path)
            if got.status != 200 or (got.json.get("records") and len({r["status"] for r in got.json["records"]}) > 1):
                wrong.append(got)

    lab.send([put((f"{n:03}",), 0, status="0") for n in range(50)], "0")
    paths = [
        ORDERS,
        f"{ORDERS}?limit=all",
        f"{ORDERS}?order=-order_id",
        f"{ORDERS}/001",
        "/v1/deliveries",
        "/v1/sources",
    ]
    readers = [threading.Thread(target=read, args=(path,)) for path in paths]
    for one in readers:
        one.start()
    for n in range(1, 15):
        lab.send([put((f"{k:03}",), n, status=f"{n}") for k in range(50)], f"{n}")
        if n % 5 == 0:
            lab.store.control.consolidate()
    over.set()
    for one in readers:
        one.join()
    assert wrong == []


def test_what_fails_behind_a_page_is_told_who_runs_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def text(_: Metrics) -> bytes:
        raise RuntimeError("no figures")

    monkeypatch.setattr(Metrics, "text", text)
    with Front.over(lab) as front:
        assert "no figures" not in str(front.problem("/metrics", 500))
        ((what, error),) = front.defects
        assert (what, str(error)) == ("GET /metrics", "no figures")
        front.defects.clear()


def test_a_server_that_does_not_begin_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: None)
    serving = Serving(Application([], failed=lambda what, error: None), "127.0.0.1", 0)
    with pytest.raises(TriviumError, match="did not begin"):
        serving.start()
