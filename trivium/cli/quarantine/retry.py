"""`trivium quarantine APP retry`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from trivium.cli.options import ByOption, DomainOption, JsonOption, KeepTailOption, SourceOption, StoreOption, who
from trivium.errors import UsageError

NamesArgument = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Records by name, LOAD:PLACE.")]
DueOption = Annotated[bool, typer.Option("--due", help="Those that waited for their event time, and it has come.")]


def retry(
    context: typer.Context,
    names: NamesArgument = None,
    source: SourceOption = None,
    due: DueOption = False,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Judges rejected records again, as they are.

    It is done by today's declaration. Exit code 1 if any is rejected again.

    \b
    Examples
      trivium quarantine shop.py retry 3:17 3:18
      trivium quarantine shop.py retry --source orders-end-of-day
      trivium quarantine shop.py retry --due
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.quarantine.choosing import chosen
    from trivium.cli.quarantine.sending import send
    from trivium.cli.screen import Screen
    from trivium.service.quarantined import waiting

    if bool(names) == bool(source or due):
        raise UsageError("retry what?", hint="name records, or give --source or --due")
    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    now, keep = dt.datetime.now(dt.UTC), not no_consolidate
    if names:
        with chosen(place, names, domain) as (opened, records):
            return send(screen, opened, records, now=now, outcome="retried", by=who(by), fold_it=keep)
    if source is not None:
        domain = place.application.source(source)[0].name
    elif domain is None and place.several:
        raise UsageError(f"{app} has several domains", hint="say which by --domain or --source")
    one = place.domains(domain)[0]
    with place.open(one) as opened:
        records = waiting(opened.store, source, due=now if due else None)
        if not records:
            screen.show("nothing is due" if due else "nothing is in quarantine")
        return send(screen, opened, records, now=now, outcome="retried", by=who(by), fold_it=keep)
