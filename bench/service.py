"""The application that `trivium run` is measured with: a till that sends a small file of each store and day."""

from __future__ import annotations

from typing import Any, Final

from bench.domains import Sale
from trivium import Batch, Domain, Into

DAY: Final = "2025-12-31"
"""The date in every name: the stores speak of days before it."""


def _domain(name: str, **more: Any) -> Domain:
    tills = Batch(
        f"tills-{name}", files="sales_{part}_{day}.csv", ready="renamed", into=[Into(Sale)], event_time="sold_at",
        cut_off="day 23:00 UTC", **more,
    )  # fmt: skip
    return Domain(name, entities=[Sale], sources=[tills])


plain: Final = _domain("plain")
asserting: Final = _domain("asserting", asserts=("business_date", "store_id"))
"""Every file is complete for its store and day."""
