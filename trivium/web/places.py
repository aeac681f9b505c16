"""What is served: the domains of the application, each with its store while it is to be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trivium.model.domain import Domain
from trivium.model.entity import EntityShape
from trivium.ports import Lag, Part
from trivium.service.calls import Calls
from trivium.service.keys import KeyRing
from trivium.service.opening import Opened
from trivium.service.supervising import Standing
from trivium.web.problems import Away, Unknown


@dataclass(frozen=True, slots=True)
class Place:
    """A domain. `opened` gives its store and raw input, or None while the store is not to be had, as while another
    process holds it, `calls` what takes the requests of its sources, `keys` the API keys that it keeps, `standings` how
    its parts stand, and `lags` how far behind its sources of events are; they are called from many threads."""

    domain: Domain
    opened: Callable[[], Opened | None]
    calls: Callable[[], Calls | None] = lambda: None
    keys: Callable[[], KeyRing | None] = lambda: None
    standings: Callable[[], Sequence[Standing]] = tuple
    lags: Callable[[], Mapping[str, Mapping[Part, Lag]]] = dict

    def take(self) -> Opened:
        """The store; raises Away while there is none."""
        found = self.opened()
        if found is None:
            raise Away(self.domain.name)
        return found

    def receive(self) -> Calls:
        """What takes requests; raises Away while there is none."""
        found = self.calls()
        if found is None:
            raise Away(self.domain.name)
        return found

    def shape(self, name: str) -> EntityShape:
        """An entity of the domain; raises Unknown naming those there are."""
        for shape in self.domain.shapes:
            if shape.name == name:
                return shape
        raise Unknown(f"{self.domain.name} has no entity {name!r}", [shape.name for shape in self.domain.shapes])


class Places:
    """All that are served."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = {place.domain.name: place for place in places}

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def of(self, domain: str) -> Place:
        """The place of a domain; raises Unknown naming those there are."""
        if domain not in self._places:
            raise Unknown(f"no domain {domain!r} is served here", list(self._places))
        return self._places[domain]
