"""A server over a new store for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stores import Place, Stores, stores_of
from tests.web.front import Front
from tests.worlds.lab import Lab
from tests.worlds.shop import shop

KINDS = ["duckdb", pytest.param("postgres_url_en", marks=pytest.mark.server, id="postgres")]


@pytest.fixture(scope="session", params=KINDS)
def stores(request: pytest.FixtureRequest) -> Stores:
    return stores_of(request)


@pytest.fixture
def place(stores: Stores) -> Iterator[Place]:
    place = stores.new()
    yield place
    place.remove()


@pytest.fixture
def lab(place: Place) -> Iterator[Lab]:
    """A new store of the domain `shop`."""
    lab = Lab(place, shop())
    yield lab
    lab.store.control.close()


@pytest.fixture
def front(lab: Lab) -> Iterator[Front]:
    """A server over it."""
    with Front.over(lab) as front:
        yield front
