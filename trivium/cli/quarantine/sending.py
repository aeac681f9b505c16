"""Sends records again and shows what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from trivium.cli.consolidate import consolidation_document, fold
from trivium.cli.quarantine.document import reason_line
from trivium.cli.screen import Screen
from trivium.cli.words import count, visible
from trivium.engine.places import record_name
from trivium.ports import Store
from trivium.service.documents import reasons, record_document
from trivium.service.opening import Opened
from trivium.service.quarantined import resend

_SHOWN = 20


def send(
    screen: Screen,
    opened: Opened,
    records: Sequence[dict[str, Any]],
    *,
    now: dt.datetime,
    outcome: Literal["mended", "retried"],
    by: str,
    fold_it: bool,
    fewer_lines: bool = False,
) -> int:
    """One commit a load; those that are rejected again have a new name. The exit code: 1 if there are any."""
    accepted = rejected = 0
    told, still = [], []
    for mine, done in resend(opened, records, now=now, outcome=outcome, by=by, fewer_lines=fewer_lines):
        accepted += done.accepted
        rejected += done.rejected
        again = _rejected_again(opened.store, mine[0]["source"], done.published.load_no) if done.rejected else []
        still += again
        screen.show(
            f"{'✗' if done.rejected else '✓'} {mine[0]['source']} {visible(mine[0]['delivery'])}: "
            f"{count(len(mine))} {outcome} = "
            f"{count(done.accepted)} accepted + {count(done.rejected)} rejected again · commit {done.published.commit}",
            style="green" if not done.rejected else "yellow",
        )
        if done.replaced:
            screen.show(f"    {done.replaced}")
        told.append(
            {
                "source": mine[0]["source"],
                "delivery": mine[0]["delivery"],
                "records": [record_name(record["load_no"], record["place"]) for record in mine],
                "accepted": done.accepted,
                "rejected": done.rejected,
                "commit": done.published.commit,
                "replaced": done.replaced,
                "still": [record_document(row) for row in again],
            }
        )
    for row in still[:_SHOWN]:
        why = "; ".join(reason_line(reason, short=True) for reason in reasons(row))
        screen.show(f"    {record_name(row['load_no'], row['place'])}  {why}", style="yellow")
    consolidation = consolidation_document(fold(screen, opened.store)) if fold_it and told else None
    if screen.as_json:
        screen.document(
            {"outcome": outcome, "accepted": accepted, "rejected": rejected, "by": by, "loads": told}
            | {"consolidation": consolidation}
        )
    return int(rejected > 0)


def _rejected_again(store: Store, source: str, load_no: int) -> list[dict[str, Any]]:
    return [row for row in store.control.quarantine(source).to_pylist() if row["load_no"] == load_no]
