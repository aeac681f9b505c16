"""What other threads do, awaited on the event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

_T = TypeVar("_T")


class Awaiting:
    """Awaits futures of other threads, on the event loop that runs when it is made. Who finishes many at once, as a
    group commit does, wakes the loop once: waking it for each takes longer than to answer it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._done: list[asyncio.Future[None]] = []

    async def result(self, future: Future[_T]) -> _T:
        """Its result, or what it failed with. It goes on though nobody waits for it any more."""
        if not future.done():
            here = self._loop.create_future()
            future.add_done_callback(lambda _: self._tell(here))
            await here
        return future.result()

    def _tell(self, here: asyncio.Future[None]) -> None:
        """In the thread that has finished it."""
        with self._lock:
            self._done.append(here)
            first = len(self._done) == 1
        if first:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        with self._lock:
            told, self._done = self._done, []
        for here in told:
            if not here.done():  # it is where nobody waits any more
                here.set_result(None)
