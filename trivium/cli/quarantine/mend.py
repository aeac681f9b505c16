"""`trivium quarantine APP mend`."""

from __future__ import annotations

import datetime as dt
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trivium.cli.options import ByOption, DomainOption, JsonOption, KeepTailOption, StoreOption, who
from trivium.cli.quarantine.show import NameArgument
from trivium.errors import UsageError

if TYPE_CHECKING:
    from trivium.cli.screen import Screen

RawOption = Annotated[str | None, typer.Option("--raw", metavar="TEXT", help="The record as it should have been.")]
FileOption = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="The same, from a file; - is standard input.")
]
FewerOption = Annotated[
    bool, typer.Option("--fewer-lines", help="The record has fewer lines than what it replaces, and none is lost.")
]


def mend(
    context: typer.Context,
    name: NameArgument,
    raw: RawOption = None,
    file: FileOption = None,
    fewer_lines: FewerOption = False,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Replaces a rejected record and judges it again.

    Without --raw or --file the record opens in $VISUAL or $EDITOR. It keeps its delivery, its place and its event
    time; who mended it is written down. Where the rejected text has several lines, they may be several records that
    a stray quote made one of: fewer lines in their place need --fewer-lines. Exit code 1 if it is rejected again.

    TEXT is taken as it is: \\t in it is a backslash and a t. A tab, or a line break inside a cell, comes from a shell
    that writes $'…', or from --file, whose last line break is left off.

    \b
    Examples
      trivium quarantine shop.py mend 3:17
      trivium quarantine shop.py mend 3:17 --raw '1003,c2,paid,12.00,EUR,2026-03-02T09:10:00Z,'
      trivium quarantine shop.py mend 3:17 --raw $'1003\\tc2\\tpaid'
      printf '1003\\tc2\\tpaid\\n' | trivium quarantine shop.py mend 3:17 --file -
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.quarantine.choosing import chosen
    from trivium.cli.quarantine.sending import send
    from trivium.cli.screen import Screen

    if raw is not None and file is not None:
        raise UsageError("--raw and --file are two answers to one question", hint="give one of them")
    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    with chosen(place, [name], domain) as (opened, records):
        before = bytes(records[0]["raw"])
        if raw is not None:
            after = raw.encode("utf-8", "surrogateescape")
        elif file is not None:
            after = _one_record(_read(file))
        else:
            after = _edited(screen, before)
        if after == before:
            raise UsageError(f"{name} is as it was", hint="change what its reasons name, or `retry` it as it is")
        mended = [records[0] | {"raw": after}]
        return send(
            screen,
            opened,
            mended,
            now=dt.datetime.now(dt.UTC),
            outcome="mended",
            by=who(by),
            fold_it=not no_consolidate,
            fewer_lines=fewer_lines,
        )


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="give the path of a file") from error


def _one_record(text: bytes) -> bytes:
    """Without the end of its line, which editors add."""
    return text.removesuffix(b"\n").removesuffix(b"\r")


def _edited(screen: Screen, before: bytes) -> bytes:
    """What somebody made of it in an editor."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor or not screen.asks:
        raise UsageError(
            "there is nothing to mend it with", hint="give --raw TEXT or --file FILE, or set EDITOR and use a terminal"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.txt"
        path.write_bytes(before + b"\n")
        try:
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)
        except OSError as error:
            raise UsageError(f"{editor} cannot be started: {error.strerror}", hint="set EDITOR") from error
        if done.returncode:
            raise UsageError(
                f"{editor} ended with {done.returncode}; nothing is changed", hint="try again, or use --raw"
            )
        return _one_record(path.read_bytes())
