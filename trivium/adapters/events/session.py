"""A driver, from its subscription to its end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from confluent_kafka import Consumer as Driver
from confluent_kafka import TopicPartition

LOG: Final = logging.getLogger("trivium.kafka")

_PATIENCE: Final = 2.0
"""Seconds in which a group is left, if it can be left at all."""


class Session:
    """Holds the only lasting reference to its driver: a driver ends when the last one goes, and that takes long while
    one of its brokers does not answer. A frame that had it in a variable would be kept by every error raised through
    it."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        topics: Sequence[str],
        assigned: Callable[[Sequence[TopicPartition]], None],
        revoked: Callable[[Sequence[TopicPartition]], None],
    ) -> None:
        self._held: list[Driver] = [Driver(dict(settings), logger=LOG)]
        self.driver.subscribe(
            list(topics),
            on_assign=lambda _, parts: assigned(parts),
            on_revoke=lambda _, parts: revoked(parts),
            on_lost=lambda _, parts: revoked(parts),
        )

    @property
    def driver(self) -> Driver:
        """To be called at once, never to be kept."""
        return self._held[0]

    def end(self, *, leave: bool) -> None:
        """Has it leave its group and end, or end only: where the broker does not answer it cannot be left. Either may
        take ten seconds then, and with an answer outstanding for ever; so it is left to itself after two."""
        held, self._held = self._held, []
        thread = threading.Thread(target=_end, args=(held, leave), name="kafka leaves", daemon=True)
        thread.start()
        thread.join(_PATIENCE)


def _end(held: list[Driver], leave: bool) -> None:
    driver = held.pop()
    if leave:
        driver.close()
