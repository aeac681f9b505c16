"""Files that are expected: overdue, missing, early and unexpected ones, by command."""

from __future__ import annotations

import pytest

from tests.e2e.cli_shop import GOOD, HEADER, Shop, shop

__all__ = ["shop"]

NIGHTLY = 'Batch("orders", expected_by=Expected(by="23:30 Europe/Paris", days="mon-sat"),'
AT = ("--at", "2026-03-11T00:00:00Z")


@pytest.fixture
def expecting(shop: Shop) -> Shop:
    """A shop that expects its orders each night but Sunday's, and counts what the carrier sends."""
    text = (shop.folder / "shop.py").read_text()
    text = text.replace('Batch("orders",', NIGHTLY).replace("import Batch, Domain,", "import Batch, Domain, Expected,")
    shop.write("shop.py", text.replace("carrier_{business_date}.csv", "carrier_{sequence}.csv"))
    return shop


def load(shop: Shop, *names: str) -> None:
    """Files of orders, or of the carrier, by their names."""
    source = names[0].partition("_")[0]
    delivered = "order_id,delivered_at,updated_at\n1001,2026-03-02T12:00:00Z,2026-03-02T13:00:00Z\n"
    text = HEADER + GOOD if source == "orders" else delivered
    shop.run("load", "shop.py", source, *(shop.write(name, text) for name in names))


def test_what_is_overdue_is_told_until_it_comes(expecting: Shop) -> None:
    load(expecting, "orders_2026-03-06_r1.csv", "orders_2026-03-10_r1.csv")
    listed = expecting.json("findings", "shop.py", *AT)
    assert listed["expected"] == {"overdue": 2}
    assert [(one["kind"], one["source"], one["subject"], one["opened_at"]) for one in listed["findings"]] == [
        ("overdue", "orders", "2026-03-09", "2026-03-09T22:30:00Z"),
        ("overdue", "orders", "2026-03-07", "2026-03-07T22:30:00Z"),
    ]
    assert "expected by 23:30 Europe/Paris" in expecting.run("findings", "shop.py", *AT).out
    few = expecting.run("findings", "shop.py", "--limit", "1", *AT)
    assert "1 of 2 overdue" in few.err
    load(expecting, "orders_2026-03-07_r1.csv", "orders_2026-03-09_r1.csv")
    assert expecting.run("findings", "shop.py", *AT).out == "no findings\n"
    closed = expecting.json("findings", "shop.py", "--all", *AT)["findings"]
    assert sorted(one["subject"] for one in closed) == [f"2026-03-{day}" for day in ("06", "07", "09", "10")]
    assert all(one["closed_at"] > one["opened_at"] for one in closed)
    assert "until" in expecting.run("findings", "shop.py", "--all", *AT).out.splitlines()[0]
    expecting.run("retract", "shop.py", "orders", "2026-03-09")
    (again,) = expecting.json("findings", "shop.py", *AT)["findings"]
    assert (again["kind"], again["subject"]) == ("overdue", "2026-03-09")


def test_the_status_tells_what_is_next(expecting: Shop) -> None:
    load(expecting, "orders_2026-03-06_r1.csv")
    (domain,) = expecting.json("status", "shop.py", *AT)["domains"]
    told = {one["source"]: one["expected"] for one in domain["sources"]}
    assert told["orders"] == {
        "next": {"day": "2026-03-11", "due": "2026-03-11T22:30:00Z", "awaited": 1},
        "overdue": 3,
        "missing": 0,
        "early": 0,
        "unexpected": 0,
    }
    assert told["office"] is None
    out = expecting.run("status", "shop.py", *AT).out
    assert "2026-03-11T22:30:00Z" in out
    assert "3 findings, besides ties and breaches: trivium findings shop.py" in out
    assert expecting.json("status", "shop.py", "--at", "2026-03-06T22:00:00Z")["domains"][0]["findings"] == []


def test_numbers_left_out_and_days_that_are_none(expecting: Shop) -> None:
    load(expecting, "carrier_7.csv", "carrier_9.csv")
    load(expecting, "orders_2026-03-08_r1.csv", "orders_2027-03-06_r1.csv")
    found = expecting.json("findings", "shop.py", *AT)["findings"]
    assert [(one["kind"], one["subject"]) for one in found] == [
        ("early", "2027-03-06"),
        ("unexpected", "2026-03-08"),
        ("missing", "8"),
    ]


def test_a_shop_without_a_store_expects_nothing_yet(expecting: Shop) -> None:
    (domain,) = expecting.json("status", "shop.py")["domains"]
    assert {one["expected"] for one in domain["sources"]} == {None}
    assert "expected by 23:30 Europe/Paris, mon,tue,wed,thu,fri,sat" in expecting.run("check", "shop.py").out


def test_an_instant_that_is_none(expecting: Shop) -> None:
    assert "--at 'tonight' is not understood" in expecting.run("status", "shop.py", "--at", "tonight", code=2).err
