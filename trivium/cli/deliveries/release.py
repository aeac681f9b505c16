"""`trivium deliveries APP release`."""

from __future__ import annotations

import typer

from trivium.cli.options import ByOption, DeliveryArgument, JsonOption, KeepTailOption, SourceArgument, StoreOption, who
from trivium.cli.words import visible


def release(
    context: typer.Context,
    source: SourceArgument,
    delivery: DeliveryArgument,
    no_consolidate: KeepTailOption = False,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Takes in a held delivery.

    What it says counts, and what it asserts and does not name is gone.

    \b
    Examples
      trivium deliveries shop.py release stock-end-of-day S12,2026-03-02
    """
    from trivium.cli.consolidate import consolidation_document, fold
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen

    screen, place = Screen(as_json), Workplace(context.obj, store)
    domain, _ = place.application.source(source)
    with place.open(domain) as opened:
        published = opened.store.control.release(source, delivery, who(by))
        screen.show(f"✓ {visible(delivery)} of {source} is released · commit {published.commit}")
        if not published.counts:
            screen.show("    another reading of this delivery ranks higher, so this one does not count", style="yellow")
        done = None if no_consolidate else consolidation_document(fold(screen, opened.store))
    if as_json:
        figures = {"revision": published.revision, "commit": published.commit, "counts": published.counts}
        screen.document(
            {"source": source, "delivery": delivery, "outcome": "released", **figures, "consolidation": done}
        )
