"""The service: every road of its domains, each supervised by itself, until it is told to stop."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Final

from trivium.adapters.inboxes import open_inbox
from trivium.adapters.stores.attached import Serving
from trivium.channels.intake import Taken
from trivium.errors import StoreBusy, StoreError, StoreMismatch, StoreUnusable, TriviumError
from trivium.model.domain import Domain
from trivium.model.files import FilePattern
from trivium.model.source import Source
from trivium.ports import Turn
from trivium.service.opening import Opened, is_postgres, opened, store_path
from trivium.service.reconciling import in_words
from trivium.service.road import Road
from trivium.service.settings import Settings
from trivium.service.upkeep import keep_up

_LAST: Final = 2.0
"""Seconds that it takes to break off a load, at most; what takes longer hangs."""
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_CONSOLIDATE_EVERY: Final = 5.0
_KEEP_UP_EVERY: Final = 60.0
_FORGET_EVERY: Final = 3600.0
"""Raw input is kept by days, and all of it is looked at."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a part of the service has to say: `error`, or that all is well (again)."""

    domain: str
    part: str
    text: str
    error: TriviumError | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what happens. Called from many threads, one at a time."""

    taken: Callable[[Taken], None]
    word: Callable[[Word], None]


class Service:
    """Runs domains in this process. Only what nobody can mend while it runs ends it: a store that cannot be used, an
    address that is none.

    An inbox or a store that is away is tried again after growing pauses; the other roads go on meanwhile. Where it runs
    `once` nothing is waited for: the other roads are done, and the error raised.
    """

    def __init__(self, domains: Sequence[Domain], settings: Settings, several: bool, listener: Listener) -> None:
        self._domains, self._settings, self._several = domains, settings, several
        self._listener = listener
        self._stop, self._abort = threading.Event(), threading.Event()
        self._telling = threading.Lock()
        self._fatal: BaseException | None = None
        self._threads: list[threading.Thread] = []

    def stop(self) -> None:
        """Tells it to end, what is under way after a moment. Returns at once; a signal handler may call it."""
        self._stop.set()

    def run(self, *, once: bool = False) -> None:
        """Returns when it was stopped and everything is put down, or `hangs`; `once`: when nothing is left to take.
        Raises the error that ended it."""
        threads = self._threads = [
            threading.Thread(target=self._domain, args=(domain, once), name=f"domain {domain.name}")
            for domain in self._domains
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and not self._stop.is_set():
            for thread in threads:
                thread.join(0.2)
        deadline = time.monotonic() + self._settings.grace
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0))
        self._abort.set()
        deadline = time.monotonic() + _LAST
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0) if self._stop.is_set() else None)
        if self._fatal is not None:
            raise self._fatal

    @property
    def hangs(self) -> bool:
        """Whether something waits still, as for a server that does not answer, though it was stopped. The process may
        be ended all the same: what is under way is invisible, and taken again."""
        return any(thread.is_alive() for thread in self._threads)

    def _domain(self, domain: Domain, once: bool) -> None:
        """A domain's thread: opens the store, standing by while another process has it, and runs its roads."""
        try:
            with ExitStack() as stack:
                found = self._open(domain, stack, once)
                if found is not None:
                    self._roads(found, once)
        except BaseException as error:  # noqa: BLE001 - raised where the service was started
            self._fatal = self._fatal or error
            if not once:
                self._stop.set()

    def _open(self, domain: Domain, stack: ExitStack, once: bool) -> Opened | None:
        pause, standing_by = _FIRST_PAUSE, False
        while not self._stop.is_set():
            try:
                with ExitStack() as attempt:
                    found = attempt.enter_context(opened(domain, self._settings, several=self._several, attach=False))
                    if not is_postgres(self._settings):
                        path = store_path(domain, self._settings, self._several)
                        attempt.enter_context(Serving(found.store, domain, path))
                    stack.enter_context(attempt.pop_all())
            except (StoreUnusable, StoreMismatch):
                raise
            except StoreError as error:
                if once:
                    raise
                if not standing_by:
                    what = "standing by: another process holds the store" if isinstance(error, StoreBusy) else None
                    self._say(domain, "store", what or error.message, error)
                standing_by = True
                # Who stands by takes over within a second; a server that is away is asked less and less often.
                pause = _FIRST_PAUSE if isinstance(error, StoreBusy) else min(pause * 2, _LONGEST_PAUSE)
                self._pause(pause)
                continue
            if standing_by:
                self._say(domain, "store", "taken over")
            return found
        return None

    def _roads(self, found: Opened, once: bool) -> None:
        settings, over = self._settings, threading.Event()
        with ExitStack() as stack:
            loads = ThreadPoolExecutor(settings.loads, f"load {found.domain.name}")
            stack.callback(loads.shutdown)
            slots = threading.Semaphore(settings.loads)
            roads = []
            for source in found.domain.sources:
                if source.channel == "batch" and source.files is not None:
                    inbox = open_inbox(*_address(settings, source))
                    stack.callback(inbox.close)
                    roads.append(
                        Road(
                            found, source, inbox,
                            others=_neighbours(self._domains, settings, source), loads=loads, slots=slots,
                            poll=settings.poll, moves=settings.outcome == "move", tell=self._taken,
                            ails=partial(self._ails, found.domain, source.name),
                            stop=self._stop, abort=self._abort,
                        )
                    )  # fmt: skip
            work = [
                threading.Thread(target=self._supervise, args=(found, road, once), name=f"road {road.source.name}")
                for road in roads
            ]
            upkeep = threading.Thread(target=self._upkeep, args=(found, over), name=f"upkeep {found.domain.name}")
            for thread in (*work, upkeep):
                thread.start()
            for thread in work:
                thread.join()
            if not once:
                self._stop.wait()
            over.set()
            upkeep.join()

    def _supervise(self, found: Opened, road: Road, once: bool) -> None:
        """Runs a road for ever; what fails is told once, tried again after growing pauses, and told when it is well."""
        pause, ailing = _FIRST_PAUSE, ""
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                turn = self._turn(found, road.source, once)
                if turn is None:
                    return
                with closing(turn):
                    if ailing and road.inbox.entries() is not None and found.store.ledger.counts() is not None:
                        self._say(found.domain, road.source.name, "goes on")
                        ailing = ""
                    road.run(turn, once=once)
                return
            except Exception as failure:  # noqa: BLE001 - the other roads go on, whatever it is
                error = _told(failure)
                if once:
                    self._fatal = self._fatal or error
                    return
                if error.message != ailing:
                    self._ails(found.domain, road.source.name, error)
                    ailing = error.message
            pause = _FIRST_PAUSE if time.monotonic() - begun > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
            self._pause(pause)

    def _turn(self, found: Opened, source: Source, once: bool) -> Turn | None:
        """The right to take a source's files, standing by while another process has it; None when it was stopped."""
        standing_by = False
        while not self._stop.is_set():
            try:
                turn = found.store.ledger.turn(source.name)
            except StoreBusy as busy:
                if once:
                    raise
                if not standing_by:
                    self._say(found.domain, source.name, "standing by: another process takes its files", busy)
                standing_by = True
                self._pause(_FIRST_PAUSE)
                continue
            if standing_by:
                self._say(found.domain, source.name, "taken over")
            return turn
        return None

    def _pause(self, seconds: float) -> None:
        """Waits at least so long, unless it is stopped: not all who wait for the same come back at the same moment."""
        self._stop.wait(seconds * (1 + random.random()))  # noqa: S311 - spreads attempts, keeps no secret

    def _upkeep(self, found: Opened, over: threading.Event) -> None:
        """Folds the tail and takes what is due, at a pace that leaves most of the machine to the roads."""
        pause, kept_up, forgot, ailing = 0.0, -_KEEP_UP_EVERY, -_FORGET_EVERY, ""
        while True:
            last = over.wait(pause)
            if self._stop.is_set():  # readers fold what is left, and a stop is to be quick
                return
            begun = time.monotonic()
            try:
                found.store.control.consolidate()
                if last or begun - kept_up >= _KEEP_UP_EVERY:  # at the end what came is kept up with too
                    kept_up = begun
                    forget = begun - forgot >= _FORGET_EVERY
                    done = keep_up(found, now=dt.datetime.now(dt.UTC), forget=forget)
                    forgot = begun if forget else forgot
                    for failure in done.failures:
                        self._say(found.domain, "upkeep", failure)
                    for one in reversed(done.reconciled):
                        self._say(found.domain, one.source, f"{one.delivery} {in_words(one)}")
                if ailing:
                    self._say(found.domain, "upkeep", "goes on")
                    ailing = ""
            except Exception as failure:  # noqa: BLE001 - it is tried again, whatever it is
                error = _told(failure)
                if error.message != ailing:
                    self._ails(found.domain, "upkeep", error)
                    ailing = error.message
            if last:
                return
            pause = max(_CONSOLIDATE_EVERY, 3 * (time.monotonic() - begun))

    def _taken(self, taken: Taken) -> None:
        with self._telling:
            self._listener.taken(taken)

    def _ails(self, domain: Domain, part: str, error: TriviumError) -> None:
        self._say(domain, part, error.message, error)

    def _say(self, domain: Domain, part: str, text: str, error: TriviumError | None = None) -> None:
        with self._telling:
            self._listener.word(Word(domain.name, part, text, error))


def _told(failure: Exception) -> TriviumError:
    """As an error that can be told."""
    if isinstance(failure, TriviumError):
        return failure
    error = TriviumError(f"unexpected {type(failure).__name__}: {failure}", hint="this is a defect of Trivium")
    error.__cause__ = failure
    return error


def _address(settings: Settings, source: Source) -> tuple[str, str]:
    """The root and the folder of a source's inbox."""
    assert source.files is not None
    own = settings.inboxes.get(source.name)
    return (own or settings.inbox).get_secret_value(), source.files.text.rpartition("/")[0]


def _neighbours(domains: Sequence[Domain], settings: Settings, source: Source) -> list[FilePattern]:
    """The patterns of the other sources whose files arrive in the same folder."""
    return [
        other.files
        for domain in domains
        for other in domain.sources
        if other.files is not None and other is not source and _address(settings, other) == _address(settings, source)
    ]
