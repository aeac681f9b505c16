"""Positions told to the broker for people who look there."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from typing import Final

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from trivium.adapters.events.assignment import at
from trivium.adapters.events.session import LOG, Session
from trivium.ports import Part

_EVERY: Final = 1.0
"""Seconds between two of them: they pile up in the driver where the broker is slow."""


class Hints:
    """Keeps the last word on each partition until it is told. Any thread may give one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Part, int] = {}
        self._told_at = 0.0
        self._waits = False
        """The broker has not answered the last one: until then a driver cannot be closed."""

    def give(self, positions: Mapping[Part, int]) -> None:
        """Soon it is told."""
        with self._lock:
            self._kept |= positions

    def tell(self, session: Session, held: Collection[Part], *, now: bool = False) -> None:
        """Tells those of the partitions that are ours, if it is time; `now`: it is."""
        if not self._kept or self._waits or (not now and time.monotonic() - self._told_at < _EVERY):
            return
        with self._lock:
            kept, self._kept = self._kept, {}
        offsets = [at(part, position) for part, position in kept.items() if part in held]
        if offsets:
            self._told_at = time.monotonic()
            try:
                session.driver.commit(offsets=offsets)
                self._waits = True
            except KafkaException as failure:
                LOG.debug("a hint was not taken: %s", failure)

    def answered(self, error: KafkaError | None, _: Collection[TopicPartition]) -> None:
        """What the broker says of the last one."""
        self._waits = False
        if error is not None:
            LOG.debug("a hint was not taken: %s", error.str())
