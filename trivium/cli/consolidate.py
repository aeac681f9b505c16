"""`trivium consolidate`, and the step at the end of every command that commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trivium.cli.options import AppArgument, DomainOption, JsonOption, StoreOption
from trivium.cli.words import counted

if TYPE_CHECKING:
    from trivium.cli.screen import Screen
    from trivium.ports import Consolidation, Store


def consolidate(
    app: AppArgument, domain: DomainOption = None, store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Folds the tail of the history into the master.

    Commands that commit do so themselves, unless they are told --no-consolidate.

    \b
    Examples
      trivium consolidate shop.py
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen

    screen, place = Screen(as_json), Workplace(app, store)
    found = {opened.domain.name: fold(screen, opened.store, step=False) for opened in place.opened(domain)}
    if as_json:
        screen.document({"domains": {name: consolidation_document(done) for name, done in found.items()}})


def fold(screen: Screen, store: Store, *, step: bool = True) -> Consolidation:
    """Consolidates, and says so; as a `step` of another command only if there was something to fold."""
    with screen.working("consolidating"):
        done = store.control.consolidate()
    if done.after == done.commit:
        if not step:
            screen.show(f"nothing to consolidate: all is folded up to commit {done.commit}")
    else:
        screen.show(f"consolidated up to commit {done.commit}: {counted(done.keys, 'key')} folded", style="dim")
    return done


def consolidation_document(done: Consolidation) -> dict[str, int]:
    """As JSON values."""
    return {"after": done.after, "commit": done.commit, "keys": done.keys}
