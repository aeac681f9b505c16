"""A member of a consumer group that reads from positions of the caller's own."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from confluent_kafka import KafkaError, Message, TopicPartition

from trivium.adapters.events.assignment import Assignment, parts_of
from trivium.adapters.events.columns import tables
from trivium.adapters.events.failures import DAMAGED, GROUP, broker_error, translated
from trivium.adapters.events.hints import Hints
from trivium.adapters.events.lookout import Lookout
from trivium.adapters.events.pieces import Pieces
from trivium.adapters.events.session import LOG, Session
from trivium.adapters.events.troubles import Troubles
from trivium.errors import BrokerError
from trivium.ports import Anew, Lag, Lost, Messages, Part, Positions, Released

_BREATH: Final = 0.2
"""Seconds between two looks at what else there is to do."""
_SLICE: Final = 1_000
"""Messages taken from the driver at a time: where more live together, collecting garbage becomes a cost."""
_MOST_BYTES: Final = 32 << 20
"""Of what a poll gives."""
_GRACE: Final = 2.0
"""Seconds of a pause before the driver is told of it, which then throws away what it has fetched."""


class KafkaConsumer:
    """See `ports.Consumer`.

    Memory: the driver holds up to 16 MB of messages that were fetched ahead, and of each broker one answer of up to
    16 MB (or one message, where that is larger) as it is unpacked; a poll gives up to 32 MB.
    """

    def __init__(
        self,
        url: str,
        settings: Mapping[str, str | int | bool],
        lookout: Lookout,
        topics: Sequence[str],
        positions: Positions,
        released: Released,
    ) -> None:
        self.trouble: BrokerError | None = None
        self._url, self._topics = url, list(topics)
        self._positions, self._released = positions, released
        self._hints = Hints()
        self._settings = {**settings, "error_cb": self._complained, "on_commit": self._hints.answered}
        self._lookout = lookout
        self._ids: dict[str, str] = {}
        self._troubles = Troubles(url)
        self._assignment = Assignment()
        self._session: Session | None = None
        self._closed = False
        self._taken: set[Part] = set()
        """During the call of the driver that is under way."""
        self._anew: list[Anew] = []
        """To be told when it is not paused."""
        self._failure: Exception | None = None
        self._fatal: KafkaError | None = None
        self._paused_at: float | None = None

    def poll(self, seconds: float, most: int) -> list[Messages | Lost | Anew]:
        """See `ports.Consumer`."""
        until = time.monotonic() + max(seconds, 0)
        with translated(self._url):
            session = self._session or self._open()
            while True:
                found = self._once(session, min(max(until - time.monotonic(), 0), _BREATH), most)
                if self._fatal is not None:
                    self._give_up(self._fatal)
                self.trouble = self._troubles.assessed()
                if found:
                    return found
                if time.monotonic() >= until:
                    break
        self._raise_failure()
        if self.trouble is not None and self._paused_at is None:
            raise self.trouble
        return []

    def _once(self, session: Session, seconds: float, most: int) -> list[Messages | Lost | Anew]:
        """Everything there is to do; it waits so long for a message."""
        self._raise_failure()
        if self._assignment.waiting:
            self._assignment.begin(session, self._positions)
        if not self._troubles.away:
            self._hints.tell(session, self._assignment.held)
        self._anew += self._look(session)
        if self._paused_at is not None:
            self._idle(session, self._paused_at, seconds)
            return []
        anew, self._anew = self._anew, []
        found: list[Messages | Lost | Anew] = [one for one in anew if one.part in self._assignment.held]
        found += self._assignment.strays(session)
        return [*found, *self._read(session, most, 0 if found else seconds)]

    def pause(self) -> None:
        """See `ports.Consumer`."""
        if self._paused_at is None:
            self._paused_at = time.monotonic()

    def resume(self) -> None:
        """See `ports.Consumer`."""
        self._paused_at = None
        if self._session is not None:
            with translated(self._url):
                self._assignment.resume(self._session)

    def move(self, part: Part, position: int | None) -> None:
        """See `ports.Consumer`."""
        if self._session is not None and part in self._assignment.held:
            with translated(self._url):
                self._assignment.move(self._session, part, position)

    def hint(self, positions: Mapping[Part, int]) -> None:
        """See `ports.Consumer`."""
        self._hints.give(positions)

    def lag(self) -> dict[Part, Lag]:
        """See `ports.Consumer`."""
        return {part: held.lag() for part, held in list(self._assignment.held.items())}

    def close(self) -> None:
        """See `ports.Consumer`."""
        if not self._closed:
            self._closed = True
            if self._session is not None:
                if not self._troubles.away:
                    self._hints.tell(self._session, self._assignment.held, now=True)
                self._end(self._session, leave=not self._troubles.away)
            self._lookout.close()

    # -------------------------------------------------------------------------------------------- the group

    def _open(self) -> Session:
        if self._closed:
            raise ValueError("the consumer is closed")
        self._session = Session(self._settings, self._topics, self._assigned, self._revoked)
        return self._session

    def _end(self, session: Session, *, leave: bool) -> list[Part]:
        """What was ours until now."""
        self._session = None
        parts = self._assignment.clear()
        session.end(leave=leave)
        return parts

    def _give_up(self, error: KafkaError) -> None:
        """The driver will do nothing any more; the next poll takes another."""
        assert self._session is not None
        self._fatal = None
        parts = self._end(self._session, leave=True)
        self.trouble = broker_error(self._url, error)
        if parts:
            self._released(parts)
        raise self.trouble

    def _assigned(self, at: Sequence[TopicPartition]) -> None:
        if self._session is None:  # it is ending
            return
        self._troubles.joined()
        self._assignment.waiting.update(parts_of(at))
        try:
            self._assignment.begin(self._session, self._positions)
        except Exception as failure:  # noqa: BLE001 - raised by poll: what a callback raises loses messages
            self._failure = failure
            # Without a word of ours the partitions would begin where the broker says.
            self._session.driver.incremental_assign([])
        self._lookout.hurry()

    def _revoked(self, at: Sequence[TopicPartition]) -> None:
        parts = parts_of(at)
        ours = [part for part in parts if part in self._assignment.held]
        self._taken.update(parts)
        for part in parts:
            self._troubles.sound(part)
        if self._session is None:  # it is ending, and the driver lets go of them by itself
            return
        try:
            if ours:
                self._released(ours)
        except Exception as failure:  # noqa: BLE001 - raised by poll
            self._failure = failure
        self._assignment.end(self._session, parts)

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    # ----------------------------------------------------------------------------------------- the messages

    def _read(self, session: Session, most: int, seconds: float) -> list[Messages]:
        """The next messages; it waits so long for the first."""
        pieces = Pieces()
        batch = session.driver.consume(1, seconds)
        while batch:
            self._gather(batch, pieces)
            if pieces.rows >= most or pieces.bytes >= _MOST_BYTES:
                break
            self._taken.clear()
            batch = session.driver.consume(min(_SLICE, most - pieces.rows), 0)
            for part in self._taken:
                pieces.drop(part)
                if part in self._assignment.held:  # back already: what of the batch is from before cannot be told
                    batch = [message for message in batch if _part(message) != part]
                    self._assignment.restart(session, part, self._assignment.held[part].next)
        return pieces.put_together(self._assignment.held)

    def _gather(self, batch: Sequence[Message], pieces: Pieces) -> None:
        errors = [message for message in batch if message.error() is not None]
        good = [message for message in batch if message.error() is None] if errors else batch
        for part, table in tables(good) if good else ():
            held = self._assignment.held.get(part)
            if held is not None and not held.still:
                held.next = int(table.column("offset")[-1].as_py()) + 1
                held.dated = table.column("timestamp")[-1].as_py() or 0
                held.looks = 0
                self._troubles.sound(part)
                pieces.add(part, table)
        for message in errors:
            self._heard(message, pieces)

    def _heard(self, message: Message, pieces: Pieces) -> None:
        """An error that stands in the place of a message."""
        error, part, offset = message.error(), _part(message), message.offset()
        assert error is not None
        held = self._assignment.held.get(part)
        if error.code() == KafkaError._FATAL or error.fatal():
            self._fatal = error
        elif error.code() == KafkaError._PARTITION_EOF:
            if held is not None and not held.still and offset is not None:
                if held.next is None or offset > held.next:
                    held.next = offset
                    pieces.moved.add(part)
                held.end, held.ended_at = held.next, time.time_ns() // 1000
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            if held is not None:
                held.stray_at = 0.0
        elif error.code() in GROUP:
            self._troubles.refused(error)
        elif error.code() in DAMAGED and held is not None:
            self._troubles.damaged(part, held.next, error)
        else:
            LOG.info("%s: %s", self._url, error.str())
            self._lookout.hurry()

    def _idle(self, session: Session, since: float, seconds: float) -> None:
        """Reads nothing, and keeps the membership up."""
        grace = since + _GRACE - time.monotonic()
        if grace > 0:
            time.sleep(min(seconds, grace))
            return
        self._assignment.pause(session)
        for message in session.driver.consume(_SLICE, seconds):
            if message.error() is not None:
                self._heard(message, Pieces())
            elif (part := _part(message)) in self._assignment.held:  # it was on its way
                self._assignment.restart(session, part, self._assignment.held[part].next)

    # ------------------------------------------------------------------------------------ what is the matter

    def _look(self, session: Session) -> list[Anew]:
        """Learns from a look, if one is done; gives the partitions of topics that were made anew."""
        seen = self._lookout.look(self._assignment.held)
        if seen is None:
            return []
        self._troubles.looked(seen)
        for part, end in seen.ends.items():
            if part in self._assignment.held:
                self._assignment.held[part].end = end
        anew = {topic for topic, mark in seen.ids.items() if self._ids.get(topic, mark) != mark}
        self._ids |= seen.ids
        return self._assignment.remade(session, anew, seen.ends)

    def _complained(self, error: KafkaError) -> None:
        """An error of a connection, or of the driver as a whole."""
        if error.fatal():
            self._fatal = error
        else:
            self._troubles.connection(error)
            self._lookout.hurry()


def _part(message: Message) -> Part:
    number = message.partition()
    return Part(message.topic() or "", -1 if number is None else number)
