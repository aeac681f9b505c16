"""Records by what they are, page by page."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from tests.web.front import Front
from tests.worlds.lab import delete, put

ORDERS = "/v1/records/shop/order"


def fill(front: Front) -> None:
    front.lab.send(
        [
            put(("a",), 1, status="on", note="n", total=(Decimal("1.50"), "EUR")),
            put(("b",), 2, status="off", total=(Decimal("-2.00"), "EUR")),
            put(("c",), 3, status="on", note="", total=(Decimal("100.00"), "USD")),
            put(("d",), 4, note="it lacks its status"),
            put(("e",), 5, status="on"),
            put(("f,%",), 5, status="off", note="é"),
        ]
    )
    front.lab.store.control.consolidate()
    front.lab.send([delete(("e",), 6), put(("a",), 7, note="later")], "e")


def ids(front: Front, query: str) -> str:
    got = front.get(f"{ORDERS}?{query}")
    assert got.status == 200, got.body
    return "".join(record["order_id"][0] for record in got.json["records"])


def test_records_are_those_of_an_export(front: Front) -> None:
    assert front.get(ORDERS).json == {"records": [], "next": None}
    fill(front)
    complete = [line for line in front.lab.export().splitlines() if "lacks" not in line]
    got = front.get(ORDERS, "application/x-ndjson")
    assert got.text.splitlines() == complete
    assert got.headers["Trivium-Commit"] == "2"
    assert [
        json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in front.get(ORDERS).json["records"]
    ] == [line.replace("É", "é") for line in complete]
    assert front.get(f"{ORDERS}?format=csv&limit=2").text.splitlines() == [
        "order_id,status,note,total.amount,total.currency,paid_at",
        "a,on,later,1.50,EUR,",
        "b,off,,-2.00,EUR,",
    ]


def test_filters(front: Front) -> None:
    fill(front)
    assert ids(front, "") == "abcf"
    assert ids(front, "status=on") == ids(front, "status.eq=on") == "ac"
    assert ids(front, "status.ne=on") == "bf"
    assert ids(front, "note.null=true") == "b"
    assert ids(front, "note=&status=on") == "c"
    assert ids(front, "note=%C3%A9") == "f"
    assert ids(front, "total.amount.ge=1.5&total.amount.lt=100") == "a"
    assert ids(front, "total.amount.in=-2,100.0") == "bc"
    assert ids(front, f"order_id.in=a,{quote('f%2C%25')}") == "af"
    assert ids(front, "order_id.gt=a&order=-order_id") == "fcb"
    assert ids(front, "order=-total.amount") == "cabf"
    assert ids(front, "order=status,-order_id") == "fbca"
    assert ids(front, "paid_at.null=false") == ""
    assert ids(front, "as_of=1970-01-01T00:00:00.000005Z&status=on") == "ace"


def test_the_incomplete_and_the_gone(front: Front) -> None:
    fill(front)
    got = front.get(f"{ORDERS}?incomplete=true&gone=true").json["records"]
    assert [one["order_id"] for one in got] == ["a", "b", "c", "d", "e", "f,%"]
    assert [one.get("_lacks") for one in got] == [None, None, None, ["status"], None, None]
    assert got[4] == {"order_id": "e", "_gone": True}
    assert front.get(f"{ORDERS}?gone=true&format=csv&order_id=e").text == (
        "order_id,status,note,total.amount,total.currency,paid_at,_gone\ne,,,,,,true\n"
    )


@pytest.mark.parametrize(
    ("query", "parameter", "word"),
    [
        ("colour=red", "colour", "total.currency"),
        ("total=1", "total", "total.amount"),
        ("total.amount=1.501", "total.amount", "2 places"),
        ("total.amount=ten", "total.amount", "number"),
        ("paid_at.ge=2026-03-02", "paid_at.ge", "2026-03-02T09:00:00Z"),
        ("note.null=yes", "note.null", "true or false"),
        ("note.like=n", "note.like", ".ge"),
        ("status=on&status=off", "status", "once"),
        ("status=a%00b", "status", "text"),
        ("order=colour", "order", "total.amount"),
        ("order=", "order", "total.amount"),
        ("order=status,-status", "order", "once"),
        ("limit=0", "limit", "from 1 to 1000 or all"),
        ("limit=1001", "limit", "from 1 to 1000 or all"),
        ("limit=many", "limit", "from 1 to 1000 or all"),
        ("incomplete=1", "incomplete", "true or false"),
        ("cursor=abc", "cursor", "next"),
        ("cursor=%C3%A9", "cursor", "next"),
    ],
)
def test_what_is_wrong_with_a_query(front: Front, query: str, parameter: str, word: str) -> None:
    told = front.problem(f"{ORDERS}?{query}", 400)
    assert told["parameter"] == parameter
    assert word in told["allowed"] + told["detail"]


def test_pages(front: Front) -> None:
    fill(front)
    for query, expected in (("", "abcf"), ("order=-total.amount", "cabf"), ("order=note", "cafb")):
        found, path = "", f"{ORDERS}?limit=1&{query}"
        for _ in expected:
            got = front.get(path)
            found += "".join(one["order_id"][0] for one in got.json["records"])
            if got.json["next"] is not None:
                assert got.json["next"] in got.headers["Link"]
                assert got.headers["Link"].endswith('>; rel="next"')
                path = ORDERS + got.headers["Link"][1:].partition(">")[0]
        assert found == expected
        assert got.json["next"] is None
        assert "Link" not in got.headers


def test_a_cursor_is_good_for_its_query_alone(front: Front) -> None:
    fill(front)
    cursor = front.get(f"{ORDERS}?limit=1").json["next"]
    assert ids(front, f"limit=3&cursor={cursor}") == "bcf"
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for query in (
        f"cursor={flipped}",
        f"cursor={cursor[:-4]}",
        f"cursor={cursor}&order=-order_id",
        f"cursor={cursor}&status=on",
    ):
        assert front.problem(f"{ORDERS}?{query}", 400)["parameter"] == "cursor"
    assert front.problem(f"/v1/records/shop/order_line?cursor={cursor}", 400)["parameter"] == "cursor"


def test_everything_in_one_answer(front: Front) -> None:
    front.lab.send([put((f"{n:05}",), 1, status="on", note="x" * 100) for n in range(6000)])
    got = front.get(f"{ORDERS}?limit=all")
    assert got.headers["Transfer-Encoding"] == "chunked"
    assert [one["order_id"] for one in got.json["records"]] == [f"{n:05}" for n in range(6000)]
    assert got.json["next"] is None
    assert front.get(f"{ORDERS}?limit=all", "application/x-ndjson").text == front.lab.export()
    assert front.get(f"{ORDERS}?limit=all&status=off").json == {"records": [], "next": None}
    assert front.get(f"{ORDERS}?limit=all&status=off&format=ndjson").text == ""
    assert front.get(f"{ORDERS}?limit=all&order=-order_id&format=csv").text.splitlines()[1].startswith("05999,")


def test_what_is_hostile_is_data(front: Front) -> None:
    fill(front)
    for text in ("'; DROP TABLE x; --", '"', "\\", "%s %(c1)s $c1", "{{", "null"):
        written: Any = quote(text)
        assert ids(front, f"note={written}&status.ne={written}&order_id.in=a,{quote(quote(text))}") == ""


@pytest.mark.parametrize("query", ["", "order=-order_id", "order=note"])
def test_a_walk_while_commits_are_made(front: Front, query: str) -> None:
    """What stays as it is comes exactly once and in order, whatever is written before, between and behind."""
    steady = [f"{n:03}" for n in range(0, 150, 3)]
    front.lab.send([put((key,), 1, status="on", note=key) for key in steady])
    over = threading.Event()

    def write() -> None:
        for n in range(1000):
            if over.is_set():
                return
            keys = [f"{k:03}" for k in range(150) if k % 3 and (k + n) % 7 == 0]
            front.lab.send([put((key,), n, status="on", note=f"{n}") for key in keys], f"a{n}")
            front.lab.send([delete((key,), n + 1) for key in keys[::2]], f"b{n}")
            if n % 5 == 4:
                front.lab.store.control.consolidate()

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(2):
            walked, path = [], f"{ORDERS}?limit=17&{query}"
            while path:
                got = front.get(path)
                walked += [one["order_id"] for one in got.json["records"]]
                path = ORDERS + got.headers["Link"][1:].partition(">")[0] if "Link" in got.headers else ""
            found = [key for key in walked if int(key) % 3 == 0]
            assert found == (steady[::-1] if "-" in query else steady)
            if query != "order=note":  # what the others are ordered by is changed meanwhile
                assert walked == sorted(set(walked), reverse="-" in query)
    finally:
        over.set()
        writing.join()
