"""`trivium replay` and `retract`: what was said, judged anew or taken back."""

from __future__ import annotations

from pathlib import Path

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


def test_what_was_mended_is_mended_again_after_a_replay(shop: Shop) -> None:
    """In the same name; also by the replay after the next, though each reading is another."""
    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED, "--by", "ann")
    before = shop.run("export", "shop.py", "order").out
    found = shop.run("replay", "shop.py", "orders", "--dry-run").out
    assert "1 record mended by hand, which raw input does not hold: mended again afterwards" in found
    for _ in range(2):
        assert "1 record mended again as before" in shop.run("replay", "shop.py", "orders", "--yes").out
        assert shop.run("export", "shop.py", "order").out == before
    winner = shop.json("explain", "shop.py", "order", "1003")["attributes"][0]["winner"]
    assert winner["mended"]["by"] == "ann"
    assert shop.json("quarantine", "shop.py", "show", winner["mended"]["record"])["mended_raw"] == MENDED


def test_a_mend_that_is_not_needed_any_more_is_named(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD.replace(",x,", ",3.00,"))
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    shop.write("shop.py", WIDER)
    assert "  trivium quarantine shop.py show 1:3" in shop.run("replay", "shop.py", "orders", "--yes").out


def test_only_mends_of_the_content_that_counts_are_made_again(shop: Shop) -> None:
    def mended() -> list[str]:
        found: list[str] = shop.json("replay", "shop.py", "orders", "--dry-run")["deliveries"][0]["mended"]
        return found

    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    shop.load_orders(GOOD, BAD, revision=2)
    assert mended() == []
    load = shop.json("quarantine", "shop.py", "list")["records"][0]["id"]
    shop.run("quarantine", "shop.py", "mend", load, "--raw", BAD.replace("pid", "paid").strip(), code=1)
    assert mended() == []
    again = shop.json("quarantine", "shop.py", "list")["records"][0]["id"]
    shop.run("quarantine", "shop.py", "mend", again, "--raw", MENDED)
    assert mended() == [again]


def test_a_retracted_delivery_is_not_replayed_and_says_how_to_undo_it(shop: Shop) -> None:
    shop.load_orders(GOOD)
    shop.run("retract", "shop.py", "orders", "2026-03-02")
    found = shop.run("replay", "shop.py", "orders", "2026-03-02", "--yes", code=2).err
    assert "is retracted" in found
    assert "trivium retract shop.py orders 2026-03-02 --undo" in found


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
    assert f"is no longer kept in {Path('trivium-data/shop.raw')}" in found.err
    assert "keep_raw" in found.err
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
