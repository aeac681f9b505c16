"""What `trivium.ports.Consumer` promises while the brokers of a cluster fall one by one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.servers.kafka import Kafka
from tests.servers.topics import Topics
from tests.worlds.reader import Reader, numbered
from trivium.ports import Part

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture
def topics(cluster: Kafka) -> Iterator[Topics]:
    with Topics(cluster.servers) as topics:
        yield topics


def test_nothing_is_missed_or_doubled_while_leaders_move(cluster: Kafka, topics: Topics) -> None:
    topic, sent = f"t-{uuid.uuid4().hex[:12]}", 0
    topics.make(topic, 3, copies=3)

    def send() -> None:
        nonlocal sent
        for partition in range(3):
            topics.send(topic, numbered(200, sent), partition=partition)
        sent += 200

    with closing(Reader(cluster.url, topic, group=topic)) as reader:
        send()
        reader.read(3 * sent)
        for node in cluster.nodes:
            node.kill()
            reader.poll(0.01)
            send()
            reader.read(3 * sent)
            cluster.mend()
            topics.until_in_step(topic)
            send()
            reader.read(3 * sent)
        reader.until(lambda: reader.consumer.trouble is None)
        assert reader.told == []
        for partition in range(3):
            assert reader.kept[Part(topic, partition)] == sent
            mine = [value for part, _, value in reader.seen if part.partition == partition]
            assert mine == numbered(sent)
