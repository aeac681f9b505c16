"""The road of events of one source, as long as the service runs: reading, judging, committing."""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from trivium.channels.events import Taking
from trivium.channels.events.identity import Identity
from trivium.errors import Outrun
from trivium.model.source import Source
from trivium.ports import Anew, Broker, Consumer, Lag, Lost, Messages, Part
from trivium.service.opening import Opened

MOST_TOGETHER: Final = 50_000
"""Messages that are judged and committed together."""
_LINGER: Final = 0.15
"""Seconds in which few messages wait for others, so that a trickle is not a commit for each."""
_POLL: Final = 0.2
_PATIENCE: Final = 1.0
"""Seconds that a batch waits for its turn before the broker is told that this consumer lives."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What came, and from where each partition is read on by it."""

    came: Sequence[Messages | Lost]
    before: Mapping[Part, int | None]


class Stream:
    """One source of events of a running service. What fails is raised by `run`, which can be called again: it begins at
    the store's positions. Its group is called after `group`, domain and source. `member`: as of `Broker.consumer`.
    A topic that was made anew is not read."""

    def __init__(
        self,
        opened: Opened,
        source: Source,
        broker: Broker,
        *,
        stop: threading.Event,
        group: str = "trivium",
        member: str | None = None,
    ) -> None:
        self.source, self.broker, self._member = source, broker, member
        self._group = f"{group}.{opened.domain.name}.{source.name}"
        self._opened, self._stop = opened, stop
        self._identity = Identity(opened.store, source, broker)
        self._read: dict[Part, int | None] = {}
        self._found: list[Messages | Lost] = []
        self._consumer: Consumer | None = None

    def lag(self) -> dict[Part, Lag]:
        """How far behind it is, by partition; nothing while it does not run."""
        consumer = self._consumer
        return {} if consumer is None else consumer.lag()

    def run(self, well: Callable[[], None]) -> None:
        """Goes on until it is stopped; what was read and not committed then is read again. `well` is called when the
        broker has answered."""
        assert self.source.topic is not None
        self._identity.check()
        batches: queue.Queue[_Batch | None] = queue.Queue(1)
        committer = _Committer(self._opened, self.source, batches)
        consumer = self.broker.consumer(
            self._group, [self.source.topic],
            positions=self._positions, released=self._released, member=self._member,
        )  # fmt: skip
        with closing(consumer), committer:
            self._consumer = consumer
            try:
                while not self._stop.is_set():
                    committer.check()
                    for part in committer.outrun():
                        self._move(consumer, part)
                    came = self._next(consumer)
                    if consumer.trouble is None and (came or consumer.lag()):
                        well()
                    if came and self._identity.wanted:
                        self._identity.check()
                    if came:
                        committer.put(_Batch(came, self._advance(came)), consumer)
                    consumer.hint(committer.committed())
            finally:
                self._consumer = None

    def _next(self, consumer: Consumer) -> list[Messages | Lost]:
        """What has come; few messages wait a moment for others."""
        found = self._found = list[Messages | Lost]()
        count, until = 0, time.monotonic() + _POLL
        while count < MOST_TOGETHER and not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            for one in consumer.poll(left, MOST_TOGETHER - count):
                if isinstance(one, Anew):
                    self._identity.is_anew(f"{one.part} ends at {one.end}, and was read up to {one.wanted}")
                found.append(one)
                count += one.table.num_rows if isinstance(one, Messages) else 0
            if found and until - time.monotonic() > _LINGER:
                until = time.monotonic() + _LINGER
        return found

    def _advance(self, came: Sequence[Messages | Lost]) -> dict[Part, int | None]:
        before: dict[Part, int | None] = {}
        for one in came:
            before.setdefault(one.part, self._read.get(one.part))
            self._read[one.part] = one.after if isinstance(one, Messages) else one.there
        return before

    def _move(self, consumer: Consumer, part: Part) -> None:
        consumer.move(part, self._positions([part])[part])

    def _positions(self, parts: Sequence[Part]) -> dict[Part, int | None]:
        known = self._opened.store.history.positions(self.source.name)
        found = {part: known.get(str(part)) for part in parts}
        self._read |= found
        return found

    def _released(self, parts: Collection[Part]) -> None:
        """What waits of them is dropped, for they may come back at once, from their positions. What is under way is
        committed, if nobody else was quicker: the position sees to that."""
        self._found[:] = [one for one in self._found if one.part not in parts]
        for part in parts:
            self._read.pop(part, None)


class _Committer:
    """A thread that judges and commits, one batch behind the one that reads."""

    def __init__(self, opened: Opened, source: Source, batches: queue.Queue[_Batch | None]) -> None:
        self._opened, self._source, self._batches = opened, source, batches
        self._failed: BaseException | None = None
        self._lock = threading.Lock()
        self._outrun: set[Part] = set()
        self._committed: dict[Part, int] = {}
        self._thread = threading.Thread(target=self._work, name=f"events {source.name}", daemon=True)

    def check(self) -> None:
        """Raises what failed."""
        if self._failed is not None:
            raise self._failed

    def put(self, batch: _Batch, consumer: Consumer) -> None:
        """Hands a batch over, once there is room; raises what failed. Meanwhile the partitions are paused, and kept."""
        try:
            while True:
                self.check()
                try:
                    self._batches.put(batch, timeout=_PATIENCE)
                    return
                except queue.Full:
                    consumer.pause()
                    consumer.poll(0, 1)
        finally:
            consumer.resume()

    def outrun(self) -> set[Part]:
        """The partitions that another process has read on, and that are to be read from the store's position."""
        with self._lock:
            found, self._outrun = self._outrun, set()
            return found

    def committed(self) -> dict[Part, int]:
        """What was committed since this was asked last."""
        with self._lock:
            found, self._committed = self._committed, {}
            return found

    def __enter__(self) -> _Committer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._batches.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            with Taking(self._opened.store, self._opened.domain, self._source) as taking:
                while (batch := self._batches.get()) is not None:
                    self._take(taking, batch)
        except BaseException as error:  # noqa: BLE001 - raised where the service supervises
            self._failed = error
            while self._batches.get() is not None:
                pass  # read again by the next run

    def _take(self, taking: Taking, batch: _Batch) -> None:
        try:
            taken = taking.take(batch.came, batch.before, dt.datetime.now(dt.UTC))
        except Outrun:
            with self._lock:
                self._outrun |= {one.part for one in batch.came}
        else:
            with self._lock:
                self._committed |= taken.positions
