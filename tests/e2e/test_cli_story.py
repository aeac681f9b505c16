"""The whole story, as somebody at a desk would live it."""

from __future__ import annotations

from tests.e2e.cli_shop import ALSO, BAD, GOOD, HEADER, MENDED, Shop, shop

__all__ = ["shop"]


def test_from_a_file_to_an_export_and_back(shop: Shop) -> None:
    empty = shop.run("status", "shop.py")
    assert "empty: no store trivium-data/shop.duckdb yet" in empty.out
    assert not (shop.folder / "trivium-data").exists()

    loaded = shop.load_orders(GOOD, ALSO, BAD)
    assert loaded.out.splitlines() == [
        "✓ orders_2026-03-02_r1.csv  3 received = 2 accepted + 1 rejected + 0 ignored · commit 1",
        "    1 in quarantine: trivium quarantine shop.py list --source orders",
        "consolidated up to commit 1: 2 keys folded",
    ]
    assert loaded.err == "new store trivium-data/shop.duckdb\n"

    figures = shop.json("status", "shop.py")["domains"][0]
    orders = next(source for source in figures["sources"] if source["source"] == "orders")
    assert orders["account"] == {"received": 3, "accepted": 2, "rejected": 1, "ignored": 0}
    assert (orders["deliveries"], orders["quarantine"], orders["held"]) == (1, 1, 0)
    assert (figures["commit"], figures["consolidated"], figures["tail"]) == (1, 1, 0)
    assert figures["entities"]["order"] == {"statements": 2, "master": 2, "incomplete": 0}
    assert "all consolidated" in shop.run("status", "shop.py").out

    explained = shop.json("explain", "shop.py", "order", "1001")
    assert explained["state"] == "alive"
    total = next(one for one in explained["attributes"] if one["attribute"] == "total")
    assert total["winner"]["value"] == {"amount": "12.50", "currency": "EUR"}
    assert (total["winner"]["source"], total["winner"]["place"]) == ("orders", 2)
    assert "orders_2026-03-02_r1.csv:2" in shop.run("explain", "shop.py", "order", "1001").out

    waiting = shop.json("quarantine", "shop.py", "list")["records"]
    assert [record["id"] for record in waiting] == ["1:4"]
    shop.run("quarantine", "shop.py", "mend", "1:4", "--raw", MENDED)
    assert shop.json("quarantine", "shop.py", "list") == {"records": [], "total": 0}
    whole = shop.run("export", "shop.py", "order").out
    assert [line[:19] for line in whole.splitlines()] == [f'{{"order_id":"{n}"' + "," for n in (1001, 1002, 1003)]

    retracted = shop.run("retract", "shop.py", "orders", "2026-03-02")
    assert "take it back: trivium retract shop.py orders 2026-03-02 --undo" in retracted.out
    assert shop.run("export", "shop.py", "order").out == ""
    shop.run("retract", "shop.py", "orders", "2026-03-02", "--undo")
    assert shop.run("export", "shop.py", "order").out == whole

    corrected = HEADER + GOOD.replace("placed,", "shipped,") + ALSO
    shop.run("load", "shop.py", "orders", shop.write("orders_2026-03-02_r2.csv", corrected))
    status = [
        one for one in shop.json("explain", "shop.py", "order", "1001")["attributes"] if one["attribute"] == "status"
    ]
    assert status[0]["winner"]["value"] == "shipped"
    assert [(said["value"], said["why"]) for said in status[0]["losers"]] == [
        ("placed", "revision 2 of its delivery replaced it")
    ]
    assert len(shop.run("export", "shop.py", "order").out.splitlines()) == 2
    assert shop.run("export", "shop.py", "order", "--at-commit", "2").out == whole
