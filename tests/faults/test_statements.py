"""Calls of the driver fail, each in its turn, until an operation passes undisturbed.

What is seen afterwards is the state before or the state after, and the operation told again leads to the latter.

`make soak` tries every call of every operation in every mode. Otherwise only failed COMMITs are tried one by one, and
of the other calls a few of each operation, drawn by a fixed seed: most of them fail alike, since between two COMMITs
there is nothing that could be seen by halves.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.faults.breaking import Breaker, Mode, broken
from tests.faults.grounds import Ground, opened
from tests.faults.operations import OPERATIONS, Operation
from tests.faults.picture import picture
from tests.soak import SOAK
from trivium.errors import StoreError, UsageError
from trivium.service.opening import Opened

# What is seen before a call and after the one before it is the same, but where that was a COMMIT.
MODES: tuple[Mode, ...] = ("before", "after", "for good") if SOAK else ("before", "after COMMIT")
FEW = 4
SEED = 20260303


pytestmark = pytest.mark.slow

CASES = [(one, mode) for one in OPERATIONS for mode in MODES if SOAK or not one.soak]


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
    if SOAK or mode == "after COMMIT":
        tried: Iterator[int] = itertools.count(1)
    else:
        tried = iter(some_of(calls_of(ground, operation), f"{SEED} {operation}"))
    failed = 0
    for at in tried:
        if not Try(ground, operation, Breaker(at, mode), before, after).failed():
            break
        failed += 1
    assert failed, "nothing failed"


def calls_of(ground: Ground, operation: Operation) -> int:
    """How many calls the operation makes."""
    ground.put_back()
    counting = Breaker(0, "before")
    with broken(counting), opened(ground, prepare=operation.prepared) as shop, counting.arm():
        operation.run(shop, ground.folder)
    return counting.calls


def some_of(calls: int, seed: str) -> list[int]:
    """The last call, for behind it everything is done, and a few others."""
    return sorted({calls, *random.Random(seed).sample(range(1, calls), min(FEW, calls) - 1)})


class Try:
    """One failure and what comes of it."""

    def __init__(self, ground: Ground, operation: Operation, breaker: Breaker, before: Any, after: Any) -> None:
        self.ground, self.operation, self.breaker, self.before, self.after = ground, operation, breaker, before, after

    def failed(self) -> bool:
        """Whether there was such a call. Checks all that must hold if so."""
        self.ground.put_back()
        with broken(self.breaker), opened(self.ground, prepare=self.operation.prepared) as shop:
            done = self.done_while_it_fails(shop)
            if not self.breaker.failed:
                assert picture(shop.store) == self.after
                return False
            goes_on = self.breaker.mode != "for good"
            if goes_on and self.operation.prepared:
                assert picture(shop.store) in ([self.after] if done else [self.before, self.after]), self.breaker
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

    def done_while_it_fails(self, shop: Opened) -> bool:
        """Whether the operation says that it is done all the same."""
        with self.breaker.arm(), suppress(StoreError):
            self.operation.run(shop, self.ground.folder)
            return True
        return False

    def once_more(self, shop: Opened) -> None:
        """The operation again: it is done, or it says that there is nothing left to do."""
        with suppress(UsageError):
            self.operation.run(shop, self.ground.folder)
        assert picture(shop.store) == self.after, self.breaker
