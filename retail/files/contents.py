"""What the four systems have to tell, day by day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from retail.files.business import days, stores_open
from retail.files.sending import Delivery, Statement
from retail.simulators.mpts import WEEKLY, weekly
from retail.simulators.oms import EVENING, State, place
from retail.simulators.sod import AUDITED, receipts
from retail.simulators.wms import COUNTS, planned_only
from retail.simulators.world import Record, World, make_world, seconds, utc, wall

_CASHIERS: Final = ("Zoé", "Chloé", "Hélène", "François", "Karim", "Jules")
_PROMOTIONS: Final = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """A period of a retailer."""

    first: dt.date
    days: int
    stores: int
    seed: int

    def worlds(self) -> Iterator[tuple[int, World]]:
        """Each day by its number."""
        stores = tuple(f"S{number:03}" for number in range(1, self.stores + 1))
        for number, day in enumerate(days(self.first, self.days)):
            yield number, replace(make_world(day, self.seed, 0.2), stores=stores)


STORES: Final = 40
"""So many stores the retailer has: of those that a plan leaves out nothing comes."""


def awaited(plan: Plan) -> set[tuple[str, str]]:
    """Source and name of every delivery that somebody waits for."""
    found: set[tuple[str, str]] = set()
    for day in days(plan.first, plan.days):
        found |= {(WEEKLY.source, str(day)), (EVENING.source, str(day))}
        if stores_open(day):
            found |= {(AUDITED.source, f"S{store:03},{day}") for store in range(1, STORES + 1)}
    return found


def deliveries(plan: Plan) -> list[Delivery]:
    """Everything that is to be told. The stores sell on business days, and one in twelve of them on others too."""
    found: list[Delivery] = []
    orders = _Orders()
    for number, world in plan.worlds():
        found.append(_promotions(world, number))
        found.append(orders.evening(world, number))
        found += _counts(world, number)
        opened = stores_open(world.day)
        few = world.chance("files-open").sample(world.stores, math.ceil(len(world.stores) / 12))
        found += [_audited(world, number, store, odd=not opened) for store in (world.stores if opened else few)]
    return found


def _audited(world: World, number: int, store: str, *, odd: bool) -> Delivery:
    chance, day = world.chance(f"files-{store}"), world.day.isoformat()
    lines = [
        replace(line, cashier=f"{store}-{chance.choice(_CASHIERS)}")
        for line in receipts(world, chance, store, chance.randrange(12, 31))
    ]
    said = tuple(
        Statement("sale", (day, store, line.receipt, line.line), _text(world.at(23, 30)), line.meant(day))
        for line in lines
    )
    rows = tuple(line.row(day) for line in lines)
    return Delivery(AUDITED, "sod", f"{store},{day}", f"{store}_{day}", number, rows, said, due=not odd, odd=odd)


def _promotions(world: World, number: int) -> Delivery:
    chance, rows, said = world.chance("files-mpts"), [], []
    for promotion in sorted(chance.sample(range(1, _PROMOTIONS + 1), 14)):
        row, record = weekly(world, chance, promotion)
        off = chance.random() < 0.08
        rows.append(row | {"state": "X"} if off else row)
        said.append(Statement("promotion", (row["promo_no"],), _text(world.at(22)), None if off else record))
    day = world.day.isoformat()
    return Delivery(WEEKLY, "mpts", day, f"promotions_{day}", number, tuple(rows), tuple(said), due=True)


@dataclass
class _Orders:
    """The orders that are under way."""

    open: list[State] = field(default_factory=list)

    def evening(self, world: World, number: int) -> Delivery:
        """The orders of a day, and those of the days before that went on."""
        chance, cut_off = world.chance("files-oms"), world.at(23)
        for order in self.open:
            _go_on(order, cut_off - seconds(chance.uniform(60, 36_000)), chance)
        self.open += [place(world, chance, one) for one in range(chance.randrange(10, 20))]
        told = [order for order in self.open if order.placed_at < cut_off]
        self.open = [order for order in self.open if order.status in ("placed", "paid", "shipped")]
        said = tuple(Statement("order", (one.id,), _text(cut_off), _without_address(one.meant())) for one in told)
        day = world.day.isoformat()
        rows = tuple(order.row() for order in told)
        return Delivery(EVENING, "oms", day, f"orders_{day}", number, rows, said, due=True)


def _go_on(order: State, now: dt.datetime, chance: Random) -> None:
    if chance.random() < 0.05:
        order.status, order.cancelled_for = "cancelled", "too slow"
    elif order.status == "placed":
        order.status, order.paid_at = "paid", now
    elif order.status == "paid":
        order.status, order.shipped_at = "shipped", now
    else:
        order.status, order.delivered_at = "delivered", now


def _without_address(record: Record) -> Record:
    """The file says nothing of addresses: only the events do, which do not come by files."""
    return {name: value for name, value in record.items() if name != "ship_to"}


def _counts(world: World, number: int) -> Iterator[Delivery]:
    chance, day = world.chance("files-wms"), world.day.isoformat()
    for location in ("W01", *chance.sample(world.stores, min(2, len(world.stores)))):
        rows: list[Record] = []
        said: list[Statement | None] = []
        for product in chance.sample(world.products, chance.randrange(8, 16)):
            at, by = world.at(6) + seconds(chance.uniform(0, 3000)), f"{location}-{chance.choice(_CASHIERS)}"
            pieces = chance.randrange(0, 400)
            row = {
                "location_id": location, "article": product.id, "pieces": pieces, "counted_at": wall(at),
                "counted_by": by, "state": "counted",
            }  # fmt: skip
            if chance.random() < 0.15:
                row |= {"pieces": None, "state": "planned"}
            record = {
                "location_id": location, "product_id": product.id, "quantity": pieces, "counted_at": utc(at),
                "counted_by": by,
            }  # fmt: skip
            rows.append(row)
            key = (location, product.id)
            said.append(None if planned_only(row) else Statement("stock_count", key, _text(at), record))
        name = f"{location},{day},morning"
        stem = f"counts_{name.replace(',', '_')}"
        yield Delivery(COUNTS, "wms", name, stem, number, tuple(rows), tuple(said))


def _text(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
