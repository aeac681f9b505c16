"""Manifests, trailers and limits over the life of a delivery: replayed, mended, taken into another store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.e2e.cli_shop import Shop, shop
from tests.e2e.test_files_page import DOMAIN, FULL, HEADER, NAME, A, B

__all__ = ["shop"]

NEW = ("--store", "new.duckdb")


def declare(shop: Shop, declared: str = 'manifest="*.manifest.json"', domain: str = DOMAIN) -> None:
    shop.write("shop.py", domain.replace("DECLARED", declared))


def load(shop: Shop, text: str, manifest: Any = None, name: str = NAME, code: int = 0) -> Any:
    if manifest is not None:
        shop.write(f"{name}.manifest.json", json.dumps(manifest))
    return shop.json("load", "shop.py", "sales", shop.write(f"{name}.csv", text), code=code)["files"][0]


def times(shop: Shop, item: str) -> str:
    found = shop.json("explain", "shop.py", "sale", f"7,2026-03-02,{item}")
    winner: str = found["attributes"][0]["winner"]["event_time"]
    return winner


def test_a_replay_holds_the_file_to_the_manifest_it_came_with(shop: Shop) -> None:
    declare(shop)
    load(shop, FULL, {"rows": 2, "cut_off": "2026-03-02T18:30:00Z"})
    for left in shop.folder.glob("sales_*"):
        left.unlink()
    assert times(shop, "a") == "2026-03-02T18:30:00Z"
    (done,) = shop.json("replay", "shop.py", "sales", "--yes")["deliveries"]
    assert done["after"]["accepted"] == 2
    assert times(shop, "a") == "2026-03-02T18:30:00Z"
    assert '"rows": 2' in shop.run("deliveries", "shop.py", "show", "sales", "7,2026-03-02").out

    before = shop.run("export", "shop.py", "sale").out
    declare(shop, 'manifest="*.manifest.json", ignore="item = \'b\'"')
    assert shop.json("replay", "shop.py", "sales", "--yes")["deliveries"][0]["after"]["ignored"] == 1
    declare(shop, 'manifest=Manifest("*.manifest.json", rows="control.rows")')
    refused = shop.run("replay", "shop.py", "sales", "--yes", code=1)
    assert "the manifest has no control.rows" in refused.out + refused.err
    declare(shop)
    shop.run("replay", "shop.py", "sales", "--yes")
    assert shop.run("export", "shop.py", "sale").out == before


def test_what_came_before_a_manifest_was_declared_is_replayed_without(shop: Shop) -> None:
    declare(shop, "")
    load(shop, FULL)
    declare(shop)
    assert shop.json("replay", "shop.py", "sales", "--yes")["deliveries"][0]["after"]["accepted"] == 2
    declare(shop, 'manifest=Manifest("*.manifest.json", cut_off="at"), cut_off=None')
    refused = shop.run("replay", "shop.py", "sales", "--yes", code=1)
    assert "came without a manifest, which alone says of when it speaks" in refused.out + refused.err


def test_the_cut_off_may_be_the_manifests_alone(shop: Shop) -> None:
    declare(shop, 'manifest=Manifest("*.manifest.json", cut_off="at"), cut_off=None')
    shop.run("check", "shop.py")
    load(shop, FULL, {"rows": 2, "at": "2026-03-02T18:30:00+02:00"})
    assert times(shop, "a") == "2026-03-02T16:30:00Z"
    found = load(shop, FULL, {"rows": 2, "at": "2999-01-01T00:00:00Z"}, "sales_8_2026-03-02", code=1)
    assert "lies further ahead of its arrival" in found["error"]["message"]


def test_a_mended_record_keeps_the_time_of_its_manifest(shop: Shop) -> None:
    declare(shop)
    load(shop, FULL.replace("2.50", "x"), {"rows": 2, "cut_off": "2026-03-02T18:30:00Z"})
    (shop.folder / f"{NAME}.manifest.json").unlink()
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", B.strip())
    assert times(shop, "b") == times(shop, "a") == "2026-03-02T18:30:00Z"


def test_another_store_gets_the_manifest_too(shop: Shop) -> None:
    declare(shop)
    load(shop, FULL, {"rows": 2, "cut_off": "2026-03-02T18:30:00Z"})
    shop.run("replay", "shop.py", "--from", "trivium-data/sales.duckdb", *NEW)
    (one,) = shop.json("deliveries", "shop.py", "list", *NEW)["deliveries"]
    assert json.loads(one["manifest"])["rows"] == 2
    for kept in (NEW, ()):
        assert shop.json("replay", "shop.py", "sales", "--yes", *kept)["deliveries"][0]["after"]["accepted"] == 2


def test_a_store_of_before_manifests_were_kept_can_be_replayed_from(shop: Shop) -> None:
    declare(shop, "")
    load(shop, FULL)
    with duckdb.connect("trivium-data/sales.duckdb") as old:
        old.execute("ALTER TABLE _sales._reading DROP COLUMN manifest")
        old.execute("DROP TABLE _sales._again")
        old.execute("UPDATE _sales._meta SET value = '2' WHERE key = 'format'")
    assert "the store has format 2" in shop.run("export", "shop.py", "sale", code=3).err
    done = shop.json("replay", "shop.py", "--from", "trivium-data/sales.duckdb", *NEW)
    assert [one["outcome"] for one in done["deliveries"]] == ["replayed"]


def test_a_manifest_is_not_loaded_as_a_file(shop: Shop) -> None:
    declare(shop, 'manifest="*.csv", files="sales_{store}_{day}.txt"')
    (shop.folder / "drop").mkdir()
    shop.write(f"drop/{NAME}.txt", FULL)
    shop.write(f"drop/{NAME}.csv", "rows,2\n")
    for words in (["drop"], ["drop/*"]):
        found = shop.json("load", "shop.py", "sales", *words)["files"]
        assert [Path(one["file"]).suffix for one in found] == [".txt"]
    refused = shop.json("load", "shop.py", "sales", f"drop/{NAME}.csv", code=1)["files"][0]
    assert "is called like a manifest" in refused["error"]["message"]


def test_lines_of_json_may_end_with_a_trailer(shop: Shop) -> None:
    declare(shop, """format="ndjson", trailer='{"end":{rows}}'""")
    text = '{"item": "a", "amount": 1.5}\n{"item": "b", "amount": "x"}\n{"end":2}\n'
    found = load(shop, text)
    assert found["account"] == {"received": 3, "accepted": 1, "rejected": 1, "ignored": 1}
    assert shop.json("quarantine", "shop.py", "list")["records"][0]["line"] == 2
    shop.run("quarantine", "shop.py", "mend", "1:2", "--raw", '{"item": "b", "amount": "2.5"}')
    assert len(shop.run("export", "shop.py", "sale").out.splitlines()) == 2


def test_a_number_of_rejects_refuses_before_the_file_is_read_to_its_end(shop: Shop) -> None:
    """The third piece would be refused as unreadable, and is not looked at."""
    declare(shop, 'reject_limit="100 or 50%", ignore="item = \'z\'"')
    wrong = "".join(f"i{number},{'n' * 400},x\n" for number in range(30_000))
    found = load(shop, HEADER + A + wrong + 'z,"open,1\n\n\nlines,,1\n', code=1)
    error = found["error"]
    assert error["rule"] == "reject_limit"
    assert error["whole"] is False
    assert error["account"]["received"] < 30_000
    assert "of the first " in error["message"]
    assert [one["line"] for one in error["rejects"]] == [3, 4, 5, 6, 7]
    assert "line 3: decimal amount 'x': amount must be" in error["hint"]


def test_sensitive_values_are_masked_in_a_refusal(shop: Shop) -> None:
    masked = DOMAIN.replace("decimal_places=2)", "decimal_places=2, sensitive=True)")
    declare(shop, 'reject_limit="0"', masked)
    error = load(shop, FULL.replace("2.50", "secret"), code=1)["error"]
    assert "secret" not in json.dumps(error)
    assert error["rejects"][0]["reasons"][0]["value"] == "***"


@pytest.mark.parametrize("declared", ['manifest="*.manifest.json", totals={"amount": "amount"}', 'reject_limit="0"'])
def test_a_refused_file_comes_again_corrected(shop: Shop, declared: str) -> None:
    declare(shop, declared)
    load(shop, FULL.replace("2.50", "x.50"), {"rows": 3, "totals": {"amount": 4}}, code=1)
    assert shop.json("deliveries", "shop.py", "list")["deliveries"] == []
    found = load(shop, FULL, {"rows": 2, "totals": {"amount": 4}})
    assert (found["outcome"], found["findings"], found["revision"]) == ("loaded", [], 1)
    assert shop.json("status", "shop.py")["domains"][0]["loading"] == []
