"""Records in quarantine: found by their name or by what is due, and sent again load by load."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from trivium.channels.quarantine import Retried, numbered_by_place, send_again
from trivium.engine.places import record_name
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.model.instants import instant_of
from trivium.ports import Store
from trivium.service.opening import Opened

_NAME = re.compile(r"(\d{1,18}):(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Place:
    """The name of a quarantined record: the load that brought it and its place in the delivery, `LOAD:PLACE`."""

    load_no: int
    place: int

    def __str__(self) -> str:
        return record_name(self.load_no, self.place)


def parse_place(text: str) -> Place:
    """`12:345`; raises UsageError for anything else."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{text!r} names no quarantined record", hint="LOAD:PLACE such as 3:17, as `quarantine APP list` shows it"
        )
    return Place(int(found[1]), int(found[2]))


def find(store: Store, places: Sequence[Place], *, closed: bool = False) -> list[dict[str, Any]]:
    """The records of these names (rows of `Control.quarantine`), in this order.

    Raises UsageError where one is not there, or, unless `closed`, is no longer open.
    """
    found = []
    for place in dict.fromkeys(places):
        records = store.control.quarantine(closed=True, load_no=place.load_no, place=place.place).to_pylist()
        if not records:
            raise UsageError(f"there is no quarantined record {place}", hint="`quarantine APP list` shows them")
        if records[0]["state"] != "open" and not closed:
            now = open_now(store, records[0])
            raise UsageError(
                f"the record {place} is {records[0]['state']} already",
                hint="nothing is left to be done" if now is None else f"it is {now} now",
            )
        found += records[:1]
    return found


def open_now(store: Store, record: dict[str, Any]) -> Place | None:
    """The name under which the same record, by its delivery and place, is open in a later load; None: under none."""
    same = store.control.quarantine(record["source"], delivery=record["delivery"], place=record["place"]).to_pylist()
    if not same or same[0]["load_no"] <= record["load_no"]:
        return None
    return Place(same[0]["load_no"], same[0]["place"])


def by_place(domain: Domain, source: str) -> bool:
    """Whether records of a source are numbered by their place, so that they cannot be mended or sent again alone."""
    return any(one.name == source and numbered_by_place(one) for one in domain.sources)


def waiting(store: Store, source: str | None = None, *, due: dt.datetime | None = None) -> list[dict[str, Any]]:
    """The open records, of one source or of all; with `due` those only that wait for an instant up to it."""
    rows = store.control.quarantine(source, due=None if due is None else instant_of(due))
    found: list[dict[str, Any]] = rows.to_pylist()
    return found


def resend(
    opened: Opened,
    records: Sequence[dict[str, Any]],
    *,
    now: dt.datetime,
    outcome: Literal["mended", "retried"],
    by: str | None,
    fewer_lines: bool = False,
) -> Iterator[tuple[list[dict[str, Any]], Retried]]:
    """Sends records again, one commit a load; what each load's came to, as it is done. See `send_again`."""
    loads: dict[int, list[dict[str, Any]]] = {}
    for record in records:
        loads.setdefault(record["load_no"], []).append(record)
    for mine in loads.values():
        source = opened.domain.source(mine[0]["source"])
        done = send_again(
            opened.store, opened.raw, opened.domain, source, mine,
            now=now, outcome=outcome, by=by, fewer_lines=fewer_lines,
        )  # fmt: skip
        yield mine, done
