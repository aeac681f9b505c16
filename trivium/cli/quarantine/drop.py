"""`trivium quarantine APP drop`."""

from __future__ import annotations

from typing import Annotated

import typer

from trivium.cli.options import ByOption, DomainOption, JsonOption, KeepTailOption, StoreOption, YesOption, who
from trivium.cli.words import counted
from trivium.engine.places import record_name
from trivium.errors import UsageError

NamesArgument = Annotated[list[str], typer.Argument(metavar="ID", help="Records by name, LOAD:PLACE.")]


def drop(
    context: typer.Context,
    names: NamesArgument,
    yes: YesOption = False,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Closes rejected records for good.

    They will never be part of their delivery, but stay to be seen with `list --all`. What their delivery asserts no
    longer waits for them. Exit code 1 if somebody said no.

    \b
    Examples
      trivium quarantine shop.py drop 3:17 --yes
    """
    from trivium.cli.consolidate import consolidation_document, fold
    from trivium.cli.opening import Workplace
    from trivium.cli.quarantine.choosing import chosen
    from trivium.cli.screen import Screen

    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    if not (yes or screen.asks):
        raise UsageError("drop asks before it closes a record, and nobody is here", hint="add --yes")
    with chosen(place, names, domain) as (opened, records):
        if not yes and not screen.confirmed(f"Drop {counted(len(records), 'record')} for good?"):
            screen.note("nothing is dropped")
            return 1
        commit = 0
        for row in records:
            commit = opened.store.control.drop(row["load_no"], row["place"], who(by))
        screen.show(f"✓ {counted(len(records), 'record')} dropped · commit {commit}")
        done = None if no_consolidate else consolidation_document(fold(screen, opened.store))
    if as_json:
        dropped = [record_name(row["load_no"], row["place"]) for row in records]
        screen.document({"dropped": dropped, "commit": commit, "by": who(by), "consolidation": done})
    return 0
