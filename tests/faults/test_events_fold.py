"""Very many events, repeated and out of order, from a cluster whose brokers fall, into services that are killed: the
master is the fold of all that was said, whoever read it and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.running.caller import Caller
from tests.running.place import Place, Running
from tests.servers.kafka import Kafka
from tests.servers.tools import wait_until
from tests.servers.topics import Topics
from tests.soak import SOAK

APP = Path(__file__).parents[1] / "running" / "streamed.py"
TOPIC = "test.orders"
COUNT = 1_000_000 if SOAK else 30_000
KEYS = COUNT // 5
PARTITIONS = 6
ROUNDS = 6 if SOAK else 3

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.timeout(0 if SOAK else 300)]


@pytest.fixture
def topics(cluster: Kafka) -> Iterator[Topics]:
    with Topics(cluster.servers) as topics:
        topics.make(TOPIC, PARTITIONS, copies=3)
        yield topics
        cluster.mend()
        topics.remove(TOPIC)


class Teller:
    """Says something about orders, one in ten things twice and one in ten late, one in a hundred poison; and knows what
    all of it comes to: of each attribute what was said last, by the time and the version of who said it."""

    def __init__(self, topics: Topics) -> None:
        self._topics, self._chance = topics, Random(7)
        self._late: list[tuple[str, bytes]] = []
        self._number = 0
        self._last: dict[tuple[str, str], tuple[tuple[str, int], Any]] = {}
        self.sent = self.poison = 0

    def tell(self, count: int) -> None:
        """So many different things, and what is repeated; all of it is acknowledged."""
        for _ in range(count):
            self._number += 1
            key, value = self._statement()
            if self._chance.random() < 0.1:
                self._late.append((key, value))
            else:
                self._send(key, value)
                if self._chance.random() < 0.1:
                    self._late.append((key, value))
            if self._chance.random() < 0.01:
                self._send(key, self._chance.choice([b"\xff", b'{"order_id":', b'{"order_id": "", "at": "never"}']))
                self.poison += 1
        self._chance.shuffle(self._late)
        half = len(self._late) // 2
        for key, value in self._late[half:]:
            self._send(key, value)
        del self._late[half:]
        assert self._topics.producer.flush(120) == 0

    def end(self) -> None:
        """What is late still."""
        for key, value in self._late:
            self._send(key, value)
        self._late.clear()
        assert self._topics.producer.flush(120) == 0

    def records(self) -> dict[str, dict[str, Any]]:
        """What holds, of the orders that are complete."""
        found: dict[str, dict[str, Any]] = {}
        for (key, name), (_, value) in self._last.items():
            found.setdefault(key, {"channel": None})[name] = value
        return {key: record for key, record in found.items() if {"status", "total"} <= record.keys()}

    def _statement(self) -> tuple[str, bytes]:
        chance = self._chance
        key, at = f"O{chance.randrange(KEYS):06}", f"2026-03-{chance.randrange(1, 29):02}T10:00:00Z"
        said: dict[str, Any] = {}
        if chance.random() < 0.7:
            said["status"] = chance.choice(["placed", "paid", "sent"])
        if chance.random() < 0.7 or not said:
            said["total"] = f"{chance.randrange(100_000) / 100:.2f}"
        rank = (at, self._number)
        for name, value in said.items():
            if rank > self._last.get((key, name), (("", 0), None))[0]:
                self._last[key, name] = rank, value
        return key, json.dumps({"order_id": key, "at": at, "version": self._number, **said}).encode()

    def _send(self, key: str, value: bytes) -> None:
        while True:
            try:
                # to any partition: the order within one is no help
                self._topics.producer.produce(TOPIC, value, key=key, partition=self._chance.randrange(PARTITIONS))
                break
            except BufferError:
                self._topics.producer.poll(0.1)
        self.sent += 1


def started(place: Place) -> tuple[Running, Caller]:
    running = place.run()
    return running, running.caller()


def account(caller: Caller) -> list[int]:
    (found,) = [one for one in caller.get("/v1/sources").document["sources"] if one["source"] == "orders"]
    return [found["account"][name] for name in ("received", "accepted", "rejected", "ignored")]


def records(caller: Caller) -> dict[str, dict[str, Any]]:
    found = caller.get("/v1/records/streamed/order?limit=all").document["records"]
    return {one.pop("order_id"): {"channel": None} | one for one in found}


@pytest.mark.parametrize("store", ["duckdb", "postgres"])
def test_the_master_is_the_fold(
    store: str, cluster: Kafka, topics: Topics, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Each round tells more while one broker is down, so that leaders move. With PostgreSQL two services share the
    partitions, and the one that is killed comes back; with DuckDB the only one is killed and started again."""
    several = store == "postgres"
    url = request.getfixturevalue("fresh_postgres") if several else None
    teller = Teller(topics)
    with Place.of(tmp_path, APP, url, TRIVIUM_BROKER=cluster.url, TRIVIUM_GROUP=tmp_path.name) as place:
        services = [started(place) for _ in range(1 + several)]
        for number in range(ROUNDS):
            cluster.nodes[number % 3].kill()
            teller.tell(COUNT // ROUNDS)
            if number % 2:
                services[-1][0].kill()
                services[-1] = started(place)
            cluster.mend()
            topics.until_in_step(TOPIC)
        teller.end()
        running, caller = services[0]
        wanted = [teller.sent, teller.sent - teller.poison, teller.poison, 0]
        wait_until(lambda: account(caller) == wanted, f"all are taken, and each once: {wanted}", 3_600 if SOAK else 120)
        meant, there = teller.records(), records(caller)
        assert there.keys() == meant.keys()
        assert [(key, there[key], meant[key]) for key in meant if there[key] != meant[key]] == []
        for running, _ in services:
            running.stop()
