"""The README, done as it says: its files written, its commands run, what they print compared."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.tools import free_port, wait_until

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


@pytest.mark.timeout(120)
def test_the_service_of_the_readme_answers_as_it_says(tmp_path: Path) -> None:
    """Its commands, with the address of a port that is free."""
    told = dict(blocks())
    (tmp_path / "tills.py").write_text(told["python file=tills.py"])
    at = f"localhost:{free_port()}"
    lines = told["console"].replace("\\\n", "").replace("localhost:8080", at).splitlines()
    service, post, get = (line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    words = [sys.executable, "-m", *shlex.split(service.removesuffix(" &"))[1:]]
    variables = {**os.environ, "TRIVIUM_ACCESS": "open", "TRIVIUM_HTTP": at.replace("localhost", "127.0.0.1")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=tmp_path, env=variables, stdout=log, stderr=log)
    try:
        ready = ["curl", "-sf", "-o", "/dev/null", f"http://{at}/readyz"]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, (tmp_path / "log").read_text(), 60)
        first, again, record = (
            subprocess.run(shlex.split(one), check=True, capture_output=True, text=True).stdout
            for one in (post, post, get)
        )
    finally:
        process.terminate()
        process.wait(20)
    assert json.loads(first)["accepted"] == 1
    assert first == again
    assert record.strip() == lines[-1]


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
