"""The road of events, from outside: a real broker, a real service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running.caller import Caller
from tests.running.place import Place
from tests.running.streamed import TOPICS
from tests.servers.kafka import Kafka
from tests.servers.tools import free_port, wait_until
from tests.servers.topics import Topics

APP = Path(__file__).parents[1] / "running" / "streamed.py"
AT = "2026-03-01T10:00:00Z"

pytestmark = [pytest.mark.server]


@pytest.fixture
def topics(kafka: Kafka) -> Iterator[Topics]:
    with Topics(kafka.servers) as made:
        for topic in TOPICS[:2]:
            made.make(topic, 2)
        yield made
        there = made.admin.list_topics(timeout=10).topics
        for topic in TOPICS:
            if topic in there:
                made.remove(topic)


@pytest.fixture(params=["duckdb", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path, kafka: Kafka, topics: Topics) -> Iterator[Place]:
    store = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    with Place.of(tmp_path, APP, store, TRIVIUM_BROKER=kafka.url, TRIVIUM_GROUP=tmp_path.name) as made:
        yield made


def order(key: str, status: str = "placed", version: int = 1, **more: Any) -> bytes:
    return json.dumps(
        {"order_id": key, "status": status, "total": "1.50", "at": AT, "version": version, **more}
    ).encode()


def send(topics: Topics, topic: str, value: bytes | None, key: str = "k", **more: Any) -> None:
    topics.producer.produce(topic, value, key=key, **more)
    topics.producer.flush()


def status_of(caller: Caller, key: str) -> Any:
    answer = caller.get(f"/v1/records/streamed/order/{key}")
    return answer.document["status"] if answer.status == 200 else answer.status


def account(caller: Caller, source: str) -> list[int]:
    (found,) = [one for one in caller.get("/v1/sources").document["sources"] if one["source"] == source]
    return [found["account"][name] for name in ("received", "accepted", "rejected", "ignored")]


def test_events_come_in_and_poison_holds_up_nobody(place: Place, topics: Topics) -> None:
    send(topics, "test.orders", order("O1"), headers={"channel": "app"}, partition=0)
    running, caller = place.serve()
    wait_until(lambda: status_of(caller, "O1") == "placed", "O1 is there")
    assert caller.get("/v1/records/streamed/order/O1").document["channel"] == "app"
    send(topics, "test.orders", b"\xffpoison", partition=1)
    send(topics, "test.orders", order("O2", total="1.555"), partition=1)
    send(topics, "test.orders", order("O2", "paid"), partition=1)
    wait_until(lambda: status_of(caller, "O2") == "paid", "O2 is paid")
    assert account(caller, "orders") == [4, 2, 2, 0]
    found = caller.get("/v1/quarantine?source=orders").document["records"]
    assert sorted(one["place"] for one in found) == [0, 1]
    assert all(one["delivery"].startswith("test.orders/1@") for one in found)
    running.stop()


def test_a_message_without_a_value_deletes(place: Place, topics: Topics) -> None:
    running, caller = place.serve()
    send(topics, "test.orders", order("O1"), "O1")
    wait_until(lambda: status_of(caller, "O1") == "placed", "O1 is there")
    send(topics, "test.orders", None, "O1")
    wait_until(lambda: status_of(caller, "O1") == 410, "O1 is gone")
    running.stop()


def test_several_sources_read_one_topic(place: Place, topics: Topics) -> None:
    running, caller = place.serve()
    send(topics, "test.shared", order("O1"))
    send(topics, "test.shared", json.dumps({"kind": "click", "click_id": "C1", "page": "/", "at": AT}).encode())
    wait_until(lambda: caller.get("/v1/records/streamed/click/C1").status == 200, "the click is there")
    wait_until(lambda: status_of(caller, "O1") == "placed", "the order is there")
    wait_until(lambda: account(caller, "shop") == account(caller, "web") == [2, 1, 0, 1], "both have read both")
    running.stop()


def test_a_topic_that_is_made_later_is_a_state(place: Place, topics: Topics) -> None:
    place.variables["TRIVIUM_HTTP"] = f"127.0.0.1:{free_port()}"
    running, caller = place.serve()
    running.until(lambda line: line.get("part") == "late" and bool(line.get("hint")), "late says that it has no topic")

    def states() -> tuple[str, str]:
        parts = {one["part"]: one["state"] for one in caller.get("/readyz").document["parts"]}
        return parts["late"], parts["orders"]

    wait_until(lambda: states() == ("failing", "running"), "the others go on")
    (told,) = [part for part in place.document("status")["service"]["parts"] if part["part"] == "late"]
    assert (told["state"], "test.later" in told["why"]) == ("failing", True)
    assert "1 part of " in (shown := place.ended("status"))
    assert "streamed late failing since" in shown
    topics.make("test.later", 1)
    send(topics, "test.later", order("O9"))
    wait_until(lambda: status_of(caller, "O9") == "placed", "O9 is there", 60)
    running.until(lambda line: line.get("part") == "late" and line.get("word") == "goes on", "late goes on")
    wait_until(lambda: "ready, all parts run" in place.ended("status"), "all is well")
    running.stop()
    assert place.document("status")["service"] is None


def test_it_goes_on_where_the_store_says_after_a_kill(place: Place, topics: Topics) -> None:
    running, caller = place.serve()
    send(topics, "test.orders", order("O1"))
    wait_until(lambda: status_of(caller, "O1") == "placed", "O1 is there")
    running.kill()
    for number in range(50):
        send(topics, "test.orders", order("O1", "paid", version=2 + number), f"k{number}")
    running, caller = place.serve()
    wait_until(lambda: account(caller, "orders") == [51, 51, 0, 0], "all are taken, and each once", 60)
    assert status_of(caller, "O1") == "paid"
    running.stop()


def test_what_retention_ate_is_a_finding(place: Place, topics: Topics) -> None:
    running, caller = place.serve()
    send(topics, "test.orders", order("O1"), partition=0)
    wait_until(lambda: status_of(caller, "O1") == "placed", "O1 is there")
    running.stop()
    for number in range(5):
        send(topics, "test.orders", order(f"P{number}"), partition=0)
    topics.cut("test.orders", 4, 0)
    running, caller = place.serve()
    wait_until(lambda: status_of(caller, "P4") == "placed", "P4 is there", 60)
    (found,) = caller.get("/v1/findings?kind=lost").document["findings"]
    assert (found["source"], found["subject"]) == ("orders", "test.orders/0")
    assert "1 to 3" in found["detail"]
    assert status_of(caller, "P1") == 404
    running.stop()


def test_a_topic_that_was_made_anew_meanwhile_is_not_read_as_if_it_were_the_same(place: Place, topics: Topics) -> None:
    running, caller = place.serve()
    send(topics, "test.orders", order("O1"), partition=0)
    wait_until(lambda: status_of(caller, "O1") == "placed", "O1 is there")
    running.stop()
    topics.remove("test.orders")
    topics.make("test.orders", 2)
    for number in range(3):  # more than it had: by its offsets alone it is the same
        send(topics, "test.orders", order(f"N{number}"), partition=0)
    running, caller = place.serve()
    running.until(lambda line: "made anew" in line.get("word", ""), "it says so")
    (part,) = [one for one in caller.get("/readyz").document["parts"] if one["part"] == "orders"]
    assert (part["state"], "made anew" in part["why"]) == ("failing", True)
    (found,) = caller.get("/v1/findings?kind=anew").document["findings"]
    assert (found["source"], found["subject"]) == ("orders", "test.orders")
    assert account(caller, "orders") == [1, 1, 0, 0]
    running.stop()


def test_a_range_is_replayed_from_its_topic(place: Place, topics: Topics) -> None:
    running, caller = place.serve()
    for number in range(3):
        send(topics, "test.orders", order(f"O{number}"), partition=0)
    wait_until(lambda: account(caller, "orders")[0] == 3, "all are taken")
    listed = caller.get("/v1/deliveries?source=orders").document["deliveries"]
    name = listed[-1]["delivery"]
    command = place.start("replay", str(place.app), "orders", name, "--yes", "--json")
    assert command.ended()
    assert command.code == 0, command.text
    (told,) = json.loads(command.text)["deliveries"]
    assert told["before"] == told["after"]
    topics.cut("test.orders", 3, 0)
    command = place.start("replay", str(place.app), "orders", name, "--yes", "--json")
    assert command.ended()
    assert command.code != 0
    assert "no longer" in command.text
    assert status_of(caller, "O0") == "placed"
    running.stop()


def test_two_services_share_the_partitions_of_a_store(
    tmp_path: Path, kafka: Kafka, topics: Topics, fresh_postgres: str
) -> None:
    """And one of them is killed: what it read and did not commit is read by the other, and nothing twice."""
    with Place.of(tmp_path, APP, fresh_postgres, TRIVIUM_BROKER=kafka.url, TRIVIUM_GROUP=tmp_path.name) as place:
        first, caller = place.serve()
        second, other = place.serve()
        sent = 0
        for round_ in range(3):
            for number in range(100):
                topics.producer.produce("test.orders", order(f"O{number}", version=1 + round_), key=f"{number}")
                sent += 1
            topics.producer.flush()
            if round_ == 1:
                second.kill()
        wait_until(lambda: account(caller, "orders") == [sent, sent, 0, 0], "all are taken, and each once", 90)
        first.stop()
        assert other.url != caller.url
