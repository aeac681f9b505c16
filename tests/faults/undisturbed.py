"""What a store must come to, however often it was disturbed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.faults.commands import timed
from tests.faults.grounds import Ground, opened
from tests.faults.picture import exports, whole


class Undisturbed:
    """What a store shows that nobody disturbed, and how long its load took. The ground is left with nothing on it."""

    def __init__(self, ground: Ground, files: list[Path]) -> None:
        self.seconds = timed(ground, "orders", *files)
        with opened(ground) as shop:
            self.picture, self.exports = whole(shop.store), exports(shop.store)
        ground.clear()

    def check(self, ground: Ground, *, complete: bool, why: str) -> None:
        """What a next start finds: files in whole or not at all; all of them if it is `complete`."""
        with opened(ground) as shop:
            seen = whole(shop.store)
            if complete:
                assert (seen, exports(shop.store)) == (self.picture, self.exports), why
        self._check_parts(seen, why)

    def _check_parts(self, seen: dict[str, Any], why: str) -> None:
        accounts = {row[_CONTENT]: row[_FIGURES] for row in self.picture["deliveries"]}
        for row in seen["deliveries"]:
            assert accounts[row[_CONTENT]] == row[_FIGURES], why
        contents = [row[_CONTENT] for row in seen["deliveries"]]
        assert len(contents) == len(set(contents)), why
        assert seen["statements"]["order"] == sum(int(row[_ACCEPTED]) for row in seen["deliveries"]), why
        assert len(seen["quarantine"]) == sum(int(row[_REJECTED]) for row in seen["deliveries"]), why


_CONTENT, _FIGURES, _ACCEPTED, _REJECTED = slice(0, 3), slice(6, 11), 8, 9
"""Of a delivery in a picture: source, delivery and revision; digest and account."""
