"""How a service ends, and what it does when more is asked of it than it can: a real process, real sockets."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.running.caller import Caller
from tests.running.place import Place
from tests.servers.tools import wait_until

APP = Path(__file__).parents[1] / "running" / "counter.py"
AT = "2026-03-01T10:00:00Z"
GONE = 10.0
"""Seconds in which it is gone, whoever holds on to it."""


def order(key: str) -> dict[str, Any]:
    return {"order_id": key, "status": "placed", "total": "1.50", "at": AT}


def trickling(caller: Caller) -> socket.socket:
    """An upload that has begun, and does not come to its end."""
    upload = socket.create_connection(_address(caller))
    upload.sendall(
        b"POST /v1/in/till HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b'{"order_id": "T"')
    )
    return upload


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _address(caller: Caller) -> tuple[str, int]:
    parts = urlsplit(caller.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def test_it_answers_what_is_in_flight_and_is_gone_in_time(tmp_path: Path) -> None:
    """With a long poll open, an upload that never ends, a caller who reads nothing, and calls under way."""
    with Place.of(tmp_path, APP) as place:
        running, caller = place.serve()
        for low in range(0, 20_000, 5_000):
            assert caller.post("till", [order(f"A{n}") for n in range(low, low + 5_000)]).status == 200
        after = caller.get("/v1/changes/counter/order?after=0&limit=1000").document["next"]
        while found := caller.get(f"/v1/changes/counter/order?after={after}&limit=1000").document:
            after = found["next"]
            if not found["changes"]:
                break
        told, answered, stopped = list[Any](), list[str](), threading.Event()

        def poll() -> None:
            told.append(caller.get(f"/v1/changes/counter/order?after={after}&wait=60"))

        def call(who: int) -> None:
            number = 0
            while not stopped.is_set():
                key = f"B{who}-{number}"
                try:
                    answer = caller.post("till", order(key))
                except (OSError, http.client.HTTPException):
                    return  # it does not listen any more
                assert answer.status in (200, 503), answer
                if answer.status == 200:
                    answered.append(key)
                number += 1

        deaf = socket.create_connection(_address(caller))
        with closing(trickling(caller)), closing(deaf), ThreadPoolExecutor(5) as threads:
            polling = threads.submit(poll)
            calling = [threads.submit(call, who) for who in range(4)]
            deaf.sendall(b"GET /v1/records/counter/order?limit=all HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_until(lambda: len(answered) > 20, "calls are answered")
            begun = time.monotonic()
            running.command.send(signal.SIGTERM)
            polling.result(GONE)
            polled = time.monotonic() - begun
            assert running.command.ended(GONE + 5), "it hangs"
            taken = time.monotonic() - begun
            lines = [one for one in running.lines if one.get("source") == "till" and "commits" in one]
            assert sum(one["account"]["accepted"] for one in lines) >= 20_000 + len(answered), "the log tells of all"
            assert lines[-1]["last"] >= lines[0]["first"] > 0
            stopped.set()
            for one in calling:
                one.result(GONE)
        assert taken < GONE
        assert (told[0].status, polled < GONE / 2) == (200, True), "who waits for changes is answered at once"
        assert "Traceback" not in running.command.text
        running, caller = place.serve()
        for key in answered:
            assert caller.get(f"/v1/records/counter/order/{key}").status == 200, f"{key} was answered, and is lost"
        running.stop()


def test_a_second_signal_waits_for_nobody(tmp_path: Path) -> None:
    with Place.of(tmp_path, APP) as place:
        running, caller = place.serve()
        with closing(trickling(caller)):
            running.command.send(signal.SIGTERM)
            wait_until(lambda: "a second signal" in running.command.text, "it heard the first")
            begun = time.monotonic()
            running.command.send(signal.SIGTERM)
            assert running.command.ended(5), "it hangs"
            assert time.monotonic() - begun < 3


@pytest.mark.server
def test_calls_beyond_the_bound_are_told_to_come_again_and_the_others_are_taken(
    tmp_path: Path, fresh_postgres: str
) -> None:
    """The store stands still, as a table that somebody has locked: so many bytes wait, and no more."""
    with Place.of(tmp_path, APP, fresh_postgres) as place:
        running, caller = place.serve()
        assert caller.post("till", order("first")).status == 200
        padding = b" " * 250_000
        with psycopg.connect(fresh_postgres) as lock, ThreadPoolExecutor(200) as threads:
            lock.execute('LOCK TABLE "counter"."_load" IN ACCESS EXCLUSIVE MODE')
            calls = [
                threads.submit(caller.post, "till", json.dumps(order(f"C{number}")).encode() + padding)
                for number in range(200)
            ]
            wait_until(lambda: any(call.done() for call in calls), "some are refused")
            assert caller.get("/healthz").status == 200
            lock.rollback()
            answers = [call.result(60) for call in calls]
        refused = [answer for answer in answers if answer.status == 429]
        assert {answer.status for answer in answers} == {200, 429}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert all(answer.document["hint"] for answer in refused)
        found = caller.get("/v1/records/counter/order?limit=all").document["records"]
        assert {one["order_id"] for one in found} == {"first"} | {
            f"C{number}" for number, answer in enumerate(answers) if answer.status == 200
        }
        assert caller.post("till", order("last")).status == 200
        running.stop()
