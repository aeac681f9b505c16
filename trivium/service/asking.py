"""A running service, asked by another process how its parts stand."""

from __future__ import annotations

import http.client
import json
from collections.abc import Collection
from typing import Any, Final

_PATIENCE: Final = 1.0
"""Seconds: it answers this from what it knows."""
_TOLD: Final = ("domain", "part", "state", "since", "why", "attempts")
_MOST: Final = 1 << 20
"""Bytes of an answer."""


def ask_service(host: str, port: int, domains: Collection[str]) -> dict[str, Any] | None:
    """What the service there says of itself (see `watching.readiness`), and of the parts of these domains; None
    where nothing answers, or something else does, or one that has none of them."""
    if not port:  # it answers at one that nobody knew before
        return None
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/readyz")
        found = json.loads(connection.getresponse().read(_MOST))
        parts = [
            {name: part[name] for name in _TOLD} | {"lag": part.get("lag")}
            for part in found["parts"]
            if part["domain"] in domains
        ]
        return (
            {
                "at": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                "ready": found["ready"] is True,
                "parts": parts,
            }
            if parts
            else None
        )
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
