"""APP is read as it stands now."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from trivium.service.application import load_application

SHOP = """
from trivium import Batch, Domain, Entity, Into, Key


class Stock(Entity):
    item: Key[str]
    count: int


into = [Into(Stock, columns={})]
counts = Batch("counts", into=into, files="counts_{business_date}.csv", cut_off="business_date 22:00 UTC")
shop = Domain("shop", entities=[Stock], sources=[counts])
"""


def test_a_change_of_the_same_length_in_the_same_second_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own cache of compiled files would not see it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)  # as it is where nobody says otherwise
    path = tmp_path / "shop_of_one_second.py"
    kinds = []
    for text in (SHOP, SHOP.replace("Key[str]", "Key[int]")):
        path.write_text(text)
        os.utime(path, (1_750_000_000, 1_750_000_000))
        (domain,) = load_application(str(path)).domains
        kinds.append(domain.shapes[0].keys[0].type.kind)
    assert kinds == ["str", "int"]
    assert not (tmp_path / "__pycache__").exists()


def test_what_an_application_imports_is_there(tmp_path: Path) -> None:
    """Though the engine has this module passed over."""
    path = tmp_path / "shop_with_datasets.py"
    path.write_text(f"import pyarrow.dataset{SHOP}")
    assert load_application(str(path)).domains
