"""All roads at once into a service that is killed again and again: nothing is lost, nothing is taken twice."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest
from rich.console import Console

from retail import show
from retail.live import verdict
from retail.live.agenda import TOPICS
from retail.live.system import SYSTEMS
from retail.live.watching import command_of, is_ready, service
from tests.servers.kafka import Kafka
from tests.servers.tools import free_port
from tests.servers.topics import Topics
from tests.soak import SOAK

DAY = dt.date(2025, 11, 28)
SPEED = 1_440 if SOAK else 3_600
SCALE = 0.5 if SOAK else 0.1
CHANCE = Random(17)


@pytest.fixture
def topics(kafka: Kafka) -> Iterator[None]:
    with Topics(kafka.servers) as made:
        for topic in TOPICS.values():
            made.make(topic, 3)
        yield
        for topic in TOPICS.values():
            made.remove(topic)


@contextmanager
def killed(folder: Path, at: str, over: threading.Event, **settings: str) -> Iterator[list[int]]:
    """The service in a process that is killed every few seconds and started again, until `over`; how often."""
    times = [0]
    told = {f"TRIVIUM_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "trivium", "run", "retail", "--http", at, "--json"]

    def run() -> None:
        while not over.is_set():
            with (folder / "killed.log").open("ab") as log:
                process = subprocess.Popen(
                    command, stdout=log, stderr=log, env={**os.environ, **told, "TRIVIUM_ACCESS": "open"}
                )
            while not over.is_set() and process.poll() is None and not is_ready(f"http://{at}"):
                over.wait(0.1)
            over.wait(CHANCE.uniform(1, 5))
            process.send_signal(signal.SIGKILL)
            process.wait()
            times[0] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize("store", ["duckdb", "postgres"])
def test_a_live_day_into_a_service_that_is_killed(
    store: str, kafka: Kafka, topics: None, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    at, inbox, meant = f"127.0.0.1:{free_port()}", tmp_path / "inbox", tmp_path / "meant"
    url = request.getfixturevalue("fresh_postgres") if store == "postgres" else f"{tmp_path}/{{domain}}.duckdb"
    for name in ("mpts", "sod", "oms", "wms"):
        (inbox / name).mkdir(parents=True)
    settings = {"store": url, "inbox": str(inbox), "broker": kafka.url, "poll": "0.5", "raw": str(tmp_path / "raw")}
    words = {
        "url": f"http://{at}", "broker": kafka.url, "inbox": inbox, "meant": meant, "date": DAY, "seed": 5,
        "scale": SCALE, "speed": SPEED,
    }  # fmt: skip
    over = threading.Event()
    with killed(tmp_path, at, over, **settings) as times, ExitStack() as running:
        systems = [
            running.enter_context(subprocess.Popen(command_of(name, **words), stdout=subprocess.DEVNULL))
            for name in SYSTEMS
        ]
        codes = [system.wait(300) for system in systems]
    assert codes == [0] * len(codes)
    assert times[0] > 2
    with service(tmp_path, at, **settings) as there:
        assert verdict.wait_until_taken(there, meant, 120), verdict.accounts(there)
        compared = list(verdict.verdicts(there, meant))
    assert show.verdict(Console(width=140), [one for one in compared if one.name != "figures"])
