"""A running service, asked by another process how its parts stand."""

from __future__ import annotations

import http.client
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

_PATIENCE: Final = 1.0
"""Seconds: it answers this from what it knows."""
_TOLD: Final = ("domain", "part", "state", "since", "why", "attempts")
_MOST: Final = 1 << 20
"""Bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`service`: what the one at `at` says of itself (see `watching.readiness`), and of the parts that were asked for;
    None where there is no such one, and `why` says so."""

    at: str
    service: dict[str, Any] | None
    why: str | None = None


def ask_service(host: str, port: int, domains: Collection[str]) -> Asked | None:
    """How the parts of these domains stand in the service there; None where its port is one that nobody knows before it
    answers."""
    if not port:
        return None
    at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/readyz")
        found = json.loads(connection.getresponse().read(_MOST))
        parts = [{name: part[name] for name in _TOLD} | {"lag": part.get("lag")} for part in found["parts"]]
        ready = found["ready"] is True
    except OSError:
        return Asked(at, None, f"no service answers at {at}")
    except (http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return Asked(at, None, f"what answers at {at} is no service of Trivium")
    finally:
        connection.close()
    asked = [part for part in parts if part["domain"] in domains]
    if asked:
        return Asked(at, {"at": at, "ready": ready, "parts": asked})
    served = ", ".join(dict.fromkeys(str(part["domain"]) for part in parts)) or "nothing yet"
    return Asked(at, None, f"the service at {at} serves {served}, not {', '.join(domains)}")
