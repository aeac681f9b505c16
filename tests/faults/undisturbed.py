"""What a store must come to, however often it was disturbed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.faults.commands import timed
from tests.faults.grounds import DuckDBGround, Ground, opened
from tests.faults.operations import NOW
from tests.faults.picture import exports, whole
from trivium.channels.batch import load_file
from trivium.ports import Store


class Undisturbed:
    """What a store shows that nobody disturbed, and how long its load took. The ground is left with nothing on it."""

    def __init__(self, ground: Ground, files: list[Path]) -> None:
        self.seconds = timed(ground, "orders", *files)
        ground.clear()
        # The first one is slower, and moments beyond the end of a load are lost.
        self.seconds = min(self.seconds, timed(ground, "orders", *files))
        with opened(ground) as shop:
            self.picture, self.exports = whole(shop.store), exports(shop.store)
        ground.clear()
        self._files = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in files}
        self._stages: dict[frozenset[str], dict[str, bytes]] = {}

    def check(self, ground: Ground, *, complete: bool, why: str) -> None:
        """What a reader sees and what a next start finds: files in whole or not at all; all of them if it is
        `complete`."""
        with opened(ground, prepare=False) as shop:
            if not shop.store.control.plan():  # else nothing can be there yet
                self._check_records(shop.store, why)
        with opened(ground) as shop:
            self._check_records(shop.store, why)
            seen = whole(shop.store)
            for row in shop.store.control.deliveries().to_pylist():
                kept = list(ground.raw.rglob(f"{row['digest']}.zst"))
                assert kept or not row["archived"], f"{why}: the raw input of {row['delivery']} is not kept"
            if complete:
                assert (seen, exports(shop.store)) == (self.picture, self.exports), why
        self._check_parts(seen, why)

    def _check_records(self, store: Store, why: str) -> None:
        contents = taken(store)
        if contents not in self._stages:
            self._stages[contents] = shown_of([file for digest, file in self._files.items() if digest in contents])
        assert exports(store) == self._stages[contents], why

    def _check_parts(self, seen: dict[str, Any], why: str) -> None:
        accounts = {row[_CONTENT]: row[_FIGURES] for row in self.picture["deliveries"]}
        for row in seen["deliveries"]:
            assert accounts[row[_CONTENT]] == row[_FIGURES], why
        contents = [row[_CONTENT] for row in seen["deliveries"]]
        assert len(contents) == len(set(contents)), why
        assert seen["statements"]["order"] == sum(int(row[_ACCEPTED]) for row in seen["deliveries"]), why
        assert len(seen["quarantine"]) == sum(int(row[_REJECTED]) for row in seen["deliveries"]), why


def taken(store: Store) -> frozenset[str]:
    """The contents that are there."""
    return frozenset(str(row["digest"]) for row in store.control.deliveries().to_pylist())


def shown_of(files: list[Path]) -> dict[str, bytes]:
    """What any store shows that has taken these files, in whatever order: here one after the other, in a store of its
    own."""
    with TemporaryDirectory() as folder, opened(DuckDBGround(Path(folder))) as shop:
        for file in files:
            load_file(shop.store, shop.raw, shop.domain, shop.domain.source("orders"), file, now=NOW)
        return exports(shop.store)


_CONTENT, _FIGURES, _ACCEPTED, _REJECTED = slice(0, 3), slice(6, 11), 8, 9
"""Of a delivery in a picture: source, delivery and revision; digest and account."""
