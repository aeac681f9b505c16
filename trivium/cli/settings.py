"""The settings of this place, shown: each with where it comes from, and no secret."""

from __future__ import annotations

import json

from trivium.cli.screen import Screen, table
from trivium.cli.words import visible
from trivium.service.settings import Settings, shown


def print_them(screen: Screen, settings: Settings, told: frozenset[str], as_json: bool) -> int:
    """Prints them all, as a table or as JSON; `told` are those that the command was told."""
    found = list(shown(settings, told))
    if as_json:
        document = {one.name: {"value": one.value, "from": one.origin} for one in found}
        screen.data([json.dumps(document, indent=2, ensure_ascii=False), "\n"])
        return 0
    rows = []
    for one in found:
        value = json.dumps(one.value, ensure_ascii=False) if isinstance(one.value, dict) else one.value
        rows.append((one.name, "–" if value in (None, "{}") else visible(str(value)), one.origin, one.about))
    screen.show(table("setting", "value", "from", "what it is", rows=rows))
    return 0
