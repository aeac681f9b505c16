"""`trivium deliveries APP …`: what was sent, and what waits to be released."""

from __future__ import annotations

import typer

from trivium.cli.deliveries.list import list_
from trivium.cli.deliveries.refuse import refuse
from trivium.cli.deliveries.release import release
from trivium.cli.deliveries.show import show
from trivium.cli.options import AppArgument

deliveries = typer.Typer(name="deliveries")


@deliveries.callback()
def of(context: typer.Context, app: AppArgument) -> None:
    """What the sources sent, and what waits to be released."""
    context.obj = app


deliveries.command("list")(list_)
for _command in (show, release, refuse):
    deliveries.command(_command.__name__)(_command)
