"""What was expected of a domain's sources and what came."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from trivium.engine.expected import Outlook, outlook
from trivium.model.domain import Domain


def outlooks(domain: Domain, deliveries: pa.Table, *, now: dt.datetime, most: int) -> dict[str, Outlook]:
    """By source, for those that have a calendar or numbered files. `deliveries` are all of the domain's; `most` bounds
    what is listed of each kind."""
    instant = (now - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)
    return {
        source.name: outlook(source.name, source.files, source.calendar, deliveries, now=instant, most=most)
        for source in domain.sources
        if source.calendar is not None
    }
