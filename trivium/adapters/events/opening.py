"""The broker that an address names."""

from __future__ import annotations

from trivium.engine.masking import masked
from trivium.errors import UsageError
from trivium.ports import Broker


def open_broker(url: str) -> Broker:
    """The broker or cluster at `kafka://host:port,…`.

    Raises UsageError where the address is wrong. Nothing is reached for before a consumer is polled: a broker that is
    away is a state of it, not an error here.
    """
    if not url.startswith("kafka://"):
        raise UsageError(f"{masked(url)} is no kind of broker", hint="kafka://host:9092, or several: kafka://a,b:9093")
    from trivium.adapters.events.kafka import KafkaBroker  # only those who use it wait for its library

    return KafkaBroker(url)
