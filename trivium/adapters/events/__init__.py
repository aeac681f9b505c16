"""Brokers of events."""

from trivium.adapters.events.opening import open_broker

__all__ = ["open_broker"]
