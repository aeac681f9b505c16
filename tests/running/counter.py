"""The application that the tests of the road of calls speak to."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trivium import Batch, Domain, Entity, Field, Into, Key, Rest


class Order(Entity):
    """What a customer asked for."""

    order_id: Key[str] = Field(min_length=1)
    status: Literal["placed", "paid", "sent"]
    total: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    note: str | None = None


class Line(Entity):
    """One article of an order."""

    order_id: Key[str]
    line: Key[int]
    pieces: int = Field(gt=0)


counter = Domain(
    "counter",
    entities=[Order, Line],
    sources=[
        Rest("till", event_time="at", sequence="version", into=[Into(Order)]),
        Rest(
            "phone", event_time="at", ignore="test = 'true'",
            into=[Into(Order), Into(Line, columns={"order_id": "record.order_id"}, each="lines", asserts="order_id")],
        ),
        Rest("brief", event_time="at", keep_raw=None, into=[Into(Order)]),
        Rest("packed", event_time="at", unpacks_to="10 MB", into=[Into(Order)]),
        Batch("night", files="night_{day}.csv", event_time="at", into=[Into(Order)]),
    ],
)  # fmt: skip
