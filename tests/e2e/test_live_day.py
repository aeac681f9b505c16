"""The retailer's day live, with real brokers: everything that the service serves is what the systems meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from retail.live.agenda import TOPICS
from retail.live.day import live_day
from tests.servers.kafka import Kafka
from tests.servers.tools import free_port
from tests.servers.topics import Topics


@pytest.fixture(autouse=True)
def topics(kafka: Kafka) -> Iterator[None]:
    """Those of the systems, for one day."""
    with Topics(kafka.servers) as made:
        for topic in TOPICS.values():
            made.make(topic, 3)
        yield
        for topic in TOPICS.values():
            made.remove(topic)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("store", ["duckdb", "postgres"])
def test_a_live_day_comes_out_as_it_was_meant(
    store: str, kafka: Kafka, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    url = request.getfixturevalue("fresh_postgres") if store == "postgres" else None
    out = Console(width=140)
    perfect = live_day(
        out, tmp_path, seed=7, scale=0.1, speed=7200, date=dt.date(2025, 11, 28), store=url,
        at=f"127.0.0.1:{free_port()}", kafka=kafka.url, prompt=60,  # for how busy this machine is, nobody knows
    )  # fmt: skip
    assert perfect, capsys.readouterr().out + (tmp_path / "run.log").read_text("utf-8")
