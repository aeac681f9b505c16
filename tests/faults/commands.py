"""Commands in processes of their own, as a shell would start them, only sooner: they are forked from a server that
has imported everything, so that a moment drawn at random is one in which the command does something."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.faults import child
from tests.faults.grounds import Ground

APP = str(Path(__file__).with_name("shop.py"))
PATIENCE = 60.0
"""Seconds after which a command hangs."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([child.__name__])
_NUMBERS = count()


@dataclass
class Command:
    """One that is there and waits to be told to begin."""

    process: ForkServerProcess
    told: Path
    ends: Connection

    def begin(self) -> None:
        self.ends.send("go")

    def ended(self, within: float = PATIENCE) -> bool:
        """Whether it has ended, after so many seconds at most."""
        self.process.join(within)
        return self.process.exitcode is not None

    def send(self, number: signal.Signals) -> None:
        """A signal, if it is still there to get it."""
        if self.process.pid is not None and self.process.exitcode is None:
            os.kill(self.process.pid, number)

    def kill(self) -> None:
        self.process.kill()
        assert self.ended()

    @property
    def code(self) -> int:
        assert self.ended(), f"it hangs: {self.text}"
        assert self.process.exitcode is not None
        return self.process.exitcode

    @property
    def text(self) -> str:
        """What it wrote so far."""
        return self.told.read_text() if self.told.exists() else ""


def loading(ground: Ground, source: str, *files: Path, most: int | None = None) -> Command:
    """`trivium load`, waiting to begin. No file may grow beyond `most` bytes by its doing."""
    words = ["load", APP, source, *map(str, files), "--store", ground.named]
    return commanding(ground.folder, words, {"TRIVIUM_RAW": str(ground.raw)}, most=most)


def commanding(
    folder: Path, words: Sequence[str], environment: Mapping[str, str], *, most: int | None = None
) -> Command:
    """Any command, waiting to begin. It writes to a file in `folder`. A variable that is empty is not there."""
    told = folder / f"told-{next(_NUMBERS)}.txt"
    ours, its = _FORKS.Pipe()
    process = _FORKS.Process(target=child.run, args=(words, environment, told, its, most))
    process.start()
    its.close()
    assert ours.poll(PATIENCE), "it does not start"
    ours.recv()
    return Command(process, told, ours)


def load(ground: Ground, source: str, *files: Path, most: int | None = None) -> Command:
    """The command, ended."""
    command = loading(ground, source, *files, most=most)
    command.begin()
    assert command.code >= 0, command.text
    return command


def timed(ground: Ground, source: str, *files: Path) -> float:
    """How long such a load takes, undisturbed."""
    command = loading(ground, source, *files)
    begun = time.monotonic()
    command.begin()
    assert command.code == 0, command.text
    return time.monotonic() - begun
