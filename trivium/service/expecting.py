"""What was expected of a domain's sources and what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from trivium.engine.expected import Outlook, outlook
from trivium.engine.rows import stored
from trivium.model.domain import Domain
from trivium.model.instants import instant_of
from trivium.ports import Ledger

_COLUMNS = ["source", "delivery", "digest", "kind", "state", "arrived_at"]


def outlooks(
    domain: Domain, deliveries: Callable[[str], pa.Table], ledger: Ledger, *, now: dt.datetime, most: int
) -> dict[str, Outlook]:
    """By source, for those that have a calendar or numbered files. `deliveries` gives those of a source, as
    `Control.deliveries` does; `most` bounds what is listed of each kind."""
    instant, found = instant_of(now), {}
    for source in domain.sources:
        if source.calendar is not None:
            came = deliveries(source.name)
            if source.calendar.date is None and source.calendar.time is not None:
                again, came = list(_again(source.name, came, ledger)), came.select(_COLUMNS)
                came = pa.concat_tables([came, pa.Table.from_pylist(again, schema=came.schema)])
            found[source.name] = outlook(source.name, source.files, source.calendar, came, now=instant, most=most)
    return found


def _again(source: str, deliveries: pa.Table, ledger: Ledger) -> Iterator[dict[str, Any]]:
    """The arrivals of bytes that were known, as further contents of their deliveries: where names give no business date
    they are the files of another day. The store knows of the last time of each, the ledger of all that the service
    took."""
    for row in deliveries.select([*_COLUMNS, "again_at"]).to_pylist():
        at = row.pop("again_at")
        if at is not None and row["source"] == source:
            yield row | {"digest": f"{row['digest']} again", "arrived_at": at, "kind": "first", "state": "counts"}
    for one in ledger.sightings(source, states=["known"]):
        if one.delivery is not None:
            at = stored(one.seen_at)
            told = (source, one.delivery, f"{one.file} {one.mark}", "first", "counts", at)
            yield dict(zip(_COLUMNS, told, strict=True))
