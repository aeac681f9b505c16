"""Who waits for a commit. No thread waits: the stores are asked from time to time while somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from trivium.web.crew import Crew
from trivium.web.places import Place

_EVERY: Final = 0.2
"""Seconds after which a store is asked again."""


class Watch:
    """Used from one event loop. `last` asks a place for its last commit, on a thread of the crew."""

    def __init__(self, crew: Crew, last: Callable[[Place], int]) -> None:
        self._crew, self._last = crew, last
        self._over = asyncio.Event()
        self._looks: dict[str, _Look] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(look.waiting for look in self._looks.values())

    def end(self) -> None:
        """Everybody who waits is answered at once, and nobody waits any more."""
        self._over.set()

    async def beyond(self, place: Place, commit: int, seconds: float, gone: asyncio.Future[None]) -> bool:
        """Whether there is a commit after this one, as soon as there is; False after so many seconds, where the caller
        has `gone`, and when all is over. True too where the store cannot be asked: whoever asks it next is told why."""
        look = self._looks.setdefault(place.domain.name, _Look())
        look.waiting += 1
        if look.task is None:
            look.task = asyncio.ensure_future(self._look(place, look))
        over = asyncio.ensure_future(self._over.wait())
        later = asyncio.ensure_future(look.beyond(commit))
        try:
            waits: set[asyncio.Future[Any]] = {over, later, gone}
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return later.done() and not gone.done() and not self._over.is_set()
        finally:
            over.cancel()
            later.cancel()
            look.waiting -= 1

    async def _look(self, place: Place, look: _Look) -> None:
        try:
            while look.waiting and not self._over.is_set():
                try:
                    look.tell(await self._crew.more(self._last, place))
                except Exception:  # noqa: BLE001 - whoever waits asks the store next, and is told
                    look.tell(None)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), _EVERY)
        finally:
            look.task = None


class _Look:
    """What is known of one store."""

    def __init__(self) -> None:
        self.waiting = 0
        self.task: asyncio.Future[None] | None = None
        self._told = asyncio.Event()
        self._commit: int | None = 0

    def tell(self, commit: int | None) -> None:
        self._commit = commit
        self._told.set()
        self._told = asyncio.Event()

    async def beyond(self, commit: int) -> None:
        while True:
            await self._told.wait()
            if self._commit is None or self._commit > commit:
                return
