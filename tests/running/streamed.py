"""The application that the tests of the road of events watch."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trivium import Domain, Entity, Events, Field, Into, Key

TOPICS = ("test.orders", "test.shared", "test.later")


class Order(Entity):
    """What a customer asked for."""

    order_id: Key[str] = Field(min_length=1)
    status: Literal["placed", "paid", "sent"]
    total: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    channel: str | None = None


class Click(Entity):
    """What a visitor did."""

    click_id: Key[str]
    page: str


streamed = Domain(
    "streamed",
    entities=[Order, Click],
    sources=[
        Events(
            "orders", topic="test.orders", event_time="at", sequence="version",
            into=[Into(Order, columns={"channel": "message.headers.channel"})],
        ),
        Events("shop", topic="test.shared", event_time="at", ignore="kind = 'click'", into=[Into(Order)]),
        Events("web", topic="test.shared", event_time="at", ignore="coalesce(kind, '') <> 'click'", into=[Into(Click)]),
        Events("late", topic="test.later", event_time="at", into=[Into(Order)]),
    ],
)  # fmt: skip
