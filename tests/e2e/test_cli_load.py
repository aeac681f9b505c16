"""`trivium load`: what becomes of files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.e2e.cli_shop import ALSO, BAD, DOMAIN, GOOD, HEADER, Shop, shop
from trivium.channels.batch import load_file
from trivium.channels.trial import try_file
from trivium.cli.opening import Workplace

__all__ = ["shop"]

FULL = "store_id,day,item,quantity\n" + "".join(f"1,2026-03-02,{item},5\n" for item in "abcd")
THIN = "store_id,day,item,quantity\n1,2026-03-02,a,5\n"


def test_the_same_bytes_again_are_known(shop: Shop) -> None:
    shop.load_orders(GOOD)
    again = shop.load_orders(GOOD)
    assert again.out == "= orders_2026-03-02_r1.csv  known, nothing to do: taken in commit 1\n"


def test_a_refused_file_does_not_stop_the_others(shop: Shop) -> None:
    shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD)
    shop.write("orders_2026-03-03_r1.csv", "")
    shop.write("orders_2026-03-04_r1.csv", HEADER + ALSO)
    found = shop.json(
        "load", "shop.py", "orders",
        "orders_2026-03-02_r1.csv", "orders_2026-03-03_r1.csv", "shop.py", "missing.csv", "orders_2026-03-04_r1.csv",
        code=1,
    )  # fmt: skip
    assert [one["outcome"] for one in found["files"]] == ["loaded", "refused", "refused", "refused", "loaded"]
    assert found["account"] == {"received": 2, "accepted": 2, "rejected": 0, "ignored": 0}
    assert found["files"][2]["error"] == {
        "code": "refused_delivery",
        "message": "shop.py is not called like a file of orders",
        "hint": "its files are called orders_{business_date}_r{revision}.csv",
    }
    assert found["files"][3]["error"] == {
        "code": "refused_delivery",
        "message": "there is no file missing.csv",
        "hint": "look at the path; files of orders are called orders_{business_date}_r{revision}.csv",
    }
    assert found["consolidation"] == {"after": 0, "commit": 2, "keys": 2}


def test_small_files_of_which_none_can_be_read_do_not_stop_the_others(shop: Shop) -> None:
    """They have one header, so they would be read together."""
    for day in (2, 3):
        shop.write(f"orders_2026-03-0{day}_r1.csv", HEADER.replace("status", "customer") + GOOD)
    shop.write("orders_2026-03-04_r1.csv", HEADER + GOOD)
    names = [f"orders_2026-03-0{day}_r1.csv" for day in (2, 3, 4)]
    told = shop.json("load", "shop.py", "orders", *names, code=1)["files"]
    assert [one["outcome"] for one in told] == ["refused", "refused", "loaded"]


def test_a_folder_and_a_pattern_mean_the_files_in_them(shop: Shop) -> None:
    (shop.folder / "drop").mkdir()
    for day in (2, 3):
        shop.write(f"drop/orders_2026-03-0{day}_r1.csv", HEADER + GOOD.replace("1001", f"100{day}"))
    shop.write("drop/readme.txt", "not ours")
    found = shop.json("load", "shop.py", "orders", "drop", "drop/orders_*.csv")
    assert [one["delivery"] for one in found["files"]] == ["2026-03-02", "2026-03-03"]


def test_a_folder_or_a_pattern_without_files_is_an_error(shop: Shop) -> None:
    (shop.folder / "drop").mkdir()
    folder = shop.run("load", "shop.py", "orders", "drop", code=2)
    assert folder.err.splitlines() == [
        "error: the folder drop has no file of orders",
        "  files of orders are called orders_{business_date}_r{revision}.csv",
    ]
    assert "no file is called like drop/*.csv" in shop.run("load", "shop.py", "orders", "drop/*.csv", code=2).err
    assert not (shop.folder / "trivium-data").exists()


def test_a_pattern_that_finds_nothing_does_not_stop_the_others(shop: Shop) -> None:
    shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD)
    (shop.folder / "drop").mkdir()
    words = ("load", "shop.py", "orders", "orders_2026-*.csv", "late_*.csv", "drop")
    found = shop.json(*words, code=1)
    assert [(Path(one["file"]).name, one["outcome"]) for one in found["files"]] == [
        ("late_*.csv", "refused"), ("drop", "refused"), ("orders_2026-03-02_r1.csv", "loaded"),
    ]  # fmt: skip
    assert found["files"][0]["error"]["message"] == "no file is called like late_*.csv"
    assert "✗ late_*.csv  REFUSED: no file is called like late_*.csv" in shop.run(*words, code=1).out
    assert {one["outcome"] for one in shop.json(*words, "--dry-run", code=1)["files"]} == {"tried", "refused"}


def test_a_file_of_another_source_says_of_which(shop: Shop) -> None:
    name = shop.write("office_2026-03-02.csv", HEADER + GOOD)
    (file,) = shop.json("load", "shop.py", "orders", name, code=1)["files"]
    assert file["error"]["hint"].endswith("; it is called like a file of office")


def test_columns_that_are_unread_or_absent_are_told(shop: Shop) -> None:
    header = "order_id,status,Amt,placed_at,updated_at\n"
    name = shop.write("carrier_2026-03-02.csv", f"{header}1001,placed,9,2026-03-02T09:00:00Z,2026-03-02T09:00:00Z\n")
    shop.write("shop.py", DOMAIN.replace('states=["delivered_at"]', 'columns={"delivered_at": "brought_at"}'))
    for more in (["--dry-run"], []):
        found = shop.run("load", "shop.py", "carrier", name, *more).out
        assert "nothing reads column Amt" in found
        assert "not stated, for the file has no column brought_at" in found
    (file,) = shop.json("load", "shop.py", "carrier", name, "--dry-run")["files"]
    assert (file["unread"], file["absent"]) == (["Amt"], ["brought_at"])


def test_a_wrong_header_is_said_before_anything_is_kept(shop: Shop) -> None:
    shop.write("orders_2026-03-02_r1.csv", "order_id,order_id\n1,2\n")
    found = shop.run("load", "shop.py", "orders", "orders_2026-03-02_r1.csv", code=1)
    assert "✗ orders_2026-03-02_r1.csv  REFUSED: " in found.out
    assert shop.json("deliveries", "shop.py", "list") == {"deliveries": []}


def test_a_dry_run_judges_and_touches_no_store(shop: Shop) -> None:
    name = shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD + BAD)
    found = shop.run("load", "shop.py", "orders", name, "--dry-run")
    assert "2 received = 1 accepted + 1 rejected + 0 ignored · judged only, nothing kept" in found.out
    assert "line 3: 1003,cleo,pid,x" in found.out
    assert "status must be one of placed, paid, shipped" in found.out
    assert not (shop.folder / "trivium-data").exists()
    document = shop.json("load", "shop.py", "orders", name, "--dry-run")
    assert document["files"][0]["rejects"][0]["raw"] == BAD.rstrip()


def test_a_file_that_would_end_too_much_is_held_and_says_so_loudly(shop: Shop) -> None:
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", FULL))
    name = shop.write("shelves_1_2026-03-03.csv", THIN)
    held = shop.run("load", "shop.py", "shelves", name, code=1)
    assert "! shelves_1_2026-03-03.csv  HELD · 1 received = 1 accepted + 0 rejected + 0 ignored" in held.out
    assert "it would end 3 of 4 living records (75.0%)" in held.out
    assert "take it in: trivium deliveries shop.py release shelves 1,2026-03-03" in held.out
    assert len(shop.run("export", "shop.py", "shelf").out.splitlines()) == 4
    assert shop.json("load", "shop.py", "shelves", name, code=1)["files"][0]["outcome"] == "held"
    assert [one["delivery"] for one in shop.json("deliveries", "shop.py", "list", "--held")["deliveries"]] == [
        "1,2026-03-03"
    ]
    assert "held: 1,2026-03-03 of shelves would end 3 of 4 living records" in shop.run("status", "shop.py").out

    shop.run("deliveries", "shop.py", "release", "shelves", "1,2026-03-03", "--by", "ann")
    assert len(shop.run("export", "shop.py", "shelf").out.splitlines()) == 1
    shown = shop.json("deliveries", "shop.py", "show", "shelves", "1,2026-03-03")["readings"]
    assert [(one["state"], one["by"]) for one in shown] == [("counts", "ann")]
    assert "no delivery is held" in shop.run("deliveries", "shop.py", "list", "--held").out


def test_a_held_file_that_is_refused_can_come_again(shop: Shop) -> None:
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", FULL))
    name = shop.write("shelves_1_2026-03-03.csv", THIN)
    shop.run("load", "shop.py", "shelves", name, code=1)
    shop.run("deliveries", "shop.py", "refuse", "shelves", "1,2026-03-03")
    shop.run("deliveries", "shop.py", "release", "shelves", "1,2026-03-03", code=2)
    assert shop.json("load", "shop.py", "shelves", name, code=1)["files"][0]["outcome"] == "held"


def test_the_fold_can_be_left_to_a_later_command(shop: Shop) -> None:
    name = shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD)
    assert shop.json("load", "shop.py", "orders", name, "--no-consolidate")["consolidation"] is None
    assert len(shop.run("export", "shop.py", "order").out.splitlines()) == 1
    assert "1 commit not yet consolidated" in shop.run("status", "shop.py").out
    assert shop.json("consolidate", "shop.py") == {"domains": {"shop": {"after": 0, "commit": 1, "keys": 1}}}
    assert shop.run("consolidate", "shop.py").out == "nothing to consolidate: all is folded up to commit 1\n"


def test_who_loaded_is_written_down(shop: Shop) -> None:
    shop.load_orders(GOOD)
    assert shop.json("deliveries", "shop.py", "list")["deliveries"][0]["by"] == "olga"


def test_what_became_of_a_file_says_which_columns_were_unread_and_which_were_absent(shop: Shop) -> None:
    text = "order_id,status,Amt,placed_at,updated_at\n1001,placed,9,2026-03-02T09:00:00Z,2026-03-02T09:00:00Z\n"
    path = Path(shop.write("carrier_2026-03-02.csv", text))
    shop.write("shop.py", DOMAIN.replace('states=["delivered_at"]', 'columns={"delivered_at": "brought_at"}'))
    place, now = Workplace("shop.py", None), dt.datetime.now(dt.UTC)
    domain, source = place.source("carrier")
    with place.open(domain, create=True) as opened:
        loaded = load_file(opened.store, opened.raw, domain, source, path, now=now)
        known = load_file(opened.store, opened.raw, domain, source, path, now=now)
    tried = try_file(domain, source, path, now=now, most=5)
    assert loaded.outcome == "loaded"
    assert loaded.unread == tried.unread == ("Amt",)
    assert loaded.absent == tried.absent == ("brought_at",)
    assert (known.outcome, known.unread, known.absent) == ("known", (), ())


def test_a_file_of_which_nothing_was_accepted_is_no_success(shop: Shop) -> None:
    found = shop.load_orders(BAD, code=1)
    assert found.out.startswith("✗ orders_2026-03-02_r1.csv  NOTHING ACCEPTED · 1 received")
    assert "new store trivium-data/shop.duckdb" in found.err
    assert "new store" not in shop.load_orders(GOOD, BAD, revision=2).err


def test_what_nobody_states_is_said(shop: Shop) -> None:
    """Every record lacks it, so that an export would be empty without a word."""
    shop.write("shop.py", DOMAIN.replace("    quantity: int\n", "    quantity: int\n    label: str\n").replace(
        "into=[Into(Shelf)]", 'into=[Into(Shelf, states=["quantity"])]'
    ))  # fmt: skip
    said = "label is required and stated by no source: every shelf is incomplete"
    assert said in shop.run("check", "shop.py").out
    rows = "store_id,day,item,quantity\n1,2026-03-02,a,5\n"
    assert said in shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", rows)).out
    exported = shop.run("export", "shop.py", "shelf")
    assert (exported.out, exported.err) == ("", "1 incomplete record left out; --incomplete shows them\n")
    assert shop.json("status", "shop.py")["domains"][0]["entities"]["shelf"]["incomplete"] == 1
    assert "left out" not in shop.run("export", "shop.py", "shelf", "--incomplete").err


def test_how_many_records_a_complete_file_ended_is_said(shop: Shop) -> None:
    shop.write("shop.py", DOMAIN.replace('max_gone="50%"', 'max_gone="100%"'))
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", FULL))
    thin = shop.write("shelves_1_2026-03-03.csv", THIN)
    assert "it is complete, and ended 3 of 4 living records" in shop.run("load", "shop.py", "shelves", thin).out
