"""Survivorship: which of several statements wins. The stamp makes it one integer comparison."""

from __future__ import annotations

from typing import Final, Literal, get_args

Policy = Literal["latest", "priority", "first"]
"""`latest`: the latest event time, then precedence. `priority`: precedence, then time. `first`: the earliest time."""

LifePolicy = Literal["latest", "priority"]
"""Policies that may decide whether a record lives; `first` cannot, for nothing could ever be deleted."""

POLICIES: Final[tuple[str, ...]] = get_args(Policy)
LIFE_POLICIES: Final[tuple[str, ...]] = get_args(LifePolicy)

TIME_BITS: Final = 55
"""Microseconds since 1970 in 55 bits reach the year 3111."""

PRECEDENCE_BITS: Final = 8
MAX_EVENT_TIME: Final = (1 << TIME_BITS) - 1
MAX_PRECEDENCE: Final = (1 << PRECEDENCE_BITS) - 1
DEFAULT_PRECEDENCE: Final = 100
NO_SEQUENCE: Final = -1
"""How a statement without a sequence is kept: it ranks below every sequence."""


def stamp(event_time: int, precedence: int, policy: Policy) -> int:
    """The rank of a statement under `policy`: 63 bits, greater wins.

    `event_time` is in microseconds since 1970-01-01 UTC, `precedence` in 0..255.
    """
    if policy == "priority":
        return precedence << TIME_BITS | event_time
    time = MAX_EVENT_TIME - event_time if policy == "first" else event_time
    return time << PRECEDENCE_BITS | precedence
