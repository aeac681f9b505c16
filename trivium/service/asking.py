"""A running service, asked by another process how its parts stand."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

_PATIENCE: Final = 1.0
"""Seconds for something to come of it: it answers this from what it knows."""
_WHOLE: Final = 3.0
"""Seconds for all of it: somebody else may answer there, a byte now and then."""
_MOST: Final = 1 << 20
"""Bytes of an answer."""


class _Lag(BaseModel):
    messages: int
    seconds: float


class _Part(BaseModel):
    model_config = ConfigDict(strict=True)

    domain: str
    part: str
    state: str
    since: str
    why: str | None
    attempts: int
    lag: _Lag | None = None


class _Ready(BaseModel):
    """What `/readyz` of a service says, see `watching.readiness`."""

    ready: bool
    parts: list[_Part]


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
    try:
        told = _Ready.model_validate_json(_answer(host, port))
    except OSError:
        return Asked(at, None, f"no service answers at {at}")
    except (http.client.HTTPException, ValidationError):
        return Asked(at, None, f"what answers at {at} is no service of Trivium")
    parts = [part.model_dump() for part in told.parts]
    asked = [part for part in parts if part["domain"] in domains]
    if asked:
        return Asked(at, {"at": at, "ready": told.ready, "parts": asked})
    served = ", ".join(dict.fromkeys(str(part["domain"]) for part in parts)) or "nothing yet"
    return Asked(at, None, f"the service at {at} serves {served}, not {', '.join(domains)}")


def _answer(host: str, port: int) -> bytes:
    found: list[bytes | Exception] = []

    def ask() -> None:
        connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
        try:
            connection.request("GET", "/readyz")
            with connection.getresponse() as response:
                found.append(response.read(_MOST))
        except (OSError, http.client.HTTPException) as error:
            found.append(error)
        finally:
            connection.close()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_WHOLE)
    answer = found[0] if found else b""
    if isinstance(answer, Exception):
        raise answer
    return answer
