"""Events from a real broker: by Trivium, by a consumer that does nothing with them, and by Bytewax."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from confluent_kafka import Consumer, Producer

from bench.callers import sale
from bench.live import TOPIC
from bench.tasks.live import running
from bench.tasks.scratch import scratch
from tests.servers.kafka import Kafka
from tests.servers.topics import Topics

_PARTITIONS: Final = 4
_LONGEST: Final = 900.0
_TOGETHER: Final = 10_000


@contextmanager
def cluster() -> Iterator[Kafka]:
    """A broker of one node with the empty topic."""
    with Kafka() as kafka, Topics(kafka.servers) as topics:
        topics.make(TOPIC, _PARTITIONS)
        yield kafka


def fill(servers: str, count: int, first: int = 0) -> None:
    """Writes so many sales, each of its own."""
    producer = Producer(
        {"bootstrap.servers": servers, "linger.ms": 50, "batch.size": 1 << 20, "compression.type": "lz4",
         "queue.buffering.max.messages": 1_000_000}
    )  # fmt: skip
    for number in range(first, first + count):
        while True:
            try:
                producer.produce(TOPIC, sale(number), key=str(number))
                break
            except BufferError:
                producer.poll(0.1)
        if number % _TOGETHER == 0:
            producer.poll(0)
    assert producer.flush(60) == 0


def drained(count: int) -> dict[str, Any]:
    """A backlog, by Trivium: from its commit of the first to the moment when all of it is durable and can be read.

    `plain`: how many a second a consumer reads that does nothing with them, from the same broker, before and after.
    """
    with cluster() as kafka:
        fill(kafka.servers, count)
        plain = [_consume(kafka.servers, count, "before")]
        begun = time.perf_counter()
        with running(kafka.url) as live:
            started = time.perf_counter() - begun
            while live.metric("trivium_records_total") < count:
                assert time.perf_counter() - begun < _LONGEST, "it takes too long"
                time.sleep(0.05)
            seconds = time.perf_counter() - begun
            last = json.loads(sale(count - 1))
            key = ",".join(str(last[name]) for name in ("business_date", "store_id", "receipt", "line"))
            assert live.get(f"/v1/records/live/sale/{key}") is not None
            memory = live.memory()
        plain.append(_consume(kafka.servers, count, "after"))
        return {
            "seconds": seconds, "started": started, "rows": count, "memory": memory, "plain": sum(plain) / len(plain),
        }  # fmt: skip


def peer_drained(count: int) -> dict[str, Any]:
    """A backlog, by Bytewax into a DuckDB table, in batches of ten thousand, each committed."""
    from bench.tasks.peer_events import flow, run  # its own library counts for those who use it

    with cluster() as kafka, scratch() as folder:
        fill(kafka.servers, count)
        begun = time.perf_counter()
        rows = run(flow([kafka.servers], TOPIC, folder / "peer.duckdb", _TOGETHER))
        return {"seconds": time.perf_counter() - begun, "rows": rows}


def singles(rate: int, seconds: float) -> dict[str, Any]:
    """Events one by one at a steady rate: from when it was produced until a caller who waits for changes has it."""
    with cluster() as kafka, running(kafka.url) as live:
        fill(kafka.servers, 1_000, 50_000_000)
        while live.metric("trivium_records_total") < 1_000:
            time.sleep(0.05)
        said: dict[str, float] = {}
        over = threading.Event()
        waited: list[float] = []
        reader = threading.Thread(target=_watch, args=(live, said, waited, over))
        reader.start()
        time.sleep(1)
        producer = Producer({"bootstrap.servers": kafka.servers})
        begun = time.perf_counter()
        count = int(rate * seconds)
        for number in range(count):
            while (early := begun + number / rate - time.perf_counter()) > 0:
                time.sleep(min(early, 0.001))
            body = sale(60_000_000 + number)
            told = json.loads(body)
            said[f"{told['receipt']},{told['line']}"] = time.perf_counter()
            producer.produce(TOPIC, body, key=str(number))
            producer.poll(0)
        producer.flush(60)
        until = time.perf_counter() + 60
        while len(waited) < count and time.perf_counter() < until:
            time.sleep(0.05)
        over.set()
        reader.join()
        assert len(waited) == count, f"{len(waited)} of {count} were seen"
        waited.sort()
        return {
            "rows": count, "seconds": seconds, "p50": waited[count // 2], "p99": waited[count * 99 // 100],
            "worst": waited[-1],
        }  # fmt: skip


def _watch(live: Any, said: dict[str, float], waited: list[float], over: threading.Event) -> None:
    """Follows the changes; how long each of those that were said took."""
    after = 0
    left = set[str]()
    while not over.is_set():
        found = live.get(f"/v1/changes/live/sale?after={after}&wait=1&limit=1000")
        at, after = time.perf_counter(), found["next"]
        for change in found["changes"]:
            record = change["record"]
            name = f"{record['receipt']},{record['line']}"
            if name in said and name not in left:
                left.add(name)
                waited.append(at - said[name])


def _consume(servers: str, count: int, group: str) -> float:
    """Events a second that are read, and nothing is done with."""
    consumer = Consumer(
        {"bootstrap.servers": servers, "group.id": f"plain-{group}", "auto.offset.reset": "earliest",
         "enable.auto.commit": False, "queued.max.messages.kbytes": 65_536}
    )  # fmt: skip
    consumer.subscribe([TOPIC])
    try:
        read, begun = 0, 0.0
        while read < count:
            messages = consumer.consume(_TOGETHER, 1.0)
            if messages and not begun:
                begun, skipped = time.perf_counter(), len(messages)
            read += len(messages)
        return (count - skipped) / (time.perf_counter() - begun)
    finally:
        consumer.close()
