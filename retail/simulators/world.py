"""What all systems have in common: a day, its stores and products, and how each writes times and money."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")

Record = dict[str, Any]
"""One record, or one row, as it is written."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product and its price in cents."""

    id: str
    name: str
    cents: int


@dataclass(frozen=True, slots=True)
class World:
    """A day of a retailer. `scale` 1 is some 20,000 receipt lines, 1,000 orders and 2,000 movements."""

    day: dt.date
    seed: int
    scale: float
    stores: tuple[str, ...]
    products: tuple[Product, ...]

    def chance(self, system: str) -> Random:
        """The luck of one system: the others' does not change it."""
        return Random(f"{self.seed}/{self.day}/{system}")

    def many(self, number: int) -> int:
        """`number`, scaled; at least one."""
        return max(1, round(number * self.scale))

    def at(self, hour: int, minute: int = 0, second: int = 0, *, days: int = 0) -> dt.datetime:
        """An instant by the clock on the wall of Paris, in UTC."""
        day = self.day + dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(hour, minute, second), PARIS).astimezone(dt.UTC)


def make_world(day: dt.date, seed: int, scale: float) -> World:
    """The stores and products of a seed."""
    chance = Random(f"{seed}/world")
    stores = tuple(f"S{number:03}" for number in range(1, max(3, round(12 * min(scale, 1))) + 1))
    things = ("Lamp", "Mug", "Scarf", "Kettle", "Notebook", "Blanket", "Candle", "Umbrella", "Backpack", "Chess set")
    looks = ("blue", "oak", "striped", "large", "folding", "enamelled", "crème brûlée", "24 cm", "for two", "“Noël”")
    products = tuple(
        Product(
            f"A{10_000 + number}", f"{chance.choice(things)}, {chance.choice(looks)}", chance.randrange(95, 19_995, 5)
        )
        for number in range(max(20, round(400 * min(scale, 1))))
    )
    return World(day, seed, scale, stores, products)


def seconds(number: float) -> dt.timedelta:
    """A span of time."""
    return dt.timedelta(seconds=round(number))


def utc(instant: dt.datetime | None) -> str | None:
    """`2025-11-28T08:12:33Z`: how events write times, and how the export does."""
    return None if instant is None else f"{instant.isoformat()[:19]}Z"


def offset(instant: dt.datetime) -> str:
    """`2025-11-28T09:12:33+01:00`: how tills write times."""
    return instant.astimezone(PARIS).isoformat()


def wall(instant: dt.datetime | None) -> str | None:
    """`2025-11-28 09:12:33`: how files write times, by the clock on the wall."""
    return None if instant is None else instant.astimezone(PARIS).isoformat(" ")[:19]


def money(cents: int) -> str:
    """`-12.50`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def comma(cents: int) -> str:
    """`-12,50`."""
    return money(cents).replace(".", ",")


def euros(cents: int) -> Record:
    """A price in euros."""
    return {"amount": money(cents), "currency": "EUR"}
