"""Everything that was ever said to one entity, as data.

Event times are microseconds since 1970-01-01 UTC. A commit of None means that there is none yet: the delivery
is held, and nothing of it exists.
"""

from dataclasses import dataclass
from typing import Literal

from tests.reference.values import Key, Value

NO_SEQUENCE = -1


@dataclass(frozen=True)
class Source:
    """What one outside system sends over one channel; `precedence` is 0 to 255."""

    name: str
    precedence: int


@dataclass(frozen=True)
class Reading:
    """One time a delivery was taken in.

    `says` is the attempt whose rows count: its own for a first reading or a replay, an earlier one for the
    taking back of a retraction, None for a retraction. `digest` is that of the raw bytes.
    """

    source: str
    delivery: str
    revision: int
    digest: str
    attempt: int
    says: int | None
    commit: int | None

    def order(self) -> tuple[int, str, int]:
        """What decides which reading of a delivery is the highest."""
        return (self.revision, self.digest, self.attempt)


@dataclass(frozen=True)
class Load:
    """A batch of rows written for one attempt of one reading and published by one commit."""

    number: int
    source: str
    delivery: str
    revision: int
    digest: str
    attempt: int
    commit: int | None

    def reading(self) -> tuple[str, str, int, str, int]:
        """The name of the reading that it belongs to."""
        return (self.source, self.delivery, self.revision, self.digest, self.attempt)


@dataclass(frozen=True)
class Statement:
    """One version: what one record of a delivery says about one key at one event time.

    `says` holds (group, values of its columns) for each group stated, in any order; it is empty for a delete.
    """

    key: Key
    event_time: int
    load: int
    place: int
    says: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    kind: Literal["put", "delete"] = "put"
    sequence: int = NO_SEQUENCE

    def states(self, group: str) -> bool:
        return any(name == group for name, _ in self.says)

    def values(self, group: str) -> tuple[Value, ...]:
        """The values of a group that it states."""
        return dict(self.says)[group]


@dataclass(frozen=True)
class Assertion:
    """A claim to be complete for a scope: (key part, value) for some of the key's parts, or none of them.

    The whole delivery claims it where `place` is None, else the one record at that place of that load does.
    """

    scope: tuple[tuple[str, Value], ...]
    event_time: int
    load: int
    place: int | None = None
    sequence: int = NO_SEQUENCE


@dataclass(frozen=True)
class RejectedRow:
    """A row in quarantine, with its key where that can be read. `resolved`: the commit that ended `open`."""

    load: int
    place: int
    key: Key | None
    fate: Literal["open", "mended", "dropped"] = "open"
    resolved: int | None = None


@dataclass(frozen=True)
class World:
    """The set of everything. The order of these tuples and repetitions in them mean nothing."""

    sources: tuple[Source, ...]
    readings: tuple[Reading, ...] = ()
    loads: tuple[Load, ...] = ()
    statements: tuple[Statement, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()

    def load(self, number: int) -> Load:
        return next(load for load in self.loads if load.number == number)

    def precedence(self, load: int) -> int:
        """The precedence of the source that wrote a load."""
        name = self.load(load).source
        return next(source.precedence for source in self.sources if source.name == name)
