"""What would change in a domain's store for today's declaration, found out without touching it."""

from __future__ import annotations

from collections.abc import Sequence

from trivium.engine.evolution import changes
from trivium.model.domain import Domain
from trivium.ports import Change
from trivium.service.opening import opened
from trivium.service.settings import Settings


def plan(domain: Domain, settings: Settings, several: bool, *, exists: bool) -> Sequence[Change]:
    """The changes; of a store that does not exist, everything that would be made. Creates and writes nothing."""
    if not exists:
        return changes(None, None, domain)
    with opened(domain, settings, several=several, prepare=False) as found:
        return found.store.control.plan()
