"""The words that several commands share."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import typer

AppArgument = Annotated[
    str, typer.Argument(metavar="APP", help="An importable module, or a Python file, that declares domains.")
]
SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="The name of a source.")]
DeliveryArgument = Annotated[
    str, typer.Argument(metavar="DELIVERY", help="The delivery's name, as `deliveries APP list` shows it.")
]
DeliveryOrFileArgument = Annotated[
    str,
    typer.Argument(
        metavar="DELIVERY", help="The delivery's name, as `deliveries APP list` shows it, or the name of a file of it."
    ),
]
EntityArgument = Annotated[
    str, typer.Argument(metavar="ENTITY", help="The name of an entity; DOMAIN.NAME where two domains have one.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="INSTANT", help="What was said up to an instant (RFC 3339).")
]
WhatIfOption = Annotated[
    Literal["latest", "priority"] | None,
    typer.Option("--what-if", help="Folded by another policy than the entity's."),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="STORE",
        help="A DuckDB file ({domain} in it stands for the domain's name) or postgresql://…; "
        "else TRIVIUM_STORE, else trivium-data/{domain}.duckdb.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout and nothing else; an error as JSON on stderr.")
]
DomainOption = Annotated[str | None, typer.Option("--domain", metavar="NAME", help="This domain only.")]
DomainsOption = Annotated[
    list[str] | None, typer.Option("--domain", metavar="NAME", help="This domain only; may be given several times.")
]
SourceOption = Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="Of this source only.")]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who does it, for the record; else the user of this machine.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Goes on without asking.")]
KeepTailOption = Annotated[
    bool,
    typer.Option(
        "--no-consolidate",
        help="Leaves the fold to a later command: quicker now, reads are right but slower until then.",
    ),
]


AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="INSTANT", help="What is due by this instant (RFC 3339); else by now."),
]


def clock(at: str | None) -> dt.datetime:
    """The time: as told, else that of this machine, read once."""
    if at is None:
        return dt.datetime.now(dt.UTC)
    from trivium.engine.plain import parse_instant

    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=parse_instant(at, "--at"))


def who(by: str | None) -> str:
    """Who acts: as told, else the user of this machine."""
    if by:
        return by
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        import os

        return f"uid {os.getuid()}"
