"""API keys of an application: each is kept by the domains that it opens."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from trivium.engine.keys import ALL, PREFIX, ApiKey, Grants, new_token, parse_token
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.ports import Store

_FRESH: Final = 0.05
"""Seconds within which it is known that a key was made or revoked."""


def check_grants(domains: Sequence[Domain], grants: Grants) -> None:
    """Raises UsageError where a grant names what no domain has, or nothing is granted."""
    every = {source.name: source.channel for domain in domains for source in domain.sources}
    sources = {name for name, channel in every.items() if channel == "rest"}
    readable = {shape.name for domain in domains for shape in domain.shapes}
    readable |= {view.name for domain in domains for view in domain.views}
    for what, names, known in (("source", grants.send, sources), ("entity or view", grants.read, readable)):
        for name in names:
            if what == "source" and name in every and name not in known:
                called = f"these are called: {', '.join(sorted(known)) or 'none'}"
                how = "files" if every[name] == "batch" else "events"
                raise UsageError(f"{name} sends {how}, for which no key is needed", hint=called)
            if name != ALL and name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(sorted(known)) or 'none'}"
                raise UsageError(f"no {what} is called {name!r}", hint=hint)
    if not (grants.send or grants.read or grants.operate):
        raise UsageError("the key would open nothing", hint="add --send, --read or --operate")


def concerns(domain: Domain, grants: Grants) -> bool:
    """Whether a domain has anything of what is granted."""
    names = {ALL, *(shape.name for shape in domain.shapes), *(view.name for view in domain.views)}
    sources = {ALL, *(source.name for source in domain.sources)}
    return grants.operate or bool(names & set(grants.read)) or bool(sources & set(grants.send))


def make_key(
    stores: Mapping[str, Store], name: str, grants: Grants, *, by: str | None, now: dt.datetime
) -> tuple[str, ApiKey]:
    """Makes a key in the stores of the domains that it concerns. The token is told this once, and kept nowhere."""
    token, key_id, hash_ = new_token()
    key = ApiKey(key_id, name, hash_, grants, now, by)
    for store in stores.values():
        store.control.keep_key(key)
    return token, key


def revoke_key(stores: Mapping[str, Store], key_id: str, *, by: str | None, now: dt.datetime) -> ApiKey:
    """Revokes a key wherever it is kept; raises UsageError where it is nowhere. `key_id` may be the whole key, which is
    what is at hand when it has leaked: its secret is told to nobody."""
    whole = parse_token(key_id)
    key_id = key_id if whole is None else whole[0]
    found: ApiKey | None = None
    for store in stores.values():
        for key in store.control.api_keys():
            if key.key_id == key_id:
                found = key if key.revoked_at else replace(key, revoked_at=now, revoked_by=by)
                store.control.keep_key(found)
    if found is None:
        shown = "that looks so" if key_id.startswith(PREFIX) else repr(key_id)
        raise UsageError(f"there is no key {shown}", hint="`trivium keys APP list` shows them")
    return found


class KeyRing:
    """The keys of one store, as a service knows them. Any thread may ask."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._keys: dict[str, ApiKey] = {}
        self._changed: int | None = None
        self._looked_at = float("-inf")

    def find(self, key_id: str, secret: str) -> ApiKey | None:
        """The key that this secret opens, if there is one and it was not revoked. Asks the store."""
        with self._lock:
            if not self.fresh:
                self._look()
        return self.known(key_id, secret)

    @property
    def fresh(self) -> bool:
        """Whether the store was asked a moment ago."""
        return time.monotonic() - self._looked_at <= _FRESH

    def known(self, key_id: str, secret: str) -> ApiKey | None:
        """The same, as far as is known without asking."""
        key = self._keys.get(key_id)
        return key if key is not None and key.opens(secret) else None

    def _look(self) -> None:
        changed = self._store.control.keys_changed()
        if changed != self._changed:
            self._keys = {key.key_id: key for key in self._store.control.api_keys()}
            self._changed = changed
        self._looked_at = time.monotonic()
