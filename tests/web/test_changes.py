"""What has changed behind a cursor."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.tools import wait_until
from tests.web.front import Front
from tests.worlds.lab import delete, put
from trivium.web import changes

CHANGES = "/v1/changes/shop/order"
A, B, C = ("a",), ("b",), ("c",)


def walk(front: Front, after: str, limit: int = 100) -> Iterator[dict[str, Any]]:
    """Every change behind a cursor, by pages."""
    while True:
        got = front.get(f"{CHANGES}?after={after}&limit={limit}").json
        yield from got["changes"]
        if not got["changes"]:
            return
        after = got["next"]


def test_records_as_they_are_now_in_the_order_of_their_commits(front: Front) -> None:
    assert front.get(CHANGES).json == {"changes": [], "next": "0"}
    front.lab.send([put(C, 1, status="on"), put(A, 1, note="n"), put(B, 1, status="on")])
    front.lab.send([delete(B, 2)], "e")
    got = front.get(CHANGES)
    none = {"note": None, "total": {"amount": None, "currency": None}, "paid_at": None}
    assert got.json == {
        "changes": [
            {
                "commit": 1, "key": {"order_id": "a"}, "gone": False,
                "record": {"order_id": "a", **none, "note": "n", "_lacks": ["status"]},
            },
            {
                "commit": 1, "key": {"order_id": "c"}, "gone": False,
                "record": {"order_id": "c", "status": "on", **none},
            },
            {"commit": 2, "key": {"order_id": "b"}, "gone": True},
        ],
        "next": "2",
    }  # fmt: skip
    assert got.headers["Link"] == '<?after=2>; rel="next"'
    assert [one["key"]["order_id"] for one in walk(front, "1")] == ["b"]
    assert front.get(f"{CHANGES}?after=2").json == {"changes": [], "next": "2"}
    assert "begin at 0" in front.problem(f"{CHANGES}?after=9", 400)["detail"]


def test_other_forms(front: Front) -> None:
    front.lab.send([put(A, 1, status="on"), put(B, 1, note="x")])
    front.lab.send([delete(A, 2)], "e")
    got = front.get(f"{CHANGES}?limit=1", "application/x-ndjson")
    assert json.loads(got.text)["key"] == {"order_id": "b"}
    rest = front.get(CHANGES + got.headers["Link"][1:].partition(">")[0], "text/csv")
    assert rest.text.splitlines() == [
        "order_id,status,note,total.amount,total.currency,paid_at,_lacks,_gone,_commit",
        'a,,,,,,"",true,2',
    ]


def test_what_was_retracted_and_is_said_by_nobody_is_gone(front: Front) -> None:
    front.lab.send([put(A, 1, status="on")], "day")
    front.lab.store.control.retract("events", "day", None)
    assert list(walk(front, "1")) == [{"commit": 2, "key": {"order_id": "a"}, "gone": True}]


def test_one_commit_is_paged_inside_and_looked_up_by_pieces(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    front.lab.send([put((f"{n:03}",), 1, status="on") for n in range(250)])
    front.lab.send([put(("100",), 2, status="off"), put(("x",), 2, status="off")], "e")
    expected = [*(f"{n:03}" for n in range(250) if n != 100), "100", "x"]
    for ahead in (100_000, 100, 40):
        monkeypatch.setattr(changes, "_AHEAD", ahead)
        for limit in (1000, 40) if ahead > 100 else (30,):
            assert [one["key"]["order_id"] for one in walk(front, "0", limit)] == expected


def test_nothing_is_left_out_while_commits_are_made(front: Front) -> None:
    """A consumer that goes on and on holds what the store holds, whatever is written beside it."""
    over = threading.Event()

    def write() -> None:
        for n in range(60):
            rows = [put((f"{(n * 7 + k) % 90:02}",), n + 1, status=f"{n}") for k in range(20)]
            rows += [delete((f"{n:02}",), n + 1)]
            front.lab.send(rows, f"w{n}")
            if n % 13 == 5:
                front.lab.store.control.retract("events", f"w{n - 2}", None)
            if n % 20 == 9:
                front.lab.store.control.consolidate()
        over.set()

    writing = threading.Thread(target=write)
    writing.start()
    held: dict[str, Any] = {}
    after, last = "0", False
    while True:
        last = over.is_set()
        got = front.get(f"{CHANGES}?after={after}&limit=11&wait=0.05").json
        commits = [one["commit"] for one in got["changes"]]
        assert commits == sorted(commits)
        for one in got["changes"]:
            held[one["key"]["order_id"]] = one.get("record")
        if last and not got["changes"]:
            break
        after = got["next"]
    writing.join()
    living = {key: record for key, record in held.items() if record is not None}
    everything = front.get("/v1/records/shop/order?limit=1000&incomplete=true").json["records"]
    assert living == {record["order_id"]: record for record in everything}


def test_who_waits_is_told_at_once(front: Front) -> None:
    begun = time.monotonic()
    assert front.get(f"{CHANGES}?wait=0.3").json == {"changes": [], "next": "0"}
    assert 0.3 <= time.monotonic() - begun < 10
    late = threading.Timer(0.3, lambda: front.lab.send([put(A, 1, status="on")]))
    late.start()
    begun = time.monotonic()
    assert front.get(f"{CHANGES}?wait=30").json["next"] == "1"
    assert time.monotonic() - begun < 15
    late.join()
    # a commit that does not concern the entity is none
    late = threading.Timer(0.3, lambda: front.lab.send({"order_line": [put(("a", 1), 1, sku="x")]}, "e"))
    late.start()
    assert front.get(f"{CHANGES}?after=1&wait=1.5").json == {"changes": [], "next": "2"}
    late.join()


def test_who_waits_holds_no_thread_and_is_answered_at_the_end(front: Front) -> None:
    answers: list[Any] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(front.get(f"{CHANGES}?wait=60").json)) for _ in range(30)
    ]  # fmt: skip
    for one in waiting:
        one.start()
    wait_until(lambda: front.application.waiting == 30, "all wait")
    front.problem("/v1/records/shop/order/a", 404)
    begun = time.monotonic()
    front.serving.stop()
    for one in waiting:
        one.join()
    assert time.monotonic() - begun < 15
    assert answers == [{"changes": [], "next": "0"}] * 30


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("after=x", "after"), ("after=-1", "after"), ("limit=all", "limit"), ("wait=61", "wait"), ("status=on", "status")],
)
def test_what_is_wrong_with_a_query(front: Front, query: str, parameter: str) -> None:
    assert front.problem(f"{CHANGES}?{query}", 400)["parameter"] == parameter


def test_a_store_that_goes_away_while_somebody_waits(front: Front) -> None:
    gone = threading.Timer(0.3, lambda: setattr(front, "away", True))
    gone.start()
    assert front.problem(f"{CHANGES}?wait=60", 503)["hint"]
    gone.join()
