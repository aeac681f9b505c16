"""`trivium quarantine APP show`."""

from __future__ import annotations

from typing import Annotated

import typer

from trivium.cli.options import DomainOption, JsonOption, StoreOption
from trivium.cli.words import again, second, visible

NameArgument = Annotated[str, typer.Argument(metavar="ID", help="LOAD:PLACE, as `list` shows it.")]


def show(
    context: typer.Context,
    name: NameArgument,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows a rejected record, its bytes and every reason; of a mended one what it was mended to, and by whom.

    Control characters are shown as \\x1b and the like; --json has the bytes as they are.

    \b
    Examples
      trivium quarantine shop.py show 3:17
    """
    from rich.text import Text

    from trivium.cli.opening import Workplace
    from trivium.cli.quarantine.choosing import chosen
    from trivium.cli.quarantine.document import reason_line, where
    from trivium.cli.screen import Screen
    from trivium.service.documents import reasons, record_document
    from trivium.service.quarantined import by_place, open_now

    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    with chosen(place, [name], domain, closed=True) as (opened, records):
        row = records[0]
        now = None if row["state"] == "open" else open_now(opened.store, row)
        alone = not by_place(opened.domain, row["source"])
        asserts = any(one.name == row["source"] and one.asserts for one in opened.domain.sources)
        if as_json:
            screen.document(record_document(row) | {"domain": opened.domain.name})
            return
    screen.show(Text.assemble((name, "bold"), f"  {row['state']}"))
    told = {
        "source": f"{row['source']}, delivery {visible(row['delivery'])} revision {row['revision']}",
        "from": where(row) + ("" if row["byte_offset"] is None else f", byte {row['byte_offset']}"),
        "arrived": second(row["arrived_at"]),
        "due": second(row["due"]) if row["due"] is not None else None,
        "by": visible(row["by"]) if row["by"] else None,
        "key": f"could not be read{'; it holds back what its delivery asserts' * asserts}" if row["keyless"] else None,
    }
    for word, text in told.items():
        if text is not None:
            screen.show(f"  {word:<8} {text}")
    screen.show("  reasons")
    for reason in reasons(row):
        screen.show(f"    {reason_line(reason)}", style="yellow")
    screen.show("  raw")
    for line in bytes(row["raw"]).decode("utf-8", "backslashreplace").split("\n"):
        screen.show(f"    {visible(line)}")
    if row["state"] == "mended":
        screen.show(f"  mended by {visible(row['by'] or 'somebody')}, commit {row['resolved_in']}, to")
        mended = b"(not kept by this store)" if row["mended"] is None else bytes(row["mended"])
        for line in mended.decode("utf-8", "backslashreplace").split("\n"):
            screen.show(f"    {visible(line)}", style="green")
    if now is not None:
        screen.show(f"  it is {now} now: {again('quarantine', app, 'show', str(now), store=store)}", style="dim")
    if row["state"] == "open" and not alone:
        screen.show("  its records are numbered by their place, so it cannot be mended alone: send the file corrected,")
        screen.show("  as a higher revision; or, where the declaration was at fault and is mended, judge it anew:")
        screen.show(f"  {again('replay', app, row['source'], row['delivery'], store=store)}", style="dim")
    elif row["state"] == "open":
        screen.show(f"  mend it: {again('quarantine', app, 'mend', name, store=store)}", style="dim")
