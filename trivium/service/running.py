"""The service: every road of its domains, each supervised by itself, until it is told to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from trivium.channels.intake import Taken
from trivium.model.domain import Domain
from trivium.ops.metrics import Metrics
from trivium.ops.tally import EVERY, Tally
from trivium.service.gauging import gauges
from trivium.service.opening import is_postgres, raw_folder, store_path
from trivium.service.settings import Settings
from trivium.service.supervising import Board, Standing, Word
from trivium.service.tending import Listener, Signals, Tending

__all__ = ["Face", "Listener", "Service", "Word"]

_LAST: Final = 2.0
"""Seconds that it takes to break off a load, at most; what takes longer hangs."""
_BREATH: Final = 0.5
"""Seconds for the last words of the log."""


class Face(Protocol):
    """What shows the service to callers from outside, such as an HTTP server."""

    def stop(self, seconds: float) -> None:
        """Takes no more requests, and returns when those in flight are answered, after so many seconds at the latest.
        Idempotent."""


class Service:
    """Runs domains in this process. Only what nobody can mend while it runs ends it: a store that cannot be used, an
    address that is none.

    An inbox, a broker or a store that is away is tried again after growing pauses; the other roads go on meanwhile.
    Where it runs `once` nothing is waited for: the other roads are done, and the error raised. `listener` is called
    from many threads, one at a time.
    """

    def __init__(self, domains: Sequence[Domain], settings: Settings, several: bool, listener: Listener) -> None:
        self._domains, self._settings, self._several, self._listener = domains, settings, several, listener
        self._signals = Signals(threading.Event(), threading.Event(), threading.Event())
        self._telling = threading.Lock()
        self._over = threading.Event()
        self._fatal: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._board = Board()
        self.metrics = Metrics(lambda: gauges(self._board, self._tendings), self.folder)
        self._tally = Tally()
        one_by_one = Listener(self._taken, self._word, self._tally.add)
        self._tendings = [
            Tending(
                domain, domains, settings, several=several, board=self._board, listener=one_by_one,
                signals=self._signals, metrics=self.metrics,
            )
            for domain in domains
        ]  # fmt: skip

    @property
    def folder(self) -> Path:
        """A folder on whose disk large requests may lie for a while, which may not be made yet: that of its first
        store, or where the raw input of a PostgreSQL is kept."""
        if is_postgres(self._settings):
            return raw_folder(self._domains[0], self._settings, self._several).absolute()
        return store_path(self._domains[0], self._settings, self._several).absolute().parent

    @property
    def tendings(self) -> Sequence[Tending]:
        """Its domains, each with its store while that is to be had."""
        return self._tendings

    def standings(self) -> list[Standing]:
        """How every part of it stands."""
        return self._board.all()

    @property
    def stopping(self) -> bool:
        """Whether it was told to end."""
        return self._signals.stop.is_set()

    def stop(self) -> None:
        """Tells it to end, what is under way after a moment. Returns at once; a signal handler may call it."""
        self._signals.stop.set()

    def run(self, *, once: bool = False, face: Face | None = None) -> None:
        """Returns when it was stopped and everything is put down, or `hangs`; `once`: when nothing is left to take.
        Raises the error that ended it. What `face` was asked before it was stopped is answered."""
        stop = self._signals.stop
        threads = self._threads = [
            threading.Thread(target=self._tend, args=(one, once), name=f"domain {one.domain.name}")
            for one in self._tendings
        ]
        # A thread of its own: a log that nobody reads on must not keep the service from ending.
        telling = threading.Thread(target=self._tell_now_and_then, name="log", daemon=True)
        for thread in (*threads, telling):
            thread.start()
        while any(thread.is_alive() for thread in threads) and not stop.is_set():
            for thread in threads:
                thread.join(0.2)
        deadline = time.monotonic() + self._settings.grace
        if face is not None:
            face.stop(self._settings.grace)
        self._signals.drained.set()
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0))
        self._signals.abort.set()
        deadline = time.monotonic() + _LAST
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0) if stop.is_set() else None)
        self._over.set()
        self._threads.append(telling)
        telling.join(max(deadline - time.monotonic(), _BREATH) if stop.is_set() else None)
        if self._fatal is not None:
            raise self._fatal

    @property
    def hangs(self) -> bool:
        """Whether something waits still, as for a server that does not answer or a log that nobody reads, though it was
        stopped. The process may be ended all the same: what is under way is invisible, and taken again."""
        return any(thread.is_alive() for thread in self._threads)

    def _tend(self, tending: Tending, once: bool) -> None:
        """A domain's thread."""
        try:
            self._fatal = tending.run(once=once) or self._fatal
        except BaseException as error:  # noqa: BLE001 - raised where the service was started
            self._fatal = self._fatal or error
            if not once:
                self._signals.stop.set()

    def _taken(self, taken: Taken) -> None:
        with self._telling:
            self._listener.taken(taken)

    def _word(self, word: Word) -> None:
        with self._telling:
            self._listener.word(word)

    def _tell_now_and_then(self) -> None:
        while not self._over.wait(EVERY):
            self._tell_commits()
        self._tell_commits()

    def _tell_commits(self) -> None:
        for commits in self._tally.taken():
            with self._telling:
                self._listener.commits(commits)
