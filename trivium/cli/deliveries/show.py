"""`trivium deliveries APP show`."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import Any

import typer

from trivium.cli.options import DeliveryOrFileArgument, JsonOption, SourceArgument, StoreOption
from trivium.cli.words import account, again, counted, second, size, visible
from trivium.engine.delivery import has_rows
from trivium.errors import UsageError


def show(
    context: typer.Context,
    source: SourceArgument,
    delivery: DeliveryOrFileArgument,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows every reading of one delivery, and the files that it came in.

    What came when, which one counts, and who had a hand in it; of a file that `trivium run` saw, its life from the
    first sight on, also if it was refused or was known.

    \b
    Examples
      trivium deliveries shop.py show orders-end-of-day 2026-03-02
      trivium deliveries shop.py show orders-end-of-day orders_2026-03-02_r1.csv
    """
    from rich.text import Text

    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen
    from trivium.cli.seen import show_life
    from trivium.service.documents import delivery_document, record_document
    from trivium.service.seen import sighting_document

    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    domain, declared = place.application.source(source)
    file = declared.files.match(PurePath(delivery).name) if declared.files is not None else None
    with place.open(domain) as opened:
        for name in (delivery, file.delivery) if file is not None else (delivery,):
            rows = opened.store.control.deliveries(source, name).to_pylist()
            files = opened.store.ledger.sightings(source, delivery=name)
            if rows or files:
                break
        else:
            raise UsageError(
                f"{source} has no delivery {delivery!r}",
                hint="`trivium deliveries APP list` shows them, with --refused the files that `trivium run` refused; "
                "of what `trivium load` refused nothing is kept",
            )
        decided = opened.store.control.quarantine(source, delivery=name, decided=True).to_pylist()
    delivery = name
    if as_json:
        screen.document(
            {
                "source": source,
                "delivery": delivery,
                "readings": [delivery_document(row) for row in rows],
                "decided": [record_document(row) for row in decided],
                "files": [sighting_document(one) for one in files],
            }
        )
        return
    screen.show(Text.assemble((visible(delivery), "bold"), f" of {source}"))
    of_load = {one.load_no: one for one in files if one.load_no is not None}
    for row in rows:
        _show(screen, row, app, store)
        _show_decided(screen, [one for one in decided if one["reading_no"] == row["reading_no"]])
        if (taken := of_load.get(row["reading_no"])) is not None:
            show_life(screen, taken)
    for one in files:
        if one.load_no is None:
            screen.show()
            show_life(screen, one)


def _show(screen: Any, row: dict[str, Any], app: str, store: str | None) -> None:
    from trivium.cli.deliveries.document import standing

    style = {"counts": "bold green", "held": "bold yellow", "retracted": "yellow"}.get(row["state"], "dim")
    screen.show()
    revision = "" if row["revision"] is None else f"revision {row['revision']}, "
    screen.show(f"  {revision}{row['kind']}: {standing(row)}", style=style)
    by = "" if row["by"] is None else f" by {visible(row['by'])}"
    commit = "" if row["commit_no"] is None else f" · commit {row['commit_no']}"
    screen.show(f"    {second(row['arrived_at'])}{by}{commit}")
    screen.show(f"    {visible(row['file'])} · {size(row['size'])} · sha256 {row['digest'][:16]}…")
    if has_rows(row["kind"]):
        screen.show(f"    {account(row)}")
    if row["manifest"] is not None:
        screen.show(f"    manifest: {visible(' '.join(row['manifest'].split()))}", style="dim")
    if row["again"] and has_rows(row["kind"]):
        times = counted(row["again"], "time")
        screen.show(f"    the same bytes came again {times}, changing nothing; last {second(row['again_at'])}")
    if row["state"] == "held":
        screen.show(f"    it would end {row['gone']:,} of {counted(row['alive'], 'living record')}", style="yellow")
        for word in ("release", "refuse"):
            screen.show(f"    {again('deliveries', app, word, row['source'], row['delivery'], store=store)}")


def _show_decided(screen: Any, records: list[dict[str, Any]]) -> None:
    """What became of its rejected records: who mended, retried or dropped them, and in which commit."""
    decisions = Counter((one["resolved_in"], one["state"], one["by"]) for one in records)
    for (commit, outcome, by), number in sorted(decisions.items(), key=lambda one: (*one[0][:2], one[0][2] or "")):
        who = "" if by is None else f" by {visible(by)}"
        screen.show(f"    {counted(number, 'rejected record')} {outcome}{who} in commit {commit}")
