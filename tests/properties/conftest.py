"""The stores whose law is tried."""

from __future__ import annotations

import pytest

from tests.stores import KINDS, Stores, stores_of


@pytest.fixture(scope="session", params=KINDS)
def stores(request: pytest.FixtureRequest) -> Stores:
    return stores_of(request)
