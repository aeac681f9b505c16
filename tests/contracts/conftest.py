"""Every store passes the same contract: what `trivium.ports` promises, seen from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stores import KINDS, Place, Stores, stores_of
from tests.worlds.lab import Lab
from tests.worlds.shop import shop


@pytest.fixture(scope="session", params=KINDS)
def stores(request: pytest.FixtureRequest) -> Stores:
    return stores_of(request)


@pytest.fixture
def place(stores: Stores) -> Iterator[Place]:
    """A place of its own for each test."""
    place = stores.new()
    yield place
    place.remove()


@pytest.fixture
def lab(place: Place) -> Iterator[Lab]:
    """A new store of the domain `shop`."""
    lab = Lab(place, shop())
    yield lab
    lab.store.control.close()
