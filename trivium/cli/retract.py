"""`trivium retract`."""

from __future__ import annotations

from typing import Annotated

import typer

from trivium.cli.options import (
    AppArgument,
    ByOption,
    DeliveryArgument,
    JsonOption,
    KeepTailOption,
    SourceArgument,
    StoreOption,
    who,
)
from trivium.cli.words import again, visible

UndoOption = Annotated[bool, typer.Option("--undo", help="Takes the retraction back: what it said counts again.")]


def retract(
    app: AppArgument,
    source: SourceArgument,
    delivery: DeliveryArgument,
    undo: UndoOption = False,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lets what a delivery said count as never said.

    Nothing is deleted: --undo takes the retraction back.

    \b
    Examples
      trivium retract shop.py orders-end-of-day 2026-03-02
      trivium retract shop.py orders-end-of-day 2026-03-02 --undo
    """
    from trivium.cli.consolidate import consolidation_document, fold
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen

    screen, place = Screen(as_json), Workplace(app, store)
    domain, _ = place.application.source(source)
    with place.open(domain) as opened:
        act = opened.store.control.restore if undo else opened.store.control.retract
        published = act(source, delivery, who(by))
        outcome = "restored" if undo else "retracted"
        screen.show(f"✓ {visible(delivery)} of {source} is {outcome} · commit {published.commit}")
        if not undo:
            screen.show(
                f"    take it back: {again('retract', app, source, delivery, '--undo', store=store)}", style="dim"
            )
        done = None if no_consolidate else consolidation_document(fold(screen, opened.store))
    if as_json:
        screen.document(
            {
                "source": source,
                "delivery": delivery,
                "outcome": outcome,
                "commit": published.commit,
                "consolidation": done,
            }
        )
