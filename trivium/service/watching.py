"""How the parts of a running service stand."""

from __future__ import annotations

from typing import Any

from trivium.service.running import Service
from trivium.service.supervising import Standing


def readiness(service: Service) -> tuple[bool, dict[str, Any]]:
    """Whether it takes and answers what it is for: every store is open, and it was not told to end; and each part with
    how it stands and why. A road whose other end is away does not make it unready: others would be sent elsewhere for
    nothing."""
    parts = [standing_document(one) for one in service.standings()]
    ready = not service.stopping and all(one.opened is not None for one in service.tendings)
    return ready, {"ready": ready, "stopping": service.stopping, "parts": parts}


def standing_document(one: Standing) -> dict[str, Any]:
    """How a part stands, as JSON values."""
    return {
        "domain": one.domain,
        "part": one.part,
        "state": one.state,
        "since": one.since.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "why": one.why,
        "attempts": one.attempts,
    }
