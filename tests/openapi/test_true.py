"""What the documents say is so: schemathesis asks a real service whatever they allow, and much that they do not.

In its fuzzing phase it draws requests; in its coverage phase it goes through the bounds of every parameter by itself.
That is thousands of requests for an entity with every type, so that here it is done for few paths, and with
HYPOTHESIS_PROFILE=soak for all, and for the retail application.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.openapi.documents import ODD
from tests.running.caller import Caller
from tests.running.place import Place
from tests.soak import SOAK

_HERE = Path(__file__).parent
_FEW = "^/v1/(records|changes|explain)/records/x|^/v1/in/(a-1|explain)|^/v1/(accounts|findings)"
"""Paths whose parameters are few, and of each kind that does not depend on attributes."""


@pytest.fixture(scope="module", params=[ODD, pytest.param("retail", marks=pytest.mark.skipif(not SOAK, reason="soak"))])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Place.of(tmp_path_factory.mktemp("openapi"), Path(request.param)) as place:
        yield place


@pytest.fixture(scope="module")
def service(place: Place) -> Iterator[Caller]:
    running, caller = place.serve()
    yield caller
    assert not [line for line in running.lines if "a defect" in str(line.get("hint"))]
    running.stop()


def test_the_command_says_the_same(place: Place, service: Caller) -> None:
    for words, path in ((), "/openapi.json"), (("--version", "2.0"), "/swagger.json"):
        assert place.ended("openapi", *words) == service.get(path).body.decode()


@pytest.mark.slow  # there is no other test that a word of the document is so
def test_the_3_1_document_is_true(place: Place, service: Caller) -> None:
    _asked(place, service, "openapi.json", "fuzzing,stateful", 500 if SOAK else 4)


def test_the_2_0_document_is_true(place: Place, service: Caller) -> None:
    _asked(place, service, "swagger.json", "fuzzing", 200 if SOAK else 2)


@pytest.mark.slow  # thousands of requests, each of which a client could send
def test_the_bounds_of_everything_are_as_told(place: Place, service: Caller) -> None:
    _asked(place, service, "openapi.json", "coverage", 1, *(() if SOAK else ("--include-path-regex", _FEW)))


def _asked(place: Place, service: Caller, document: str, phases: str, examples: int, *more: str) -> None:
    """Has schemathesis ask; shows what it found."""
    words = ["--config-file", str(_HERE / "schemathesis.toml"), "run", f"{service.url}/{document}", "--no-color"]
    words += ["--phases", phases, "--max-examples", str(examples), "--continue-on-failure", *more]
    words += ["--seed", "1"] if os.environ.get("CI") and not SOAK else []  # what CI tries is the same every time
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *words], cwd=place.folder, capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": str(_HERE.parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
