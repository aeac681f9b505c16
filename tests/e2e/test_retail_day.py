"""A day of the reference application: whatever the order of its files, the same bytes, and what was meant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from retail.checker import KEYS, VIEWS
from retail.command import CommandLine
from retail.day import Day, write_day
from retail.verdict import verdicts

ROOT = Path(__file__).parents[2]
ENTITIES = sorted(set(KEYS) - VIEWS)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return write_day(tmp_path_factory.mktemp("day"), seed=11, scale=0.2)


def load_shuffled(product: CommandLine, day: Day, chance: Random) -> None:
    """All files in an order of chance, one or some at a time, a few of them twice."""
    told = [*day.told, *day.again]
    chance.shuffle(told)
    while told:
        source = told[0].source
        some = [one for one in told if one.source == source][: chance.choice((1, 3, 100))]
        for file in product.load(source, [day.folder / one.file for one in some]):
            assert file["outcome"] in ("loaded", "known"), file
        told = [one for one in told if one not in some]


@pytest.fixture(scope="module", params=[1, 2, 3])
def shuffled(request: pytest.FixtureRequest, day: Day, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    product = CommandLine("retail", str(tmp_path_factory.mktemp("store") / "{domain}.duckdb"))
    load_shuffled(product, day, Random(request.param))
    if request.param == 2:
        product.ask("consolidate", product.app)  # the others are read with a tail
    return product


_BYTES: dict[str, bytes] = {}
"""What the first order came to."""


def test_the_day_comes_out_as_it_was_meant(shuffled: CommandLine, day: Day) -> None:
    for compared in verdicts(shuffled, day.folder, shuffled.readings(), shuffled.findings()):
        assert compared.meant
        assert compared.perfect, compared


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_order_of_the_files_gives_the_same_bytes(shuffled: CommandLine, entity: str, tmp_path: Path) -> None:
    exported = shuffled.export(entity, tmp_path / entity).read_bytes()
    assert exported
    assert exported == _BYTES.setdefault(entity, exported)


def test_the_program_shows_the_day_and_is_content(tmp_path: Path) -> None:
    words = ["--scale", "0.05", "--seed", "3", "--speed", "7200", "--http", "127.0.0.1:0", "--data", str(tmp_path)]
    words += ["--prompt", "60"]  # for how busy this machine is, nobody knows
    command = [sys.executable, "-m", "retail", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("sod-end-of-day", "oms-events", "late", "delivered_at", "values are what was meant", "read back"):
        assert told in done.stdout
