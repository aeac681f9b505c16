"""The threads that ask the store. So many work, so many wait, and who comes after that is told to come again."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from trivium.web.awaiting import Awaiting
from trivium.web.problems import Busy

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Crew:
    """`threads` calls run at a time, `waiting` more are let in. Its threads do not keep the process from ending."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._do, daemon=True, name=f"web {n + 1}") for n in range(threads)]
        self._most, self._in = threads + waiting, 0

    def start(self) -> None:
        """Starts the threads. From now on all but `close` is called from this event loop."""
        self._awaiting = Awaiting()
        for thread in self._threads:
            thread.start()

    async def result(self, future: Future[_T]) -> _T:
        """What somebody else's call returns, see `Awaiting`."""
        return await self._awaiting.result(future)

    async def do(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What the call returns; raises Busy where there is no room."""
        if self._in >= self._most:
            raise Busy("too many requests are waiting for an answer")
        return await self.more(call, *args, **kwargs)

    async def more(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """The same without asking for room: for what is short, and for what was let in before."""
        loop, done = asyncio.get_running_loop(), Future[_T]()

        def work() -> None:
            try:
                done.set_result(call(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                done.set_exception(error)
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(self._out)

        self._in += 1
        self._work.put(work)
        # a thread goes on though nobody waits for it any more, and counts as long
        return await self.result(done)

    def later(self, call: Callable[[], None]) -> None:
        """Has it called, soon; nobody waits for it."""
        self._work.put(call)

    def close(self, seconds: float) -> None:
        """Ends the threads when what they do is done; waits so long at most. Idempotent."""
        for _ in self._threads:
            self._work.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(until - time.monotonic(), 0.0))

    @property
    def inside(self) -> int:
        """How many calls are done or wait."""
        return self._in

    @property
    def works(self) -> bool:
        """Whether a thread is at work."""
        return any(thread.is_alive() for thread in self._threads)

    def _out(self) -> None:
        self._in -= 1

    def _do(self) -> None:
        while True:
            work: Any = self._work.get()
            if work is None:
                return
            work()
            del work  # it may hold an answer
