"""`trivium keys APP …`: who may call the service."""

from __future__ import annotations

import typer

from trivium.cli.keys.list import list_
from trivium.cli.keys.make import make
from trivium.cli.keys.revoke import revoke
from trivium.cli.options import AppArgument

keys = typer.Typer(name="keys")


@keys.callback()
def of(context: typer.Context, app: AppArgument) -> None:
    """The API keys by which the service is called."""
    context.obj = app


keys.command("list")(list_)
for _command in (make, revoke):
    keys.command(_command.__name__)(_command)
