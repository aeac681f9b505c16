"""Bodies as they arrive are bounded, and what a body took is given back, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive

from trivium.web import arriving
from trivium.web.arriving import SMALL, Arrivals, Arrived, Crowded, TooLarge, TooSlow, Vanished
from trivium.web.spool import Spool


def receiving(pieces: Iterable[bytes], *, pause: float = 0, gone: bool = False) -> Receive:
    """Gives pieces, and then the end; or the caller is gone."""
    left = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    left.append({"type": "http.disconnect"} if gone else {"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        await asyncio.sleep(pause)
        return left.pop(0)

    return receive


def read(arrivals: Arrivals, receive: Receive, look: Callable[[Arrived], Awaitable[None]] | None = None) -> None:
    async def reading() -> None:
        arrived = Arrived(arrivals)
        try:
            await arrived.read(receive, packing="identity", most=10 * SMALL)
            if look is not None:
                await look(arrived)
        finally:
            await arrived.close()

    asyncio.run(reading())


@pytest.fixture
def arrivals(tmp_path: Path) -> Arrivals:
    return Arrivals(Spool(tmp_path), held=2 * SMALL, files=1)


def all_is_given_back(arrivals: Arrivals, folder: Path) -> None:
    arrivals.hold(2 * SMALL)
    arrivals.hold(-2 * SMALL)
    arrivals.file(1)
    arrivals.file(-1)
    assert list(folder.iterdir()) == []


def test_a_small_body_is_held_and_a_large_one_lies_in_a_file(arrivals: Arrivals, tmp_path: Path) -> None:
    async def small(arrived: Arrived) -> None:
        assert (arrived.data, arrived.path) == (b"abc", None)

    async def large(arrived: Arrived) -> None:
        assert arrived.path is not None
        assert (arrived.data, arrived.path.read_bytes()) == (None, b"x" * (SMALL + 1))

    read(arrivals, receiving([b"a", b"bc"]), small)
    read(arrivals, receiving([b"x" * SMALL, b"x"]), large)
    all_is_given_back(arrivals, tmp_path)


def test_no_more_bytes_are_held_and_no_more_files_made_than_may_be(arrivals: Arrivals, tmp_path: Path) -> None:
    async def another(_: Arrived) -> None:
        other = Arrived(arrivals)
        with pytest.raises(Crowded, match="too many large bodies"):
            await other.read(receiving([b"x" * SMALL, b"x"]), packing="identity", most=10 * SMALL)
        await other.close()

    read(arrivals, receiving([b"x" * SMALL, b"x"]), another)
    arrivals.hold(2 * SMALL - 1)
    with pytest.raises(Crowded, match="too many bodies") as refused:
        read(arrivals, receiving([b"xx"]))
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    arrivals.hold(1 - 2 * SMALL)
    all_is_given_back(arrivals, tmp_path)


@pytest.mark.parametrize("pieces", [[b"a"], [b"x" * (SMALL + 1)]], ids=["small", "large"])
def test_who_leaves_takes_nothing_along(arrivals: Arrivals, tmp_path: Path, pieces: list[bytes]) -> None:
    with pytest.raises(Vanished):
        read(arrivals, receiving(pieces, gone=True))
    all_is_given_back(arrivals, tmp_path)


def test_more_than_may_be_sent_is_too_large(arrivals: Arrivals, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        read(arrivals, receiving([b"x" * SMALL] * 11))
    all_is_given_back(arrivals, tmp_path)


def test_who_sends_nothing_or_a_byte_now_and_then_is_too_slow(
    arrivals: Arrivals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "SLOWEST", 0.2)
    with pytest.raises(TooSlow) as refused:
        read(arrivals, receiving([b"a"], pause=5))
    assert refused.value.status == 408
    with pytest.raises(TooSlow):
        read(arrivals, receiving([b"a"] * 50, pause=0.02))
    all_is_given_back(arrivals, tmp_path)
