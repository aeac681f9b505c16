"""Two commands at once, on a store that is not there yet: the same file, and different ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.commands import Command, load, loading
from tests.faults.grounds import DuckDBGround, Ground
from tests.faults.shop import order_file
from tests.faults.undisturbed import Undisturbed
from tests.soak import SOAK

ROUNDS = 25 if SOAK else 1

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("same", [True, False], ids=["the same file", "different files"])
def test_two_commands_at_once(ground: Ground, tmp_path: Path, same: bool) -> None:
    """In PostgreSQL both are done. A DuckDB file has one of them; the other says so, and can be repeated."""
    first, second = (order_file(tmp_path / "in", 1), order_file(tmp_path / "in", 1 if same else 2))
    files = [first] if same else [first, second]
    undisturbed = Undisturbed(ground, files)
    for number in range(ROUNDS):
        ground.clear()
        both = [loading(ground, "orders", first), loading(ground, "orders", second)]
        for one in both:
            one.begin()
        codes = sorted(one.code for one in both)
        why = f"round {number}: {[one.text for one in both]}"
        assert "Traceback" not in why, why
        if isinstance(ground, DuckDBGround):
            assert codes in ([0, 0], [0, 3]), why
            assert all(one.code == 0 or says_that_it_is_held(one) for one in both), why
        else:
            assert codes == [0, 0], why
        undisturbed.check(ground, complete=codes == [0, 0], why=why)
        assert load(ground, "orders", *files).code == 0
        undisturbed.check(ground, complete=True, why=why)


def says_that_it_is_held(command: Command) -> bool:
    return "another process holds the store" in command.text
