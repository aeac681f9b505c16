"""Loads whose process, or whose database server, is killed at moments drawn at random.

The moments are the same in every run, by a fixed seed. There are a few of them; `make soak` tries a hundred.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.commands import Command, load, loading
from tests.faults.grounds import Ground, PostgresGround, opened
from tests.faults.shop import order_file
from tests.faults.undisturbed import Undisturbed
from tests.servers.postgres import Postgres
from tests.soak import SOAK

KILLS = 100 if SOAK else 3
CRASHES = 25 if SOAK else 2
STOPS = 25 if SOAK else 1
SEED = 20260302


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three days, one of them corrected twice, with rejects in each."""
    days = [order_file(tmp_path / "in", day) for day in (1, 2, 3)]
    return [*days, *(order_file(tmp_path / "in", 1, revision, rows=25) for revision in (3, 2))]


def moments(seconds: float, seed: int) -> Iterator[tuple[float, str]]:
    """Moments up to a little more than a load takes, and what to say of each."""
    draw = random.Random(seed)
    for number in range(1_000_000):
        moment = draw.uniform(0, 1.1 * seconds)
        yield moment, f"seed {seed}, kill {number}, after {moment:.3f} s"


@pytest.mark.slow
def test_killed_at_any_moment(ground: Ground, files: list[Path]) -> None:
    """kill -9 of the command; the same command again, until it comes through; then from the beginning."""
    undisturbed = Undisturbed(ground, files)
    kills, rounds = 0, 0
    for moment, why in moments(undisturbed.seconds, SEED):
        command = loading(ground, "orders", *files)
        command.begin()
        if not command.ended(moment):
            command.kill()
            kills += command.process.exitcode == -signal.SIGKILL
        undisturbed.check(ground, complete=command.code == 0, why=why)
        if command.code == 0:
            rounds += 1
            if kills >= KILLS:
                break
            ground.clear()
    assert load(ground, "orders", *files).code == 0
    undisturbed.check(ground, complete=True, why=f"{kills} kills in {rounds} rounds")


@pytest.mark.slow
@pytest.mark.server
def test_the_server_is_killed_at_any_moment(tmp_path: Path, files: list[Path]) -> None:
    """kill -9 of every process of PostgreSQL: the command says so, and can be repeated when it is back."""
    with Postgres() as server:
        ground = PostgresGround(server.url_c, tmp_path)
        undisturbed = Undisturbed(ground, files)
        draw = moments(undisturbed.seconds, SEED + 1)
        for _ in range(CRASHES):
            moment, why = next(draw)
            command = loading(ground, "orders", *files)
            command.begin()
            command.ended(moment)
            server.crash()
            says_that_the_store_failed(command, why)
            server.restart()
            undisturbed.check(ground, complete=command.code == 0, why=why)
            if command.code == 0:
                ground.clear()
        assert load(ground, "orders", *files).code == 0
        undisturbed.check(ground, complete=True, why=f"{CRASHES} crashes")


def says_that_the_store_failed(command: Command, why: str) -> None:
    assert command.code in (0, 3), f"{why}: {command.text}"
    assert "Traceback" not in command.text, f"{why}: {command.text}"
    assert command.code == 0 or "error: " in command.text, f"{why}: {command.text}"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_stopped_at_any_moment(ground: Ground, files: list[Path], number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM: the command itself takes back what it had begun, before anybody sweeps."""
    undisturbed = Undisturbed(ground, files)
    draw, stopped = moments(undisturbed.seconds, SEED + number), 0
    while stopped < STOPS:
        moment, why = next(draw)
        command = loading(ground, "orders", *files)
        command.begin()
        if not command.ended(moment):
            command.send(number)
        assert command.code in (0, 130, 128 + number), f"{why}: {command.text}"
        assert "Traceback" not in command.text, f"{why}: {command.text}"
        with opened(ground, prepare=False) as shop:
            prepared = not shop.store.control.plan()
            assert not prepared or not shop.store.control.status()["loading"], f"{why}: {command.text}"
        undisturbed.check(ground, complete=command.code == 0, why=why)
        if command.code == 0:
            ground.clear()
        else:
            stopped += 1
    assert load(ground, "orders", *files).code == 0
    undisturbed.check(ground, complete=True, why=f"stopped {stopped} times")
