"""Sales, from SOD: sales of day.

Tills push each receipt line within seconds. In the evening every store sends the day once more, audited and
complete: what it does not list was not sold.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from retail.stores import OPEN_SUNDAYS, STORES
from retail.values import Price
from trivium import Batch, Domain, Entity, Expected, Field, Into, Key, Reconcile, Rest, Rule


class Sale(Entity):
    """A receipt line."""

    business_date: Key[date]
    store_id: Key[str] = Field(pattern="^S[0-9]{3}$")
    receipt: Key[str] = Field(min_length=1)
    line: Key[int] = Field(ge=1)
    product_id: str
    quantity: int = Field(description="negative where it was brought back")
    unit_price: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    discount: Decimal = Field(max_digits=10, decimal_places=2)
    total: Price
    promotion_id: str | None = None
    payment: Literal["cash", "card", "mobile", "voucher"]
    cashier: str = Field(sensitive=True)
    loyalty_card: str | None = Field(None, sensitive=True)
    sold_at: datetime

    something_was_sold = Rule("quantity <> 0")
    total_adds_up = Rule("total.amount = quantity * unit_price - discount")


sales = Domain(
    "sales",
    entities=[Sale],
    sources=[
        Rest(
            "sod-intraday",
            description="A line the moment it is sold, corrected or voided at the till.",
            event_time="recorded_at",
            into=[Into(Sale, delete="voided = 'true'")],
        ),
        Batch(
            "sod-end-of-day",
            description="A store's audited day, complete.",
            files="sod/{store_id}_{business_date}_r{revision}.csv",
            manifest="*.manifest.json",
            ready="stable for 1 second",
            totals={"total": "total"},
            reject_limit="10%",
            separator=";",
            cut_off="business_date 23:30 Europe/Paris",
            zone="Europe/Paris",
            expected_by=Expected(
                by="23:45", days="mon-sat", holidays="FR", opened=OPEN_SUNDAYS, each={"store_id": STORES}
            ),
            asserts=("business_date", "store_id"),
            max_gone="10%",
            reconciles=Reconcile("sod-intraday", totals=("total.amount", "quantity")),
            into=[
                Into(
                    Sale,
                    columns={
                        "line": "position",
                        "product_id": "article",
                        "total.amount": "total",
                        "total.currency": "currency",
                        "promotion_id": "promo_no",
                        "payment": (
                            "case payment when 'CA' then 'cash' when 'CC' then 'card' "
                            "when 'MO' then 'mobile' when 'VO' then 'voucher' else payment end"
                        ),
                        "loyalty_card": "card",
                    },
                )
            ],
        ),
    ],
)
