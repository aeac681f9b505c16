"""A file compared with what another source said, by command."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cli_shop import ALSO, GOOD, HEADER, Shop, shop
from trivium.adapters.stores.duckdb.control import DuckDBControl
from trivium.errors import StoreError

__all__ = ["shop"]

OFFICE = "order_id,status,amount,currency,placed_at,delivered_at\n"
SAME = "1001,placed,12.50,EUR,2026-03-02T09:00:00Z,\n"
OTHER = "1002,shipped,98.00,EUR,2026-03-02T09:10:00Z,2026-03-02T20:00:00Z\n"
NEW = "1009,paid,1.00,EUR,2026-03-02T09:10:00Z,\n"
LATE = "1003,cleo,paid,7.00,EUR,2026-03-03T07:00:00Z,,2026-03-03T07:00:00Z\n"


def declare(shop: Shop, reconciles: str) -> None:
    text = (shop.folder / "shop.py").read_text()
    text = text.replace("precedence=200)", f"precedence=200, reconciles={reconciles})")
    shop.write("shop.py", text.replace("import Batch, Domain,", "import Batch, Domain, Reconcile,"))


@pytest.fixture
def comparing(shop: Shop) -> Shop:
    """A shop whose office tells each morning at six what the orders should have told until then."""
    declare(shop, "Reconcile('orders', totals='total.amount')")
    return shop


def office(shop: Shop, *rows: str, day: str = "2026-03-03", code: int = 0) -> str:
    name = shop.write(f"office_{day}.csv", OFFICE + "".join(rows))
    return shop.run("load", "shop.py", "office", name, code=code).out


def kept(shop: Shop, *words: str) -> Any:
    return shop.json("reconcile", "shop.py", "office", *words)


def test_what_only_one_side_has_and_each_attribute_that_differs(comparing: Shop) -> None:
    only_there = "1005,eve,paid,3.25,EUR,2026-03-02T10:00:00Z,,2026-03-02T10:00:00Z\n"
    comparing.load_orders(GOOD, ALSO, only_there, LATE)
    out = office(comparing, SAME, OTHER, NEW)
    assert "2026-03-03 reconciled with orders: 1 only in the file, 1 only there, 3 attributes differ" in out
    assert "see: trivium reconcile shop.py office 2026-03-03" in out
    found = kept(comparing)
    (order,) = found["entities"]
    assert found["against"] == "orders"
    assert order == {
        "entity": "order",
        "as_of": "2026-03-03T06:00:00Z",
        "records": {"file": 3, "other": 3},
        "sums": {"file": {"total.amount": "111.50"}, "other": {"total.amount": "114.75"}},
        "only_in_file": 1,
        "only_there": 1,
        "differing": 1,
        "attributes": {"status": 1, "total.amount": 1, "delivered_at": 1},
    }
    told = {(one["key"], one["attribute"]): one for one in found["differences"]}
    assert {key: one["what"] for key, one in told.items()} == {
        ("1009", None): "only_in_file",
        ("1005", None): "only_there",
        ("1002", "status"): "differs",
        ("1002", "total.amount"): "differs",
        ("1002", "delivered_at"): "differs",
    }
    file, other = (told["1002", "total.amount"][side] for side in ("file", "other"))
    assert (file["value"], file["delivery"], file["file"], file["line"]) == (
        "98.00", "2026-03-03", str(comparing.folder / "office_2026-03-03.csv"), 3,
    )  # fmt: skip
    assert (other["value"], other["source"], other["delivery"], other["revision"], other["line"]) == (
        "99.00", "orders", "2026-03-02", 1, 3,
    )  # fmt: skip
    assert told["1002", "delivered_at"]["other"]["value"] is None
    assert told["1009", None]["other"] is None
    assert told["1009", None]["file"]["line"] == 4
    shown = comparing.run("reconcile", "shop.py", "office").out
    assert "sum of order total.amount: 111.50 in the file, 114.75 there" in shown
    assert '"98.00"' in shown
    assert "office_2026-03-03.csv:3" in shown
    assert "2 of 5 differences" in comparing.run("reconcile", "shop.py", "office", "--limit", "2").err


def test_nothing_differs(comparing: Shop) -> None:
    comparing.load_orders(GOOD)
    assert "2026-03-03 reconciled with orders: 1 record, no difference\n" in office(comparing, SAME)
    name = comparing.write("office_2026-03-04.csv", OFFICE + SAME + NEW)
    loaded = comparing.json("load", "shop.py", "office", name)
    assert [(one["delivery"], one["entities"][0]["only_in_file"]) for one in loaded["reconciled"]] == [
        ("2026-03-04", 1)
    ]


def test_what_was_said_later_or_of_another_attribute_is_no_difference(comparing: Shop) -> None:
    comparing.load_orders(GOOD, LATE)
    name = comparing.write("office_2026-03-03.csv", "order_id,amount,currency\n1001,12.50,EUR\n")
    comparing.run("load", "shop.py", "office", name)
    (order,) = kept(comparing)["entities"]
    assert (order["only_there"], order["attributes"]) == (0, {})


def test_again_and_by_itself_when_another_reading_counts(comparing: Shop) -> None:
    office(comparing, SAME)
    assert kept(comparing)["entities"][0]["only_in_file"] == 1
    comparing.load_orders(GOOD)
    assert kept(comparing)["entities"][0]["only_in_file"] == 1
    assert kept(comparing, "2026-03-03", "--again")["entities"][0]["only_in_file"] == 0
    office(comparing, SAME, NEW)
    found = kept(comparing, "2026-03-03")
    assert (found["revision"], found["entities"][0]["only_in_file"]) == (2, 1)
    comparing.run("retract", "shop.py", "office", "2026-03-03")
    assert comparing.run("reconcile", "shop.py", "office", code=1).out == "no delivery counts\n"
    assert comparing.run("reconcile", "shop.py", "office", "2026-03-03", code=1).out.startswith("no reading of")


def test_a_comparison_that_is_older_than_what_the_other_says_tells_so(comparing: Shop) -> None:
    comparing.load_orders(GOOD)
    office(comparing, SAME)
    told = "orders has told more since: --again compares anew"
    assert told not in comparing.run("reconcile", "shop.py", "office").err
    comparing.load_orders(ALSO, day="2026-03-01")
    assert told in comparing.run("reconcile", "shop.py", "office").err
    assert told not in comparing.run("reconcile", "shop.py", "office", "--again").err


def test_a_delivery_that_was_not_compared_is_made_up_for(comparing: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("no room", hint="make some")

    comparing.load_orders(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(DuckDBControl, "keep_reconciliation", broken)
        out = office(comparing, SAME, NEW)
    assert "could not be done: office, 2026-03-03 was not reconciled: no room" in out
    assert "1 delivery still to be reconciled: trivium reconcile shop.py office" in out
    assert "2026-03-03 reconciled with orders: 1 only in the file" in comparing.load_orders(ALSO, day="2026-03-04").out
    assert "reconciled" not in comparing.load_orders(ALSO, day="2026-03-05").out


def test_a_mended_record_makes_it_due_again(comparing: Shop) -> None:
    comparing.load_orders(GOOD)
    office(comparing, "1001,plced,12.50,EUR,2026-03-02T09:00:00Z,\n", code=1)
    found = kept(comparing)
    assert (found["rejected"], found["entities"][0]["only_there"]) == (1, 1)
    (record,) = comparing.json("quarantine", "shop.py", "list")["records"]
    comparing.run("quarantine", "shop.py", "mend", record["id"], "--raw", SAME.strip())
    assert kept(comparing)["entities"][0]["only_there"] == 0


def test_within(shop: Shop) -> None:
    declare(shop, "Reconcile('orders', within=\"placed_at >= file.business_date and status <> 'shipped'\")")
    shop.load_orders(
        GOOD, ALSO, ALSO.replace("1002", "1004").replace("2026-03-02", "2026-03-03").replace("T09", "T05"),
        ALSO.replace("1002,bob,paid", "1005,bob,shipped").replace("2026-03-02", "2026-03-03").replace("T09", "T05"),
    )  # fmt: skip
    office(shop, SAME)
    found = kept(shop)
    assert [(one["key"], one["what"]) for one in found["differences"]] == [("1004", "only_there")]
    assert found["entities"][0]["records"] == {"file": 1, "other": 2}


def test_a_condition_that_does_not_work_is_refused_before_a_file_is_read(shop: Shop) -> None:
    declare(shop, "Reconcile('orders', within='placed_at > 5')")
    name = shop.write("office_2026-03-03.csv", OFFICE + SAME)
    assert "source 'office', within: does not work" in shop.run("load", "shop.py", "office", name, code=2).err


def test_what_a_file_asserts_bounds_it(shop: Shop) -> None:
    text = (shop.folder / "shop.py").read_text()
    tills = """Batch("tills", files="tills_{day}.csv", into=[Into(Shelf)], event_time="at"),\n    Batch("shelves","""
    text = text.replace('Batch("shelves",', tills).replace('max_gone="50%")', 'reconciles="tills")')
    shop.write("shop.py", text)
    rows = "1,2026-03-02,A,1,2026-03-02T10:00:00Z\n1,2026-03-02,B,2,2026-03-02T10:00:00Z\n"
    elsewhere = "2,2026-03-02,A,1,2026-03-02T10:00:00Z\n"
    header = "store_id,day,item,quantity,at\n"
    shop.run("load", "shop.py", "tills", shop.write("tills_1.csv", header + rows + elsewhere))
    file = shop.write("shelves_1_2026-03-02.csv", "store_id,day,item,quantity\n1,2026-03-02,A,1\n")
    shop.run("load", "shop.py", "shelves", file)
    found = shop.json("reconcile", "shop.py", "shelves", "1,2026-03-02")
    assert [(one["key"], one["what"]) for one in found["differences"]] == [("1,2026-03-02,B", "only_there")]


def test_what_cannot_be_asked(comparing: Shop) -> None:
    assert "orders reconciles nothing" in comparing.run("reconcile", "shop.py", "orders", code=2).err
    office(comparing, SAME)
    assert "has no delivery '2027-01-01'" in comparing.run("reconcile", "shop.py", "office", "2027-01-01", code=2).err


@pytest.mark.server
def test_a_server_comes_to_the_same(comparing: Shop, postgres_url_en: str) -> None:
    text = (comparing.folder / "shop.py").read_text().replace('Domain("shop"', 'Domain("comparing"')
    comparing.write("shop.py", text)
    comparing.write("orders_2026-03-02_r1.csv", HEADER + GOOD + ALSO + LATE)
    comparing.write("office_2026-03-03.csv", OFFICE + SAME + OTHER + NEW)
    found = []
    for store in ("here.duckdb", postgres_url_en):
        for source, file in (("orders", "orders_2026-03-02_r1.csv"), ("office", "office_2026-03-03.csv")):
            comparing.run("load", "shop.py", source, file, "--store", store)
        told = comparing.json("reconcile", "shop.py", "office", "--again", "--store", store)
        found.append({name: value for name, value in told.items() if name != "computed_at"})
    assert found[0] == found[1]
    assert len(found[0]["differences"]) == 4


def test_the_service_reconciles_what_it_took(comparing: Shop) -> None:
    comparing.load_orders(GOOD)
    inbox = comparing.folder / "inbox"
    inbox.mkdir()
    (inbox / "office_2026-03-03.csv").write_text(OFFICE + SAME + NEW)
    ran = comparing.run("run", "shop.py", "--inbox", "inbox", "--once")
    assert "office: 2026-03-03 reconciled with orders: 1 only in the file, 0 only there, 0 attributes differ" in ran.err
    assert comparing.json("reconcile", "shop.py", "office")["entities"][0]["only_in_file"] == 1
