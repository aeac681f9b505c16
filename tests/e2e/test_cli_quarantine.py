"""`trivium quarantine`: records mended, sent again, dropped."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time

import pytest

from tests.e2e.cli_shop import BAD, DOMAIN, GOOD, HEADER, MENDED, Shop, shop

__all__ = ["shop"]


def test_a_record_is_shown_with_its_bytes_and_every_reason(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD.replace("cleo", "\x1b[31mcleo"))
    listed = shop.run("quarantine", "shop.py", "list").out
    assert "1:3" in listed
    assert "orders_2026-03-02_r1.csv:3" in listed
    shown = shop.run("quarantine", "shop.py", "show", "1:3").out
    assert "status must be one of placed, paid, shipped" in shown
    assert "total.amount must be a plain decimal number" in shown
    assert "1003,\\x1b[31mcleo,pid,x" in shown
    assert "\x1b" not in shown
    document = shop.json("quarantine", "shop.py", "show", "1:3")
    assert document["raw"] == BAD.replace("cleo", "\x1b[31mcleo").rstrip()
    assert [reason["field"] for reason in document["reasons"]] == ["status", "total.amount"]


def test_bytes_that_are_no_text_come_as_base64(shop: Shop) -> None:
    name = shop.write("orders_2026-03-02_r1.csv", (HEADER + BAD).encode().replace(b"cleo", b"cl\xe9o"))
    shop.run("load", "shop.py", "orders", name, code=1)
    assert "raw_base64" in shop.json("quarantine", "shop.py", "show", "1:2")
    assert "cl\\xe9o" in shop.run("quarantine", "shop.py", "show", "1:2").out


def test_a_mended_record_may_be_rejected_again(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    again = shop.json("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED.replace("paid", "payd"), code=1)
    assert (again["accepted"], again["rejected"], again["by"]) == (0, 1, "olga")
    (still,) = again["loads"][0]["still"]
    assert [reason["field"] for reason in still["reasons"]] == ["status"]
    found = shop.run("quarantine", "shop.py", "mend", still["id"], "--raw", MENDED, "--by", "ann")
    assert "1 mended = 1 accepted + 0 rejected again" in found.out
    states = [(one["state"], one["by"]) for one in shop.json("quarantine", "shop.py", "list", "--all")["records"]]
    assert states == [("mended", "olga"), ("mended", "ann")]


def test_what_a_record_was_mended_to_is_shown_and_explained(shop: Shop) -> None:
    """Its place in the file holds another text, so that is said where the place is told."""
    shop.load_orders(GOOD, BAD)
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED, "--by", "ann")
    shown = shop.run("quarantine", "shop.py", "show", "1:3").out
    assert "mended by ann, commit 2, to" in shown
    assert MENDED in shown
    assert BAD.strip() in shown
    document = shop.json("quarantine", "shop.py", "show", "1:3")
    assert (document["mended_raw"], document["resolved_commit"], document["by"]) == (MENDED, 2, "ann")
    explained = shop.run("explain", "shop.py", "order", "1003").out
    assert "orders_2026-03-02_r1.csv:3 · mended by ann, commit 2" in explained
    assert "trivium quarantine shop.py show 1:3" in explained
    winner = shop.json("explain", "shop.py", "order", "1003")["attributes"][0]["winner"]
    assert winner["mended"] == {"by": "ann", "commit": 2, "record": "1:3"}
    assert "mended" not in shop.run("explain", "shop.py", "order", "1001").out


def test_an_old_name_leads_to_the_one_that_the_record_has_now(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    shop.run("replay", "shop.py", "orders", "--yes")
    refused = shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED, code=2).err
    assert refused.splitlines() == ["error: the record 1:3 is superseded already", "  it is 2:3 now"]
    assert "it is 2:3 now: trivium quarantine shop.py show 2:3" in shop.run("quarantine", "shop.py", "show", "1:3").out


def test_records_numbered_by_their_place_are_told_what_can_be_done(shop: Shop) -> None:
    shop.write("shop.py", DOMAIN.replace('columns=TOTAL)],\n          event', 'columns={**TOTAL, "customer": '
               '"ordinal(order_id)"})],\n          event'))  # fmt: skip
    shop.load_orders(GOOD, BAD)
    shown = shop.run("quarantine", "shop.py", "show", "1:3").out
    assert "mend it:" not in shown
    assert "  trivium replay shop.py orders 2026-03-02" in shown
    refused = shop.run("quarantine", "shop.py", "retry", "1:3", code=2).err
    assert "judge it anew: `trivium replay shop.py orders 2026-03-02`" in refused


def test_a_record_is_mended_from_a_file_or_in_an_editor(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.load_orders(GOOD, BAD, BAD.replace("1003", "1004"))
    shop.run("quarantine", "shop.py", "mend", "1:3", "--file", shop.write("mended.csv", MENDED + "\r\n"))
    mending = "p.write_bytes(p.read_bytes().replace(b'pid', b'paid').replace(b',x,', b',8.00,'))"
    editor = shop.write("editor.py", f"import sys, pathlib\np = pathlib.Path(sys.argv[1])\n{mending}\n")
    monkeypatch.setenv("EDITOR", f"{sys.executable} {editor}")
    assert "there is nothing to mend it with" in shop.run("quarantine", "shop.py", "mend", "1:4", code=2).err
    monkeypatch.setattr("trivium.cli.screen.Screen.asks", True)
    shop.run("quarantine", "shop.py", "mend", "1:4")
    assert [record["total"]["amount"] for record in shop.json("export", "shop.py", "order")] == [
        "12.50",
        "7.00",
        "8.00",
    ]


def test_what_cannot_be_mended_is_said(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)

    def said(*words: str) -> str:
        return shop.run("quarantine", "shop.py", *words, code=2).err.splitlines()[0]

    assert said("mend", "1:3", "--raw", BAD.rstrip()) == "error: 1:3 is as it was"
    assert said("mend", "1:9", "--raw", MENDED) == "error: there is no quarantined record 1:9"
    assert said("mend", "17", "--raw", MENDED) == "error: '17' names no quarantined record"
    assert (
        said("mend", "1:3", "--raw", MENDED, "--file", "x") == "error: --raw and --file are two answers to one question"
    )
    assert said("retry") == "error: retry what?"
    assert said("drop", "1:3") == "error: drop asks before it closes a record, and nobody is here"
    shop.run("quarantine", "shop.py", "mend", "1:3", "--raw", MENDED)
    assert said("mend", "1:3", "--raw", MENDED) == "error: the record 1:3 is mended already"


def test_a_record_is_mended_from_standard_input_and_its_text_is_taken_as_it_is(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    mended = MENDED.replace("cleo", '"cle\to\n2"')
    process = shop.start("quarantine", "shop.py", "mend", "1:3", "--file", "-", "--json", stdin=subprocess.PIPE)
    out, err = process.communicate(mended + "\n", timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["accepted"] == 1
    records = shop.json("export", "shop.py", "order")
    assert [one["customer"] for one in records] == ["ann", "cle\to\n2"]
    shop.load_orders(BAD, day="2026-03-05", code=1)
    (other,) = shop.json("quarantine", "shop.py", "list")["records"]
    text = MENDED.replace("1003", "1009").replace("cleo", r"cle\to")
    shop.run("quarantine", "shop.py", "mend", other["id"], "--raw", text)
    assert shop.json("export", "shop.py", "order")[-1]["customer"] == r"cle\to"


def test_records_are_sent_again_when_the_declaration_is_mended(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD.replace(",x,", ",3.00,"))
    assert shop.json("quarantine", "shop.py", "retry", "--source", "orders", code=1)["rejected"] == 1
    shop.write("shop.py", DOMAIN.replace('"placed", "paid", "shipped"', '"placed", "paid", "shipped", "pid"'))
    found = shop.json("quarantine", "shop.py", "retry", "--source", "orders")
    assert (found["accepted"], found["rejected"]) == (1, 0)
    assert shop.json("quarantine", "shop.py", "retry", "--source", "orders")["loads"] == []


def test_what_was_too_far_ahead_is_taken_when_it_is_due(shop: Shop) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=1, seconds=4)
    shop.load_orders(GOOD.replace("2026-03-02T09:00:00Z\n", f"{soon:%Y-%m-%dT%H:%M:%SZ}\n"), code=1)
    assert "is due at" in shop.run("quarantine", "shop.py", "list").out
    waiting = shop.json("quarantine", "shop.py", "list")["records"][0]
    assert waiting["due"] is not None
    first = shop.run("quarantine", "shop.py", "retry", "--due")
    if "nothing is due" in first.out:  # a machine slower than four seconds has it due already
        pause = dt.datetime.fromisoformat(waiting["due"]) - dt.datetime.now(dt.UTC)
        time.sleep(max(0.0, pause.total_seconds()) + 0.1)
        assert shop.json("quarantine", "shop.py", "retry", "--due")["accepted"] == 1
    assert len(shop.run("export", "shop.py", "order").out.splitlines()) == 1


def test_a_dropped_record_is_closed_for_good(shop: Shop) -> None:
    shop.load_orders(GOOD, BAD)
    assert shop.json("quarantine", "shop.py", "drop", "1:3", "--yes", "--by", "ann")["dropped"] == ["1:3"]
    assert "nothing is in quarantine" in shop.run("quarantine", "shop.py", "list").out
    assert "dropped by ann" in shop.run("quarantine", "shop.py", "list", "--all").out
    assert "is dropped already" in shop.run("quarantine", "shop.py", "drop", "1:3", "--yes", code=2).err


def test_a_long_list_is_cut_and_says_so(shop: Shop) -> None:
    shop.load_orders(*[BAD.replace("1003", str(n)) for n in range(5)], code=1)
    found = shop.run("quarantine", "shop.py", "list", "--limit", "2")
    assert "2 of 5 records; --limit shows more" in found.err
    assert len(shop.json("quarantine", "shop.py", "list")["records"]) == 5
