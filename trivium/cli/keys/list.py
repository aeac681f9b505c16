"""`trivium keys APP list`."""

from __future__ import annotations

import typer

from trivium.cli.options import JsonOption, StoreOption
from trivium.cli.words import second, visible


def list_(context: typer.Context, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """Shows the API keys: what each may, who made it, and whether it was revoked.

    \b
    Examples
      trivium keys retail list
    """
    from trivium.cli.keys.document import grants_text, key_document
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, table
    from trivium.ports import ApiKey

    screen, place = Screen(as_json), Workplace(context.obj, store)
    found: dict[str, tuple[ApiKey, list[str]]] = {}
    for opened in place.opened():
        for key in opened.store.control.api_keys():
            found.setdefault(key.key_id, (key, []))[1].append(opened.domain.name)
    if as_json:
        screen.document({"keys": [key_document(key, domains) for key, domains in found.values()]})
        return
    if not found:
        screen.show("no key was made yet: `trivium keys APP make` makes one")
        return
    rows = [
        (
            key.key_id, visible(key.name), grants_text(key), second(key.made_at), key.made_by or "–",
            "works" if key.revoked_at is None else f"revoked {second(key.revoked_at)} by {key.revoked_by or '–'}",
        )
        for key, _ in sorted(found.values(), key=lambda one: (one[0].made_at, one[0].key_id))
    ]  # fmt: skip
    screen.show(table("key", "name", "may", "made", "by", "", rows=rows))
