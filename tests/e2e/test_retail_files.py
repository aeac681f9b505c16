"""Days of files with every mischief, sent into the inbox of a running service: what was meant comes out."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from retail.files.week import week

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def test_days_of_files_come_out_as_they_were_meant(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = request.getfixturevalue("fresh_postgres") if engine == "postgres" else ""
    told = StringIO()
    assert week(Console(file=told, width=140), tmp_path, 2, days=3, stores=3, store=store), told.getvalue()
    for word in ("accounts", "findings", "status", "files in the inbox", "values are what was meant", "torn"):
        assert word in told.getvalue()


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
