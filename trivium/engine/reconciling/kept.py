"""What is kept of a reconciliation."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came of comparing a reading with what another source said, `against`: JSON texts. `accepted`: how many
    records of the reading were accepted by then, for records that are mended may come later."""

    reading_no: int
    source: str
    delivery: str
    against: str
    accepted: int
    computed_at: dt.datetime
    summary: str
    differences: str = ""
