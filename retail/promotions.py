"""Promotions, from MPTS: merchandising promotion tracking.

The weekly programme comes as a file each evening; flash and super sales are pushed the moment they are decided,
and as often changed: prolonged, withdrawn, given another discount.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from retail.values import Price, Validity
from trivium import Batch, Csv, Domain, Entity, Field, Into, Key, Rest, Rule


class Promotion(Entity):
    """A reason to pay less for a product, in some stores, for a time."""

    promotion_id: Key[str] = Field(pattern="^P[0-9]{6}$")
    name: str = Field(min_length=1, max_length=120)
    kind: Literal["weekly", "flash", "super"]
    status: Literal["planned", "active", "withdrawn"]
    product_id: str
    stores: list[str] = Field(description="where it holds; none named: everywhere")
    discount_percent: Decimal = Field(gt=0, le=90, max_digits=4, decimal_places=1)
    price: Price | None = Field(None, description="the price on the label, where one is printed")
    validity: Validity
    per_customer: int | None = Field(None, ge=1, description="most pieces for one customer")
    budget: Price | None = Field(None, sensitive=True, description="what the supplier pays towards it")

    ends_after_it_starts = Rule("validity.ends_at > validity.starts_at")
    super_sale_is_super = Rule("kind <> 'super' or discount_percent >= 20", "a super sale is worth the name")


promotions = Domain(
    "promotions",
    entities=[Promotion],
    sources=[
        Batch(
            "mpts-end-of-day",
            description="The weekly promotions as they stand in the evening; changed rows only.",
            files="mpts/promotions_{business_date}_r{revision}.csv",
            format=Csv(separator="|", encoding="cp1252", decimal=","),
            trailer="T|{rows}|{total}",
            totals={"total": "budget"},
            ready="renamed",
            cut_off="business_date 22:00 Europe/Paris",
            zone="Europe/Paris",
            expected_by="22:30",
            into=[
                Into(
                    Promotion,
                    columns={
                        "promotion_id": "promo_no",
                        "name": "label",
                        "kind": "'weekly'",
                        "status": "case state when 'P' then 'planned' when 'A' then 'active' else state end",
                        "product_id": "article",
                        "stores": "store_list",
                        "discount_percent": "percent",
                        "price.amount": "label_price",
                        "price.currency": "case when label_price is not null then 'EUR' end",
                        "validity.starts_at": "valid_from",
                        "validity.ends_at": "valid_to",
                        "per_customer": "max_pieces",
                        "budget.amount": "budget",
                        "budget.currency": "case when budget is not null then 'EUR' end",
                    },
                    delete="state = 'X'",
                )
            ],
        ),
        Rest(
            "mpts-flash",
            description="Flash and super sales: whole when they are decided, then only what changed.",
            event_time="issued_at",
            sequence="version",
            into=[Into(Promotion)],
        ),
    ],
)
