"""`trivium keys APP make`."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import Annotated

import typer

from trivium.cli.options import ByOption, JsonOption, StoreOption, who
from trivium.cli.words import visible


def make(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What people call it, such as the system that calls.")],
    send: Annotated[
        list[str] | None, typer.Option("--send", metavar="SOURCE", help="It may send to it; '*': to all. Repeatable.")
    ] = None,
    read: Annotated[
        list[str] | None,
        typer.Option("--read", metavar="NAME", help="It may read this entity or view; '*': all. Repeatable."),
    ] = None,
    sensitive: Annotated[
        bool, typer.Option("--sensitive", help="It is shown the attributes that are declared sensitive.")
    ] = False,
    operate: Annotated[
        bool, typer.Option("--operate", help="It is shown accounts, deliveries, quarantine, findings and metrics.")
    ] = False,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Makes an API key, and shows it this once.

    Whoever calls the service sends it as `Authorization: Bearer KEY`. The stores of the domains that it opens keep a
    hash of it alone: who loses it makes another one. It works at once in every process.

    \b
    Examples
      trivium keys retail make till-17 --send sod-intraday
      trivium keys retail make dashboard --read '*' --operate
    """
    from trivium.cli.keys.document import key_document
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.engine.keys import Grants
    from trivium.service.keys import check_grants, concerns, make_key

    screen, place = Screen(as_json), Workplace(context.obj, store)
    grants = Grants(tuple(send or ()), tuple(read or ()), sensitive, operate)
    check_grants(place.application.domains, grants)
    with ExitStack() as stack:
        stores = {
            domain.name: stack.enter_context(place.open(domain, create=True)).store
            for domain in place.application.domains
            if concerns(domain, grants)
        }
        token, key = make_key(stores, name, grants, by=who(by), now=dt.datetime.now(dt.UTC))
    if as_json:
        screen.document({"key": token, **key_document(key, list(stores))})
        return
    screen.data([token, "\n"])
    screen.note(f"✓ {visible(name)} has the key {key.key_id}; this is the only time that it is shown", style="green")
