"""A live day as a person watches it: the processes, how far each system is, and where to look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final
from urllib.request import urlopen

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from retail.live.agenda import TOPICS
from retail.live.system import SYSTEMS

_STARTS: Final = 60.0
_GRACE: Final = 30.0


class NotRunning(Exception):
    """A process that the day needs has ended, or does not begin; the message says which, and what it said."""


@dataclass
class Told:
    """What a process writes, line by line, as it comes."""

    process: subprocess.Popen[bytes]
    lines: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, process: subprocess.Popen[bytes]) -> Told:
        """Listens from now on, in a thread of its own."""
        told = cls(process)
        threading.Thread(target=told._listen, daemon=True).start()
        return told

    def _listen(self) -> None:
        out: IO[bytes] | None = self.process.stdout
        assert out is not None
        for line in out:
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """The embedded broker; its address."""
    with _process([sys.executable, "-m", "retail.broker", *TOPICS.values()], folder / "broker.log") as process:
        told = Told.of(process)
        _until(lambda: bool(told.lines), process, "the embedded broker", folder / "broker.log")
        yield str(told.lines[0]["broker"])


@contextmanager
def service(folder: Path, at: str, **settings: str) -> Iterator[str]:
    """`trivium run retail`, until the block ends; then it ends in good order. Where it answers."""
    told = {f"TRIVIUM_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "trivium", "run", "retail", "--http", at, "--json"]
    log = folder / "run.log"
    with _process(command, log, {**os.environ, **told, "TRIVIUM_ACCESS": "open"}) as process:
        heard = Told.of(process)

        def url() -> str:
            words = [str(line.get("word", "")) for line in heard.lines]
            return next((word.removeprefix("answers at ") for word in words if word.startswith("answers at ")), "")

        _until(lambda: bool(url()) and is_ready(url()), process, "the service", log)
        yield url()
        process.terminate()
        process.wait(_GRACE)


def live(out: Console, systems: Sequence[str], commands: Sequence[list[str]], folder: Path) -> bool:
    """Runs the systems side by side and shows how far each is; whether all ended well."""
    columns = (
        TextColumn("[bold]{task.description:<6}"), BarColumn(40), TextColumn("{task.completed:>6,.0f} sent"),
        TextColumn("[dim]{task.fields[at]}"),
    )  # fmt: skip
    with ExitStack() as stack, Progress(*columns, console=out, transient=True) as progress:
        running = []
        for name, command in zip(systems, commands, strict=True):
            process = stack.enter_context(_process(command, folder / f"{name}.log"))
            running.append((progress.add_task(name, total=None, at=""), Told.of(process)))
        while any(told.process.poll() is None for _, told in running):
            for task, told in running:
                if told.lines:
                    last = told.lines[-1]
                    progress.update(task, completed=last["sent"], total=last["of"], at=str(last["at"])[11:16])
            time.sleep(0.2)
    failed = [name for name, (_, told) in zip(systems, running, strict=True) if told.process.returncode]
    for name in failed:
        out.print(f"{name} failed:\n{_tail(folder / f'{name}.log')}", style="bold red", markup=False)
    return not failed


def command_of(system: str, **words: Any) -> list[str]:
    """The command that runs a system."""
    assert system in SYSTEMS
    told = [word for name, value in words.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-m", "retail.live.system", system, *told]


@contextmanager
def _process(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def _until(there: Any, process: subprocess.Popen[bytes], what: str, log: Path) -> None:
    until = time.monotonic() + _STARTS
    while not there():
        if process.poll() is not None or time.monotonic() > until:
            raise NotRunning(f"{what} does not run:\n{_tail(log)}")
        time.sleep(0.05)


def is_ready(url: str) -> bool:
    """Whether a service answers there, and is ready."""
    try:
        with urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310 - an address of ours
            return bool(answer.status == 200)
    except OSError:
        return False


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2_000:] if log.exists() else ""
