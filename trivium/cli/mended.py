"""What became of mends in another reading: shown, and as JSON values."""

from __future__ import annotations

from typing import Any

from trivium.channels.mends import MendedAgain
from trivium.cli.screen import Screen
from trivium.cli.words import again, count, counted

_SHOWN = 20


def show_mended(screen: Screen, done: MendedAgain, app: str, store: str | None, old: str | None = None) -> None:
    """Those that came again, those that wait, and those that are no longer needed; `old` is the store they come from,
    where that is another."""
    if done.accepted:
        screen.show(f"    {counted(done.accepted, 'record')} mended again as before", style="green")
    if done.waiting:
        screen.show(f"    mended before, and {count(len(done.waiting))} in quarantine all the same:", style="yellow")
    for name in done.waiting[:_SHOWN]:
        screen.show(f"      {again('quarantine', app, 'mend', name, store=store)}")
    if done.unneeded:
        screen.show("    mended before, and accepted now as it was sent; what it had been mended to:", style="yellow")
    for mend in done.unneeded[:_SHOWN]:
        screen.show(f"      {again('quarantine', app, 'show', mend.record, store=old or store)}")
    rest = max(len(done.waiting) - _SHOWN, 0) + max(len(done.unneeded) - _SHOWN, 0)
    if rest:
        screen.show(f"      and {count(rest)} more")


def mended_document(done: MendedAgain) -> dict[str, Any]:
    """`mended_waiting` and `mended_unneeded` are names of records: of those that are open, and of the old entries."""
    return {
        "mended_again": done.accepted,
        "mended_waiting": list(done.waiting),
        "mended_unneeded": [mend.record for mend in done.unneeded],
    }
