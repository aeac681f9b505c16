"""`trivium quarantine APP list`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from trivium.cli.options import DomainOption, JsonOption, SourceOption, StoreOption
from trivium.cli.words import counted, second, visible
from trivium.engine.places import record_name

AllOption = Annotated[bool, typer.Option("--all", help="Also those that were mended, retried or dropped.")]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="At most so many; 100 unless told, with --json all.")
]


def list_(
    context: typer.Context,
    source: SourceOption = None,
    every: AllOption = False,
    limit: LimitOption = None,
    domain: DomainOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lists rejected records that wait.

    Each with its name LOAD:PLACE, where it stood, and why it was rejected.

    \b
    Examples
      trivium quarantine shop.py list
      trivium quarantine shop.py list --source orders-end-of-day --json
    """
    from trivium.cli.opening import Workplace
    from trivium.cli.screen import Screen, table
    from trivium.service.documents import record_document

    app: str = context.obj
    screen, place = Screen(as_json), Workplace(app, store)
    if source is not None:
        domain = place.application.source(source)[0].name
    rows: list[tuple[str, dict[str, Any]]] = []
    total = 0
    for opened in place.opened(domain):
        total += sum(opened.store.control.quarantined(source, closed=every).values())
        most = limit if limit is not None else None if as_json else 100
        few = opened.store.control.quarantine(
            source, closed=every, most=None if most is None else max(0, most - len(rows))
        )
        rows += [(opened.domain.name, row) for row in few.to_pylist()]
    if as_json:
        records = [record_document(row) | {"domain": name} for name, row in rows]
        screen.document({"records": records, "total": total})
        return
    if not rows:
        screen.show("nothing is in quarantine")
        return
    screen.show(
        table("id", "source", "where", "reasons", *(["state"] if every else []), rows=[_row(r, every) for _, r in rows])
    )
    if total > len(rows):
        screen.note(f"{len(rows)} of {counted(total, 'record')}; --limit shows more")


def _row(row: dict[str, Any], every: bool) -> list[Any]:
    from rich.text import Text

    from trivium.cli.quarantine.document import reason_line, where
    from trivium.service.documents import reasons

    why = "\n".join(reason_line(reason, short=True) for reason in reasons(row))
    if row["due"] is not None:
        why += f"\nis due at {second(row['due'])}"
    state = [row["state"] if row["by"] is None else f"{row['state']} by {visible(row['by'])}"] if every else []
    name = Text(record_name(row["load_no"], row["place"]), style="bold")
    return [name, row["source"], where(row), why, *state]
