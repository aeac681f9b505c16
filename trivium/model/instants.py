"""Instants as numbers: microseconds since 1970-01-01 UTC."""

from __future__ import annotations

import datetime as dt
from typing import Final

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def instant_of(at: dt.datetime) -> int:
    """The instant of an aware time."""
    return (at - EPOCH) // dt.timedelta(microseconds=1)
