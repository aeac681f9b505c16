"""What is wrong with what a source sent, or did not send, for people who look: no part fails for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trivium.engine.expected import KINDS, Outlook
from trivium.engine.rows import stored
from trivium.engine.sighting import Sighting
from trivium.ports import Store

LOOKED_AT: Final = 20
"""Refused files of a source: whether each was mended meanwhile is asked of the newest alone."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """`number` files or deliveries of one `kind`; of the latest its name, why, and since when, a naive time in UTC or
    microseconds."""

    kind: str
    number: int
    subject: str
    why: str
    at: dt.datetime | int | None = None


def wrong(status: Mapping[str, Any], expected: Mapping[str, Outlook], store: Store) -> dict[str, list[Wrong]]:
    """By source, of those where anything is, what needs somebody soonest first; `status` and `expected` are those of a
    domain at one time."""
    found = {}
    for figures in status["sources"]:
        source: str = figures["source"]
        files = status["files"].get(source, {})
        there = [
            *_held(figures["held"], [row for row in status["held"] if row["source"] == source]),
            *_files("failing", files),
            *_refused(source, files.get("refused", 0), store),
            *_absences(expected.get(source)),
            *_files("unexpected", files),
        ]
        if there:
            found[source] = there
    return found


def _held(number: int, rows: list[dict[str, Any]]) -> Iterator[Wrong]:
    if number and rows:
        latest = rows[0]
        why = f"would end {latest['gone']:,} of {latest['alive']:,} living records; it waits to be released or refused"
        yield Wrong("held", number, latest["delivery"], why, latest["arrived_at"])


def _files(kind: str, files: Mapping[str, Any]) -> Iterator[Wrong]:
    under_way = [one for one in files.get("under_way", ()) if one.state == kind]
    if under_way:
        yield _of(kind, files[kind], under_way)


def _refused(source: str, number: int, store: Store) -> Iterator[Wrong]:
    """Files that were refused, and of whose delivery nothing else has come since."""
    if not number:
        return
    every = sorted(store.ledger.sightings(source, states=["refused"]), key=lambda one: one.changed_at)
    standing = [one for one in every[-LOOKED_AT:] if not _mended(one, store)]
    if standing:
        yield _of("refused", len(standing) if len(standing) < LOOKED_AT else number, standing)


def _mended(refused: Sighting, store: Store) -> bool:
    if refused.delivery is None:
        return False
    rows = store.control.newest(refused.source, refused.delivery, states=["counts", "held"], most=1).to_pylist()
    since = stored(refused.changed_at)
    return any(at is not None and at >= since for row in rows for at in (row["arrived_at"], row["again_at"]))


def _absences(outlook: Outlook | None) -> Iterator[Wrong]:
    if outlook is None:
        return
    for kind in KINDS:
        latest = [one for one in outlook.open if one.kind == kind]
        if latest:
            yield Wrong(kind, outlook.total[kind], latest[0].subject, latest[0].detail, latest[0].opened_at)


def _of(kind: str, number: int, sightings: Iterable[Sighting]) -> Wrong:
    latest = max(sightings, key=lambda one: one.changed_at)
    why = next((text for line in (latest.why or "").splitlines() if (text := line.strip())), "")
    return Wrong(kind, number, latest.file.rpartition("/")[2], why, stored(latest.changed_at))
