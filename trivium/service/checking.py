"""What would change in a domain's store for today's declaration, found out without touching it."""

from __future__ import annotations

from collections.abc import Container, Sequence

from trivium.engine.evolution import changes
from trivium.model.domain import Domain
from trivium.ports import Change
from trivium.service.opening import opened
from trivium.service.settings import Settings


def unstated(domain: Domain, entities: Container[str] | None = None) -> list[str]:
    """The required attributes that no source of the domain states, of entities that some source does: every record of
    these is incomplete, and left out of exports and reports. Of all entities, or of those of these names."""
    found = []
    for shape in domain.shapes:
        routes = [route for source in domain.sources for route in source.routes if route.shape.name == shape.name]
        if routes and (entities is None or shape.name in entities):
            stated = {group.name for route in routes for group in route.groups}
            found += [f"{shape.name}.{g.name}" for g in shape.groups if g.required and g.name not in stated]
    return found


def plan(domain: Domain, settings: Settings, several: bool, *, exists: bool) -> Sequence[Change]:
    """The changes; of a store that does not exist, everything that would be made. Creates and writes nothing."""
    if not exists:
        return changes(None, None, domain)
    with opened(domain, settings, several=several, prepare=False) as found:
        return found.store.control.plan()
