"""How a cluster and its topics are: asked from time to time, never waited for."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # public, if not marked so

from trivium.adapters.events.assignment import at
from trivium.adapters.events.identity import id_of
from trivium.adapters.events.session import LOG
from trivium.ports import Part

_PATIENCE: Final = 2.0
"""Seconds to wait for an answer."""
_NO_ANSWER: Final = (KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._DESTROY)
_SOON: Final = 1.0
"""Seconds between two looks while something is the matter."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look has found: `away`, why the cluster does not answer; `ails`, of each topic what is the matter with it;
    `ids`, which differ when a topic was made anew; `ends` of the parts that were asked for, as far as they are known,
    of what is committed only."""

    away: KafkaError | None
    ails: Mapping[str, KafkaError]
    ids: Mapping[str, str]
    ends: Mapping[Part, int]


class Lookout:
    """Looks every so many seconds, and more often while something is the matter. Used by one thread."""

    def __init__(self, settings: Mapping[str, str | int | bool], topics: Sequence[str], every: float) -> None:
        self._admin: AdminClient = AdminClient({**settings, "client.id": "trivium-lookout"}, logger=LOG)
        self._topics, self._every = list(topics), every
        self._due = self._asked = 0.0
        self._there: set[str] = set()
        self._missing: set[str] = set()
        self._about: Mapping[str, Future[Any]] = {}
        self._ends: Mapping[TopicPartition, Future[Any]] = {}

    def hurry(self) -> None:
        """The next look is due."""
        self._due = min(self._due, time.monotonic())

    def look(self, parts: Collection[Part]) -> Seen | None:
        """Begins a look if one is due, and gives what the last one has found, once it has."""
        now = time.monotonic()
        if self._about:
            late = now > self._asked + _PATIENCE  # of a broker that hangs, ends are asked for longer than they should
            if not all(future.done() for future in (*self._about.values(), *(() if late else self._ends.values()))):
                return None
            known, asked = len(self._there), bool(self._ends)
            seen = self._seen()
            self._about, self._ends = {}, {}
            if len(self._there) > known:  # of which the ends are not known yet
                self._due = now
            elif seen.away or seen.ails:
                self._due = min(self._due, now + _SOON)
            # Without a controller topics cannot be described: before anybody was asked for ends, that says nothing.
            return seen if asked or not seen.away else None
        if now >= self._due:
            self._asked, self._due = now, now + self._every
            self._about = self._admin.describe_topics(TopicCollection(self._topics), request_timeout=_PATIENCE)
            self._ends = self._ask_ends(parts)
        return None

    def _ask_ends(self, parts: Collection[Part]) -> Mapping[TopicPartition, Future[Any]]:
        """Of a topic that is not there it is not asked: where it is, now and then, the driver (2.16) frees its memory
        twice, and the process is gone."""
        asked = {part for part in parts if part.topic not in self._missing} | {Part(topic, 0) for topic in self._there}
        if not asked:
            return {}
        end = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        return self._admin.list_offsets(
            dict.fromkeys(map(at, asked), end),
            isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_PATIENCE,
        )  # fmt: skip

    def _found(self, topic: str, *, there: bool) -> None:
        (self._there if there else self._missing).add(topic)
        (self._missing if there else self._there).discard(topic)

    def _seen(self) -> Seen:
        away: KafkaError | None = None
        ails, ids, ends = {}, {}, {}
        for topic, future in self._about.items():
            error = _error(future)
            if error is None:
                about = future.result()
                self._found(topic, there=True)
                if (found := id_of(about)) is not None:
                    ids[topic] = found
                headless = [str(part.id) for part in about.partitions if part.leader is None or part.leader.id < 0]
                if headless:
                    reason = f"no broker has the partitions {', '.join(headless)}"
                    ails[topic] = KafkaError(KafkaError.LEADER_NOT_AVAILABLE, reason)
            elif error.code() in _NO_ANSWER:
                away = KafkaError(error.code(), "no answer")
            else:
                ails[topic] = error
                self._found(topic, there=False)
        for where, future in self._ends.items():
            offset = future.result().offset if future.done() and _error(future) is None else -1
            if offset >= 0:  # of a broker that did not answer the driver says that all went well, at a negative offset
                ends[Part(where.topic, where.partition)] = offset
        if ends:  # without a controller topics cannot be described, but be read very well
            away = None
        return Seen(away, ails, ids, ends)

    def close(self) -> None:
        """Lets go of the cluster; what is asked is not waited for."""
        self._admin.__exit__(None, None, None)


def _error(future: Future[Any]) -> KafkaError | None:
    failure = future.exception()
    if failure is not None and not isinstance(failure, KafkaException):
        raise failure
    return None if failure is None else failure.args[0]
