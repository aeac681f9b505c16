"""How files are shown that the service has seen: a table of figures, a line for each that is under way, a life."""

from __future__ import annotations

from typing import Any, Final

from rich.text import Text

from trivium.cli.screen import Screen, table
from trivium.cli.words import count, counted, second, size, visible
from trivium.engine.sighting import Sighting

_FIGURES: Final = ("waiting", "loading", "failing", "loaded", "known", "held", "refused", "unexpected")
_STYLES: Final = {"failing": "bold yellow", "refused": "yellow", "unexpected": "yellow", "loading": "green"}


def show_seen(screen: Screen, found: dict[str, dict[str, Any]]) -> None:
    """What the service has seen in the inboxes; nothing where it never ran."""
    if not found:
        return
    screen.show()
    screen.show(
        table(
            "files", *_FIGURES, right=_FIGURES,
            rows=[(name, *(_figure(of[state], state) for state in _FIGURES)) for name, of in found.items()],
        )
    )  # fmt: skip
    for of in found.values():
        for sighting in of["under_way"]:
            screen.show(f"  {line(sighting)}", style=_STYLES.get(sighting.state))


def _figure(number: int, state: str) -> Text:
    return Text(count(number), style=_STYLES.get(state, "") if number else "")


def line(sighting: Sighting) -> str:
    """One file and how far it is."""
    told = f"{sighting.state}: {visible(sighting.file.rpartition('/')[2])} of {sighting.source}, {size(sighting.size)}"
    if sighting.state == "loading" and sighting.size:
        told += f", {min(100 * sighting.done // sighting.size, 100)} %, {counted(sighting.received, 'record')}"
    why = f": {visible(sighting.why)}" if sighting.why else ""
    return f"{told}, since {second(sighting.changed_at)}{why}"


def show_life(screen: Screen, sighting: Sighting) -> None:
    """A file from its first sight on."""
    screen.show(f"  seen {second(sighting.seen_at)} as {visible(sighting.file)}, {size(sighting.size)}")
    put = f", put into {visible(sighting.moved_to)}" if sighting.moved_to else ""
    screen.show(f"    {sighting.state} {second(sighting.changed_at)}{put}", style=_STYLES.get(sighting.state))
    for why in (sighting.why or "").splitlines():
        screen.show(f"    {visible(why)}")
