"""`trivium deliveries APP refuse`."""

from __future__ import annotations

import typer

from trivium.cli.options import ByOption, DeliveryArgument, JsonOption, SourceArgument, StoreOption, who
from trivium.cli.words import visible


def refuse(
    context: typer.Context,
    source: SourceArgument,
    delivery: DeliveryArgument,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Removes a held delivery.

    Nothing of it was ever visible; the same file can be loaded again. A finding says who refused it.

    \b
    Examples
      trivium deliveries shop.py refuse stock-end-of-day S12,2026-03-02
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen

    screen, place = Screen(as_json), Workplace(context.obj, store)
    domain, _ = place.application.source(source)
    with place.open(domain) as opened:
        opened.store.control.refuse(source, delivery, who(by))
    screen.show(f"✓ {visible(delivery)} of {source} is refused and removed")
    if as_json:
        screen.document({"source": source, "delivery": delivery, "outcome": "refused"})
