"""What was put by hand in the place of rejected records, and putting it there again in another reading of the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from trivium.channels.quarantine import send_again
from trivium.engine.places import record_name
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import RawInput, Store


@dataclass(frozen=True, slots=True)
class KeptMend:
    """A record that was mended and accepted: the name of the entry that was mended, its place, what was sent and what
    it was mended to (None: the store is older than the keeping of it)."""

    record: str
    place: int
    sent: bytes
    mended: bytes | None
    by: str | None


@dataclass(frozen=True, slots=True)
class MendedAgain:
    """What became of mends in another reading. `waiting`: the names of records that are open there all the same.
    `unneeded`: those whose record was accepted as it was sent, which is what it says now."""

    accepted: int = 0
    waiting: tuple[str, ...] = ()
    unneeded: tuple[KeptMend, ...] = ()


def kept_mends(records: Iterable[dict[str, Any]]) -> tuple[KeptMend, ...]:
    """The mends that hold for one content of a delivery, of all rows of `Control.quarantine` for its readings.

    The newest reading in which somebody decided on a place counts: it may not have come to mend what an older one had.
    """
    places: dict[int, dict[int, list[dict[str, Any]]]] = {}
    for row in sorted(records, key=lambda row: int(row["load_no"])):
        places.setdefault(row["place"], {}).setdefault(row["reading_no"], []).append(row)
    found = []
    for place, readings in sorted(places.items()):
        for _, rows in sorted(readings.items(), reverse=True):
            states = {row["state"] for row in rows}
            if states & {"open", "superseded"}:  # it waits there, or did to the end
                continue
            if "dropped" not in states and "mended" in states:
                last = [row for row in rows if row["state"] == "mended"][-1]
                name = record_name(last["load_no"], place)
                found.append(KeptMend(name, place, rows[0]["raw"], last["mended"], last["by"]))
            break
    return tuple(found)


def mend_again(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    reading_no: int,
    mends: Sequence[KeptMend],
    *,
    now: dt.datetime,
) -> MendedAgain:
    """Puts what is kept into a published reading, where the same bytes are rejected at the same place again: one commit
    for each who mended, in their name. Repeating it does nothing more."""
    if not mends:
        return MendedAgain()
    rows = _of_reading(store, source, reading_no, closed=True)
    there = {row["place"] for row in rows}
    waiting = {row["place"]: row for row in rows if row["state"] == "open"}
    # What is sent again in one piece is of one load, and of one person: after a retry a reading has several loads.
    pieces: dict[tuple[int, str | None], list[dict[str, Any]]] = {}
    for mend in mends:
        record = waiting.get(mend.place)
        if record is not None and record["raw"] == mend.sent and mend.mended is not None:
            pieces.setdefault((record["load_no"], mend.by), []).append(record | {"raw": mend.mended})
    accepted = 0
    for (_, by), records in pieces.items():
        with suppress(UsageError):  # what cannot be mended any more, or was by somebody else just now, is told as it is
            accepted += send_again(
                store, raw, domain, source, records, now=now, outcome="mended", by=by, fewer_lines=True
            ).accepted
    mine = {mend.place for mend in mends}
    left = [row for row in _of_reading(store, source, reading_no) if row["place"] in mine]
    return MendedAgain(
        accepted,
        tuple(record_name(row["load_no"], row["place"]) for row in left),
        tuple(mend for mend in mends if mend.place not in there),
    )


def _of_reading(store: Store, source: Source, reading_no: int, *, closed: bool = False) -> list[dict[str, Any]]:
    rows = store.control.quarantine(source.name, closed=closed, reading_no=reading_no)
    found: list[dict[str, Any]] = rows.to_pylist()
    return found
