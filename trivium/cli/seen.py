"""How files are shown that the service has seen: a table of figures, a line for each that is under way, a life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from trivium.cli.screen import Screen, table
from trivium.cli.words import count, counted, second, size, visible
from trivium.engine.sighting import Sighting

_NOW: Final = ("waiting", "loading", "failing", "unexpected")
_SO_FAR: Final = ("loaded", "known", "held", "refused", "vanished")
_STYLES: Final = {"failing": "bold yellow", "refused": "yellow", "unexpected": "yellow", "loading": "green"}


def show_seen(screen: Screen, found: dict[str, dict[str, Any]]) -> None:
    """What the service has seen in the inboxes; nothing where it never ran."""
    if not found:
        return
    screen.show()
    screen.show(_table("files now", _NOW, found))
    for of in found.values():
        for sighting in of["under_way"]:
            screen.show(f"  {line(sighting)}", style=_STYLES.get(sighting.state))
    screen.show()
    screen.show(_table("files so far", _SO_FAR, found))


def _table(title: str, states: tuple[str, ...], found: dict[str, dict[str, Any]]) -> Table:
    return table(
        title, *states, right=states,
        rows=[(name, *(_figure(of[state], state) for state in states)) for name, of in found.items()],
    )  # fmt: skip


def _figure(number: int, state: str) -> Text:
    return Text(count(number), style=_STYLES.get(state, "") if number else "")


def line(sighting: Sighting) -> str:
    """One file and how far it is."""
    told = f"{sighting.state}: {visible(sighting.file.rpartition('/')[2])} of {sighting.source}, {size(sighting.size)}"
    if sighting.state == "loading" and sighting.size:
        told += f", {min(100 * sighting.done // sighting.size, 100)} %, {counted(sighting.received, 'record')}"
    why = f": {visible('; '.join(_lines(sighting.why)))}" if sighting.why else ""
    return f"{told}, since {second(sighting.changed_at)}{why}"


def show_life(screen: Screen, sighting: Sighting) -> None:
    """A file from its first sight on."""
    screen.show(f"  seen {second(sighting.seen_at)} as {visible(sighting.file)}, {size(sighting.size)}")
    put = f", put into {visible(sighting.moved_to)}" if sighting.moved_to else ""
    screen.show(f"    {sighting.state} {second(sighting.changed_at)}{put}", style=_STYLES.get(sighting.state))
    for why in _lines(sighting.why):
        screen.show(f"    {visible(why)}")


def show_refused(screen: Screen, sightings: Sequence[Sighting]) -> None:
    """Files that were refused, a line each, with the first line of the reason."""
    if not sightings:
        screen.show("no file was refused by `trivium run`")
        return
    for one in sightings:
        name, why = one.file.rpartition("/")[2], next(iter(_lines(one.why)), "")
        screen.show(f"{second(one.changed_at)} ✗ {one.source} {visible(name)}  {visible(why)}")


def _lines(why: str | None) -> list[str]:
    return [text for one in (why or "").splitlines() if (text := one.strip())]
