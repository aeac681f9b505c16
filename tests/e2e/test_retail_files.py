"""Days of files with every mischief, sent into the inbox of a running service: what was meant comes out."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from retail.command import CommandLine
from retail.files.contents import Plan
from retail.files.dealing import planned
from retail.files.meant import write_meant
from retail.files.sender import Sender
from retail.files.verdict import verdicts
from retail.files.week import week
from tests.running.place import Place

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def test_days_of_files_come_out_as_they_were_meant(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = request.getfixturevalue("fresh_postgres") if engine == "postgres" else ""
    told = StringIO()
    assert week(Console(file=told, width=140), tmp_path, 2, days=3, stores=3, store=store), told.getvalue()
    for word in ("accounts", "findings", "status", "files in the inbox", "values are what was meant", "torn"):
        assert word in told.getvalue()


def test_many_files_at_once_come_to_the_same(tmp_path: Path) -> None:
    plan, meant = Plan(dt.date(2025, 11, 8), 1, 10, seed=5), tmp_path / "meant"
    told, sent = planned(plan)
    write_meant(meant, plan, told, sent)
    with Place.of(tmp_path, ROOT / "retail/__init__.py") as place:
        sender = Sender(place.inbox, sent)
        for _ in sender.waves():
            if not sender.lying():
                continue
            running = place.run("--once", app="retail")
            assert running.command.code in (0, 1), running.command.text
            assert "defect" not in running.command.text
            assert not sender.lying()
        for compared in verdicts(CommandLine("retail", place.store), place.inbox, meant):
            assert compared.perfect, compared


@pytest.mark.parametrize("seed", [7, 8])
def test_whatever_the_seed(seed: int, tmp_path: Path) -> None:
    told = StringIO()
    assert week(Console(file=told, width=140), tmp_path, seed, days=2, stores=4), told.getvalue()


def test_a_program_sends_and_says_what_is_not_taken(tmp_path: Path) -> None:
    words = ["--inbox", str(tmp_path / "inbox"), "--days", "1", "--stores", "2", "--patience", "0.2", "--json"]
    command = [sys.executable, "-m", "retail.files", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "files are not taken, the first of them" in done.stderr
    assert '"source": "wms-counts"' in done.stdout
    assert dt.date.fromisoformat("2025-11-01").isoformat() in (tmp_path / "inbox-meant/plan.json").read_text()
