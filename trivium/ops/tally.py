"""What many small commits came to in some seconds: the log has a line for these, not for each."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from trivium.ports import Account

EVERY: Final = 10.0
"""Seconds between two lines of a source."""


@dataclass(frozen=True, slots=True)
class Commits:
    """Commits `first` to `last` of a source, `count` of them its own, with so many deliveries and their account. The
    slowest took so many `seconds`. `positions`: up to where its partitions are read now."""

    domain: str
    source: str
    count: int
    first: int
    last: int
    deliveries: int
    account: Account
    seconds: float
    positions: Mapping[str, int] = field(default_factory=dict)

    def then(self, other: Commits) -> Commits:
        """Both, of which the other came later."""
        return replace(
            self, count=self.count + other.count, last=other.last, deliveries=self.deliveries + other.deliveries,
            account=self.account + other.account, seconds=max(self.seconds, other.seconds),
            positions={**self.positions, **other.positions},
        )  # fmt: skip


class Tally:
    """Adds up commits by source. Any thread may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], Commits] = {}

    def add(self, made: Commits) -> None:
        """Takes note of commits."""
        where = (made.domain, made.source)
        with self._lock:
            before = self._found.get(where)
            self._found[where] = made if before is None else before.then(made)

    def taken(self) -> list[Commits]:
        """What was added since this was asked last, by domain and source."""
        with self._lock:
            found, self._found = self._found, {}
        return [found[where] for where in sorted(found)]
