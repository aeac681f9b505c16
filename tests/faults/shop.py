"""The application that the fault tests load into, and its files: `trivium load tests/faults/shop.py orders …`."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Literal

from trivium import Batch, Domain, Entity, Field, Into, Key


class Order(Entity):
    """What a customer asked for."""

    order_id: Key[str] = Field(pattern="^O[0-9]+$")
    status: Literal["placed", "paid", "sent"]
    total: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    note: str | None = None


class Stock(Entity):
    """How much of an article a store has."""

    store_id: Key[str]
    article: Key[int]
    count: int = Field(ge=0)


shop = Domain(
    "shop",
    entities=[Order, Stock],
    sources=[
        Batch("orders", files="orders_{business_date}_r{revision}.csv", event_time="at", into=[Into(Order)]),
        Batch("loose", files="loose_{business_date}.csv", event_time="at", keep_raw=None, into=[Into(Order)]),
        Batch(
            "stock", files="stock_{store_id}_{business_date}_r{revision}.csv", cut_off="business_date 23:00 UTC",
            asserts="store_id", max_gone="30%", into=[Into(Stock)],
        ),
    ],
)  # fmt: skip

STATUSES = ("placed", "paid", "sent")


def order_file(folder: Path, day: int, revision: int = 1, *, rows: int = 40, bad: int = 3, of: str = "orders") -> Path:
    """A day's orders. Every revision says something else; so many rows are rejected, others share keys with other
    days."""
    name = f"orders_2026-03-{day:02}_r{revision}.csv" if of == "orders" else f"loose_2026-03-{day:02}.csv"
    lines = ["order_id,status,total,note,at"]
    for row in range(rows):
        key = "broken" if row < bad else f"O{row + 10 * day}"
        status = STATUSES[(row + day + revision) % 3]
        lines.append(f"{key},{status},{row}.{day:02},r{revision},2026-03-{day:02}T10:{row % 60:02}:00Z")
    return written(folder / name, lines)


def stock_file(folder: Path, store_id: str, day: int, revision: int = 1, *, articles: int = 20) -> Path:
    """All articles of a store: what a later file leaves out is gone."""
    lines = [f"{store_id},{article},{article * day + revision}" for article in range(articles)]
    return written(folder / f"stock_{store_id}_2026-03-{day:02}_r{revision}.csv", ["store_id,article,count", *lines])


def written(path: Path, lines: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
