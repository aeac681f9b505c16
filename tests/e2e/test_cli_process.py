"""Commands as real processes: interrupted, at once, in a pipe, on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.cli_shop import ALSO, GOOD, HEADER, Shop, shop

__all__ = ["shop"]


def long_file(shop: Shop) -> str:
    """A file whose load takes some seconds."""
    return shop.write("orders_2026-03-05_r1.csv", HEADER + "".join(f"{n}{GOOD[4:]}" for n in range(800_000)))


def until_rows_are_written(process: subprocess.Popen[str], store: Path) -> None:
    """Waits until the load is well under way: its rows have reached the disk."""
    begun = time.monotonic()
    while process.poll() is None and time.monotonic() < begun + 60:
        written = sum(path.stat().st_size for path in store.parent.glob(f"{store.name}*") if path.is_file())
        if written > 2_000_000:
            return
        time.sleep(0.02)
    raise AssertionError(f"no load to interrupt: {process.communicate()}")


def test_ctrl_c_in_a_long_load_leaves_nothing_of_it(shop: Shop) -> None:
    shop.load_orders(GOOD)
    process = shop.start("load", "shop.py", "orders", long_file(shop), "--json")
    until_rows_are_written(process, shop.folder / "trivium-data/shop.duckdb")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert json.loads(err)["code"] == "stopped"
    figures = shop.json("status", "shop.py")["domains"][0]
    assert (figures["commit"], figures["loading"]) == (1, [])
    assert figures["entities"]["order"] == {"statements": 1, "master": 1, "incomplete": 0}
    assert shop.load_orders(ALSO, day="2026-03-06").out.startswith("✓")


def test_a_killed_load_leaves_nothing_of_it(shop: Shop) -> None:
    shop.load_orders(GOOD)
    process = shop.start("load", "shop.py", "orders", long_file(shop))
    until_rows_are_written(process, shop.folder / "trivium-data/shop.duckdb")
    process.kill()
    process.communicate(timeout=60)
    figures = shop.json("status", "shop.py")["domains"][0]
    assert (figures["commit"], figures["loading"]) == (1, [])
    assert figures["entities"]["order"] == {"statements": 1, "master": 1, "incomplete": 0}


def test_of_two_loads_at_once_one_is_told_that_the_store_is_busy(shop: Shop) -> None:
    process = shop.start("load", "shop.py", "orders", long_file(shop))
    until_rows_are_written(process, shop.folder / "trivium-data/shop.duckdb")
    process.send_signal(signal.SIGSTOP)
    second = shop.start("load", "shop.py", "orders", shop.write("orders_2026-03-06_r1.csv", HEADER + ALSO))
    out, err = second.communicate(timeout=60)
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert (second.returncode, out) == (3, "")
    assert err.splitlines() == [
        "error: opening trivium-data/shop.duckdb: another process holds the store",
        "  wait until it has ended, or stop it",
    ]
    assert process.returncode == 143


def test_a_reader_that_leaves_is_no_error(shop: Shop) -> None:
    rows = [f"{n}{GOOD[4:]}" for n in range(20_000)]
    shop.load_orders(*rows)
    process = shop.start("export", "shop.py", "order")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith('{"order_id":"0"')
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 141
    process.stderr.close()


def on_a_terminal(shop: Shop, *words: str, **env: str) -> str:
    """What a command writes to a terminal."""
    above, below = pty.openpty()
    process = shop.start(*words, stdout=below, stderr=below, stdin=below, env={"TERM": "xterm-256color", **env})
    os.close(below)
    told = b""
    while True:
        try:
            piece = os.read(above, 65536)
        except OSError:  # Linux says so when the last writer is gone
            break
        if not piece:
            break
        told += piece
    os.close(above)
    process.wait(timeout=60)
    return told.decode()


def test_a_terminal_gets_colour_and_progress_unless_it_wants_none(shop: Shop) -> None:
    name = shop.write("orders_2026-03-02_r1.csv", HEADER + GOOD)
    coloured = on_a_terminal(shop, "load", "shop.py", "orders", name)
    assert "\x1b[32m✓" in coloured
    assert "\x1b[?25l" in coloured, "a bar hides the cursor while it moves"
    plain = on_a_terminal(shop, "load", "shop.py", "orders", name, NO_COLOR="1")
    assert "known, nothing to do" in plain
    assert re.findall(r"\x1b\[[0-9;]*3[0-9]", plain) == []
    silent = on_a_terminal(shop, "status", "shop.py", "--json")
    assert "\x1b" not in silent
    json.loads(silent)


def test_the_help_comes_soon(shop: Shop) -> None:
    script = (
        "import sys, trivium.cli; trivium.cli.main(['--help']);"
        "sys.exit(repr({'pyarrow', 'numpy', 'pydantic_settings', 'rich'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert found.stderr.strip() == "set()"
