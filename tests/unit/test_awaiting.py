"""Futures of other threads, awaited on the event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from trivium.web.awaiting import Awaiting


def test_a_group_is_told_also_to_those_behind_one_who_went_away() -> None:
    async def scene() -> list[int]:
        awaiting, futures = Awaiting(), [Future[int]() for _ in range(4)]
        waiting = [asyncio.ensure_future(awaiting.result(future)) for future in futures]
        await asyncio.sleep(0)
        waiting[0].cancel()  # before the group is answered

        def answer() -> None:
            for number, future in enumerate(futures):
                future.set_result(number)

        thread = threading.Thread(target=answer)
        thread.start()
        found = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
        thread.join()
        assert isinstance(found[0], asyncio.CancelledError)
        return [one for one in found[1:] if isinstance(one, int)]

    assert asyncio.run(scene()) == [1, 2, 3]


def test_what_failed_is_raised_and_what_is_there_is_given_at_once() -> None:
    async def scene() -> None:
        awaiting, there, failed = Awaiting(), Future[int](), Future[int]()
        there.set_result(1)
        assert await awaiting.result(there) == 1
        failed.set_exception(ValueError("no"))
        with pytest.raises(ValueError, match="no"):
            await awaiting.result(failed)

    asyncio.run(scene())
