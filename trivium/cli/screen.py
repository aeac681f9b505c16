"""Where a command writes: what was asked for to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_WIDE = 200
"""Columns where no terminal says how many: a table in a file or a pipe is not folded at 80."""


class Screen:
    """With `as_json` exactly one document comes on stdout and nothing else is written.

    Colour and progress come on a terminal only; NO_COLOR is respected. Texts are never read as markup.
    """

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()

    def document(self, value: Any) -> None:
        """The one JSON document."""
        ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
        sys.stdout.write(json.dumps(value, ensure_ascii=ascii_only, indent=2, allow_nan=False) + "\n")

    def show(self, *what: RenderableType, style: str | None = None) -> None:
        """A line or a table of the result; silent for JSON."""
        if not self.as_json:
            self.out.print(*what, style=style)

    def note(self, *what: RenderableType, style: str | None = None) -> None:
        """A word about the work, not part of the result."""
        if not self.as_json:
            self.err.print(*what, style=style)

    def failed(self, message: str, hint: str | None) -> None:
        """An error: what happened, then what to do."""
        self.err.print(Text.assemble(("error: ", "bold red"), message))
        for line in (hint or "").splitlines():
            self.err.print(f"  {line}")

    def working(self, what: str) -> AbstractContextManager[Any]:
        """Says what is being done while it is being done, on a terminal."""
        if self.as_json or not self.err.is_terminal:
            return nullcontext()
        return self.err.status(what)

    def confirmed(self, question: str) -> bool:
        """The answer to a question; only where `asks`."""
        self.err.print(f"{question} [y/N] ", end="", style="bold")
        return input().strip().lower() in ("y", "yes")


def table(*headings: str, right: Sequence[str] = (), rows: Iterable[Sequence[RenderableType | None]] = ()) -> Table:
    """A calm table: no lines, figures to the right, nothing cut off."""
    made = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), show_header=any(headings))
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def _console(stream: TextIO) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDE
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)
