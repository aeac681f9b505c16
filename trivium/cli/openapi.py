"""`trivium openapi`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from trivium.cli.options import AppArgument, DomainsOption


def openapi(
    app: AppArgument,
    domain: DomainsOption = None,
    version: Annotated[Literal["3.1", "2.0"], typer.Option("--version", help="Of OpenAPI.")] = "3.1",
    out: Annotated[Path | None, typer.Option("--out", help="A file to write it into instead of stdout.")] = None,
) -> int:
    """Writes the OpenAPI document of the service.

    It is the one that the service gives at /openapi.json, or for 2.0 at /swagger.json.
    Nothing is opened or asked for: it is made from the declarations.

    \b
    Examples
      trivium openapi retail > openapi.json
      trivium openapi retail --domain orders --version 2.0 --out swagger.json
    """
    from trivium.cli.opening import Workplace
    from trivium.errors import UsageError
    from trivium.web.openapi.serving import Documents
    from trivium.web.outlines import OUTLINES

    place = Workplace(app, None)
    domains = [place.application.domain(name) for name in domain] if domain else place.application.domains
    text, _ = Documents(OUTLINES, domains, to_anybody=place.settings.access == "open").text(version)
    if out is None:
        typer.echo(text.decode(), nl=False)
        return 0
    try:
        out.write_bytes(text)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", hint="name another file") from error
    return 0
