"""The application whose live page is looked at: of each road a source, and files that can be odd in every way."""

from __future__ import annotations

from trivium import Batch, Domain, Entity, Events, Expected, Field, Into, Key, Rest


class Sale(Entity):
    """What a customer paid."""

    receipt: Key[str]
    total: int


class Stock(Entity):
    """How much of an article a store has."""

    store_id: Key[str]
    article: Key[int]
    count: int = Field(ge=0)


depot = Domain(
    "depot",
    entities=[Sale, Stock],
    sources=[
        Rest("till", event_time="at", into=[Into(Sale)]),
        Events("kiosk", topic="kiosk.sales", event_time="at", into=[Into(Sale)]),
        Batch("office", files="office/office_{day}.csv", event_time="at", ready="renamed", into=[Into(Sale)]),
        Batch(
            "night", files="night/night_{business_date}.csv", event_time="at", ready="renamed",
            expected_by=Expected(by="08:00 Europe/Berlin", days="mon-sat"), into=[Into(Sale)],
        ),
        Batch(
            "stock", files="stock/stock_{store_id}_{day}.csv", cut_off="day 23:00 UTC", ready="renamed",
            asserts="store_id", max_gone="30%", into=[Into(Stock)],
        ),
    ],
)  # fmt: skip
