"""What a person types. A command reads its words, calls a use case and shows what came of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from trivium.cli.failures import Failure, failure
from trivium.cli.signals import Signals


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command; what it returns is the exit code: see `trivium --help`."""
    words = list(sys.argv[1:] if words is None else words) or ["--help"]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a message that cannot be encoded is still a message
    with Signals() as signals:
        try:
            code = _run(words)
            sys.stdout.flush()
            if signals.received is not None:
                raise KeyboardInterrupt
        except BaseException as error:  # noqa: BLE001 - the end of the road: said, with an exit code
            if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
                # whoever read has left: nothing more can be said, not even by the interpreter as it ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                return 141
            found = failure(error, signals.received)
            found.show(as_json="--json" in words, traceback="--debug" in words or bool(os.environ.get("TRIVIUM_DEBUG")))
            return found.exit_code
    return code


def _run(words: list[str]) -> int:
    from trivium.cli.commands import command

    code = command().main(args=words, prog_name="trivium", standalone_mode=False)
    return code if isinstance(code, int) else 0


__all__ = ["Failure", "main"]
