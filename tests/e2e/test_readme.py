"""The README, done as it says: its files written, its commands run, what they print compared."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL)


def blocks(page: Path = README) -> list[tuple[str, str]]:
    """(info, body) of every fenced block, in order."""
    return [(match["info"], match["body"]) for match in _BLOCK.finditer(page.read_text())]


def test_the_readme_does_what_it_says(tmp_path: Path) -> None:
    printed, ran = "", 0
    for info, body in blocks():
        name = re.search(r"file=(\S+)", info)
        if name:
            (tmp_path / name[1]).write_text(body)
        elif info == "sh" and "trivium" in body:
            for line in body.splitlines():
                if line.startswith("trivium "):
                    printed = run(shlex.split(line)[1:], tmp_path)
                    ran += 1
                else:
                    subprocess.run(["sh", "-c", line], cwd=tmp_path, check=True)
        elif info == "text":
            assert printed == body
    assert ran == 4
    assert [path.name for path in (tmp_path / "drop" / "done").iterdir()] == ["stock_2026-11-20.csv"]


def test_every_page_it_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        assert (README.parent / link).exists(), link


def run(arguments: list[str], folder: Path) -> str:
    found = subprocess.run(
        [sys.executable, "-m", "trivium", *arguments],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        pytest.fail(f"trivium {shlex.join(arguments)}: {found.stderr}")
    return found.stdout
