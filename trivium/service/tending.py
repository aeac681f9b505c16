"""One domain of a running service: its store, and every road into it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from trivium.adapters.inboxes import open_inbox
from trivium.adapters.stores.attached import Serving
from trivium.channels.intake import Taken
from trivium.errors import StoreBusy, StoreError, StoreMismatch, StoreUnusable, TriviumError
from trivium.model.domain import Domain
from trivium.model.files import FilePattern
from trivium.model.source import Source
from trivium.ops.measured import measured
from trivium.ops.metrics import Metrics
from trivium.ops.tally import Commits
from trivium.ports import Turn
from trivium.service.calls import Calls
from trivium.service.keys import KeyRing
from trivium.service.opening import Opened, broker_of, is_postgres, opened, store_path
from trivium.service.reconciling import in_words
from trivium.service.road import Road
from trivium.service.settings import Settings
from trivium.service.stream import Stream
from trivium.service.supervising import FIRST_PAUSE, LONGEST_PAUSE, Attempt, Board, Supervisor, Word
from trivium.service.upkeep import keep_up

_CONSOLIDATE_EVERY: Final = 5.0
_KEEP_UP_EVERY: Final = 60.0
_FORGET_EVERY: Final = 3600.0
"""Raw input is kept by days, and all of it is looked at."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what happens."""

    taken: Callable[[Taken], None]
    word: Callable[[Word], None]
    commits: Callable[[Commits], None]


@dataclass(frozen=True, slots=True)
class Signals:
    """`stop` ends what is under way in good order, `abort` breaks it off. `drained` says that no request will come any
    more."""

    stop: threading.Event
    abort: threading.Event
    drained: threading.Event


class Tending:
    """Runs one domain, in the thread that calls `run`. `opened` and `calls` are there while its store is."""

    def __init__(
        self,
        domain: Domain,
        domains: Sequence[Domain],
        settings: Settings,
        *,
        several: bool,
        board: Board,
        listener: Listener,
        signals: Signals,
        metrics: Metrics,
    ) -> None:
        self.domain = domain
        self._domains, self._settings, self._several = domains, settings, several
        self._board, self._listener, self._signals = board, listener, signals
        self._stop, self._metrics = signals.stop, metrics
        self._supervisor = Supervisor(domain.name, board, signals.stop, listener.word)
        self.opened: Opened | None = None
        self.calls: Calls | None = None
        self.keys: KeyRing | None = None
        self.streams: list[Stream] = []

    def run(self, *, once: bool) -> TriviumError | None:
        """Opens the store, standing by while another process has it, and runs all roads until it is stopped; `once`:
        until nothing is left to take, and what failed then is returned. Raises what nobody can mend meanwhile."""
        with ExitStack() as stack:
            found = self._open(stack, once)
            return None if found is None else self._tend(found, once)

    def _open(self, stack: ExitStack, once: bool) -> Opened | None:
        pause, told = FIRST_PAUSE, False
        self._board.tell(self.domain.name, "store", "starting")
        while not self._stop.is_set():
            try:
                with ExitStack() as attempt:
                    held = opened(self.domain, self._settings, several=self._several, attach=False)
                    found = attempt.enter_context(held)
                    store = measured(found.store, self.domain, self._metrics, self._listener.commits)
                    found = replace(found, store=store)
                    if not is_postgres(self._settings):
                        path = store_path(self.domain, self._settings, self._several)
                        attempt.enter_context(Serving(found.store, self.domain, path))
                    stack.enter_context(attempt.pop_all())
            except (StoreUnusable, StoreMismatch):
                raise
            except StoreError as error:
                if once:
                    raise
                if isinstance(error, StoreBusy):
                    # Who stands by takes over within a second; a server that is away is asked less and less often.
                    pause, why = FIRST_PAUSE, "another process holds the store"
                    if not told:
                        self._supervisor.stand_by("store", error, why)
                else:
                    self._board.tell(self.domain.name, "store", "failing", error.message)
                    if not told:
                        self._say("store", error.message, error)
                told = True
                self._supervisor.pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            self._board.tell(self.domain.name, "store", "running")
            if told:
                self._say("store", "taken over")
            return found
        return None

    def _tend(self, found: Opened, once: bool) -> TriviumError | None:
        settings, over = self._settings, threading.Event()
        failed: list[TriviumError] = []
        with ExitStack() as stack:
            loads = ThreadPoolExecutor(settings.loads, f"load {self.domain.name}")
            stack.callback(loads.shutdown)
            work = [
                threading.Thread(target=self._keep, args=(source, run, once, failed), name=f"road {source.name}")
                for source, run in (
                    *self._filing(found, loads, stack, once),
                    *(() if once else self._streaming(found)),
                )
            ]
            if not once:
                calls = Calls(found)
                stack.callback(calls.close)
                self.opened, self.calls, self.keys = found, calls, KeyRing(found.store)
            upkeep = threading.Thread(target=self._upkeep, args=(found, over), name=f"upkeep {self.domain.name}")
            for thread in (*work, upkeep):
                thread.start()
            for thread in work:
                thread.join()
            if not once:
                self._stop.wait()
                self._signals.drained.wait()
            self.opened = self.calls = self.keys = None
            over.set()
            upkeep.join()
        return failed[0] if failed else None

    def _keep(self, source: Source, run: Attempt, once: bool, failed: list[TriviumError]) -> None:
        """A road's thread."""
        error = self._supervisor.run(source.name, run, once=once)
        if error is not None:
            failed.append(error)

    def _filing(
        self, found: Opened, loads: ThreadPoolExecutor, stack: ExitStack, once: bool
    ) -> list[tuple[Source, Attempt]]:
        """The roads of files."""
        settings, slots = self._settings, threading.Semaphore(self._settings.loads)
        made: list[tuple[Source, Attempt]] = []
        for source in self.domain.sources:
            if source.channel != "batch" or source.files is None:
                continue
            inbox = open_inbox(*_address(settings, source))
            stack.callback(inbox.close)
            road = Road(
                found, source, inbox,
                others=_neighbours(self._domains, settings, source), loads=loads, slots=slots,
                poll=settings.poll, moves=settings.outcome == "move", tell=self._listener.taken,
                ails=partial(self._ails, source.name), stop=self._stop, abort=self._signals.abort,
            )  # fmt: skip
            made.append((source, partial(self._file, found, road, once)))
        return made

    def _file(self, found: Opened, road: Road, once: bool, well: Callable[[], None]) -> None:
        turn = self._turn(found, road.source, once)
        if turn is not None:
            with closing(turn):
                road.run(turn, once=once, well=well)

    def _streaming(self, found: Opened) -> list[tuple[Source, Attempt]]:
        """The roads of events; those that nobody names a broker for are off."""
        made: list[tuple[Source, Attempt]] = []
        for source in self.domain.sources:
            if source.channel != "events":
                continue
            broker = broker_of(self._settings, source)
            if broker is None:
                self._board.tell(self.domain.name, source.name, "off", "no broker is named, see TRIVIUM_BROKER")
                self._say(source.name, "off: no broker is named, see TRIVIUM_BROKER")
                continue
            stream = Stream(
                found, source, broker,
                stop=self._stop,
                group=self._settings.group, member=self._member(),
            )  # fmt: skip
            self.streams.append(stream)
            made.append((source, stream.run))
        return made

    def _member(self) -> str | None:
        """A name that no other living process has, and this one has again when it was killed: one process alone can
        have a DuckDB file. None where several share a store."""
        if is_postgres(self._settings):
            return None
        path = store_path(self.domain, self._settings, self._several).absolute()
        return f"{self.domain.name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"

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
                    self._supervisor.stand_by(source.name, busy, "another process takes its files")
                standing_by = True
                self._supervisor.pause(FIRST_PAUSE)
                continue
            if standing_by:
                self._say(source.name, "taken over")
            return turn
        return None

    def _upkeep(self, found: Opened, over: threading.Event) -> None:
        """Folds the tail and takes what is due, at a pace that leaves most of the machine to the roads."""
        pause, kept_up, forgot = 0.0, -_KEEP_UP_EVERY, -_FORGET_EVERY
        last = False

        def keep(well: Callable[[], None]) -> None:
            nonlocal pause, kept_up, forgot, last
            while not last:
                last = over.wait(pause)
                if self._stop.is_set():  # readers fold what is left, and a stop is to be quick
                    return
                begun = time.monotonic()
                pause = _CONSOLIDATE_EVERY
                found.store.control.consolidate()
                if last or begun - kept_up >= _KEEP_UP_EVERY:  # at the end what came is kept up with too
                    kept_up = begun
                    forget = begun - forgot >= _FORGET_EVERY
                    done = keep_up(found, now=dt.datetime.now(dt.UTC), forget=forget)
                    forgot = begun if forget else forgot
                    for failure in done.failures:
                        self._say("upkeep", failure)
                    for one in reversed(done.reconciled):
                        self._say(one.source, f"{one.delivery} {in_words(one)}")
                well()
                pause = max(_CONSOLIDATE_EVERY, 3 * (time.monotonic() - begun))

        self._supervisor.run("upkeep", keep)

    def _ails(self, part: str, error: TriviumError) -> None:
        self._say(part, error.message, error)

    def _say(self, part: str, text: str, error: TriviumError | None = None) -> None:
        self._listener.word(Word(self.domain.name, part, text, error))


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
