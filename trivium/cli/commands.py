"""The commands, in the order in which `trivium --help` shows them."""

from __future__ import annotations

import functools
from typing import Annotated, Any

import typer
from typer.main import get_command

from trivium.cli.check import check
from trivium.cli.consolidate import consolidate
from trivium.cli.deliveries import deliveries
from trivium.cli.explain import explain
from trivium.cli.export import export
from trivium.cli.findings import findings
from trivium.cli.keys import keys
from trivium.cli.load import load
from trivium.cli.openapi import openapi
from trivium.cli.quarantine import quarantine
from trivium.cli.reconcile import reconcile
from trivium.cli.replay import replay
from trivium.cli.report import report
from trivium.cli.retract import retract
from trivium.cli.run import run
from trivium.cli.sketch import sketch
from trivium.cli.status import status

_COMMANDS = (
    run,
    load,
    status,
    sketch,
    check,
    explain,
    export,
    report,
    findings,
    reconcile,
    replay,
    retract,
    consolidate,
    openapi,
)
_GROUPS = (quarantine, deliveries, keys)

# Plain help: it starts in half the time, folds where the terminal does, and can be copied.
trivium = typer.Typer(
    name="trivium",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        from trivium.cli.screen import Screen
        from trivium.web.release import release

        Screen().show(f"trivium {release()}")
        raise typer.Exit


@trivium.callback()
def root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Shows the traceback of an error; so does TRIVIUM_DEBUG=1.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Shows the version and exits.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """One master record per business key, whatever road the data took.

    APP is an importable module, such as `retail`, or a Python file, such as shop.py, that declares domains.

    \b
    Exit codes
      0    done
      1    refused, held, or nothing found
      2    the command or a declaration is wrong
      3    the store failed, or another process holds it
      70   a defect of Trivium; --debug shows where
      130  stopped by Ctrl-C, 143 by SIGTERM: what was committed stays, the rest is taken back
    """


for _command in _COMMANDS:
    trivium.command(_command.__name__)(_command)
for _group in _GROUPS:
    trivium.add_typer(_group)


@functools.cache
def command() -> Any:
    """The whole command line, ready to be called as often as one likes."""
    return get_command(trivium)
