"""`trivium quarantine APP …`: rejected records, mended and sent again."""

from __future__ import annotations

import typer

from trivium.cli.options import AppArgument
from trivium.cli.quarantine.drop import drop
from trivium.cli.quarantine.list import list_
from trivium.cli.quarantine.mend import mend
from trivium.cli.quarantine.retry import retry
from trivium.cli.quarantine.show import show

quarantine = typer.Typer(name="quarantine")


@quarantine.callback()
def of(context: typer.Context, app: AppArgument) -> None:
    """Rejected records: shown, mended, sent again, dropped."""
    context.obj = app


quarantine.command("list")(list_)
for _command in (show, mend, retry, drop):
    quarantine.command(_command.__name__)(_command)
