"""A folder with an inbox and stores, in which the service and other commands run as processes of their own."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.faults.commands import Command, commanding
from tests.running.caller import Caller
from tests.servers.tools import wait_until

Line = dict[str, Any]
_LONG = 600.0
"""Seconds in which any command ends, also one on hundreds of files on a busy machine."""
SETTLED = ("loaded", "known", "held", "refused")


@dataclass
class Running:
    """`trivium run` with --json. What it told is read from where it writes."""

    command: Command
    _told: int = 0

    @property
    def lines(self) -> list[Line]:
        """Everything it told so far; a line that is half written is not there yet."""
        whole = self.command.text.rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def until(self, fits: Callable[[Line], bool], what: str = "is told", seconds: float = 60) -> Line:
        """The first line that fits, which nobody waited for yet; waits until it is there."""
        found: list[Line] = []

        def look() -> bool:
            alive = self.command.process.is_alive()
            lines = self.lines
            for number in range(self._told, len(lines)):
                if fits(lines[number]):
                    self._told = number + 1
                    found.append(lines[number])
                    return True
            assert alive, "it has ended"
            return False

        try:
            wait_until(look, what, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.command.text[-3000:]}") from None
        return found[0]

    def settled(self, name: str, state: str | None = None) -> Line:
        """What became of a file, called by the end of its name, when it has."""
        line = self.until(
            lambda one: str(one.get("file")).endswith(name) and one["state"] in SETTLED, f"{name} settles"
        )
        assert state in (None, line["state"]), line
        return line

    def word(self, text: str) -> Line:
        """What a part of it had to say."""
        return self.until(lambda one: text in one.get("word", ""), f"the word {text!r}")

    def caller(self) -> Caller:
        """Who calls it, when it answers."""
        return Caller(self.word("answers at")["word"].removeprefix("answers at "))

    def stop(self, number: signal.Signals = signal.SIGTERM, *, code: int = 0) -> None:
        """Tells it to end, and waits until it has."""
        self.command.send(number)
        assert self.command.ended(), f"it hangs: {self.command.text}"
        assert self.command.code == code, self.command.text
        assert "Traceback" not in self.command.text, self.command.text

    def kill(self) -> None:
        self.command.kill()


@dataclass
class Place:
    """`store` is what TRIVIUM_STORE is told, `variables` are further ones. `inbox` is a folder here, `url` names it."""

    folder: Path
    app: Path
    store: str
    variables: dict[str, str] = field(default_factory=dict)
    url: str = ""
    started: list[Command] = field(default_factory=list)

    @classmethod
    @contextmanager
    def of(cls, folder: Path, app: Path, store: str | None = None, **variables: str) -> Iterator[Self]:
        """All processes that were started are gone after the block."""
        place = cls(folder, app, store or f"{folder}/stores/{{domain}}.duckdb", variables)
        try:
            yield place
        finally:
            for command in place.started:
                command.kill()

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def run(self, *words: str, app: str | None = None, **more: str) -> Running:
        """`trivium run APP` with --json, begun."""
        return Running(self.start("run", app or str(self.app), *words, "--json", **more))

    def serve(self, **more: str) -> tuple[Running, Caller]:
        """The same when it is ready, and who calls it."""
        running = self.run(**more)
        caller = running.caller()
        wait_until(lambda: caller.get("/readyz").status == 200, "it is ready")
        return running, caller

    def once(self, *words: str, code: int = 0, **more: str) -> list[Line]:
        """`trivium run APP --once`; what it told."""
        running = self.run("--once", *words, **more)
        assert running.command.ended(_LONG), "it hangs"
        assert running.command.code == code, running.command.text
        return running.lines

    def start(self, *words: str, **more: str) -> Command:
        """A command, begun."""
        environment = {
            "TRIVIUM_STORE": self.store, "TRIVIUM_RAW": str(self.folder / "raw"), "TRIVIUM_POLL": "0.2",
            "TRIVIUM_INBOX": self.url or str(self.inbox), **self.variables, **more,
        }  # fmt: skip
        command = commanding(self.folder, words, environment)
        self.started.append(command)
        command.begin()
        return command

    def ended(self, word: str, *words: str, code: int = 0) -> str:
        """What a command on the application wrote, when it has ended."""
        command = self.start(word, str(self.app), *words)
        assert command.ended(_LONG), "it hangs"
        assert command.code == code, f"{word}: {command.text}"
        return command.text

    def document(self, word: str, *words: str, code: int = 0) -> Any:
        """The document that it writes with --json."""
        return json.loads(self.ended(word, *words, "--json", code=code))

    def records(self, entity: str) -> list[dict[str, Any]]:
        """The export of an entity."""
        return [json.loads(line) for line in self.ended("export", entity).splitlines()]

    def put(self, name: str, text: str | bytes) -> Path:
        """Puts a file into the inbox as its sender should: written under another name and renamed."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(text.encode() if isinstance(text, str) else text)
        return part.rename(path)

    def lying(self, folder: str = "") -> set[str]:
        """The names of all files below a folder of the inbox."""
        root = self.inbox / folder
        return {str(Path(at, name).relative_to(root)) for at, _, names in os.walk(root) for name in names}
