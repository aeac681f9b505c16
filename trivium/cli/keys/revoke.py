"""`trivium keys APP revoke`."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import Annotated

import typer

from trivium.cli.options import ByOption, JsonOption, StoreOption, who
from trivium.cli.words import visible


def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The id of the key, as `list` shows it, or the key itself.")],
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Revokes an API key; it opens nothing any more, at once and in every process.

    \b
    Examples
      trivium keys retail revoke 3f9a0c1d22e4
    """
    from trivium.cli.keys.document import key_document
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.service.keys import revoke_key

    screen, place = Screen(as_json), Workplace(context.obj, store)
    with ExitStack() as stack:
        made = [domain for domain in place.application.domains if place.exists(domain)]
        stores = {domain.name: stack.enter_context(place.open(domain)).store for domain in made}
        found = revoke_key(stores, key, by=who(by), now=dt.datetime.now(dt.UTC))
    if as_json:
        screen.document(key_document(found, list(stores)))
        return
    screen.show(f"✓ {found.key_id}, {visible(found.name)}, opens nothing any more", style="green")
