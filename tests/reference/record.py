"""The master record of one key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.reference.values import Value


class Origin(NamedTuple):
    """Where a winner came from. Its natural order is the one that chooses among exact repetitions."""

    source: str
    delivery: str
    place: int


@dataclass(frozen=True)
class Record:
    """The fold of one key.

    `values` (by column, `facet_member` in a facet) and `winners` (by group) hold only what a living statement
    states; `lacks` names the required groups that none states. `ties` counts the ranks at which living
    statements differ in content. A record that is gone has none of these.
    """

    alive: bool
    values: Mapping[str, Value] = field(default_factory=dict)
    winners: Mapping[str, Origin] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    ties: int = 0

    @property
    def complete(self) -> bool:
        return self.alive and not self.lacks
