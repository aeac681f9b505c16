"""Where a command writes: what was asked for to stdout, everything else to stderr."""

from __future__ import annotations

import errno
import json
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ParamSpec, TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from trivium.cli.words import with_app

_P = ParamSpec("_P")
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
        self._busy = False

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        return not self.as_json and sys.stdin.isatty() and sys.stderr.isatty()

    def document(self, value: Any) -> None:
        """The one JSON document."""
        self.data([json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False), "\n"])

    def data(self, pieces: Iterable[bytes | str]) -> None:
        """Bytes to stdout, all of them: where Python runs unbuffered, one write may take a part and say so."""
        sys.stdout.flush()
        for piece in pieces:
            # a name of a file may hold bytes that are no UTF-8; \udc80 is what JSON has for them
            whole = piece.encode("utf-8", "backslashreplace") if isinstance(piece, str) else piece
            rest = memoryview(whole)
            while rest:
                rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()

    def show(self, *what: RenderableType, style: str | None = None) -> None:
        """A line or a table of the result; silent for JSON."""
        if not self.as_json:
            # what moves on a terminal has to be told of a line that is to stand above it
            console = self.err if self._busy and self.out.is_terminal else self.out
            _print(console, *what, style=style)

    def note(self, *what: RenderableType, style: str | None = None) -> None:
        """A word about the work, not part of the result."""
        if not self.as_json:
            _print(self.err, *what, style=style)

    def failed(self, message: str, hint: str | None) -> None:
        """An error: what happened, then what to do."""
        _print(self.err, Text.assemble(("error: ", "bold red"), message))
        for line in (hint or "").splitlines():
            _print(self.err, f"  {line}")

    @property
    def moves(self) -> bool:
        """Whether progress may be shown."""
        return self.err.is_terminal and not self.as_json

    @contextmanager
    def moving(self, live: AbstractContextManager[Any]) -> Iterator[None]:
        """While something moves on `err`: a bar, a spinner."""
        self._busy = True
        try:
            with live:
                yield
        finally:
            self._busy = False

    def working(self, what: str) -> AbstractContextManager[None]:
        """Says what is being done while it is being done, on a terminal."""
        return self.moving(self.err.status(what)) if self.moves else nullcontext()

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


def _print(console: Console, *what: RenderableType, style: str | None = None) -> None:
    """Lines are left to the terminal to fold: a command that was folded by us could not be copied."""
    what = tuple(with_app(one) if isinstance(one, str) else one for one in what)
    console.print(*what, style=style, soft_wrap=not any(isinstance(one, Table) for one in what))


def _console(stream: TextIO) -> Console:
    width = None if stream.isatty() or "COLUMNS" in os.environ else _WIDE
    return _Console(file=stream, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Whoever reads has left. To end the process for it, as Rich does, is for the command to decide."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads any more")


def if_heard(say: Callable[_P, None]) -> Callable[_P, None]:
    """Says it if it can be said: that nobody reads the log any more, or that its disk is full, holds up no work."""

    def said(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            say(*args, **kwargs)
        except BrokenPipeError:
            _let_go()
        except OSError:
            pass

    return said


def _let_go() -> None:
    """What is written to a pipe that nobody reads goes nowhere from now on."""
    for number in (1, 2):
        asked = select.poll()
        asked.register(number, 0)
        if any(events & select.POLLERR for _, events in asked.poll(0)):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
