"""What a look at a cluster comes to, whoever of those that are asked answers. An admin client of our own stands for a
cluster that describes no topics, or answers late: of real ones that cannot be had at will."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from trivium.adapters.events.lookout import Lookout, Seen
from trivium.ports import Part

SILENT = KafkaError(KafkaError._TIMED_OUT)
UNKNOWN = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
ABOUT = SimpleNamespace(topic_id=None, partitions=[SimpleNamespace(id=0, leader=SimpleNamespace(id=1))])


class Admin:
    """Answers what it is told to."""

    def __init__(self) -> None:
        self.topics: dict[str, KafkaError | None] = {}
        self.ends: int | None = 7
        self.asked: list[set[str]] = []

    def describe_topics(self, topics: Any, **_: Any) -> dict[str, Future[Any]]:
        return {name: answer(error, ABOUT) for name, error in self.topics.items()}

    def list_offsets(self, ends: Mapping[TopicPartition, Any], **_: Any) -> dict[TopicPartition, Future[Any]]:
        self.asked.append({one.topic for one in ends})
        error = SILENT if self.ends is None else None
        return {one: answer(error, SimpleNamespace(offset=self.ends)) for one in ends}


def answer(error: KafkaError | None, value: Any) -> Future[Any]:
    found: Future[Any] = Future()
    if error is None:
        found.set_result(value)
    else:
        found.set_exception(KafkaException(error))
    return found


@pytest.fixture
def admin() -> Admin:
    return Admin()


@pytest.fixture
def lookout(admin: Admin) -> Lookout:
    made = Lookout({"bootstrap.servers": "127.0.0.1:1"}, ["a", "b"], 3600.0)
    made._admin = admin  # type: ignore[assignment]
    return made


def look(lookout: Lookout, parts: Iterable[Part] = ()) -> Seen | None:
    """What a look comes to that is begun now."""
    held = set(parts)
    lookout.hurry()
    assert lookout.look(held) is None
    return lookout.look(held)


def test_who_describes_nothing_before_ends_were_asked_for_is_not_away(lookout: Lookout, admin: Admin) -> None:
    admin.topics = {"a": SILENT, "b": SILENT}
    assert look(lookout) is None
    found = look(lookout, {Part("a", 0)})
    assert found is not None
    assert (found.away, found.ends) == (None, {Part("a", 0): 7}), "what is held can be read very well"
    admin.ends = None
    found = look(lookout, {Part("a", 0)})
    assert found is not None
    assert found.away is not None


def test_the_ends_of_a_topic_are_asked_for_as_long_as_it_is_there(lookout: Lookout, admin: Admin) -> None:
    admin.topics = {"a": None, "b": UNKNOWN}
    look(lookout)
    look(lookout)
    admin.topics = {"a": UNKNOWN, "b": None}
    look(lookout)
    look(lookout, {Part("a", 0)})
    assert admin.asked == [{"a"}, {"a"}, {"b"}]


def test_a_topic_that_has_come_is_looked_at_again_at_once(lookout: Lookout, admin: Admin) -> None:
    admin.topics = {"a": None, "b": None}
    assert look(lookout) is not None
    assert lookout.look(set()) is None  # begins by itself
    found = lookout.look(set())
    assert found is not None
    assert found.ends == {Part("a", 0): 7, Part("b", 0): 7}
    assert lookout.look(set()) is None
    assert lookout.look(set()) is None, "the next is due in an hour"
    assert len(admin.asked) == 1
