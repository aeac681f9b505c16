"""What others do with the topics of a cluster: make them, write into them, cut them off."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, if not marked so
    AdminClient,
    NewPartitions,
    NewTopic,
)

from tests.servers.tools import wait_until

_QUIET = logging.getLogger("tests.kafka")
_QUIET.setLevel(logging.CRITICAL)


class Topics:
    """Everything it does is done, and acknowledged by all copies, when the call returns."""

    def __init__(self, servers: str) -> None:
        self._settings: dict[str, Any] = {"bootstrap.servers": servers, "reconnect.backoff.max.ms": 500}
        self.admin = AdminClient(self._settings, logger=_QUIET)
        self.producer = Producer(
            {
                **self._settings,
                "acks": "all",
                "enable.idempotence": True,
                "linger.ms": 5,
                "message.max.bytes": 8 << 20,
                "topic.metadata.refresh.interval.ms": 500,
            },
            logger=_QUIET,
        )

    def make(self, topic: str, partitions: int = 1, copies: int = 1, **settings: str) -> None:
        """`settings`: with `_` for each dot."""
        config = {name.replace("_", "."): value for name, value in settings.items()}
        self.admin.create_topics([NewTopic(topic, partitions, copies, config=config)])[topic].result()
        wait_until(lambda: self._partitions(topic) == partitions, f"{topic} is made")

    def remove(self, topic: str) -> None:
        self.admin.delete_topics([topic])[topic].result()
        wait_until(lambda: self._partitions(topic) == 0, f"{topic} is removed")

    def grow(self, topic: str, partitions: int) -> None:
        """From now on it has so many."""
        self.admin.create_partitions([NewPartitions(topic, partitions)])[topic].result()
        wait_until(lambda: self._partitions(topic) == partitions, f"{topic} has grown")

    def cut(self, topic: str, before: int, partition: int = 0) -> None:
        """Deletes what lies before an offset, as retention does."""
        self.admin.delete_records([TopicPartition(topic, partition, before)])
        wait_until(lambda: self.bounds(topic, partition)[0] == before, f"{topic} begins at {before}")

    def bounds(self, topic: str, partition: int = 0) -> tuple[int, int]:
        """The first offset that there is, and the one behind the last."""
        with self._asker("nobody") as asker:
            return asker.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)

    def committed(self, group: str, topic: str, partition: int = 0) -> int:
        """What the broker keeps of a group's position; negative where it keeps none."""
        with self._asker(group) as asker:
            return asker.committed([TopicPartition(topic, partition)], timeout=10)[0].offset

    def commit(self, group: str, topic: str, offset: int, partition: int = 0) -> None:
        """Has the broker keep another position of a group that has no members."""
        with self._asker(group) as asker:
            asker.commit(offsets=[TopicPartition(topic, partition, offset)], asynchronous=False)

    @contextmanager
    def _asker(self, group: str) -> Iterator[Consumer]:
        asker = Consumer({**self._settings, "group.id": group}, logger=_QUIET)
        try:
            yield asker
        finally:
            asker.close()

    def send(
        self,
        topic: str,
        values: Sequence[bytes | None],
        *,
        partition: int = 0,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] | None = None,
        timestamp: int = 0,
    ) -> None:
        failed = []

        def on_delivery(error: object, _: Message) -> None:
            if error is not None:
                failed.append(error)

        for value in values:
            more: dict[str, Any] = {} if headers is None else {"headers": list(headers)}
            self.producer.produce(
                topic, value, key=key, partition=partition, timestamp=timestamp, on_delivery=on_delivery, **more
            )
            self.producer.poll(0)
        assert self.producer.flush(30) == 0, f"{topic} takes no messages"
        assert not failed, failed

    @contextmanager
    def transaction(self, name: str) -> Iterator[Producer]:
        """A producer within a transaction, which is aborted unless the block commits it."""
        producer = Producer({**self._settings, "transactional.id": name}, logger=_QUIET)
        producer.init_transactions(20)
        producer.begin_transaction()
        try:
            yield producer
        finally:
            producer.close()

    def until_in_step(self, topic: str) -> None:
        """Returns when every copy has everything: then another broker may fall."""

        def in_step() -> bool:
            parts = self.admin.list_topics(topic, timeout=10).topics[topic].partitions.values()
            return all(sorted(part.isrs) == sorted(part.replicas) for part in parts)

        wait_until(in_step, f"the copies of {topic} are in step", 60)

    def _partitions(self, topic: str) -> int:
        """How many there are that somebody leads."""
        about: Mapping[str, Any] = self.admin.list_topics(timeout=10).topics
        parts = about[topic].partitions.values() if topic in about else ()
        return sum(part.leader >= 0 for part in parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.producer.close()
        self.admin.__exit__(None, None, None)
