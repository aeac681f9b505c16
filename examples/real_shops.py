"""Files of real shops, as they come: no script cleans them first.

    trivium load examples/real_shops.py uci-daily sales/*.csv --store shops.duckdb

Four publishers, each with habits of its own: lines without a key, a life cycle in five columns, tabs in a .csv,
whole numbers written as decimals, weeks instead of dates. What a declaration has to know is said beside it. Times
carry no offset anywhere; only the British shop says where its clock hangs, the others are read as UTC, so that no
hour is missing or doubled where clocks change.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from trivium import Batch, Domain, Entity, Facet, Field, Into, Key, Rule

# ── A British shop for gifts: a file of invoice lines a day (UCI, "Online Retail") ──────────────────────────────


class PiecePrice(Facet):
    """Money for one piece: a tenth of a penny for a pad, nothing for a gift, less for a bad debt written off."""

    amount: Decimal = Field(max_digits=14, decimal_places=4)
    currency: str = Field(pattern="^[A-Z]{3}$")


class InvoiceLine(Entity):
    """A line of an invoice. Lines have no number, and the very same line may stand twice: both were sold."""

    business_date: Key[date]
    invoice: Key[str] = Field(min_length=1, description="a leading C cancels, A adjusts")
    line: Key[int] = Field(ge=1, description="place in the invoice, in the order of the file")
    stock_code: str = Field(min_length=1, description="a product, or POST, M, D, BANK CHARGES …")
    description: str | None = Field(
        None, description="what the till printed; empty or a remark where stock was corrected"
    )
    quantity: int = Field(description="negative where it was cancelled, or lost")
    price: PiecePrice
    amount: Decimal = Field(max_digits=24, decimal_places=4, description="quantity × price")
    cancelled: bool
    sold_at: datetime
    customer_id: str | None = Field(None, description="missing for a guest", sensitive=True)
    country: str | None = None


_LINE = {
    "invoice": "InvoiceNo",
    "line": "ordinal(InvoiceNo)",
    "stock_code": "StockCode",
    "description": "Description",
    "quantity": "number(Quantity)",
    "price.amount": "UnitPrice",
    "price.currency": "'GBP'",
    "amount": "Quantity * UnitPrice",
    "cancelled": "starts_with(InvoiceNo, 'C')",
    "sold_at": "InvoiceDate",
    # A number only because the publisher's tool has no whole numbers with gaps: 17850.0
    "customer_id": r"regexp_replace(CustomerID, '\.0+$', '')",
    "country": "Country",
}

sales = Domain(
    "sales", entities=[InvoiceLine], sources=[
        Batch(
            "uci-daily", files="sales/{business_date}.csv", zone="Europe/London", event_time="InvoiceDate",
            description="All invoice lines of a day; a corrected file of the day replaces the one before.",
            cut_off="business_date 23:59:59 Europe/London", asserts="business_date",
            into=[Into(InvoiceLine, _LINE)],
        ),
    ],
)  # fmt: skip

# ── A Brazilian marketplace: orders with five timestamps each, items, payments (Olist) ──────────────────────────

Status = Literal["created", "approved", "invoiced", "processing", "shipped", "delivered", "unavailable", "canceled"]


class Price(Facet):
    """An amount is nothing without its currency."""

    amount: Decimal = Field(ge=0, max_digits=14, decimal_places=2)
    currency: str = Field(pattern="^[A-Z]{3}$")


class Order(Entity):
    """An order. Clocks of different parties wrote its times: an approval after the delivery is no error of ours."""

    order_id: Key[str] = Field(min_length=1)
    customer_id: str = Field(min_length=1, sensitive=True)
    status: Status
    placed_at: datetime
    approved_at: datetime | None = None
    handed_over_at: datetime | None = None
    delivered_at: datetime | None = None
    promised_for: datetime | None = Field(None, description="the day of delivery that the customer was told")


class OrderItem(Entity):
    """One piece of an order."""

    order_id: Key[str] = Field(min_length=1)
    item: Key[int] = Field(ge=1)
    product_id: str = Field(min_length=1)
    seller_id: str = Field(min_length=1)
    ship_by: datetime = Field(description="the seller's deadline for handing it to the carrier")
    price: Price
    freight: Price


class OrderPayment(Entity):
    """One payment towards an order; vouchers may leave nothing to pay, and nothing to pay has no instalments."""

    order_id: Key[str] = Field(min_length=1)
    payment: Key[int] = Field(ge=1)
    method: Literal["credit_card", "debit_card", "boleto", "voucher", "not_defined"]
    instalments: int = Field(ge=0)
    value: Price


_ORDER = {
    "customer_id": "customer_id",
    "status": "order_status",
    "placed_at": "order_purchase_timestamp",
    "approved_at": "order_approved_at",
    "handed_over_at": "order_delivered_carrier_date",
    "delivered_at": "order_delivered_customer_date",
    "promised_for": "order_estimated_delivery_date",
}


def _brl(attribute: str, column: str) -> dict[str, str]:
    return {f"{attribute}.amount": column, f"{attribute}.currency": "'BRL'"}


def _step(sequence: int, status: str, attribute: str, *also: str) -> Into:
    """What happened to an order at one of its times; the sequence orders steps of the same second."""
    return Into(
        Order,
        columns={**_ORDER, "status": f"'{status}'"},
        states=("status", attribute, *also),
        when=f"{_ORDER[attribute]} is not null",
        event_time=_ORDER[attribute],
        sequence=str(sequence),
    )


_ITEM = {
    "item": "number(order_item_id)",
    "ship_by": "shipping_limit_date",
    **_brl("price", "price"),
    **_brl("freight", "freight_value"),
}

_PAYMENT = {
    "payment": "number(payment_sequential)",
    "method": "payment_type",
    "instalments": "number(payment_installments)",
    **_brl("value", "payment_value"),
}

orders = Domain(
    "orders", entities=[Order, OrderItem, OrderPayment], sources=[
        Batch(
            "olist-orders", files="olist/orders/{name}.csv", zone="UTC",
            description="A row tells an order's whole life: as one statement a step, and itself as the last word.",
            # The row has no time of its own; it knows nothing later than the last thing it tells.
            event_time=(
                "greatest(order_purchase_timestamp, order_approved_at, "
                "order_delivered_carrier_date, order_delivered_customer_date)"
            ),
            sequence="5",
            into=[
                Into(Order, _ORDER),
                _step(1, "created", "placed_at", "customer_id", "promised_for"),
                _step(2, "approved", "approved_at"),
                _step(3, "shipped", "handed_over_at"),
                _step(4, "delivered", "delivered_at"),
            ],
        ),
        Batch(
            "olist-items", files="olist/items/{name}.csv", zone="UTC",
            description="The deadline is the only time an item has: where it was put off, the later word wins.",
            event_time="shipping_limit_date", max_ahead="400 days",
            into=[Into(OrderItem, _ITEM)],
        ),
        Batch(
            "olist-payments", files="olist/payments/{name}.csv", zone="UTC",
            description="A payment has no time at all; it is as of the day on which the publisher closed the books.",
            event_time="'2018-10-17 23:59:59'",
            into=[Into(OrderPayment, _PAYMENT)],
        ),
    ],
)  # fmt: skip

# ── A bicycle maker: tab-separated tables of its ERP (AdventureWorks) ───────────────────────────────────────────


class Stock(Entity):
    """How much of a product lies at a location, and where there."""

    product_id: Key[int]
    location_id: Key[int]
    shelf: str | None = Field(None, description="a letter; missing where the location has none")
    bin: int
    quantity: int
    row_id: UUID
    modified_at: datetime


class Validity(Facet):
    """From when to when; both or neither change."""

    starts_at: datetime
    ends_at: datetime


class Offer(Entity):
    """A discount on certain quantities for a time."""

    offer_id: Key[int]
    description: str
    discount: Decimal = Field(ge=0, le=1, max_digits=9, decimal_places=6, description="a share: 0.15 is 15 %")
    type: str
    category: str
    validity: Validity
    min_quantity: int = Field(ge=0)
    max_quantity: int | None = Field(None, ge=0, description="without a limit where it is missing")
    row_id: UUID
    modified_at: datetime

    ends_after_start = Rule("validity.ends_at >= validity.starts_at")


_STOCK = {
    "product_id": "number(ProductID)",
    "location_id": "number(LocationID)",
    "shelf": "Shelf",
    "bin": "number(Bin)",
    "quantity": "number(Quantity)",
    "row_id": "rowguid",
    "modified_at": "ModifiedDate",
}

inventory = Domain(
    "inventory", entities=[Stock], sources=[
        Batch(
            "adventureworks-stock", files="adventureworks/stock/{name}.csv", separator="\t", zone="UTC",
            event_time="ModifiedDate",
            into=[Into(Stock, _STOCK)],
        ),
    ],
)  # fmt: skip

# ── Promotions: the bicycle maker's offers, and a grocer's weekly placements (dunnhumby) ────────────────────────


class Placement(Entity):
    """Where a product stood in a store, and in that week's mailer; 0: nowhere."""

    week: Key[int] = Field(ge=1, le=53)
    store_id: Key[str] = Field(min_length=1)
    product_id: Key[str] = Field(min_length=1)
    display: str = Field(pattern="^[0-9A-Z]$", description="1 store front … 9 secondary, A in the shelf")
    mailer: str = Field(pattern="^[0-9A-Z]$", description="A inside page … D front, F back, Z free on the cover")


_OFFER = {
    "offer_id": "number(SpecialOfferID)",
    "description": "Description",
    "discount": "DiscountPct",
    "type": "Type",
    "category": "Category",
    "validity.starts_at": "StartDate",
    "validity.ends_at": "EndDate",
    "min_quantity": "number(MinQty)",
    "max_quantity": "number(MaxQty)",
    "row_id": "rowguid",
    "modified_at": "ModifiedDate",
}

promotions = Domain(
    "promotions", entities=[Offer, Placement], sources=[
        Batch(
            "adventureworks-offers", files="adventureworks/offers/{name}.csv", separator="\t", zone="UTC",
            event_time="ModifiedDate",
            into=[Into(Offer, _OFFER)],
        ),
        Batch(
            "dunnhumby-mailer", files="dunnhumby/mailer/{name}.csv", zone="UTC",
            description="The placements of a week; a corrected file of the same name replaces the one before.",
            # Weeks are numbered through 2017, whose first day was a Sunday: its weeks by %U, and a week's %w 0.
            event_time="instant_of(concat('2017 ', week, ' 0'), '%Y %U %w')",
            into=[Into(Placement, {"display": "display_location", "mailer": "mailer_location"})],
        ),
    ],
)  # fmt: skip
