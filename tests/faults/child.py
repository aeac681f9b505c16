"""What runs in the process of a command: `trivium.cli.main`, when it is told to."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

# What a command imports by and by: the process is forked from one that has it all.
import trivium.adapters.stores.duckdb
import trivium.adapters.stores.postgres
import trivium.cli.commands
import trivium.cli.loading
import trivium.cli.opening
import trivium.cli.run
import trivium.service.loading
import trivium.service.running  # noqa: F401
from trivium.cli import main
from trivium.cli.signals import Signals


def run(
    words: Sequence[str], environment: Mapping[str, str], told: Path, ends: Connection, most: int | None = None
) -> None:
    """Says that it is there, waits for its turn, and runs the command, which writes to the file `told`.

    No file may grow beyond `most` bytes: the system answers EFBIG, for Python ignores the signal.
    """
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    for name, value in environment.items():
        os.environ[name] = value
        if not value:
            del os.environ[name]
    with told.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        with Signals():
            ends.send("there")
            ends.recv()
            code = main(list(words))
    except KeyboardInterrupt:  # before the command could say so itself
        code = 130
    sys.exit(code)
