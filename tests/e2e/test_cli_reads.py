"""Commands that only read: explain, export, report, findings, check, status."""

from __future__ import annotations

import hashlib
import re

import psycopg
import pytest

from tests.e2e.cli_shop import ALSO, BAD, DOMAIN, GOOD, HEADER, Shop, shop

__all__ = ["shop"]

RECORD = (
    '{"order_id":"1001","customer":"ann","status":"placed","total":{"amount":"12.50","currency":"EUR"},'
    '"placed_at":"2026-03-02T09:00:00Z","delivered_at":null}\n'
)


def test_an_export_is_canonical_and_may_be_of_another_time_commit_or_policy(shop: Shop) -> None:
    shop.load_orders(GOOD)
    shop.load_orders(GOOD.replace("placed,", "paid,").replace("T09:00:00Z\n", "T12:00:00Z\n"), day="2026-03-03")
    office = "order_id,customer,status,amount,currency,placed_at\n1001,ann,shipped,12.50,EUR,2026-03-02T09:00:00Z\n"
    shop.run("load", "shop.py", "office", shop.write("office_2026-03-01.csv", office))

    def status(*options: str) -> str:
        (record,) = shop.json("export", "shop.py", "order", *options)
        return str(record["status"])

    assert status() == "paid"
    assert status("--as-of", "2026-03-02T13:00:00+02:00") == "placed"
    assert status("--at-commit", "1") == "placed"
    assert status("--what-if", "priority") == "shipped"
    assert shop.run("export", "shop.py", "order", "--at-commit", "1").out == RECORD
    assert shop.run("export", "shop.py", "order", "--as-of", "1999-01-01T00:00:00Z").out == ""
    assert shop.run("export", "shop.py", "order", "--as-of", "yesterday", code=2).err.splitlines() == [
        "error: --as-of 'yesterday' is not understood",
        "  write it like 2026-03-02T09:00:00Z or …+01:00",
    ]
    assert "there is no commit 9 yet\n  the last commit is 3" in shop.run(
        "export", "shop.py", "order", "--at-commit", "9", code=2
    ).err  # fmt: skip


def test_an_export_as_csv_tells_null_from_an_empty_text(shop: Shop) -> None:
    shop.load_orders('a,"say ""hi"", ann",paid,1.00,EUR,2026-03-02T09:00:00Z,,2026-03-02T09:00:00Z\n',
                     'b,"",paid,1.00,EUR,2026-03-02T09:00:00Z,,2026-03-02T09:00:00Z\n')  # fmt: skip
    found = shop.run("export", "shop.py", "order", "--format", "csv").out
    assert found.splitlines() == [
        "order_id,customer,status,total.amount,total.currency,placed_at,delivered_at",
        'a,"say ""hi"", ann",paid,1.00,EUR,2026-03-02T09:00:00Z,',
        'b,"",paid,1.00,EUR,2026-03-02T09:00:00Z,',
    ]


def test_an_export_to_a_file_is_whole_or_not_there(shop: Shop) -> None:
    shop.load_orders(GOOD)
    found = shop.json("export", "shop.py", "order", "--output", "orders.ndjson")
    assert found == {
        "entity": "order", "records": 1, "bytes": len(RECORD), "file": "orders.ndjson", "format": "ndjson",
    }  # fmt: skip
    assert (shop.folder / "orders.ndjson").read_text() == RECORD
    assert "cannot be written" in shop.run("export", "shop.py", "order", "-o", "no/such/folder", code=2).err
    assert sorted(path.name for path in shop.folder.iterdir() if path.name.startswith(".")) == []


def test_incomplete_records_are_left_out_unless_asked_for(shop: Shop) -> None:
    text = "order_id,delivered_at,updated_at\n1001,2026-03-03T09:00:00Z,2026-03-03T09:00:00Z\n"
    shop.run("load", "shop.py", "carrier", shop.write("carrier_2026-03-03.csv", text))
    assert shop.run("export", "shop.py", "order").out == ""
    assert shop.json("export", "shop.py", "order") == []
    assert shop.json("export", "shop.py", "order", "--incomplete") == [
        {"order_id": "1001", "delivered_at": "2026-03-03T09:00:00Z"}
    ]
    assert "lacks customer, status, total, placed_at" in shop.run("explain", "shop.py", "order", "1001").out


def test_explain_says_who_lost_and_why(shop: Shop) -> None:
    shop.load_orders(GOOD)
    shop.load_orders(GOOD.replace("placed,", "paid,").replace("T09:00:00Z\n", "T12:00:00Z\n"), day="2026-03-03")
    found = shop.run("explain", "shop.py", "order", "1001").out
    assert "order 1001  alive" in found
    assert "its event time is earlier" in found
    assert "order 1001  alive · as of 2026-03-02T10:00:00Z" in shop.run(
        "explain", "shop.py", "order", "1001", "--as-of", "2026-03-02T10:00:00Z"
    ).out  # fmt: skip
    unknown = shop.run("explain", "shop.py", "order", "9", code=1)
    assert unknown.out == "order 9  unknown\n  nothing was ever said of it\n"


def test_a_key_that_only_a_rejected_record_names_leads_to_the_quarantine(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    assert shop.json("explain", "shop.py", "order", "1003", code=1)["quarantine"] == {
        "naming": ["1:3"], "of_sources": {},
    }  # fmt: skip
    for one, code in (("1001", 0), ("9", 1)):
        waiting = shop.json("explain", "shop.py", "order", one, code=code)["quarantine"]
        assert waiting == {"naming": [], "of_sources": {}}

    rows = "store_id,day,item,quantity\n1,2026-03-02,a,many\n"
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", rows), code=1)
    key = ("explain", "shop.py", "shelf", "1,2026-03-02,a")
    assert shop.json(*key, code=1)["quarantine"] == {"naming": ["2:2"], "of_sources": {}}
    told = "in quarantine is a rejected record that names it: trivium quarantine shop.py show 2:2"
    assert told in shop.run(*key, code=1).out
    shop.run("quarantine", "shop.py", "drop", "2:2", "--yes")
    assert shop.json(*key, code=1)["quarantine"]["naming"] == []


def test_what_was_rejected_of_a_living_record_is_named_and_what_may_have_been_is_counted(shop: Shop) -> None:
    shop.load_orders(GOOD)
    newer = GOOD.replace("placed,", "pid,").replace("T09:00:00Z\n", "T12:00:00Z\n")
    shop.load_orders(newer, newer.replace("1001", ""), day="2026-03-03", code=1)
    explain = ("explain", "shop.py", "order", "1001")
    assert shop.json(*explain)["quarantine"] == {"naming": ["2:2"], "of_sources": {}}
    told = "in quarantine is a rejected record that names it: trivium quarantine shop.py show 2:2"
    assert told in shop.run(*explain).out
    shop.run("quarantine", "shop.py", "drop", "2:2", "--yes")
    found = shop.run(*explain).out
    assert "in quarantine is 1 rejected record of orders without a known key, which may speak of it:" in found
    assert "trivium quarantine shop.py list --source orders" in found
    assert shop.json(*explain)["quarantine"] == {"naming": [], "of_sources": {"orders": 1}}
    shown = shop.run("quarantine", "shop.py", "show", "2:3").out
    assert "could not be read" in shown
    assert "holds back" not in shown
    assert shop.json("explain", "shop.py", "shelf", "1,2026-03-02,a", code=1)["quarantine"]["of_sources"] == {}


def test_check_shows_what_each_attribute_is_taken_from(shop: Shop) -> None:
    shown = shop.run("check", "shop.py").out
    assert re.search(r"order.total.amount +← amount +\n", shown)
    assert re.search(r"order.status +← status +by its name", shown)
    assert re.search(r"shelf.day +← day or the file's name +by its name", shown)
    assert re.search(r"order event time +← updated_at", shown)
    assert "not stated: customer, status, total, placed_at" in shown
    sources = {one["source"]: one["mapping"] for one in shop.json("check", "shop.py")["domains"][0]["sources"]}
    (orders,) = sources["orders"]
    assert orders["attributes"]["total.amount"] == {"from": "amount", "declared": True}
    assert orders["attributes"]["order_id"] == {"from": "order_id", "declared": False}
    assert (orders["event_time"], orders["sequence"], orders["not_stated"]) == ("updated_at", None, [])
    assert sources["shelves"][0]["event_time"] == "day 20:00 UTC"


def test_a_key_that_cannot_be_one_is_explained(shop: Shop) -> None:
    shop.load_orders(GOOD)

    def said(*words: str) -> list[str]:
        return shop.run("explain", "shop.py", *words, code=2).err.splitlines()

    hint = "  the key of shelf is store_id,day,item: a whole number, a date such as 2026-03-02, a text"
    assert said("shelf", "one,2026-03-02,a") == ["error: 'one' cannot be store_id: it is not a whole number", hint]
    assert said("shelf", "1,02/03/2026,a") == [
        "error: '02/03/2026' cannot be day: it is not a date such as 2026-03-02", hint,
    ]  # fmt: skip
    assert said("shelf", "1") == [
        "error: '1' has 1 part, the key of shelf 3", f"{hint}; write a comma inside a part as %2C",
    ]  # fmt: skip
    assert said("shelve", "1") == ["error: shop.py has no entity 'shelve'", "  entities: order, shelf"]


def test_a_key_with_a_comma_is_percent_encoded(shop: Shop) -> None:
    text = 'store_id,day,item,quantity\n1,2026-03-02,"a,b/c%",5\n'
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", text))
    found = shop.json("explain", "shop.py", "shelf", "1,2026-03-02,a%2Cb%2Fc%25")
    assert (found["state"], found["key"]) == ("alive", "1,2026-03-02,a%2Cb%2Fc%25")


def test_a_report_in_every_form(shop: Shop) -> None:
    shop.load_orders(GOOD, ALSO)
    assert shop.run("report", "shop.py", "by_status").out.split() == [
        "status", "orders", "amount", "paid", "1", "99.00", "placed", "1", "12.50",
    ]  # fmt: skip
    one = {"status": "paid", "orders": 1, "amount": "99.00"}
    assert shop.json("report", "shop.py", "by_status", "--param", "status=paid") == [one]
    assert shop.run("report", "shop.py", "by_status", "--format", "json", "-p", "status=paid").document == [one]
    assert shop.run("report", "shop.py", "by_status", "--format", "csv").out.splitlines() == [
        "status,orders,amount", '"paid",1,99.00', '"placed",1,12.50',
    ]  # fmt: skip
    assert shop.run("report", "shop.py", "by_status", "--format", "csv", "-p", "status=none").out.splitlines() == [
        "status,orders,amount",
    ]
    assert len(shop.run("report", "shop.py", "by_status", "--format", "ndjson").out.splitlines()) == 2
    assert "by_status has no parameter 'state'\n  parameters: status" in shop.run(
        "report", "shop.py", "by_status", "-p", "state=paid", code=2
    ).err  # fmt: skip


def test_a_breach_is_a_finding(shop: Shop) -> None:
    shop.load_orders(GOOD)
    assert shop.run("findings", "shop.py").out == "no findings\n"
    text = "order_id,delivered_at,updated_at\n1001,2026-03-01T09:00:00Z,2026-03-03T09:00:00Z\n"
    shop.run("load", "shop.py", "carrier", shop.write("carrier_2026-03-03.csv", text))
    (found,) = shop.json("findings", "shop.py")["findings"]
    assert (found["kind"], found["subject"], found["commit"]) == ("breach", "order 1001", None)
    assert "delivered_after_placed is broken" in found["detail"]
    assert "delivered_at=2026-03-01T09:00:00Z" in found["detail"]


def test_a_tie_is_a_finding_and_names_its_cure(shop: Shop) -> None:
    assert "tie" not in shop.load_orders(GOOD, ALSO).out
    told = shop.load_orders(GOOD.replace("placed,", "paid,"), ALSO, day="2026-03-03").out
    assert "1 tie (other content at the same key, time and sequence): trivium findings shop.py" in told
    again = shop.write("orders_2026-03-04_r1.csv", HEADER + GOOD.replace("1001", "1009"))
    assert shop.json("load", "shop.py", "orders", again)["ties"] == 0

    listed = shop.json("findings", "shop.py")
    (found,) = listed["findings"]
    assert (listed["ties"], found["kind"], found["entity"], found["key"]) == (1, "tie", "order", "1001")
    assert (found["event_time"], found["sequence"], found["contents"]) == ("2026-03-02T09:00:00Z", None, 2)
    ends = {end: (found[end]["source"], found[end]["delivery"], found[end]["place"]) for end in ("holds", "loses")}
    assert sorted(ends.values()) == [("orders", "2026-03-02", 2), ("orders", "2026-03-03", 2)]
    shown = shop.run("findings", "shop.py").out
    assert "2 different contents at 2026-03-02T09:00:00Z" in shown
    assert "tie: give the source a sequence" in shown

    (tie,) = shop.json("explain", "shop.py", "order", "1001")["ties"]
    assert [(one["source"], one["delivery"], one["place"]) for one in tie] == [ends["holds"], ends["loses"]]
    explained = shop.run("explain", "shop.py", "order", "1001").out
    assert "tie: 2 different contents at 2026-03-02T09:00:00Z" in explained
    assert "give the source a sequence" in explained
    assert shop.json("explain", "shop.py", "order", "1002")["ties"] == []


def test_a_tie_within_a_delivery_asks_first_for_the_key(shop: Shop) -> None:
    asked = "is the key complete?"
    assert asked in shop.load_orders(GOOD, GOOD.replace("placed,", "paid,")).out
    assert asked in shop.json("findings", "shop.py")["findings"][0]["hint"]
    assert asked in shop.run("explain", "shop.py", "order", "1001").out
    between = shop.load_orders(GOOD.replace("placed,", "shipped,"), day="2026-03-03", revision=1)
    assert "1 tie" in between.out


def test_no_more_ties_are_shown_than_asked_for(shop: Shop) -> None:
    shop.load_orders(GOOD, ALSO)
    shop.load_orders(GOOD.replace(",EUR", ",USD"), ALSO.replace(",EUR", ",USD"), day="2026-03-03")
    listed = shop.json("findings", "shop.py", "--limit", "1")
    assert (listed["ties"], [one["key"] for one in listed["findings"]]) == (2, ["1001"])
    assert "1 of 2 ties" in shop.run("findings", "shop.py", "--limit", "1").err


def test_check_writes_nothing(shop: Shop) -> None:
    found = shop.run("check", "shop.py")
    assert "entity order  key order_id str · latest" in found.out
    assert "source orders  batch csv → order · precedence 100" in found.out
    assert "store: to be made" in found.out
    assert not (shop.folder / "trivium-data").exists()

    shop.load_orders(GOOD)
    path = shop.folder / "trivium-data/shop.duckdb"
    before = hashlib.sha256(path.read_bytes()).digest()
    assert "store: fits the declaration" in shop.run("check", "shop.py").out
    shop.write("shop.py", DOMAIN.replace("    quantity: int", "    quantity: int\n    note: str | None = None"))
    changes = shop.json("check", "shop.py")["domains"][0]["changes"]
    assert changes == [{"what": "shelf: add note; no rewrite", "allowed": True, "way_out": None}]
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_check_says_what_the_store_refuses_and_what_is_declared_wrong(shop: Shop) -> None:
    shop.load_orders(GOOD)
    shop.write("shop.py", DOMAIN.replace("item: Key[str]\n    quantity", "item: Key[int]\n    quantity"))
    assert shop.json("check", "shop.py", code=1)["allowed"] is False
    refused = shop.run("status", "shop.py", code=3)
    assert "was made for another declaration" in refused.err
    shop.write("shop.py", DOMAIN.replace("order_id: Key[str]", "order_id: str"))
    assert shop.run("check", "shop.py", code=2).err.splitlines() == [
        "error: shop.Order: has no key",
        "  annotate an attribute as Key[str], Key[int], Key[date] …",
    ]


def test_a_name_that_is_not_there_says_which_are(shop: Shop) -> None:
    name = shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD)
    found = shop.run("load", "shop.py", "order", name, code=2)
    assert found.err.splitlines() == [
        "error: shop.py has no source 'order'",
        "  sources: orders, office, carrier, shelves",
    ]
    assert "there is no module 'nowhere'" in shop.run("status", "nowhere", code=2).err
    assert "there is no file nowhere.py" in shop.run("status", "nowhere.py", code=2).err


@pytest.mark.server
def test_a_command_that_reads_creates_nothing_in_a_server(shop: Shop, postgres_url_en: str) -> None:
    shop.write("kiosk.py", DOMAIN.replace('Domain("shop"', 'Domain("kiosk"'))
    store = ("--store", postgres_url_en)
    assert "empty: no store the schema kiosk of postgresql://" in shop.run("status", "kiosk.py", *store).out
    (domain,) = shop.json("status", "kiosk.py", *store)["domains"]
    assert (domain["store"], domain["commit"]) == (None, 0)
    assert "there is no store the schema kiosk" in shop.run("findings", "kiosk.py", *store, code=3).err
    shop.run("export", "kiosk.py", "order", *store, code=3)
    assert "store: to be made" in shop.run("check", "kiosk.py", *store).out
    with psycopg.connect(postgres_url_en) as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'kiosk'").fetchone() is None
