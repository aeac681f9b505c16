"""A file that changes while it is read: nothing of it is seen, or all of what it was; and once it is whole it loads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.faults.conftest import GROUNDS
from tests.faults.grounds import Ground, opened
from tests.faults.operations import NOW
from tests.faults.picture import picture, whole
from tests.faults.shop import order_file, shop, written
from tests.soak import SOAK
from trivium.channels.batch import Loaded, load_file
from trivium.engine.reading import ReadingError
from trivium.errors import RefusedDelivery
from trivium.service.opening import Opened

ROWS = 1_000
PIECE = 20_000
"""How many bytes of the file are read at once, so that it takes more than one reading."""
Meddle = Callable[[Path], object]

pytestmark = pytest.mark.slow


def truncated(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def appended_to(path: Path) -> None:
    with path.open("ab") as file:
        file.write(path.read_bytes().splitlines(keepends=True)[-1])


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"X" * 50)


def replaced(path: Path) -> None:
    """By another of its size."""
    path.with_suffix(".new").write_bytes(path.read_bytes().replace(b"placed", b"sent  "))
    path.with_suffix(".new").replace(path)


MEDDLES = (truncated, appended_to, overwritten, replaced)


def large_file(folder: Path, name: str) -> Path:
    lines = (f"O{row},placed,{row}.00,{'n' * 100},2026-03-01T10:00:00Z" for row in range(ROWS))
    return written(folder / name, ["order_id,status,total,note,at", *lines])


class Watched(type(Path())):  # type: ignore[misc]
    """The path of a file to which something happens when it has been opened so many times and is read in part."""

    opens: int
    meddle: Meddle

    def open(self, *args: Any, **more: Any) -> Any:
        self.opens -= 1
        file = super().open(*args, **more)
        return file if self.opens else Meddled(file, Path(self), self.meddle)


class Meddled:
    """A file that is not any more what it was, from its second piece on."""

    def __init__(self, file: BinaryIO, path: Path, meddle: Meddle) -> None:
        self._file, self._path, self._meddle = file, path, meddle
        self.pieces = 0

    def read(self, size: int = -1) -> bytes:
        self.pieces += 1
        if self.pieces == 2:
            self._meddle(self._path)
        return self._file.read(PIECE if size < 0 else min(size, PIECE))

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def __enter__(self) -> Meddled:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def load(opened: Opened, source: str, path: Path) -> Loaded:
    return load_file(opened.store, opened.raw, shop, shop.source(source), path, now=NOW)


# Once for its digest, once to be judged, and meanwhile once to be kept, if its source keeps raw input.
READINGS = [("orders", 1), ("orders", 2), ("orders", 3), ("loose", 1), ("loose", 2)]


# The channel reads, whatever the store is.
@pytest.mark.parametrize("ground", GROUNDS if SOAK else GROUNDS[:1], indirect=True)
@pytest.mark.parametrize("meddle", MEDDLES)
@pytest.mark.parametrize(("source", "opens"), READINGS)
def test_a_file_changes_while_it_is_read(ground: Ground, source: str, opens: int, meddle: Meddle) -> None:
    name = "orders_2026-03-01_r1.csv" if source == "orders" else "loose_2026-03-01.csv"
    path = Watched(large_file(ground.folder / "in", name))
    path.opens, path.meddle = opens, meddle
    with opened(ground) as begun:
        load(begun, "orders", order_file(ground.folder / "in", 2))
        before = picture(begun.store)
        told = None
        with suppress(RefusedDelivery, ReadingError):
            told = load(begun, source, path)
        if told is None:
            assert whole(begun.store) == before
        else:  # what was opened is read to its end, whatever lies there by then
            assert meddle is replaced
            assert told.account.accepted == ROWS
        assert path.opens <= 0
        large_file(ground.folder / "in", name)
        told = load(begun, source, Path(path))
        assert told.outcome == "known" or told.account.accepted == ROWS
        assert begun.store.control.status()["entities"]["order"]["statements"] == ROWS + 37
