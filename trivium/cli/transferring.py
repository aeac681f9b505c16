"""`trivium replay APP --from OLD_STORE`: shows how deliveries of one store come into another."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from rich.text import Text

from trivium.channels.mends import MendedAgain
from trivium.channels.transfer import Standing
from trivium.cli.consolidate import consolidation_document, fold
from trivium.cli.failures import failure, without_passwords
from trivium.cli.mended import mended_document, show_mended
from trivium.cli.opening import Workplace
from trivium.cli.screen import Screen
from trivium.cli.words import account, counted, visible
from trivium.engine.judge import check_sources
from trivium.errors import StoreUnusable
from trivium.service.documents import account_document
from trivium.service.transferring import Following, Moved, move_all, moved_files, older, try_all
from trivium.service.upkeep import keep_up

_SIGNS = {"replayed": ("✓", "green"), "retracted": ("✓", "green"), "held": ("!", "bold yellow"), "known": ("=", "dim"),
          "tried": ("·", "cyan"), "left": ("✗", "bold red")}  # fmt: skip


def replay_from(
    app: str, old: str, *, dry_run: bool, fold_it: bool, domain: str | None, store: str | None, as_json: bool
) -> int:
    """Every domain that has an old store, one after the other; the exit code."""
    screen, place = Screen(as_json), Workplace(app, store)
    told: list[dict[str, Any]] = []
    folded: dict[str, Any] = {}
    found = False
    missing: StoreUnusable | None = None
    for one in place.domains(domain):
        check_sources(one)
        with ExitStack() as stack:
            try:
                before = stack.enter_context(older(one, place.settings, old, place.several))
            except StoreUnusable as error:  # of several domains, some may have had nothing yet
                missing = error
                continue
            found = True
            if dry_run:
                with _following(screen) as follow:
                    told += [
                        _tell(screen, place, store, old, one.name, moved)
                        for moved in try_all(before, one, progress=follow)
                    ]
                continue
            now = stack.enter_context(place.open(one, create=True))
            with _following(screen) as follow:
                told += [
                    _tell(screen, place, store, old, one.name, moved)
                    for moved in move_all(before, now, progress=follow)
                ]
            keep_up(now, now=dt.datetime.now(dt.UTC))
            if fold_it:
                folded[one.name] = consolidation_document(fold(screen, now.store))
    if missing and not found:
        raise missing
    outcomes = [one["outcome"] for one in told]
    shown = ", ".join(f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes))
    screen.show(f"{counted(len(told), 'delivery', 'deliveries')}{': ' if shown else ''}{shown}", style="bold")
    if not dry_run:
        _show_next(screen, place, old, domain)
    if as_json:
        screen.document(
            {"from": without_passwords(old), "dry_run": dry_run, "deliveries": told, "consolidation": folded}
        )
    return int(any(one["outcome"] in ("left", "held") or one["mended_waiting"] for one in told))


def _show_next(screen: Screen, place: Workplace, old: str, domain: str | None) -> None:
    """How the new store becomes the one that is used."""
    screen.show("The new store is used where it is named: by --store, or from now on by TRIVIUM_STORE.", style="dim")
    moves = [pair for one in place.domains(domain) for pair in moved_files(one, place.settings, old, place.several)]
    if moves:
        screen.show(
            "Or, when the old one is put away, its files take the places of the old ones, all together:", style="dim"
        )
    for new, usual in moves:
        screen.show(f"  {shlex.join(['mv', str(new), str(usual)])}", style="dim")


@contextmanager
def _following(screen: Screen) -> Iterator[Following]:
    """Says on a terminal which delivery is being judged, and how far it is."""
    if not screen.moves:
        yield lambda one, done, received: None
        return
    status, seen = screen.err.status(""), [0]

    def follow(one: Standing, done: int, received: int) -> None:
        seen[0] += done == received == 0
        part = f"{100 * done // max(one.delivery.size, 1)}%, {counted(received, 'record')}" if done else "reading"
        status.update(Text(f"{seen[0]}: {visible(one.delivery.name)} of {one.delivery.source}: {part}"))

    with screen.moving(status):
        yield follow


def _tell(screen: Screen, place: Workplace, store: str | None, old: str, domain: str, moved: Moved) -> dict[str, Any]:
    """A delivery is done with: its line, and its part of the document."""
    one = moved.standing
    sent, why = one.delivery, None if moved.error is None else failure(moved.error)
    after = moved.tried or (moved.done.account if moved.done else None)
    outcome = "left" if why else moved.done.outcome if moved.done else "tried"
    sign, style = _SIGNS[outcome]
    name = f"{visible(sent.name)} of {sent.source}"
    text = "NOT REPLAYED: " + why.message if why else outcome if after is None else f"{account(after)} · {outcome}"
    if moved.done and moved.done.commit is not None:
        text += f" · commit {moved.done.commit}"
    screen.show(Text.assemble((f"{sign} ", style), (name, "bold"), f"  {text}"))
    if after is not None and after != one.account:
        screen.show(f"    was: {account(one.account)}", style="dim")
    for line in (why.hint or "").splitlines() if why else ():
        screen.show(f"    {line}")
    mended = moved.done.mended if moved.done else MendedAgain()
    if outcome == "known":  # said when it came
        mended = replace(mended, unneeded=())
    show_mended(screen, mended, place.application.name, store, old)
    return {
        "domain": domain,
        "source": sent.source,
        "delivery": sent.name,
        "revision": sent.revision,
        "outcome": outcome,
        "before": account_document(one.account),
        "after": None if after is None else account_document(after),
        "commit": moved.done.commit if moved.done else None,
        "mended": [mend.record for mend in one.mends],
        **mended_document(mended),
        "error": None if why is None else why.document(),
    }
