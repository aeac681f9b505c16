"""The application that all three roads are measured with: tills that call, tell events, and send files."""

from __future__ import annotations

from typing import Final

from bench.domains import Sale
from trivium import Batch, Domain, Events, Into, Rest

TOPIC: Final = "sales"

live: Final = Domain(
    "live",
    entities=[Sale],
    sources=[
        Rest("calls", into=[Into(Sale)], event_time="sold_at"),
        Events("events", topic=TOPIC, into=[Into(Sale)], event_time="sold_at"),
        Batch(
            "files", files="sales_{part}_{day}.csv", ready="renamed", into=[Into(Sale)], event_time="sold_at",
            cut_off="day 23:00 UTC",
        ),
    ],
)  # fmt: skip
