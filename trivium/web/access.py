"""Who may what: every operation asks here, with what it needs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from trivium.engine.keys import Grants, parse_token
from trivium.web.crew import Crew
from trivium.web.places import Place, Places
from trivium.web.problems import Forbidden, Unauthorized

Scope = Literal["send", "read", "operate"]
"""`send`: records in. `read`: records and what is made of them. `operate`: what came in, and how it stands."""

_ALL: Final = Grants(("*",), ("*",), sensitive=True, operate=True)


@dataclass(frozen=True, slots=True)
class Need:
    """What an operation needs: a scope, and as far as its path names them a domain, and an entity, a view or a source
    of it."""

    scope: Scope
    domain: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what it may in each domain."""

    name: str | None = None
    grants: Mapping[str, Grants] = field(default_factory=dict)
    anybody: bool = False

    def of(self, domain: str) -> Grants:
        """What it may in a domain."""
        return _ALL if self.anybody else self.grants.get(domain, Grants())


ANYBODY: Final = Caller(anybody=True)
"""Who asks where the service is open."""


class Gate:
    """Tells callers by the key that they send. `to_anybody`: nobody is asked for one."""

    def __init__(self, places: Places, crew: Crew, *, to_anybody: bool) -> None:
        self._places, self._crew, self._open = places, crew, to_anybody

    async def caller(self, headers: Mapping[str, str], *, browser: bool = False) -> Caller:
        """Who sends these headers; raises Unauthorized where there is no key, or none that opens anything. A `browser`
        may send it as a password."""
        if self._open:
            return ANYBODY
        given = headers.get("authorization", "")
        scheme, _, token = given.partition(" ")
        if browser and scheme.lower() == "basic":
            scheme, token = "bearer", _password(token)
        found = parse_token(token.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            told = "the Authorization is no `Bearer` with an API key" if given else "there is no API key"
            raise Unauthorized(told, browser=browser)
        key_id, secret = found
        grants, name = {}, None
        for place in self._places:
            ring = place.keys()
            if ring is None:
                continue
            key = ring.known(key_id, secret) if ring.fresh else await self._crew.more(ring.find, key_id, secret)
            if key is not None:
                grants[place.domain.name], name = key.grants, key.name
        if not grants:
            raise Unauthorized("the API key opens nothing here: it is none, or was revoked", browser=browser)
        return Caller(name, grants)


def _password(basic: str) -> str:
    try:
        return base64.b64decode(basic, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def require(caller: Caller, need: Need) -> None:
    """Raises Forbidden where the caller may not."""
    if caller.anybody:
        return
    if need.domain is None:
        if not any(grants.operate for grants in caller.grants.values()):
            raise Forbidden("this key may not look at how the service stands", hint="make one with --operate")
        return
    grants = caller.of(need.domain)
    match need.scope:
        case "send":
            if need.name is None or not grants.may_send(need.name):
                raise Forbidden(f"this key may not send to {need.name}", hint="make one with --send")
        case "read":
            if need.name is None or not grants.may_read(need.name):
                raise Forbidden(f"this key may not read {need.name}", hint="make one with --read")
        case "operate":
            if not grants.operate:
                raise Forbidden(f"this key may not look at how {need.domain} stands", hint="make one with --operate")


def operated(caller: Caller, places: Sequence[Place]) -> list[Place]:
    """Those of the domains of which the caller may see how they stand."""
    return [place for place in places if caller.of(place.domain.name).operate]


def sees(caller: Caller, domain: str) -> bool:
    """Whether the caller is shown the attributes that are declared sensitive, and the raw input, which may hold
    them."""
    return caller.of(domain).sensitive
