"""The declarations that are measured."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from trivium import Batch, Domain, Entity, Field, Into, Key

Payment = Literal["cash", "card", "gift", "voucher"]


class Sale(Entity):
    """A line of a receipt."""

    business_date: Key[date]
    store_id: Key[str]
    receipt: Key[str]
    line: Key[int]
    product_id: str
    quantity: int
    unit_price: Decimal = Field(max_digits=10, decimal_places=2)
    total: Decimal = Field(max_digits=12, decimal_places=2)
    currency: str
    payment: Payment
    sold_at: datetime


class Stock(Entity):
    """What lies in one store of one product, as a nightly snapshot says it."""

    store_id: Key[str]
    product_id: Key[str]
    quantity: int
    price: Decimal = Field(max_digits=10, decimal_places=2)
    currency: str
    shelf: str


class OrderLine(Entity):
    """A line of an order."""

    order_id: Key[str]
    line: Key[int]
    product_id: str
    quantity: int
    price: Decimal = Field(max_digits=10, decimal_places=2)


SALES: Final = Domain("sales", entities=[Sale], sources=[Batch("tills", into=[Into(Sale)], event_time="sold_at")])

SNAPSHOTS: Final = Domain(
    "stock",
    entities=[Stock],
    sources=[
        Batch(
            "nightly",
            files="stock_{night}.csv",
            into=[Into(Stock)],
            cut_off="night 23:00 UTC",
            asserts="store_id",
        )
    ],
)

_LINES: Final = {"order_id": "record.order_id"}

ORDERS: Final = Domain(
    "orders",
    entities=[OrderLine],
    sources=[
        Batch("shop", format="ndjson", into=[Into(OrderLine, each="lines", columns=_LINES)], event_time="placed_at")
    ],
)

ORDERS_ASSERTED: Final = Domain(
    "orders",
    entities=[OrderLine],
    sources=[
        Batch(
            "shop",
            format="ndjson",
            into=[Into(OrderLine, each="lines", columns=_LINES, asserts="order_id")],
            event_time="placed_at",
        )
    ],
)
