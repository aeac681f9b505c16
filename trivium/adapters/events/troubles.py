"""What is the matter, put together from what the driver says in passing and from what looks have found."""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import KafkaError

from trivium.adapters.events.failures import broker_error, more_telling
from trivium.adapters.events.lookout import Seen
from trivium.errors import BrokerError
from trivium.ports import Part


class Troubles:
    """Of a cluster, its topics, the group, single partitions. All are over by themselves when they are."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._away = False
        self._said: KafkaError | None = None
        """Of the connections, the most telling since the cluster answered."""
        self._refused: KafkaError | None = None
        self._topics: Mapping[str, KafkaError] = {}
        self._damaged: dict[Part, tuple[int | None, KafkaError]] = {}

    @property
    def away(self) -> bool:
        """Whether the cluster does not answer."""
        return self._away

    def connection(self, error: KafkaError) -> None:
        """One of the connections has failed, or all of them; by itself that is no trouble yet."""
        self._said = more_telling(self._said, error)
        self._away = self._away or error.code() == KafkaError._ALL_BROKERS_DOWN

    def looked(self, seen: Seen) -> None:
        """What there is to be seen."""
        self._away = seen.away is not None
        self._said = None if seen.away is None else more_telling(self._said, seen.away)
        if seen.away is None:
            self._topics = seen.ails

    def refused(self, error: KafkaError) -> None:
        """The group does not let us in."""
        self._refused = error

    def joined(self) -> None:
        """The group has let us in."""
        self._refused = None

    def damaged(self, part: Part, position: int | None, error: KafkaError) -> None:
        """It cannot be read on."""
        self._damaged[part] = (position, error)

    def sound(self, part: Part) -> None:
        """It is read, or no longer ours."""
        self._damaged.pop(part, None)

    def assessed(self) -> BrokerError | None:
        """What matters most of it."""
        if self._away and self._said is not None:
            return broker_error(self._url, self._said)
        if self._refused is not None:
            return broker_error(self._url, self._refused)
        for part, (position, error) in self._damaged.items():
            return broker_error(f"{self._url}: {part} from {position} on", error)
        for error in self._topics.values():
            return broker_error(f"{self._url}: {', '.join(sorted(self._topics))}", error)
        return None
