"""The road of files of one source, as long as the service runs: listing, loading, putting away."""

from __future__ import annotations

import datetime as dt
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from trivium.channels.bundle import SMALL_BYTES, grouped
from trivium.channels.intake import Taken, put_away, take_in, take_together
from trivium.channels.sensor import Look, Sensor, Whole
from trivium.engine.judge.bundle import can_bundle
from trivium.engine.sighting import UNDER_WAY, Sighting
from trivium.errors import FileChanged, InboxError, TriviumError, as_told
from trivium.model.files import FilePattern
from trivium.model.source import Source
from trivium.ports import Inbox, Turn
from trivium.service.opening import Opened

Tell = Callable[[Taken], None]
"""Told what became of each file, which ones nobody expects, and of one that runs `once` which ones are left waiting."""

_TOLD_EVERY: Final = 2.0
"""Seconds between two words in the ledger on how far a load is."""

_AGAIN: Final = 0.1
"""Seconds after which one that runs `once` looks whether more came while it loaded."""


class Stopped(Exception):
    """A load that is under way is broken off."""


class Road:
    """One batch source of a running service. `slots` bounds the loads of its domain; `ails` is told what fails and
    holds up nothing else; `stop` ends it after the loads under way, `abort` breaks these off: nothing of them is
    visible then, and their files are taken again."""

    def __init__(
        self,
        opened: Opened,
        source: Source,
        inbox: Inbox,
        *,
        others: Sequence[FilePattern],
        loads: ThreadPoolExecutor,
        slots: threading.Semaphore,
        poll: float,
        moves: bool,
        tell: Tell,
        ails: Callable[[TriviumError], None],
        stop: threading.Event,
        abort: threading.Event,
    ) -> None:
        self.source, self.inbox = source, inbox
        self._opened, self._others, self._loads, self._slots = opened, others, loads, slots
        self._poll, self._tell, self._stop, self._abort = poll, tell, stop, abort
        self._moves = moves and source.keep_raw is not None  # else a replay reads them where they lie
        self._ails, self._lying = ails, set[str]()  # files that could not be put away, and it was told
        self._watcher: threading.Thread | None = None
        self._news: queue.SimpleQueue[Sighting | None] = queue.SimpleQueue()  # None: something happened in the folder
        self._under_way = 0

    def run(self, turn: Turn, *, once: bool = False, well: Callable[[], None] = lambda: None) -> None:
        """Goes on while it is its turn, until it is stopped; `once`: until nothing is left that could be taken now.
        `well` is called whenever inbox and store have answered. Raises what these raise: it can be run again, and takes
        up where it was."""
        ledger, source = self._opened.store.ledger, self.source
        sensor = Sensor(
            source, self.inbox.url, lambda files: ledger.sightings(source.name, files=files),
            under_way=ledger.sightings(source.name, states=UNDER_WAY), others=self._others, wobble=random.random,
        )  # fmt: skip
        if not once and self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, daemon=True, name=f"watch {self.source.name}")
            self._watcher.start()
        try:
            while not self._stop.is_set():
                turn.check()
                look = sensor.look(self.inbox.entries(), _now())
                self._opened.store.ledger.write(look.changed, outgrown=look.outgrown)
                well()
                for sighting in look.changed:
                    if sighting.state == "unexpected" and sighting.seen_at == sighting.changed_at:  # not as it grows
                        self._tell(Taken(sighting))
                self._put_away(sensor, look)
                for wholes in grouped(look.whole, _size, together=can_bundle(self.source)):
                    self._submit(sensor, list(wholes))
                wait = sensor.next_look(_now(), tries=not once)
                if once:
                    self._settle(sensor)
                    if not look.whole and wait is None:
                        for sighting in sensor.waiting():
                            self._tell(Taken(sighting))
                        return
                idle = _AGAIN if once else self._poll
                self._wait(sensor, min(self._poll, wait if wait is not None else idle))
        finally:
            self._settle(sensor)

    def _submit(self, sensor: Sensor, wholes: list[Whole]) -> None:
        while not self._slots.acquire(timeout=0.1):
            self._hear(sensor)
            if self._stop.is_set():
                return
        if self._stop.is_set():
            self._slots.release()
            return
        self._under_way += len(wholes)
        self._loads.submit(self._take, wholes)

    def _take(self, wholes: list[Whole]) -> None:
        """In a thread of the pool. Whatever happens, the sensor hears of each."""
        last = {whole.sighting.file: whole.sighting for whole in wholes}
        opened = self._opened
        try:
            together: list[Taken | None] = [None]
            if len(wholes) > 1:
                together = take_together(
                    opened.store, opened.raw, opened.domain, self.source, self.inbox, wholes, clock=_now
                )
            done = [(whole, taken) for whole, taken in zip(wholes, together, strict=True) if taken is not None]
            self._finish(done, last)
            for whole, taken in zip(wholes, together, strict=True):
                if taken is None:
                    one = take_in(
                        opened.store, opened.raw, opened.domain, self.source, self.inbox, whole,
                        clock=_now, progress=self._progress(whole.sighting),
                    )  # fmt: skip
                    self._finish([(whole, one)], last)
        except Stopped:
            pass
        except TriviumError as error:  # the ledger could not be written: what became of the files is found out again
            last |= self._failed(last, error.message, error)
        except BaseException as error:
            found = as_told(error)
            last |= self._failed(last, found.message, found)
            raise
        finally:
            self._slots.release()
            for sighting in last.values():
                self._news.put(sighting)

    def _finish(self, done: list[tuple[Whole, Taken]], last: dict[str, Sighting]) -> None:
        """Puts away what is settled, and tells what became of each; `last` has it, also where the ledger fails."""
        last |= {taken.sighting.file: taken.sighting for _, taken in done}
        moved = []
        for whole, taken in done:
            if taken.sighting.settled and self._moves:
                with suppress(InboxError, FileChanged):  # the next look finds what is there
                    moved.append(put_away(self.inbox, Whole(whole.entry, taken.sighting, whole.beside)))
        last |= {sighting.file: sighting for sighting in moved}
        try:
            self._opened.store.ledger.write(moved)
        finally:
            for _, taken in done:
                self._tell(Taken(last[taken.sighting.file], taken.loaded, taken.error))

    def _failed(self, last: dict[str, Sighting], why: str, error: TriviumError) -> dict[str, Sighting]:
        failing = {file: _failing(one, why) for file, one in last.items() if not one.settled}
        for one in failing.values():
            self._tell(Taken(one, None, error))
        return failing

    def _progress(self, sighting: Sighting) -> Callable[[int, int], None]:
        told = time.monotonic()

        def follow(done: int, received: int) -> None:
            nonlocal told
            if self._abort.is_set():
                raise Stopped
            if time.monotonic() - told > _TOLD_EVERY:
                told = time.monotonic()
                self._opened.store.ledger.write([sighting.become("loading", _now(), done=done, received=received)])

        return follow

    def _put_away(self, sensor: Sensor, look: Look) -> None:
        """What was settled and still lies there: it was not moved in its time, or its move failed."""
        for whole in look.settled if self._moves else ():
            try:
                moved = sensor.told(put_away(self.inbox, whole), _now())
                self._opened.store.ledger.write([moved])
            except FileChanged:  # the next look finds what is there now
                continue
            except InboxError as error:
                if whole.sighting.file not in self._lying:
                    self._lying.add(whole.sighting.file)
                    self._ails(error)
                continue
            self._lying.discard(whole.sighting.file)

    def _wait(self, sensor: Sensor, seconds: float) -> None:
        """Until there is reason to look again."""
        until = time.monotonic() + seconds
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            try:
                news = self._news.get(timeout=min(left, 0.5))
            except queue.Empty:
                continue
            if news is None:
                return
            self._heard(sensor, news)

    def _hear(self, sensor: Sensor) -> None:
        called = False
        with suppress(queue.Empty):
            while True:
                news = self._news.get_nowait()
                if news is None:
                    called = True
                else:
                    self._heard(sensor, news)
        if called:  # the next look is not to wait
            self._news.put(None)

    def _heard(self, sensor: Sensor, sighting: Sighting) -> None:
        self._under_way -= 1
        sensor.told(sighting, _now())

    def _settle(self, sensor: Sensor) -> None:
        """Until nothing is under way any more."""
        while self._under_way:
            news = self._news.get()
            if news is not None:
                self._heard(sensor, news)

    def _watch(self) -> None:
        """Wakes the road whenever the folder tells of something; listing from time to time is what counts."""
        while not self._stop.is_set():
            with suppress(InboxError):
                self.inbox.watch(lambda: self._news.put(None), self._stop)
            if self._stop.wait(self._poll):
                return


def _size(whole: Whole) -> int:
    """Of a file, by which it is small or not. What is not to be read is taken alone, and what failed before: it may be
    why all of its group did."""
    alone = whole.entry.never or whole.sighting.state == "failing"
    return SMALL_BYTES + 1 if alone else whole.entry.size


def _failing(sighting: Sighting, why: str) -> Sighting:
    if sighting.settled:
        return sighting
    loading = sighting if sighting.state == "loading" else sighting.become("loading", _now())
    return loading.become("failing", _now(), why=why)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
