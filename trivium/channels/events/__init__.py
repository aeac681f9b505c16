"""The road of events: messages of a topic, committed with the position up to which they were read."""

from __future__ import annotations

from trivium.channels.events.taking import Taking

__all__ = ["Taking"]
