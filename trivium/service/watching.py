"""How the parts of a running service stand."""

from __future__ import annotations

import time
from typing import Any

from trivium.service.running import Service
from trivium.service.supervising import Standing
from trivium.service.tending import Tending


def readiness(service: Service) -> tuple[bool, dict[str, Any]]:
    """Whether it takes and answers what it is for: every store is open, and it was not told to end; and each part with
    how it stands and why, and of events how far behind. A road whose other end is away does not make it unready: others
    would be sent elsewhere for nothing."""
    lags = {(one.domain.name, source): lag for one in service.tendings for source, lag in lag_of(one).items()}
    parts = [
        standing_document(one) | {"lag": None if lag is None else {"messages": lag[0], "seconds": round(lag[1], 1)}}
        for one in service.standings()
        for lag in [lags.get((one.domain, one.part))]
    ]
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


def lag_of(tending: Tending) -> dict[str, tuple[int, float]]:
    """Of each source of events how many messages are not read yet, and how old the oldest is, in seconds."""
    found, now = dict[str, tuple[int, float]](), time.time()
    for stream in tending.streams:
        lags = stream.lag().values()
        found[stream.source.name] = (
            sum(lag.behind or 0 for lag in lags),
            max((lag.age(now) for lag in lags), default=0.0),
        )
    return found
