"""Types commands as a person would, in this process, and reads what they print."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.cli import main


class CommandFailed(Exception):
    """A command ended as it should not; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The commands of one application over one store."""

    app: str
    store: str

    def run(self, *words: str) -> int:
        """A command that prints for people, as it stands; its exit code."""
        return main([*words, "--store", self.store])

    def ask(self, *words: str, may_fail: bool = False) -> Any:
        """The JSON document that a command prints. `may_fail`: exit code 1 is an answer too."""
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*words, "--store", self.store, "--json"])
        if code > int(may_fail):
            raise CommandFailed(f"trivium {' '.join(words)}: exit code {code}\n{err.getvalue()}")
        assert isinstance(out.buffer, io.BytesIO)
        return json.loads(out.buffer.getvalue())

    def load(self, source: str, files: Sequence[Path]) -> list[Any]:
        """Loads files of a source and leaves the fold for later; what became of each."""
        words = ["load", self.app, source, *map(str, files), "--no-consolidate"]
        document = self.ask(*words, may_fail=True)
        found: list[Any] = document["files"]
        return found

    def export(self, entity: str, file: Path) -> Path:
        """Writes the canonical export of an entity into a file."""
        self.ask("export", self.app, entity, "--output", str(file))
        return file

    def readings(self) -> list[Any]:
        """Every reading of every delivery, with its account."""
        found: list[Any] = self.ask("deliveries", self.app, "list", "--all")["deliveries"]
        return found

    def findings(self, at: str | None = None, *, limit: int = 1000) -> list[Any]:
        """What is odd though nothing was rejected; `at`: with the files that were due by then; at most `limit` of each
        kind."""
        words = ["findings", self.app, "--limit", str(limit), *(["--at", at] if at else [])]
        found: list[Any] = self.ask(*words)["findings"]
        return found

    def flush(self) -> None:
        """What a command printed is out before anything else is printed."""
        sys.stdout.flush()
