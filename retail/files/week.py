"""A week of a few stores: files sent into the inbox of a service that runs, and checked when it has taken them."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from retail import show
from retail.checker import Compared
from retail.command import CommandLine
from retail.files.checker import Meant
from retail.files.contents import Plan
from retail.files.dealing import planned
from retail.files.meant import write_meant
from retail.files.sender import NotTaken, Sender
from retail.files.verdict import verdicts

_MONDAY: Final = dt.date(2025, 11, 3)
_PATIENCE: Final = 60.0
_GRACE: Final = 30.0


def week(out: Console, folder: Path, seed: int, *, days: int = 7, stores: int = 3, store: str = "") -> bool:
    """Sends, waits, checks and shows; whether everything came out as it was meant. `store`: one of your own, in which
    nothing is yet."""
    plan = Plan(_MONDAY, days, stores, seed)
    show.heading(out, f"{days} days of files into the inbox of `trivium run`, with the mischief of real systems")
    inbox, store = folder / "week" / "inbox", store or str(folder / "week" / "{domain}.duckdb")
    told, sent = planned(plan)
    write_meant(folder / "week", plan, told, sent)
    sender = Sender(inbox, sent)
    try:
        with out.status("sending, while the service runs …"), _service(inbox, store, folder / "week" / "run.log"):
            for _ in sender.waves():
                sender.wait(_PATIENCE)
    except NotTaken as error:
        out.print(str(error), style="bold red", markup=False)
        return False
    meant = Meant.read(folder / "week")
    show.mischief(out, len(meant.sent), meant.mischief)
    with out.status("comparing with what was meant …"):
        compared: list[Compared] = list(verdicts(CommandLine("retail", store), inbox, folder / "week"))
    return show.verdict(out, compared)


@contextmanager
def _service(inbox: Path, store: str, log: Path) -> Iterator[None]:
    """`trivium run` in a process of its own, until the block ends; then it ends in good order."""
    command = [sys.executable, "-m", "trivium", "run", "retail", "--inbox", str(inbox), "--store", store]
    command += ["--http", "off"]
    with log.open("wb") as told, subprocess.Popen(command, stdout=told, stderr=told) as process:
        try:
            yield
            process.terminate()
            process.wait(_GRACE)
        finally:
            process.kill()
