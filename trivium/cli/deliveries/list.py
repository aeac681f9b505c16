"""`trivium deliveries APP list`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from trivium.cli.options import DomainOption, JsonOption, SourceOption, StoreOption
from trivium.cli.words import count, counted, second, visible

HeldOption = Annotated[bool, typer.Option("--held", help="Those only that wait to be released.")]
RefusedOption = Annotated[
    bool, typer.Option("--refused", help="Instead of deliveries the files that `trivium run` refused, and why.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Every reading, also those that no longer count.")]


def list_(
    context: typer.Context,
    source: SourceOption = None,
    held: HeldOption = False,
    refused: RefusedOption = False,
    every: AllOption = False,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists what counts, what is retracted, and what is held.

    The state of a reading: `counts`; `held` until it is released; `superseded` by a higher reading; `retracted`, so
    that the delivery says nothing, which stands at the retraction and at what it silences; `taken back`, a retraction
    that is no longer in force.

    \b
    Examples
      trivium deliveries shop.py list
      trivium deliveries shop.py list --source orders-end-of-day --all
      trivium deliveries shop.py list --refused
    """
    from trivium.cli.deliveries.document import stands
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, table
    from trivium.cli.seen import show_refused
    from trivium.service.documents import delivery_document
    from trivium.service.seen import sighting_document

    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    if source is not None:
        domain = place.application.source(source)[0].name
    if refused:
        files = [
            one for opened in place.opened(domain) for one in opened.store.ledger.sightings(source, states=["refused"])
        ]
        if as_json:
            screen.document({"files": [sighting_document(one) for one in files]})
        else:
            show_refused(screen, files)
        return
    rows = [row for opened in place.opened(domain) for row in opened.store.control.deliveries(source).to_pylist()]
    rows = [row for row in rows if row["state"] == "held" or (not held and (every or stands(row)))]
    if as_json:
        screen.document({"deliveries": [delivery_document(row) for row in rows]})
        return
    if not rows:
        screen.show("no delivery is held" if held else "no deliveries yet")
        return
    figures = ("received", "accepted", "rejected", "ignored")
    screen.show(
        table(
            "source", "delivery", "revision", "state", "kind", "commit", "arrived", *figures, "file",
            right=("revision", "commit", *figures),
            rows=[_row(row, figures) for row in rows],
        )
    )  # fmt: skip
    waiting = sum(row["state"] == "held" for row in rows)
    if waiting:
        screen.note(f"{counted(waiting, 'delivery', 'deliveries')} held: `trivium deliveries APP show` says why")


def _row(row: dict[str, Any], figures: tuple[str, ...]) -> list[Any]:
    from rich.text import Text

    style = {"counts": "", "held": "bold yellow", "retracted": "yellow"}.get(row["state"], "dim")
    return [
        Text(text, style=style)
        for text in (
            row["source"],
            visible(row["delivery"]),
            "–" if row["revision"] is None else str(row["revision"]),
            row["state"],
            row["kind"],
            "–" if row["commit_no"] is None else str(row["commit_no"]),
            second(row["arrived_at"]),
            *(count(row[name]) for name in figures),
            visible(row["file"]),
        )
    ]
