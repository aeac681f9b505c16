"""What `trivium.ports.Consumer` promises, on real brokers."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from confluent_kafka import KafkaException

from tests.servers.kafka import PASSWORD, USER, Kafka
from tests.servers.tools import wait_until
from tests.servers.topics import Topics
from tests.worlds.reader import NOTICE, Reader, numbered
from trivium.adapters.events import open_broker
from trivium.adapters.events.lookout import Lookout, Seen
from trivium.errors import BrokerError, StoreError
from trivium.ports import Anew, Lost, Messages, Part

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def topics(kafka: Kafka) -> Iterator[Topics]:
    with Topics(kafka.servers) as topics:
        yield topics


@pytest.fixture
def topic() -> str:
    return f"t-{uuid.uuid4().hex[:12]}"


# ------------------------------------------------------------------------------------------------ what is given


def test_messages_come_as_they_were_sent(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic, max_message_bytes=str(4 << 20))
    large = os.urandom(1_000_000)
    topics.send(topic, [b'{"a":1}', b"", None, b"\xff\x00"], key=b"\x00k", timestamp=1_700_000_000_123)
    topics.send(topic, [large], headers=[("a", b"1"), ("a", b"\xc3\xa9"), ("none", None), ("raw", b"\xff"), ("", b"")])
    found: list[Messages] = []
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        while sum(one.table.num_rows for one in found) < 5:
            found += [one for one in reader.consumer.poll(5, 100) if isinstance(one, Messages)]
    rows = [row for one in found for row in one.table.to_pylist()]
    assert [row["value"] for row in rows] == [b'{"a":1}', b"", None, b"\xff\x00", large]
    assert [row["offset"] for row in rows] == [0, 1, 2, 3, 4]
    assert [row["key"] for row in rows] == [b"\x00k"] * 4 + [None]
    assert [row["timestamp"] for row in rows[:4]] == [1_700_000_000_123_000] * 4
    assert abs(rows[4]["timestamp"] / 1e6 - time.time()) < 60
    assert [row["headers"] for row in rows[:4]] == [None] * 4
    assert json.loads(rows[4]["headers"]) == {"a": "é", "none": None, "raw;base64": "/w==", "": ""}
    assert found[-1].after == 5


def test_at_most_so_many_are_given_and_none_is_left_out(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic, 3)
    for partition in range(3):
        topics.send(topic, numbered(5_000), partition=partition)
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        while len(reader.seen) < 15_000:
            assert reader.poll(5, 777) <= 777
        for partition in range(3):
            mine = [value for part, _, value in reader.seen if part.partition == partition]
            assert mine == numbered(5_000)


def test_the_position_of_the_caller_wins_over_the_brokers(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(10))
    topics.commit(topic, topic, 9)
    with closing(Reader(kafka.url, topic, group=topic, kept={Part(topic, 0): 4})) as reader:
        assert reader.read(6) == numbered(6, 4)
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        assert reader.read(10) == numbered(10)


def test_hints_are_for_people_who_look_at_the_broker(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(10))
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        reader.read(10)
        reader.consumer.hint({Part(topic, 0): 7, Part("no such topic", 3): 1})
        reader.until(lambda: topics.committed(topic, topic) == 7)
        reader.consumer.hint({Part(topic, 0): 10})
    assert topics.committed(topic, topic) == 10


def test_how_far_it_is_behind(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    part, sent_at = Part(topic, 0), time.time() * 1e6
    topics.send(topic, numbered(10))
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        reader.read(10)
        reader.until(lambda: reader.consumer.lag()[part].end == 10)
        assert reader.consumer.lag()[part].position == 10
        assert reader.consumer.lag()[part].oldest is None
        reader.consumer.pause()
        topics.send(topic, numbered(5))
        reader.until(lambda: reader.consumer.lag()[part].end == 15)
        lag = reader.consumer.lag()[part]
        assert lag.position == 10
        assert lag.oldest is not None
        assert sent_at - 1e6 <= lag.oldest <= time.time() * 1e6


def test_a_source_of_several_topics_and_a_topic_of_several_sources(kafka: Kafka, topics: Topics, topic: str) -> None:
    other = f"{topic}-other"
    for name in (topic, other):
        topics.make(name)
        topics.send(name, [name.encode()] * 3)
    with (
        closing(Reader(kafka.url, topic, other, group=f"{topic}-1")) as both,
        closing(Reader(kafka.url, topic, group=f"{topic}-2")) as one,
    ):
        assert sorted(map(bytes, filter(None, both.read(6)))) == sorted([topic.encode(), other.encode()] * 3)
        assert one.read(3) == [topic.encode()] * 3


# ----------------------------------------------------------------------------------------- what is not there


def test_what_retention_has_eaten_is_told(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(20))
    topics.cut(topic, 12)
    part = Part(topic, 0)
    with closing(Reader(kafka.url, topic, group=topic, kept={part: 5})) as reader:
        assert reader.read(8) == numbered(8, 12)
        assert reader.told == [Lost(part, 5, 12)]
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        assert reader.read(8) == numbered(8, 12)
        assert reader.told == []


def test_a_topic_made_anew_is_told_and_stands_still(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(3))
    part = Part(topic, 0)
    with closing(Reader(kafka.url, topic, group=topic, kept={part: 5})) as reader:
        reader.until(lambda: reader.told)
        assert reader.told == [Anew(part, 5, 3)]
        topics.send(topic, numbered(7, 3))  # now there are messages behind what was wanted, and they are others
        for _ in range(5):
            reader.poll()
        assert reader.seen == []
        reader.kept[part] = 0
        reader.consumer.move(part, 0)
        assert reader.read(10) == numbered(10)
        assert len(reader.told) == 1


def test_a_topic_made_anew_while_it_is_read_is_told(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(5))
    part = Part(topic, 0)
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        reader.read(5)
        reader.until(lambda: reader.consumer.lag()[part].end == 5)
        topics.remove(topic)
        topics.make(topic)
        topics.send(topic, numbered(50, 100))  # more than it had: by its offsets alone it is the same
        reader.until(lambda: reader.told)
        (told,) = reader.told
        assert isinstance(told, Anew)
        assert told.part == part
        reader.kept[part] = 0
        reader.consumer.move(part, 0)
        reader.seen.clear()
        assert reader.read(50) == numbered(50, 100)


def test_a_topic_that_is_made_later_is_read_and_others_do_not_wait(kafka: Kafka, topics: Topics, topic: str) -> None:
    later = f"{topic}-later"
    topics.make(topic)
    topics.send(topic, numbered(3))
    with closing(Reader(kafka.url, topic, later, group=topic)) as reader:
        assert reader.read(3) == numbered(3)
        with pytest.raises(BrokerError, match=f"{later}: .*Unknown topic"):
            reader.until_raised()
        topics.make(later)
        topics.send(later, numbered(2))
        assert reader.read(5)[3:] == numbered(2)
        reader.until(lambda: reader.consumer.trouble is None)


def test_the_ends_of_a_topic_that_is_not_there_are_not_asked_for(
    kafka: Kafka, topics: Topics, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked some thousand times, the driver ends the process."""
    topics.make(topic)
    lookout = Lookout({"bootstrap.servers": kafka.servers}, [topic, f"{topic}-missing"], 0.05)
    asked, ask, seen = set[str](), lookout._admin.list_offsets, list[Seen]()

    def asking(ends: Any, **more: Any) -> Any:
        asked.update(one.topic for one in ends)
        return ask(ends, **more)

    def look() -> bool:
        found = lookout.look([])
        seen.extend([] if found is None else [found])
        return len(seen) > 10

    monkeypatch.setattr(lookout._admin, "list_offsets", asking)
    with closing(lookout):
        wait_until(look, "it has looked some times")
    assert (asked, set(seen[-1].ails), set(seen[-1].ends)) == ({topic}, {f"{topic}-missing"}, {Part(topic, 0)})


def test_partitions_added_later_are_read_from_their_beginning(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(3))
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        reader.read(3)
        topics.grow(topic, 3)
        wait_until(lambda: sends(topics, topic, 2), "the producer has noticed too")
        reader.until(lambda: (Part(topic, 2), 0, b"new") in reader.seen)
        assert reader.taken == []


def sends(topics: Topics, topic: str, partition: int) -> bool:
    try:
        topics.send(topic, [b"new"], partition=partition)
    except KafkaException:
        return False
    return True


def test_only_what_was_committed_is_seen(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    part = Part(topic, 0)
    with topics.transaction(f"{topic}-1") as good:
        good.produce(topic, b"good")
        good.commit_transaction(10)
    with topics.transaction(f"{topic}-2") as bad:
        for _ in range(100):
            bad.produce(topic, b"bad")
        bad.flush(10)
        bad.abort_transaction(10)
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        assert reader.read(1) == [b"good"]
        reader.until(lambda: reader.kept[part] == 103)  # two marks, and what was aborted
        assert reader.consumer.lag()[part].position == reader.consumer.lag()[part].end == 103
        with topics.transaction(f"{topic}-3") as late:
            late.produce(topic, b"late")
            late.flush(10)
            for _ in range(3):
                assert reader.poll() == 0
            late.commit_transaction(10)
        assert reader.read(2) == [b"good", b"late"]
        reader.until(lambda: reader.kept[part] == 105)
    topics.send(topic, [b"plain"])
    with closing(Reader(kafka.url, topic, group=topic, kept=reader.kept)) as again:
        assert again.read(1) == [b"plain"]
        assert again.told == []


def test_what_compaction_took_is_a_gap(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(
        topic, cleanup_policy="compact", segment_ms="50", min_cleanable_dirty_ratio="0.01", max_compaction_lag_ms="50"
    )
    for value in numbered(50):
        topics.send(topic, [value], key=b"k")
    count = 50

    def compacted() -> bool:
        nonlocal count
        topics.send(topic, numbered(1, count), key=b"k")  # a segment is closed when another message comes
        count += 1
        with closing(Reader(kafka.url, topic, group=f"{topic}-{count}")) as probe:
            probe.until(lambda: probe.values()[-1:] == numbered(1, count - 1))
            return len(probe.seen) < count

    wait_until(compacted, "compacted")
    with closing(Reader(kafka.url, topic, group=topic, kept={Part(topic, 0): 3})) as reader:
        reader.until(lambda: reader.values()[-1:] == numbered(1, count - 1))
        assert reader.told == []


# ------------------------------------------------------------------------------------------------- the group


def test_partitions_move_between_two_and_nothing_is_missed(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic, 4)
    store: dict[Part, int] = {}
    sent = 0

    def send() -> None:
        nonlocal sent
        for partition in range(4):
            topics.send(topic, numbered(10, sent), partition=partition)
        sent += 10

    first = Reader(kafka.url, topic, group=topic, kept=store)
    send()
    first.read(40)
    second = Reader(kafka.url, topic, group=topic, kept=store)
    until = time.monotonic() + 25
    while len(set(second.asked)) < 2 or len(first.seen) + len(second.seen) < 4 * sent:
        assert time.monotonic() < until, (second.asked, len(first.seen), len(second.seen), sent)
        if sent < 100:
            send()
        for reader in (first, second):
            reader.poll(0.05)
    assert set(first.taken) == set(second.asked)
    first.close()
    send()
    second.until(lambda: len(first.seen) + len(second.seen) == 4 * sent)
    second.close()
    for partition in range(4):
        mine = [value for part, _, value in first.seen + second.seen if part.partition == partition]
        assert sorted(map(int, filter(None, mine))) == list(range(sent))


def test_who_starts_again_under_its_name_has_its_partitions_at_once(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(3))
    killed = Reader(kafka.url, topic, group=topic, member="one")
    killed.read(3)
    begun = time.monotonic()
    with closing(Reader(kafka.url, topic, group=topic, kept=dict(killed.kept), member="one")) as reader:
        topics.send(topic, numbered(3, 3))
        assert reader.read(3) == numbered(3, 3)
        assert time.monotonic() - begun < 5  # the broker misses it after six
        with pytest.raises(BrokerError, match="fenced"):
            killed.until_raised()
        assert killed.taken == [Part(topic, 0)]
    killed.close()


def test_where_to_begin_is_asked_again_when_it_was_not_to_be_had(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(10))
    part, away = Part(topic, 0), 3

    def positions(parts: Sequence[Part]) -> Mapping[Part, int | None]:
        nonlocal away
        away -= 1
        if away >= 0:
            raise StoreError("the store is away")
        return {part: 6}

    consumer = open_broker(kafka.url).consumer(topic, [topic], positions=positions, released=lambda parts: None)
    with closing(consumer):
        raised = 0
        found: Sequence[object] = ()
        while not found:
            try:
                found = consumer.poll(5, 100)
            except StoreError:
                raised += 1
        assert raised == 3
        assert isinstance(found[0], Messages)
        assert found[0].table.column("offset")[0].as_py() == 6


def test_what_fails_while_partitions_are_released_is_raised(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic, 2)

    def released(parts: Collection[Part]) -> None:
        raise StoreError("the store is away")

    first = open_broker(kafka.url).consumer(
        topic, [topic], positions=lambda parts: {}, released=released, notice=NOTICE
    )
    with closing(first):
        while len(first.lag()) < 2:
            first.poll(0.1, 1)
        with closing(Reader(kafka.url, topic, group=topic)) as second:

            def both() -> None:
                while True:
                    first.poll(0.1, 1)
                    second.poll(0.1)

            with pytest.raises(StoreError):
                both()


def test_a_pause_keeps_the_partitions_and_bounds_the_memory(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic, 2)
    with closing(Reader(kafka.url, topic, group=topic)) as reader:
        reader.until(lambda: len(reader.asked) == 2)
        reader.consumer.pause()
        before = psutil.Process().memory_info().rss
        piece = os.urandom(100_000)
        for number in range(1_200):
            topics.producer.produce(topic, b"%d " % number + piece, partition=number % 2)
            if number % 100 == 99:
                topics.producer.flush()
                assert reader.poll(0.01) == 0
        until = time.monotonic() + 4
        while time.monotonic() < until:
            assert reader.poll() == 0
        assert psutil.Process().memory_info().rss - before < 100 << 20
        reader.consumer.resume()
        reader.read(1_200)
        assert reader.taken == []
        numbers = [int((value or b"").split(b" ")[0]) for value in reader.values()]
        assert sorted(numbers) == list(range(1_200))


# ------------------------------------------------------------------------------------- brokers that are away


def test_a_broker_that_is_killed_and_comes_back(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(3))
    left = Reader(kafka.url, topic, group=f"{topic}-left")
    with (
        closing(Reader(kafka.url, topic, group=f"{topic}-1")) as reader,
        closing(Reader(kafka.url, topic, group=f"{topic}-2")) as new,
    ):
        for one in (reader, left):
            one.read(3)
            one.consumer.hint({Part(topic, 0): 3})
        kafka.nodes[0].kill()
        for one in (reader, new):
            with pytest.raises(BrokerError, match="Connection refused"):
                one.until_raised()
        assert closes_within(left, 3)
        kafka.mend()
        topics.send(topic, numbered(3, 3))
        for one in (reader, new):
            assert one.read(6) == numbered(6)
            reader.until(lambda: reader.consumer.trouble is None)


def test_a_broker_that_does_not_answer_any_more(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(3))
    with (
        closing(Reader(kafka.url, topic, group=f"{topic}-1")) as reader,
        closing(Reader(kafka.url, topic, group=f"{topic}-2")) as left,
    ):
        for one in (reader, left):
            one.read(3)
            one.consumer.hint({Part(topic, 0): 3})
        with kafka.nodes[0].frozen():
            assert closes_within(left, 3)
            reader.consumer.pause()  # who is full does not ask for anything
            wait_until(lambda: reader.poll() == 0 and reader.consumer.trouble is not None, "it is noticed")
            reader.consumer.resume()
            with pytest.raises(BrokerError, match=r"no answer|brokers are down"):
                reader.until_raised()
            with (
                closing(Reader(kafka.url, topic, group=f"{topic}-3")) as late,  # it has never had an answer
                pytest.raises(BrokerError, match=r"no answer|brokers are down"),
            ):
                late.until_raised()
        topics.send(topic, numbered(3, 3))
        assert reader.read(6) == numbered(6)
        with pytest.raises(ValueError, match="closed"):
            left.poll()


def closes_within(reader: Reader, seconds: float) -> bool:
    begun = time.monotonic()
    reader.close()
    return time.monotonic() - begun < seconds


def test_a_broker_that_lets_nobody_in(kafka: Kafka, topics: Topics, topic: str) -> None:
    topics.make(topic)
    topics.send(topic, numbered(3))
    password = quote(PASSWORD, safe="")
    with closing(
        Reader(f"kafka://{USER}:{password}@{kafka.secured}?ca={kafka.authority}", topic, group=topic)
    ) as reader:
        assert reader.read(3) == numbered(3)
    for url, says in {
        f"kafka://{USER}:wrong-word@{kafka.secured}?ca={kafka.authority}": "invalid credentials",
        f"kafka://{USER}:{password}@{kafka.secured}": "certificate verify failed",
        f"kafka://{kafka.secured}": "no answer|brokers are down",
    }.items():
        with closing(Reader(url, topic, group=topic)) as reader:
            with pytest.raises(BrokerError, match=says) as raised:
                reader.until_raised()
            assert "wrong-word" not in str(raised.value)
            assert PASSWORD not in str(raised.value)
            assert password not in str(raised.value)
