"""Orders, from OMS: order management.

Every step of an order is an event; most say only what changed. In the evening a file tells all orders again, so that
an event that was lost on its way is lost for a day at most.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from retail.values import Address, Price
from trivium import Batch, Domain, Entity, Events, Field, Into, Key, Reconcile, Rule


class Order(Entity):
    """What a customer ordered, as a whole."""

    order_id: Key[str] = Field(pattern="^O[0-9]+$")
    customer_id: str = Field(sensitive=True)
    channel: Literal["web", "app", "phone", "store"]
    status: Literal["placed", "paid", "shipped", "delivered", "cancelled"]
    total: Price
    ship_to: Address
    placed_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_for: str | None = Field(None, max_length=200, description="the customer's reason")

    paid_after_placed = Rule("paid_at >= placed_at")
    delivered_after_placed = Rule("delivered_at >= placed_at")


class OrderLine(Entity):
    """One product of an order."""

    order_id: Key[str] = Field(pattern="^O[0-9]+$")
    line: Key[int] = Field(ge=1)
    product_id: str
    quantity: int = Field(gt=0)
    unit_price: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    gift: bool


orders = Domain(
    "orders",
    entities=[Order, OrderLine],
    sources=[
        Events(
            "oms-events",
            description="What happened to an order. Its lines come whole or not at all.",
            topic="oms.orders",
            event_time="occurred_at",
            sequence="version",
            into=[
                Into(Order, delete="type = 'order.deleted'"),
                Into(
                    OrderLine,
                    columns={"order_id": "record.order_id"},
                    each="lines",
                    asserts="order_id",
                    when="record.type in ('order.placed', 'order.changed', 'order.deleted')",
                ),
            ],
        ),
        Batch(
            "oms-end-of-day",
            description="All orders as they stand in the evening, packed and without addresses.",
            files="oms/orders_{business_date}_r{revision}.csv",
            manifest="*.manifest.json",
            ready="stable for 1 second",
            totals={"total": "total"},
            cut_off="business_date 23:00 Europe/Paris",
            zone="Europe/Paris",
            expected_by="23:30",
            reconciles=Reconcile("oms-events", totals="total.amount"),
            into=[Into(Order, columns={"total.amount": "total", "total.currency": "currency"})],
        ),
    ],
)
