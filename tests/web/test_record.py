"""One record, and its explanation."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.web.front import Front
from tests.worlds.lab import delete, put
from tests.worlds.rows import Rejected

HOSTILE = 'a/b,%c "é\n'
WRITTEN = "a%2Fb%2C%25c%20%22%C3%A9%0A"


def test_a_record_is_what_an_export_writes(front: Front) -> None:
    front.lab.send([put(("a",), 5, status="on", note="n", total=(Decimal("2.50"), "EUR"))])
    got = front.get("/v1/records/shop/order/a")
    assert got.status == 200
    assert got.headers["Content-Type"] == "application/json"
    assert got.text == front.lab.export()
    assert front.get("/v1/records/shop/order/a", "text/csv").text.splitlines() == [
        "order_id,status,note,total.amount,total.currency,paid_at,_lacks",
        'a,on,n,2.50,EUR,,""',
    ]


def test_what_is_incomplete_says_what_it_lacks(front: Front) -> None:
    front.lab.send([put(("a",), 5, note="n")])
    assert front.get("/v1/records/shop/order/a").json["_lacks"] == ["status"]


def test_a_key_is_read_as_it_came(front: Front) -> None:
    front.lab.send({"order": [put((HOSTILE,), 5, status="on"), put(("",), 5, status="off")]})
    assert front.get(f"/v1/records/shop/order/{WRITTEN}").json["order_id"] == HOSTILE
    assert front.get("/v1/records/shop/order/").json["status"] == "off"
    assert front.problem("/v1/records/shop/order/a/b", 404)
    assert front.get(f"/v1/explain/shop/order/{WRITTEN}").json["state"] == "alive"


def test_unknown_and_gone(front: Front) -> None:
    front.lab.send([put(("a",), 5, status="on"), delete(("a",), 7)], "day")
    assert "order b" in front.problem("/v1/records/shop/order/b", 404)["detail"]
    told = front.problem("/v1/records/shop/order/a", 410)
    assert (told["what"], told["since"], told["source"], told["delivery"], told["commit"]) == (
        "deleted", "1970-01-01T00:00:00.000007Z", "events", "day", 1,
    )  # fmt: skip
    assert front.get("/v1/records/shop/order/a?as_of=1970-01-01T00:00:00.000006Z").json["status"] == "on"
    assert front.problem("/v1/records/shop/order/a?as_of=1970-01-01T00:00:00.000004Z", 404)


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/v1/records/nowhere/order/a", 404, "shop"),
        ("/v1/records/shop/nothing/a", 404, "order_line"),
        ("/v1/records/shop/order_line/a", 400, "order_id,line"),
        ("/v1/records/shop/order_line/a,x", 400, "whole number"),
        ("/v1/records/shop/order/a%zz", 400, "order_id"),
        ("/v1/records/shop/order/a?as_of=yesterday", 400, "2026-03-02T09:00:00Z"),
        ("/v1/records/shop/order/a?asof=2026-03-02T09:00:00Z", 400, "as_of"),
        ("/v1/records/shop/order/a?format=xml", 400, "ndjson"),
        ("/v1/records/shop/order/a?format=csv&format=csv", 400, "once"),
        ("/v1/records/shop/order/a?as_of=%ff", 400, "UTF-8"),
        ("/v1/explain/shop/order/a?policy=last", 400, "latest"),
        ("/v1/nothing", 404, "/v1"),
        ("/", 404, "/docs"),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(front: Front, path: str, status: int, word: str) -> None:
    assert word in str(front.problem(path, status))


def test_forms_that_are_not_there(front: Front) -> None:
    front.lab.send([put(("a",), 5, status="on")])
    assert "text/csv" in front.problem("/v1/records/shop/order/a", 406, "image/png")["available"]
    got = front.get("/v1/records/shop/order/a", "text/*;q=0.5, application/json;q=0.2")
    assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert front.problem("/v1/explain/shop/order/a", 406, "text/csv")


def test_methods_that_are_not_there(front: Front) -> None:
    got = front.get("/v1/records/shop/order/a", method="POST")
    assert (got.status, got.headers["Allow"]) == (405, "GET, HEAD")
    assert got.json["status"] == 405
    front.lab.send([put(("a",), 5, status="on")])
    assert front.get("/v1/records/shop/order/a", method="HEAD").body == b""


def test_a_content_that_is_known_is_not_sent_again(front: Front) -> None:
    front.lab.send([put(("a",), 5, status="on")])
    tag = front.get("/v1/records/shop/order/a").headers["ETag"]
    again = front.get("/v1/records/shop/order/a", **{"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    front.lab.send([put(("a",), 6, status="off")], "e")
    assert front.get("/v1/records/shop/order/a", **{"If-None-Match": tag}).json["status"] == "off"


def test_a_store_that_is_away(front: Front) -> None:
    front.away = True
    for path in ("/v1/records/shop/order/a", "/v1/explain/shop/order/a"):
        got = front.get(path)
        assert (got.status, got.headers["Retry-After"]) == (503, "2")
    front.away = False
    front.problem("/v1/records/shop/order/a", 404)


def test_an_explanation(front: Front) -> None:
    front.lab.send([put(("a",), 5, status="on", note="n")], "d")
    front.lab.send([put(("a",), 6, status="off")], "e")
    told = front.get("/v1/explain/shop/order/a").json
    assert [one["attribute"] for one in told["attributes"]] == ["status", "note", "total", "paid_at"]
    status = told["attributes"][0]
    assert (status["winner"]["value"], status["winner"]["delivery"]) == ("off", "e")
    assert [(one["value"], one["why"]) for one in status["losers"]] == [("on", "its event time is earlier")]
    before = front.get("/v1/explain/shop/order/a?as_of=1970-01-01T01:00:00.000005+01:00&policy=priority").json
    assert (before["attributes"][0]["winner"]["value"], before["policy"]) == ("on", "priority")
    assert front.problem("/v1/explain/shop/order/b", 404)["explanation"]["state"] == "unknown"


def test_an_explanation_says_what_waits_in_quarantine(front: Front) -> None:
    front.lab.send([put(("a",), 5, status="on"), put(("b",), 5, status="on")], "d")
    load_no = front.lab.send([Rejected(("a",)), Rejected()], "e").load_no

    def waits(key: str) -> dict[str, object]:
        found: dict[str, object] = front.get(f"/v1/explain/shop/order/{key}").json["quarantine"]
        return found

    assert waits("a") == {"naming": [f"{load_no}:1"], "of_sources": {}}
    assert waits("b") == {"naming": [], "of_sources": {"events": 1}}
    unknown = front.problem("/v1/explain/shop/order/c", 404)["explanation"]["quarantine"]
    assert unknown == {"naming": [], "of_sources": {"events": 1}}
    front.lab.store.control.drop(load_no, 1, None)
    assert waits("a") == waits("b")
