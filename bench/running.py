"""Runs tasks in processes of their own, the contestants by turns, and takes the medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_ROOT: Final = Path(__file__).parents[1]


class TaskFailed(Exception):
    """A task ended with an error, whose last lines these are."""


@dataclass(frozen=True)
class Contestant:
    """One way to do the work: a task of `worker.TASKS` with its arguments."""

    name: str
    task: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Runs:
    """What a contestant's runs found, in their order."""

    contestant: Contestant
    found: Sequence[Mapping[str, Any]]

    def median(self, figure: str) -> float:
        """The median of a figure."""
        return float(statistics.median(run[figure] for run in self.found))

    def spread(self, figure: str) -> tuple[float, float]:
        """Its least and its greatest."""
        values = [float(run[figure]) for run in self.found]
        return min(values), max(values)


def say(words: str) -> None:
    """Tells who watches what is going on; what is found goes to stdout."""
    print(words, file=sys.stderr, flush=True)


def run(task: str, **arguments: Any) -> dict[str, Any]:
    """The figures of one task."""
    os.sync()  # what the task before left to be written is not for this one to wait for
    done = subprocess.run(
        [sys.executable, "-m", "bench.worker", task],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        check=False,
    )
    if done.returncode:
        raise TaskFailed(f"{task}: " + "\n".join(done.stderr.strip().splitlines()[-12:]))
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def by_turns(contestants: Sequence[Contestant], repeats: int, told: Callable[[dict[str, Any]], str]) -> list[Runs]:
    """Every contestant so many times, by turns, so that a slow minute of the machine is everybody's. `told`: what is
    said of each run."""
    found: dict[str, list[dict[str, Any]]] = {contestant.name: [] for contestant in contestants}
    for turn in range(repeats):
        for contestant in contestants:
            figures = run(contestant.task, **contestant.arguments)
            found[contestant.name].append(figures)
            say(f"  {turn + 1}/{repeats} {contestant.name}: {told(figures)}")
    return [Runs(contestant, found[contestant.name]) for contestant in contestants]


def compare(contestants: Sequence[Contestant], repeats: int) -> list[Runs]:
    """The same, of the same work: what they wrote must be as many rows."""
    found = by_turns(contestants, repeats, lambda one: f"{one['seconds']:.1f} s, {one['peak_mb']:.0f} MB")
    rows = {figures["rows"] for runs in found for figures in runs.found}
    assert len(rows) == 1, f"not the same work: {rows} rows"
    assert rows != {0}, "no work at all"
    return found
