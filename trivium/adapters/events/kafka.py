"""Topics of a Kafka cluster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from confluent_kafka import Consumer as Driver
from confluent_kafka import KafkaException

from trivium.adapters.events.address import address_of
from trivium.adapters.events.again import read_range
from trivium.adapters.events.consumer import KafkaConsumer
from trivium.adapters.events.identity import identity_of
from trivium.adapters.events.lookout import Lookout
from trivium.adapters.events.session import LOG
from trivium.errors import UsageError
from trivium.ports import Consumer, Messages, Part, Positions, Released

_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")
_SHARED: Final[dict[str, str | int | bool]] = {
    "client.id": "trivium",
    "log_level": 2,  # that a broker is away is told as a state, not every second in the log
    "reconnect.backoff.max.ms": 1_000,
    "socket.timeout.ms": 10_000,
    "socket.connection.setup.timeout.ms": 5_000,
}
_READING: Final[dict[str, str | int | bool]] = {
    "partition.assignment.strategy": "cooperative-sticky",
    "heartbeat.interval.ms": 1_000,
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "check.crcs": True,
    "fetch.queue.backoff.ms": 10,  # by default a full queue is looked at again after a second
    "fetch.max.bytes": 16 << 20,
    "queued.max.messages.kbytes": 16 << 10,
}


class KafkaBroker:
    """See `ports.Broker`."""

    def __init__(self, url: str) -> None:
        address = address_of(url)
        self.url, self._settings = address.url, {**address.settings, **_SHARED}
        try:
            Driver({**self._settings, "group.id": "none"}, logger=LOG).close()
        except KafkaException as error:
            raise UsageError(f"{self.url}: {error.args[0].str()}", hint="correct the address") from error

    def range(self, part: Part, first: int, last: int) -> Messages:
        """See `ports.Broker`."""
        return read_range(self.url, {**self._settings, **_READING}, part, first, last)

    def identity(self, topic: str) -> str | None:
        """See `ports.Broker`."""
        return identity_of(self._settings, topic)

    def consumer(
        self,
        group: str,
        topics: Sequence[str],
        *,
        positions: Positions,
        released: Released,
        member: str | None = None,
        notice: float = 5.0,
    ) -> Consumer:
        """See `ports.Broker`."""
        if not topics:
            raise UsageError(f"{self.url}: there is no topic to read", hint="name one at least")
        for topic in topics:
            if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
                raise UsageError(f"{topic!r} cannot be a topic", hint="up to 249 letters, digits, dots, - and _")
        refresh = max(int(notice * 1000), 100)
        settings: dict[str, str | int | bool] = {
            **self._settings,
            **_READING,
            "group.id": group,
            "session.timeout.ms": 6_000,  # the least that brokers take: so long a killed one keeps its partitions
            "topic.metadata.refresh.interval.ms": refresh,
            "metadata.max.age.ms": 3 * refresh,
        }
        if member is not None:
            settings |= {"group.instance.id": member, "session.timeout.ms": 20_000}
        lookout = Lookout(self._settings, topics, notice)
        return KafkaConsumer(self.url, settings, lookout, topics, positions, released)
