"""Small writes beside large ones."""

from __future__ import annotations

import pytest

from trivium.adapters.stores.duckdb import database
from trivium.errors import StoreError, StoreFull


def test_a_small_write_waits_for_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PAUSES", (0.001, 0.001))
    tries = []

    def act() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StoreFull("no memory", hint="wait")

    database.patiently(act)
    assert len(tries) == 3


def test_what_is_no_want_of_memory_is_raised_at_once_and_want_of_it_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PAUSES", (0.001,))
    tries = []

    def act(error: StoreError) -> None:
        tries.append(1)
        raise error

    for error, times in ((StoreError("broken", hint="mend it"), 1), (StoreFull("no memory", hint="wait"), 2)):
        tries.clear()
        with pytest.raises(type(error)):
            database.patiently(lambda error=error: act(error))  # type: ignore[misc]
        assert len(tries) == times
