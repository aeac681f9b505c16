"""What a running service does now, for people who look at it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Any, Final

from trivium.errors import TriviumError
from trivium.model.domain import Domain
from trivium.ops.pulse import Pulse
from trivium.service.expecting import outlooks
from trivium.service.opening import Opened
from trivium.service.running import Service
from trivium.service.status import status
from trivium.service.supervising import off_words
from trivium.service.tending import Tending
from trivium.service.watching import lag_of, readiness
from trivium.service.wrong import wrong

_FRESH: Final = 4.0
"""Seconds for which what a store says of itself is good enough."""


class Overview:
    """Gathers it. However many look, a store is asked once in a few seconds. Any thread may ask."""

    def __init__(self, service: Service, pulse: Pulse) -> None:
        self._service, self._pulse = service, pulse
        self._begun = dt.datetime.now(dt.UTC)
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, dict[str, Any] | None]] = {}

    def now(self) -> dict[str, Any]:
        """All of it: readiness and parts as of `readiness`, and each domain with its sources and totals. `wrong`: how
        many sources have something that is, though all parts run; what it is stands with each."""
        ready, document = readiness(self._service)
        parts = {(part["domain"], part["part"]): part for part in document["parts"]}
        received, rates = self._service.metrics.received(), self._pulse.rates()
        domains, odd = [], 0
        for tending in self._service.tendings:
            name, told = tending.domain.name, self._status(tending)
            waiting = tending.calls.waiting() if tending.calls else {}
            lag = lag_of(tending)
            sources = [
                {
                    "source": source.name,
                    "channel": source.channel,
                    "part": parts.get((name, source.name)),
                    "rate": rates.get((name, source.name), 0.0),
                    "last": received.get((name, source.name), (0, None))[1],
                    "waiting": waiting.get(source.name, 0),
                    "lag": lag.get(source.name),
                    "kept": None if told is None else _of(told, source.name),
                    "wrong": [] if told is None else told["wrong"].get(source.name, []),
                }
                for source in tending.domain.sources
            ]
            odd += sum(bool(source["wrong"]) for source in sources)
            domains.append({"domain": name, "part": parts.get((name, "store")), "sources": sources, "status": told})
        return {
            "ready": ready, "stopping": document["stopping"], "begun": self._begun, "domains": domains,
            "ailing": [part for part in document["parts"] if part["state"] in ("failing", "standing by")],
            "off": off_words(document["parts"]),
            "wrong": odd,
        }  # fmt: skip

    def _status(self, tending: Tending) -> dict[str, Any] | None:
        """What a store says of itself; None while it is not to be had."""
        with self._lock:
            at, known = self._known.get(tending.domain.name, (float("-inf"), None))
            if time.monotonic() - at < _FRESH:
                return known
            opened, found = tending.opened, None
            try:
                if opened is not None:
                    found = _told(tending.domain, opened, dt.datetime.now(dt.UTC))
            except TriviumError:  # its part says why
                found = None
            self._known[tending.domain.name] = (time.monotonic(), found)
            return found


def _told(domain: Domain, opened: Opened, now: dt.datetime) -> dict[str, Any]:
    """What `status` tells, and by source what is wrong."""
    store = opened.store
    expected = outlooks(domain, store.control.deliveries, store.ledger, now=now, most=1)
    told = status(domain, store, now=now, expected=expected)
    return told | {"wrong": wrong(told, expected, store)}


def _of(told: dict[str, Any], source: str) -> dict[str, Any]:
    (found,) = [one for one in told["sources"] if one["source"] == source]
    kept: dict[str, Any] = found
    return kept
