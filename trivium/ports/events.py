"""Topics of a broker, read from positions that the caller keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import pyarrow as pa

from trivium.errors import BrokerError


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One partition of a topic; as a text it is `TOPIC/PARTITION`."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}"


_COLUMNS: Final[dict[str, pa.DataType]] = {
    "offset": pa.int64(),
    "value": pa.binary(),
    "key": pa.binary(),
    "timestamp": pa.int64(),
    "headers": pa.string(),
}
MESSAGES: Final = pa.schema(_COLUMNS)
"""Messages as columns. `value` is null for a tombstone, which is not an empty one. `timestamp`: microseconds since
1970, null where the message has none or one that is out of range. `headers`: null where there are none, else a JSON
object of name to text, of a name that comes twice the last; a header without a value is null, and one whose bytes are
no UTF-8 stands as base64 under `NAME;base64`. Of a message with a header whose name is no UTF-8, all are null."""


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """Messages of one partition, in ascending order of their offsets, all that there are between the first and `after`.

    `after` is the offset to read on from: behind the last message, or further where what follows is known to be no
    message (the marks of transactions, what was aborted or compacted away). There may be no message at all: then only
    the position moves, which is worth keeping, for retention would else seem to eat what never was.
    """

    part: Part
    table: pa.Table
    after: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What retention has eaten before it was read: the offsets from `wanted` up to, without it, `there`. Reading goes
    on at `there` by itself."""

    part: Part
    wanted: int
    there: int


@dataclass(frozen=True, slots=True)
class Anew:
    """A partition that is another than the one which was read: what is `wanted` next lies behind its `end`, as when a
    topic was deleted and made anew. It is told once for each assignment, and the partition stands still until
    `Consumer.move` says where to read on."""

    part: Part
    wanted: int
    end: int


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind a partition is: the next offset to read, and the broker's end as it was last seen; None where it
    is not known yet. `oldest`: no unread message is older, in microseconds since 1970; None where none is unread or it
    is not known."""

    position: int | None
    end: int | None
    oldest: int | None

    @property
    def behind(self) -> int | None:
        """How many messages are not read yet; None where that is not known."""
        return None if self.position is None or self.end is None else max(self.end - self.position, 0)

    def age(self, now: float) -> float:
        """Seconds since the oldest message that is not read yet was written; 0 where there is none, or none is known.
        `now`: seconds since 1970."""
        return max(now - self.oldest / 1e6, 0.0) if self.behind and self.oldest is not None else 0.0


Positions: TypeAlias = Callable[[Sequence[Part]], Mapping[Part, int | None]]
"""Where to begin, asked for whenever partitions are assigned: the next offset to read of each, None (or nothing) for
the earliest that there is. What it raises is raised by `poll`, and it is asked again by the next."""

Released: TypeAlias = Callable[[Collection[Part]], None]
"""Told when partitions are taken away, before others may have them: what is held of them is to be committed within the
call or to be dropped. They may come back at once, then from their positions."""


class Consumer(Protocol):
    """Reads topics, sharing their partitions with all consumers of its group. Every message is given at least once, in
    order within its partition, and by no other consumer of the group as long as the partition is this one's.

    Used by one thread at a time, but for `hint` and `lag`. `Positions` and `Released` are called within `poll` alone.
    """

    trouble: BrokerError | None
    """What is the matter now, such as a broker that is away or a topic that is not there (yet); None when all is well.
    Other topics go on meanwhile."""

    def poll(self, seconds: float, most: int) -> list[Messages | Lost | Anew]:
        """What has come, at most so many messages, partition by partition; it waits so long for the first. Where there
        is nothing to give and something is the matter, raises BrokerError, and may be called again at once.

        It has to be called every few seconds also while it is paused: that is when partitions change hands.
        """

    def pause(self) -> None:
        """`poll` gives nothing any more, until `resume`, and raises but what `Positions` and `Released` raise; the
        membership goes on. What is fetched already may stay in memory, and is bounded. Idempotent."""

    def resume(self) -> None:
        """Goes on where it paused. Idempotent."""

    def move(self, part: Part, position: int | None) -> None:
        """Reads an assigned partition on from there; None: from the earliest that there is. One that is not assigned
        any more is left alone."""

    def hint(self, positions: Mapping[Part, int]) -> None:
        """Tells the broker how far the partitions are committed, for people who look at it there; soon, in the
        background, and never raising: nothing depends on it."""

    def lag(self) -> dict[Part, Lag]:
        """How far behind the assigned partitions are. Asks nobody, so it is quick."""

    def close(self) -> None:
        """Leaves the group. Quick, also where the broker is gone; tells nobody what is released. Idempotent."""


class Broker(Protocol):
    """A broker, or a cluster of them. Nothing is reached for before a consumer is polled."""

    url: str
    """How people call it; no password is in it."""

    def range(self, part: Part, first: int, last: int) -> Messages:
        """What still lies between two offsets of a partition, both included: compaction may have left gaps. Raises
        RefusedDelivery where the first is no longer there."""

    def identity(self, topic: str) -> str | None:
        """By what a topic is known from another that had its name before; None where it is not there, or the broker
        does not say so within a second."""

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
        """A consumer of the topics. All with the same `group` share the partitions: that is one source of one store.

        `member`: a name that no other living consumer of the group has. One that starts again under its name after it
        was killed has its partitions at once, and not when the broker misses it, which takes seconds. `notice`:
        seconds after which new partitions and topics are noticed. Raises UsageError where a topic's name is none.
        """
