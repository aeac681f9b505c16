"""Inventory, from WMS: warehouse management.

Goods move all day, and each movement is an event. Now and then somebody counts: from then on the count is what there
was, and only later movements are added to it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from trivium import Batch, Domain, Entity, Events, Field, Into, Key, Rule, View


class StockMovement(Entity):
    """Pieces of a product that came to a location, or left it."""

    movement_id: Key[str] = Field(pattern="^M[0-9]+$")
    location_id: str
    product_id: str
    kind: Literal["receipt", "issue", "transfer", "return", "damage"]
    quantity: int = Field(description="what left the location is negative")
    moved_at: datetime
    reference: str | None = Field(None, description="the delivery note, order or transfer")

    something_moved = Rule("quantity <> 0")
    damage_takes_away = Rule("kind <> 'damage' or quantity < 0")


class StockCount(Entity):
    """The last time that somebody counted a product at a location."""

    location_id: Key[str]
    product_id: Key[str]
    quantity: int = Field(ge=0)
    counted_at: datetime
    counted_by: str = Field(sensitive=True)


STOCK = View(
    "stock",
    description="The last count and what moved after it; without a count, all that ever moved.",
    sql="""
        SELECT
            location_id,
            product_id,
            CAST(coalesce(max(c.quantity), 0) + coalesce(sum(
                CASE WHEN c.counted_at IS NULL OR m.moved_at > c.counted_at THEN m.quantity END
            ), 0) AS BIGINT) AS quantity,
            max(c.counted_at) AS counted_at,
            max(m.moved_at) AS moved_at
        FROM stock_count AS c
        FULL JOIN stock_movement AS m USING (location_id, product_id)
        GROUP BY location_id, product_id
        ORDER BY location_id, product_id
    """,
)

inventory = Domain(
    "inventory",
    entities=[StockMovement, StockCount],
    sources=[
        Events(
            "wms-events",
            description="Movements as they are recorded, corrected and reversed.",
            topic="wms.inventory",
            event_time="recorded_at",
            sequence="version",
            into=[Into(StockMovement, delete="type = 'movement.reversed'")],
        ),
        Batch(
            "wms-counts",
            description="A count of a location; lines that were planned and not counted are none.",
            files="wms/counts_{location_id}_{business_date}_{round}_r{revision}.csv",
            ready="marker *.done",
            event_time="counted_at",
            zone="Europe/Paris",
            ignore="state = 'planned'",
            into=[Into(StockCount, columns={"product_id": "article", "quantity": "pieces"})],
        ),
    ],
    views=[STOCK],
)
