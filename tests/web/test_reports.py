"""Views over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.stores import Place
from tests.web.front import Front
from tests.worlds.lab import Lab, put
from tests.worlds.shop import Order, OrderLine, shop
from trivium.model.domain import Domain, View

VIEWS = [
    View(
        "by_status",
        'SELECT status, count(*) AS orders, sum(total_amount) AS amount FROM "order" '
        "WHERE $status::text IS NULL OR status = $status GROUP BY 1 ORDER BY 1",
        parameters={"status": None},
    ),
    View("before", 'SELECT order_id FROM "order" WHERE paid_at < $day::date', parameters={"day": "2026-01-01"}),
    View(
        "kinds",
        "SELECT 1::smallint AS i, 1.5::double AS f, 'nan'::double AS nan, 2.50::decimal(9,2) AS d, true AS b, "
        "DATE '2026-03-02' AS day, TIMESTAMP '2026-03-02 09:00:00.5' AS at, "
        "TIMESTAMPTZ '2026-03-02 09:00:00+01:00' AS zoned, TIME '09:00' AS t, "
        "[1, 2] AS list, [12345678901234567.89::decimal(30,2)] AS exact, "
        "{'a': 1.50::decimal(9,2), 'b': 'x,\"y'} AS struct, 'q\"uote, é' AS text, NULL AS nothing, "
        "12345678901234567890::hugeint AS huge",
    ),
    View("many", "SELECT unnest(range($count::int)) AS n, repeat('x', 100) AS x", parameters={"count": "5000"}),
]


@pytest.fixture
def lab(place: Place) -> Iterator[Lab]:
    """A store of a domain with views."""
    whole = shop()
    lab = Lab(place, Domain("shop", [Order, OrderLine], whole.sources, VIEWS))
    yield lab
    lab.store.control.close()


def test_a_report_in_every_form(front: Front) -> None:
    path = "/v1/reports/shop/by_status"
    assert front.get(path).json["rows"] == []
    front.lab.send(
        [
            put(("a",), 1, status="on", total=(Decimal("1.50"), "EUR")),
            put(("b",), 1, status="on", total=(Decimal("2.00"), "EUR")),
            put(("c",), 1, status="off"),
            put(("d",), 1, note="incomplete"),
        ]
    )
    got = front.get(path)
    assert got.json == {
        "rows": [{"status": "off", "orders": 1, "amount": None}, {"status": "on", "orders": 2, "amount": "3.50"}],
        "columns": [
            {"name": "status", "type": "str"}, {"name": "orders", "type": "int"}, {"name": "amount", "type": "decimal"},
        ],
    }  # fmt: skip
    assert front.get(f"{path}?status=on", "application/x-ndjson").text == '{"status":"on","orders":2,"amount":"3.50"}\n'
    assert front.get(f"{path}?status=off&format=csv").text == "status,orders,amount\noff,1,\n"


def test_values_of_every_kind(front: Front) -> None:
    (row,) = front.get("/v1/reports/shop/kinds").json["rows"]
    assert row == {
        "i": 1, "f": 1.5, "nan": None, "d": "2.50", "b": True, "day": "2026-03-02", "at": "2026-03-02T09:00:00.500000Z",
        "zoned": "2026-03-02T08:00:00Z", "t": "09:00:00",
        "list": [1, 2], "exact": ["12345678901234567.89"], "struct": {"a": "1.50", "b": 'x,"y'},
        "text": 'q"uote, é', "nothing": None, "huge": "12345678901234567890",
    }  # fmt: skip
    assert front.get("/v1/reports/shop/kinds?format=csv").text.splitlines()[1] == (
        '1,1.5,,2.50,true,2026-03-02,2026-03-02T09:00:00.500000Z,2026-03-02T08:00:00Z,09:00:00,"[1,2]","[""12345678901234567.89""]",'
        '"{""a"":""1.50"",""b"":""x,\\""y""}","q""uote, é",,12345678901234567890'
    )


def test_many_rows_come_in_pieces(front: Front) -> None:
    got = front.get("/v1/reports/shop/many")
    assert got.headers["Transfer-Encoding"] == "chunked"
    assert [row["n"] for row in got.json["rows"]] == list(range(5000))
    assert front.get("/v1/reports/shop/many?count=1").headers["Content-Length"]
    head = front.get("/v1/reports/shop/many", method="HEAD")
    assert (head.body, "Content-Length" in head.headers) == (b"", False), "nobody knows how long it would be"


def test_what_is_wrong_with_a_report(front: Front) -> None:
    assert "by_status" in front.problem("/v1/reports/shop/nothing", 404)["known"]
    assert front.problem("/v1/reports/shop/by_status?colour=red", 400)["parameter"] == "colour"
    front.lab.send([put(("a",), 1, status="on")])
    assert "soon" in front.problem("/v1/reports/shop/before?day=soon", 400)["detail"]
    assert front.problem("/v1/reports/shop/before?day=%00", 400)["parameter"] == "day"
    assert front.get("/v1/reports/shop/before?day=2026-03-02").json["rows"] == []
