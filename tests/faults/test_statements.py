"""Calls of the driver fail, each in its turn, until an operation passes undisturbed.

What is seen afterwards is the state before or the state after, and the operation told again leads to the latter.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from tests.faults.breaking import Breaker, Mode, broken
from tests.faults.grounds import Ground, opened
from tests.faults.operations import OPERATIONS, Operation
from tests.faults.picture import picture
from tests.faults.soak import SOAK
from trivium.errors import StoreError, UsageError
from trivium.service.opening import Opened

# What is seen before a call and after the one before it is the same, but where that was a COMMIT.
MODES: tuple[Mode, ...] = ("before", "after", "for good") if SOAK else ("before", "after COMMIT")


pytestmark = pytest.mark.slow

CASES = [(one, mode) for one in OPERATIONS for mode in MODES if SOAK or mode == "after COMMIT" or not one.soak]


@pytest.mark.parametrize(("operation", "mode"), CASES, ids=str)
def test_any_call_may_fail(ground: Ground, operation: Operation, mode: Mode) -> None:
    with opened(ground, prepare=operation.prepared) as shop:
        for step in operation.before:
            step(shop, ground.folder)
        before = picture(shop.store) if operation.prepared else None
    ground.keep()
    with opened(ground, prepare=operation.prepared) as shop:
        operation.run(shop, ground.folder)
        after = picture(shop.store)
    at = 1
    while Try(ground, operation, Breaker(at, mode), before, after).failed():
        at += 1
    assert at > 1, "nothing failed"


class Try:
    """One failure and what comes of it."""

    def __init__(self, ground: Ground, operation: Operation, breaker: Breaker, before: Any, after: Any) -> None:
        self.ground, self.operation, self.breaker, self.before, self.after = ground, operation, breaker, before, after

    def failed(self) -> bool:
        """Whether there was such a call. Checks all that must hold if so."""
        self.ground.put_back()
        with broken(self.breaker), opened(self.ground, prepare=self.operation.prepared) as shop:
            with self.breaker.arm(), suppress(StoreError):
                self.operation.run(shop, self.ground.folder)
            if not self.breaker.failed:
                assert picture(shop.store) == self.after
                return False
            goes_on = self.breaker.mode != "for good"
            if goes_on and self.operation.prepared:
                assert picture(shop.store) in (self.before, self.after), self.breaker
            if goes_on:
                self.once_more(shop)
            if goes_on and not shop.store.control.status()["loading"]:
                return True
        with opened(self.ground) as shop:
            assert not shop.store.control.status()["loading"], self.breaker
            if self.operation.prepared:
                assert picture(shop.store) in (self.before, self.after), self.breaker
            self.once_more(shop)
        return True

    def once_more(self, shop: Opened) -> None:
        """The operation again: it is done, or it says that there is nothing left to do."""
        with suppress(UsageError):
            self.operation.run(shop, self.ground.folder)
        assert picture(shop.store) == self.after, self.breaker
