"""Why a command failed, told to a person or to a program, with the exit code that scripts go by."""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import typer

from trivium.cli.words import with_app
from trivium.engine.masking import masked
from trivium.errors import RefusedDelivery, TriviumError

UNEXPECTED: Final = 70
"""The exit code of a defect of ours (EX_SOFTWARE of sysexits.h)."""

_WHOLE: Final = re.compile(r"://[^:/@]*:(?P<password>.*)@")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is the kind of error in snake case, such as `store_busy`."""

    code: str
    message: str
    hint: str | None
    exit_code: int
    error: BaseException | None = None

    def show(self, *, as_json: bool, traceback: bool) -> None:
        """Writes it to stderr."""
        from trivium.cli.screen import Screen

        if traceback and self.error is not None:
            print(without_passwords(trace(self.error)), file=sys.stderr)
        if as_json:
            print(json.dumps(self.document(), ensure_ascii=False), file=sys.stderr)
        else:
            Screen().failed(self.message, self.hint)

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        details = self.error.details if isinstance(self.error, RefusedDelivery) else {}
        return {"code": self.code, "message": self.message, "hint": self.hint} | details


def failure(error: BaseException, signal: int | None = None) -> Failure:
    """What to say of an error. `signal`: the one that stopped the command, whatever it raised."""
    if signal is not None or isinstance(error, KeyboardInterrupt):
        return Failure(
            "stopped", "stopped: what was committed stays, the rest is taken back", None, 128 + (signal or 2), error
        )
    if isinstance(error, TriviumError):
        code = _CAMEL.sub("_", type(error).__name__).lower()
        return Failure(code, with_app(without_passwords(error.message)), _hint(error.hint), error.exit_code, error)
    if isinstance(error, typer.TyperException):
        return _misused(error)
    if isinstance(error, typer.Abort):
        return Failure("aborted", "not done", None, 1)
    if isinstance(error, SystemExit):
        return Failure("stopped", "an imported module ended the process", None, UNEXPECTED, error)
    return Failure(
        "unexpected",
        without_passwords(f"unexpected {type(error).__name__}: {error}"),
        "this is a defect of Trivium; `trivium --debug …` or TRIVIUM_DEBUG=1 shows where",
        UNEXPECTED,
        error,
    )


def trace(error: BaseException) -> str:
    """The traceback as text."""
    return "".join(traceback.format_exception(error))


def without_passwords(text: str) -> str:
    """The text with the password of every URL and connection string in it struck out, and wherever else the password
    of this command's own store stands, whole or in the pieces that a driver may make of it."""
    for told in (os.environ.get("TRIVIUM_STORE", ""), *sys.argv):
        found = _WHOLE.search(told)
        if found:
            pieces = {found["password"], unquote(found["password"]), *re.split(r"[/@?#:]", found["password"])}
            for piece in sorted(pieces, key=len, reverse=True):
                text = text.replace(piece, "***") if len(piece) > 2 else text
    return masked(text)


def _hint(hint: str | None) -> str | None:
    return None if hint is None else with_app(without_passwords(hint))


def _misused(error: typer.TyperException) -> Failure:
    """A command that cannot be understood. Its context knows which one was meant."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "trivium"
    return Failure("usage", error.format_message(), f"see `{path} --help`", 2, error)
