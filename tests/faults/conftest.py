"""The stores that things happen to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.grounds import DuckDBGround, Ground, PostgresGround

GROUNDS = ["duckdb", pytest.param("postgres", marks=pytest.mark.server)]


@pytest.fixture(params=GROUNDS)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """A place with nothing in it yet."""
    if request.param == "duckdb":
        return DuckDBGround(tmp_path)
    ground = PostgresGround(request.getfixturevalue("postgres_url_c"), tmp_path)
    ground.clear()
    return ground
