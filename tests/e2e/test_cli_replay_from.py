"""`trivium replay APP --from OLD_STORE`: the way on where a store refuses a declaration."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.e2e.cli_shop import ALSO, BAD, DOMAIN, GOOD, HEADER, MENDED, Shop, shop
from tests.stores import PostgresPlace

__all__ = ["shop"]

NARROWER = DOMAIN.replace('Literal["placed", "paid", "shipped"]', 'Literal["paid", "shipped"]')
NEW = ("--store", "new.duckdb")
SHELVES = "store_id,day,item,quantity\n1,2026-03-02,a,5\n1,2026-03-02,b,6\n"


def outcomes(document: Any) -> dict[str, str]:
    return {f"{one['source']} {one['delivery']}": one["outcome"] for one in document["deliveries"]}


def test_check_names_the_command_that_makes_a_store_a_fresh_one_would_be(shop: Shop) -> None:
    shop.load_orders(GOOD.replace("placed,", "paid,"))
    shop.load_orders(GOOD, ALSO, revision=2)
    shop.load_orders(BAD, ALSO.replace("1002", "1004"), day="2026-03-03")
    shop.load_orders(ALSO.replace("1002", "1005"), day="2026-03-04")
    shop.run("retract", "shop.py", "orders", "2026-03-04", "--by", "ann")
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", SHELVES))
    shop.write("shop.py", NARROWER)

    refused = shop.run("check", "shop.py", code=1).out
    (command,) = [line.partition(": ")[2] for line in refused.splitlines() if "trivium replay" in line]
    assert command == ("trivium replay shop.py --from trivium-data/shop.duckdb --store trivium-data/shop.new.duckdb")
    assert command in shop.run("load", "shop.py", "orders", "orders_2026-03-02_r1.csv", code=3).err
    before = Path("trivium-data/shop.duckdb").read_bytes()

    dry = shop.json(*shlex.split(command)[1:], "--dry-run")
    assert set(outcomes(dry).values()) == {"tried"}
    assert not Path("trivium-data/shop.new.duckdb").exists()
    done = shop.json(*shlex.split(command)[1:])
    assert outcomes(done) == {
        "orders 2026-03-02": "replayed",
        "orders 2026-03-03": "replayed",
        "orders 2026-03-04": "retracted",
        "shelves 1,2026-03-02": "replayed",
    }
    assert [one["after"]["rejected"] for one in done["deliveries"]] == [1, 1, 0, 0]
    assert Path("trivium-data/shop.duckdb").read_bytes() == before

    new = ("--store", "trivium-data/shop.new.duckdb")
    for revision in (1, 2):
        shop.run("load", "shop.py", "orders", f"orders_2026-03-02_r{revision}.csv", *NEW)
    shop.run("load", "shop.py", "orders", "orders_2026-03-03_r1.csv", *NEW)
    shop.run("load", "shop.py", "shelves", "shelves_1_2026-03-02.csv", *NEW)
    for entity in ("order", "shelf"):
        exported = shop.run("export", "shop.py", entity, *new).out
        assert exported == shop.run("export", "shop.py", entity, *NEW).out
        assert exported

    listed = shop.json("deliveries", "shop.py", "list", *new)["deliveries"]
    kept = [(one["delivery"], one["revision"], one["state"], one["by"]) for one in listed]
    assert ("2026-03-02", 2, "counts", "olga") in kept
    assert ("2026-03-04", 1, "retracted", "ann") in kept
    assert set(outcomes(shop.json(*shlex.split(command)[1:])).values()) == {"known"}
    assert "known" in shop.run("load", "shop.py", "orders", "orders_2026-03-02_r2.csv", *new).out
    # the raw input came along: the new store can be replayed itself
    assert shop.json("replay", "shop.py", "orders", "--yes", *new)["deliveries"][0]["commit"]


def test_what_cannot_be_judged_anew_is_listed(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    shop.load_orders(ALSO, day="2026-03-03")
    shop.load_orders(ALSO.replace("1002", "1006"), BAD, day="2026-03-04")
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    shop.run("quarantine", "shop.py", "drop", "3:3", "--yes")
    digests = {one["delivery"]: one["digest"] for one in shop.json("deliveries", "shop.py", "list")["deliveries"]}
    gone = digests["2026-03-03"]
    (shop.folder / f"trivium-data/shop.raw/{gone[:2]}/{gone}.zst").unlink()

    done = shop.json("replay", "shop.py", "--from", "trivium-data/shop.duckdb", *NEW, code=1)
    assert outcomes(done) == {
        "orders 2026-03-02": "replayed", "orders 2026-03-03": "left", "orders 2026-03-04": "replayed",
    }  # fmt: skip
    by_name = {one["delivery"]: one for one in done["deliveries"]}
    assert "no longer kept" in by_name["2026-03-03"]["error"]["message"]
    assert (by_name["2026-03-02"]["mended"], by_name["2026-03-02"]["mended_again"]) == (["1:3"], 1)
    assert by_name["2026-03-02"]["after"]["accepted"] == 2
    assert by_name["2026-03-04"]["mended"] == []
    # what was dropped is dropped again, what was mended is mended again
    records = shop.json("quarantine", "shop.py", "list", "--all", *NEW)["records"]
    assert [(one["delivery"], one["state"]) for one in records] == [("2026-03-02", "mended"), ("2026-03-04", "dropped")]
    told = shop.run("replay", "shop.py", "--from", "trivium-data/shop.duckdb", *NEW, code=1).out
    assert "3 received = 2 accepted" not in told
    assert "2026-03-02 of orders  2 received = 2 accepted + 0 rejected + 0 ignored · known" in told
    assert "2026-03-03 of orders  NOT REPLAYED" in told


def test_what_cannot_be_mended_again_waits_until_somebody_mends_it(shop: Shop) -> None:
    """Then repeating it has nothing left to tell, and says how to go on."""
    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED.replace("paid", "placed"), "--by", "ann")
    shop.write("shop.py", NARROWER)
    command = ("replay", "shop.py", "--from", "trivium-data/shop.duckdb", *NEW)
    waiting = shop.json(*command, code=1)["deliveries"][0]["mended_waiting"]
    told = shop.run(*command, code=1).out
    assert f"trivium quarantine shop.py mend {waiting[0]} --store new.duckdb" in told
    shop.run("quarantine", "shop.py", "mend", waiting[0], "--raw", MENDED, *NEW)
    told = shop.run(*command).out
    assert "2 received = 1 accepted + 1 rejected + 0 ignored · known" in told
    assert told.splitlines()[-2:] == [
        "  mv new.duckdb trivium-data/shop.duckdb",
        "  mv new.raw trivium-data/shop.raw",
    ]


def test_a_store_of_before_mends_were_kept_can_be_replayed_from(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    with duckdb.connect("trivium-data/shop.duckdb") as old:
        old.execute("ALTER TABLE _shop._resolution DROP COLUMN raw")
        old.execute("UPDATE _shop._meta SET value = '1' WHERE key = 'format'")
    assert "the store has format 1" in shop.run("export", "shop.py", "order", code=3).err
    done = shop.json("replay", "shop.py", "--from", "trivium-data/shop.duckdb", *NEW, code=1)
    (name,) = done["deliveries"][0]["mended_waiting"]
    assert shop.json("quarantine", "shop.py", "show", name, *NEW)["raw"] == BAD.strip()


def test_a_held_delivery_is_held_again(shop: Shop) -> None:
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-02.csv", SHELVES))
    few = "store_id,day,item,quantity\n1,2026-03-03,z,1\n"
    shop.run("load", "shop.py", "shelves", shop.write("shelves_1_2026-03-03.csv", few), code=1)
    done = shop.json("replay", "shop.py", "--from", "trivium-data/shop.duckdb", *NEW, code=1)
    assert list(outcomes(done).values()) == ["replayed", "held"]
    assert [one["delivery"] for one in shop.json("deliveries", "shop.py", "list", "--held", *NEW)["deliveries"]] == [
        "1,2026-03-03"
    ]


def test_a_store_to_replay_from_has_to_be_there_and_another(shop: Shop) -> None:
    shop.load_orders(GOOD)
    words = ("replay", "shop.py", "--from")
    assert "is the one to replay into" in shop.run(*words, "trivium-data/shop.duckdb", code=2).err
    assert "there is no store nowhere.duckdb" in shop.run(*words, "nowhere.duckdb", *NEW, code=3).err
    assert not Path("nowhere.duckdb").exists()
    assert "name no SOURCE with it" in shop.run("replay", "shop.py", "orders", "--from", "x", *NEW, code=2).err
    assert "replay what?" in shop.run("replay", "shop.py", code=2).err


@pytest.mark.server
def test_from_a_file_into_postgresql_and_back(shop: Shop, postgres_url_en: str) -> None:
    """Both kinds of store are read whatever they were made for. One domain of a name fits into a database."""
    shop.write("bazaar.py", DOMAIN.replace('Domain("shop"', 'Domain("bazaar"'))
    shop.run("load", "bazaar.py", "orders", shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD + ALSO))
    server, file = ("--store", postgres_url_en), ("--store", "back.duckdb")
    old = "trivium-data/bazaar.duckdb"
    wide, narrow = (text.replace('Domain("shop"', 'Domain("bazaar"') for text in (DOMAIN, NARROWER))
    try:
        shop.write("bazaar.py", narrow)
        assert outcomes(shop.json("replay", "bazaar.py", "--from", old, *server)) == {"orders 2026-03-02": "replayed"}
        exported = shop.run("export", "bazaar.py", "order", *server).out
        shop.write("bazaar.py", narrow.replace("order_id: Key[str]", "order_id: Key[int]"))
        refused = shop.run("check", "bazaar.py", *server, code=1).out
        assert "trivium replay bazaar.py --from OLD_STORE --store NEW_STORE" in refused
        shop.write("bazaar.py", wide)
        done = shop.json("replay", "bazaar.py", "--from", postgres_url_en, *file)
        assert [one["after"]["accepted"] for one in done["deliveries"]] == [2]
        assert exported in shop.run("export", "bazaar.py", "order", *file).out
    finally:
        PostgresPlace(postgres_url_en).remove()
