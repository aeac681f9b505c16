"""The application that the tests of `trivium run` watch: two domains, a source for each way to be whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trivium import Batch, Domain, Entity, Field, Into, Key


class Order(Entity):
    """What a customer asked for."""

    order_id: Key[str] = Field(pattern="^O[0-9]+$")
    status: Literal["placed", "paid", "sent"]
    total: Decimal = Field(ge=0, max_digits=12, decimal_places=2)


class Stock(Entity):
    """How much of an article a store has."""

    store_id: Key[str]
    article: Key[int]
    count: int = Field(ge=0)


class Member(Entity):
    """Who belongs to the club."""

    member_id: Key[int]
    name: str


shop = Domain(
    "shop",
    entities=[Order, Stock],
    sources=[
        Batch(
            "orders", files="orders/orders_{day}_r{revision}.csv", event_time="at", ready="renamed", into=[Into(Order)]
        ),
        Batch("marked", files="marked/marked_{day}.csv", event_time="at", ready="marker *.done", into=[Into(Order)]),
        Batch(
            "lying", files="lying/lying_{day}.csv", event_time="at", ready="renamed", keep_raw=None, into=[Into(Order)]
        ),
        Batch("calm", files="calm/calm_{day}.csv", event_time="at", ready="stable for 1 second", into=[Into(Order)]),
        Batch(
            "sworn", files="sworn/sworn_{day}.csv", event_time="at", manifest="*.manifest.json", into=[Into(Order)]
        ),
        Batch(
            "stock", files="stock/stock_{store_id}_{day}.csv", cut_off="day 23:00 UTC", ready="renamed",
            asserts="store_id", max_gone="30%", into=[Into(Stock)],
        ),
    ],
)  # fmt: skip

club = Domain(
    "club",
    entities=[Member],
    sources=[
        Batch(
            "members", files="members/members_{day}.csv", cut_off="day 06:00 UTC", ready="renamed", into=[Into(Member)]
        )
    ],
)

_SOURCES = (*shop.sources, *club.sources)
FOLDERS = sorted({source.files.text.partition("/")[0] for source in _SOURCES if source.files})
"""Those of an inbox of its sources."""

HEADER = "order_id,status,total,at\n"


def orders(*numbers: int, status: str = "paid", day: int = 2) -> str:
    """A file of orders of a day of March 2026, all in one status."""
    return HEADER + "".join(f"O{number},{status},{number}.50,2026-03-{day:02}T10:00:00Z\n" for number in numbers)


def stock(store: str, articles: int, each: int = 5) -> str:
    """All articles of a store."""
    return "store_id,article,count\n" + "".join(f"{store},{article},{each}\n" for article in range(articles))
