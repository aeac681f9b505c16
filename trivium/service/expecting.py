"""What was expected of a domain's sources and what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pyarrow as pa

from trivium.engine.expected import Outlook, outlook
from trivium.model.domain import Domain


def outlooks(
    domain: Domain, deliveries: Callable[[str], pa.Table], *, now: dt.datetime, most: int
) -> dict[str, Outlook]:
    """By source, for those that have a calendar or numbered files. `deliveries` gives those of a source,
    as `Control.deliveries` does; `most` bounds what is listed of each kind."""
    instant, found = (now - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1), {}
    for source in domain.sources:
        if source.calendar is not None:
            came = deliveries(source.name)
            found[source.name] = outlook(source.name, source.files, source.calendar, came, now=instant, most=most)
    return found
