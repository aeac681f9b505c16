"""Since when a file must not have changed to be taken for whole."""

from __future__ import annotations

import datetime as dt
from typing import Final

from trivium.ports import Entry

_SKEW: Final = dt.timedelta(seconds=60)
"""By so much the clock of an inbox may be off."""


def stable_at(entry: Entry, since: dt.datetime, seconds: float) -> dt.datetime:
    """When it will have been unchanged for so long, if it goes on so. By our own clock `since` this content was seen
    first, or by the inbox's: what is old when we first look need not wait."""
    stable = dt.timedelta(seconds=seconds)
    return min(since + stable, entry.changed_at + stable + _SKEW)
