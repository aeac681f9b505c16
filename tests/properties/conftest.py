"""The stores whose law is tried."""

from __future__ import annotations

import pytest

from tests.stores import DuckDBStores, Stores


@pytest.fixture(scope="session")
def stores() -> Stores:
    return DuckDBStores()
