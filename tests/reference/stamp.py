"""The stamp: a version's rank as one integer below 2^63."""

from tests.reference.spec import Policy

TIME_BITS = 55
PRECEDENCE_BITS = 8
LAST_TIME = (1 << TIME_BITS) - 1


def stamp(policy: Policy, event_time: int, precedence: int) -> int:
    """Rank an event time and a precedence; the greater stamp wins."""
    if not 0 <= event_time <= LAST_TIME:
        raise ValueError(f"event time {event_time} does not fit {TIME_BITS} bits")
    if not 0 <= precedence < (1 << PRECEDENCE_BITS):
        raise ValueError(f"precedence {precedence} does not fit {PRECEDENCE_BITS} bits")
    if policy == "latest":
        return (event_time << PRECEDENCE_BITS) + precedence
    if policy == "priority":
        return (precedence << TIME_BITS) + event_time
    return ((LAST_TIME - event_time) << PRECEDENCE_BITS) + precedence
