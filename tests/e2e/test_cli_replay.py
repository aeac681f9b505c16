"""`trivium replay` and `retract`: what was said, judged anew or taken back."""

from __future__ import annotations

import pytest

from tests.e2e.cli_shop import ALSO, BAD, DOMAIN, GOOD, MENDED, Shop, shop

__all__ = ["shop"]

WIDER = DOMAIN.replace('"placed", "paid", "shipped"', '"placed", "paid", "shipped", "pid"')


def test_a_replay_shows_what_would_change_and_then_does_it(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD.replace(",x,", ",3.00,"))
    shop.write("shop.py", WIDER)
    dry = shop.run("replay", "shop.py", "orders", "--dry-run")
    assert dry.out.splitlines()[:3] == [
        "2026-03-02 of orders",
        "    counts now:  2 received = 1 accepted + 1 rejected + 0 ignored",
        "    judged anew: 2 received = 2 accepted + 0 rejected + 0 ignored",
    ]
    assert len(shop.run("export", "shop.py", "order").out.splitlines()) == 1
    (done,) = shop.json("replay", "shop.py", "orders", "2026-03-02", "--yes")["deliveries"]
    assert done["preview"][0] == {"entity": "order", "appear": 1, "end": 0, "change": 0, "stay": 1}
    assert done["commit"] == 2
    assert len(shop.run("export", "shop.py", "order").out.splitlines()) == 2
    states = [(one["kind"], one["state"]) for one in shop.json("deliveries", "shop.py", "list", "--all")["deliveries"]]
    assert states == [("first", "superseded"), ("replay", "counts")]


def test_a_replay_warns_of_mended_records_that_it_would_lose(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    found = shop.run("replay", "shop.py", "orders", "--dry-run").out
    assert "1 record mended by hand would be lost" in found
    assert shop.json("replay", "shop.py", "orders", "--dry-run")["deliveries"][0]["mended_lost"] == 1


def test_only_mends_of_the_reading_that_counts_would_be_lost(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    shop.load_orders(GOOD, BAD, revision=2)
    assert shop.json("replay", "shop.py", "orders", "--dry-run")["deliveries"][0]["mended_lost"] == 0
    load = shop.json("quarantine", "shop.py", "list")["records"][0]["id"]
    shop.run("quarantine", "shop.py", "mend", load, "--raw", BAD.replace("pid", "paid").strip(), code=1)
    assert shop.json("replay", "shop.py", "orders", "--dry-run")["deliveries"][0]["mended_lost"] == 0
    again = shop.json("quarantine", "shop.py", "list")["records"][0]["id"]
    shop.run("quarantine", "shop.py", "mend", again, "--raw", MENDED)
    assert shop.json("replay", "shop.py", "orders", "--dry-run")["deliveries"][0]["mended_lost"] == 1


def test_a_replay_asks_before_it_changes_anything(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.load_orders(GOOD)
    shop.load_orders(ALSO, day="2026-03-03")
    assert shop.run("replay", "shop.py", "orders", code=2).err.splitlines() == [
        "error: replay asks before it changes anything, and nobody is here",
        "  add --yes or --dry-run",
    ]
    monkeypatch.setattr("trivium.cli.screen.Screen.asks", True)
    answers = iter(["n", "y"])
    monkeypatch.setattr("builtins.input", lambda: next(answers))
    found = shop.run("replay", "shop.py", "orders", code=1)
    assert "Replay it? [y, n, a for all, q to quit]" in found.err
    assert found.out.count("replayed · commit") == 1
    counting = [(one["delivery"], one["kind"]) for one in shop.json("deliveries", "shop.py", "list")["deliveries"]]
    assert counting == [("2026-03-02", "first"), ("2026-03-03", "replay")]


def test_a_replay_after_the_raw_input_is_gone_says_so(shop: Shop) -> None:
    shop.load_orders(GOOD)
    for path in (shop.folder / "trivium-data/shop.raw").rglob("*.zst"):
        path.unlink()
    found = shop.run("replay", "shop.py", "orders", "--yes", code=2)
    assert "is no longer kept" in found.err
    assert shop.json("status", "shop.py")["domains"][0]["loading"] == []


def test_a_retraction_is_taken_back_once(shop: Shop) -> None:
    shop.load_orders(GOOD)
    assert shop.json("retract", "shop.py", "orders", "2026-03-02")["outcome"] == "retracted"
    assert "is retracted already" in shop.run("retract", "shop.py", "orders", "2026-03-02", code=2).err
    assert "its delivery is retracted" in shop.run("explain", "shop.py", "order", "1001", code=1).out
    (row,) = shop.json("deliveries", "shop.py", "list")["deliveries"]
    assert (row["kind"], row["state"]) == ("retraction", "retracted")
    shown = shop.run("deliveries", "shop.py", "show", "orders", "2026-03-02").out
    assert "revision 1, first: retracted: what it said counts as never said" in shown
    assert "revision 1, retraction: in force: the delivery says nothing" in shown
    assert shop.json("status", "shop.py")["domains"][0]["sources"][0]["deliveries"] == 0
    assert shop.json("retract", "shop.py", "orders", "2026-03-02", "--undo")["outcome"] == "restored"
    every = shop.json("deliveries", "shop.py", "list", "--all")["deliveries"]
    assert [one["state"] for one in every] == ["counts", "taken back", "counts"]
    assert "is not retracted" in shop.run("retract", "shop.py", "orders", "2026-03-02", "--undo", code=2).err
    assert "has no delivery 'never'" in shop.run("retract", "shop.py", "orders", "never", code=2).err
