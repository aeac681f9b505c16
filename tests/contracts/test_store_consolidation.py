"""What is folded in slices is what is folded at once."""

from __future__ import annotations

import pytest

from tests.worlds.lab import Lab, delete, put
from trivium.adapters.stores.duckdb import control


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_slices_leave_no_key_out_and_fold_none_twice(lab: Lab, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the whole store; then of a tail with new, changed and deleted keys that is most of it, for which everything
    may be folded; then of a small one. PostgreSQL folds in one piece."""
    monkeypatch.setattr(control, "_SLICE_ROWS", at_once)
    monkeypatch.setattr(control, "_SLICE_KEYS", at_once)
    keys = [(f"k{number:03}",) for number in range(60)]
    lab.send([put(key, 1, status="on") for key in keys[:40]], "first")
    assert lab.store.control.consolidate().keys == 40
    lab.send([put(key, 2, status="off") for key in keys[20:]], "second")
    lab.send([delete(key, 3) for key in keys[::5]], "third")
    unfolded = lab.export()
    assert lab.store.control.consolidate().keys in (44, 60)
    assert lab.export() == unfolded
    lab.send([put(key, 4, status="off") for key in keys[:10]] + [delete(key, 4) for key in keys[11:16]], "fourth")
    unfolded = lab.export()
    assert lab.store.control.consolidate().keys == 15
    assert lab.export() == unfolded
    assert lab.alive() == [key for number, key in enumerate(keys) if number < 10 or (number > 15 and number % 5)]
