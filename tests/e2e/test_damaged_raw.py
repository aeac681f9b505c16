"""Raw input that was kept and is no longer what it was: nothing is judged from it, and nothing else is held up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.e2e.cli_shop import BAD, GOOD, Shop, shop

__all__ = ["shop"]


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def exchanged(path: Path) -> None:
    with pa.CompressedOutputStream(str(path), "zstd") as other:
        other.write(b"order_id\n")


@pytest.mark.parametrize("damage", [emptied, cut, exchanged])
def test_a_replay_takes_nothing_of_it(shop: Shop, damage: Callable[[Path], None]) -> None:
    shop.load_orders(GOOD, BAD)
    before = shop.run("export", "shop.py", "order").out
    (kept,) = shop.folder.rglob("*.zst")
    damage(kept)
    for options in (["--dry-run"], ["--yes"]):
        said = shop.run("replay", "shop.py", "orders", *options, code=1)
        assert "is damaged" in said.err
    assert shop.run("export", "shop.py", "order").out == before
