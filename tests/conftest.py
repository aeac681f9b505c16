"""What all tests share: their order, how hard Hypothesis tries, and the servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres
from tests.stores import PostgresPlace

_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]

# Deadlines would measure the machine, not the code. What CI tries is the same every time, so that what makes it red is
# the change that it judges; other examples are tried at each run elsewhere, and very many in a soak.
settings.register_profile("dev", max_examples=60, deadline=None, print_blob=True, suppress_health_check=_PATIENT)
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, database=None)
settings.register_profile("soak", parent=settings.get_profile("dev"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

os.environ.setdefault("TRIVIUM_HTTP", "127.0.0.1:0")  # services of tests run side by side
os.environ.setdefault("TRIVIUM_ACCESS", "open")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The unit tests first: what they find needs no server to be seen."""
    unit = Path(__file__).parent / "unit"
    items.sort(key=lambda item: unit not in item.path.parents)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL for the whole session. Tests that crash it start one of their own."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url_en(postgres: Postgres) -> str:
    """A database whose text sorts as English readers expect: what a careless ORDER BY would go by."""
    return postgres.url_en


@pytest.fixture(scope="session")
def postgres_url_c(postgres: Postgres) -> str:
    """A database whose text sorts by bytes, as DuckDB's does."""
    return postgres.url_c


@pytest.fixture
def fresh_postgres(postgres_url_c: str) -> Iterator[str]:
    """A database in which no test left a store, and in which none is left."""
    PostgresPlace(postgres_url_c).remove()
    yield postgres_url_c
    PostgresPlace(postgres_url_c).remove()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """A real Kafka for the whole session, one broker. Who kills it has it mended again; topics and groups are of the
    tests' own, under names that no other has."""
    with Kafka() as broker:
        yield broker


@pytest.fixture(scope="module")
def cluster() -> Iterator[Kafka]:
    """Three brokers, for one module: they take room. Who kills one mends it again."""
    with Kafka(3) as brokers:
        yield brokers
