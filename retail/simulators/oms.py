"""OMS, order management: every step of an order is an event, and in the evening a file tells all orders again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from retail.simulators.paper import TORN, Bad, Form
from retail.simulators.scribe import Scribe
from retail.simulators.world import Record, World, euros, money, seconds, utc, wall

EVENING: Final = Form(
    "oms-end-of-day",
    columns=(
        "order_id", "customer_id", "channel", "status", "total", "currency", "placed_at", "paid_at", "shipped_at",
        "delivered_at", "cancelled_for",
    ),
    bad=(
        Bad("total", "19.999"),
        Bad("status", "PAID"),
        Bad("order_id", "none"),
        Bad("placed_at", "2025-11-31 10:00:00"),
        Bad("customer_id", None),
        Bad("delivered_at", "2001-01-01 00:00:00"),
        TORN,
    ),
    closing="manifest",
    amount="total",
    packed=True,
)  # fmt: skip

_TOWNS: Final = (("75011", "Paris"), ("69003", "Lyon"), ("44000", "Nantes"), ("59800", "Lille"), ("13001", "Marseille"))
_STREETS: Final = ("rue de l'Église", "avenue Foch", "quai des Brumes", "impasse du Puits, bâtiment “C”")
_NAMES: Final = ("Zoé Lambert", "Noël Ferry", "Anne-Marie Le Goff", "J. O'Neill", "Łukasz Żak", "Chloé Dupont")

_BAD_EVENTS: Final = (
    Bad("status", "teleported"),
    Bad("total.currency", "€"),
    Bad("placed_at", "yesterday"),
    Bad("lines.0.quantity", "two"),
    Bad("lines.0.gift", "perhaps"),
    Bad("version", 1.5),
    Bad("occurred_at", None),
    Bad("order_id", None),
    Bad("ship_to.country", None),
    TORN,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an order; its price in cents."""

    line: int
    product: str
    quantity: int
    unit: int
    gift: bool


@dataclass(slots=True)
class State:
    """An order as it stands, changed step by step."""

    id: str
    customer: str
    channel: str
    ship_to: Record
    placed_at: dt.datetime
    items: list[Item]
    status: str = "placed"
    paid_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    cancelled_for: str | None = None
    deleted: bool = False

    @property
    def total(self) -> int:
        return sum(item.quantity * item.unit for item in self.items)

    def meant(self) -> Record:
        """The order as it must come out."""
        return {
            "order_id": self.id,
            "customer_id": self.customer,
            "channel": self.channel,
            "status": self.status,
            "total": euros(self.total),
            "ship_to": self.ship_to,
            "placed_at": utc(self.placed_at),
            "paid_at": utc(self.paid_at),
            "shipped_at": utc(self.shipped_at),
            "delivered_at": utc(self.delivered_at),
            "cancelled_for": self.cancelled_for,
        }

    def lines(self) -> list[Record]:
        """The lines in an event."""
        return [
            {
                "line": item.line,
                "product_id": item.product,
                "quantity": item.quantity,
                "unit_price": money(item.unit),
                "gift": item.gift,
            }
            for item in self.items
        ]

    def row(self) -> Record:
        """The order in the evening's file."""
        times = {name: wall(getattr(self, name)) for name in ("placed_at", "paid_at", "shipped_at", "delivered_at")}
        total = {"total": money(self.total), "currency": "EUR"}
        return self.meant() | times | total


@dataclass(slots=True)
class Story:
    """An order's way: its events, and how it stood when the file was made."""

    events: list[Record] = field(default_factory=list)
    at_cut_off: Record | None = None
    lost: bool = False


def tell_orders(world: World, scribe: Scribe) -> tuple[list[Record], list[Record], int, int]:
    """Writes a day's orders; the orders and lines that were meant, how many are incomplete, and how many break a
    rule though no statement does."""
    chance, cut_off = world.chance("oms"), world.at(23)
    orders: list[Record] = []
    lines: list[Record] = []
    events: list[Record] = []
    rows: list[Record] = []
    incomplete = breaches = 0
    for number in range(world.many(1_000)):
        order = place(world, chance, number)
        story = _live(order, world, chance, cut_off, number)
        events += story.events
        if story.at_cut_off:
            rows.append(story.at_cut_off)
        if story.lost:
            incomplete += 1
        elif not order.deleted:
            orders.append(order.meant())
            lines += [{"order_id": order.id} | line for line in order.lines()]
            breaches += order.delivered_at is not None and order.delivered_at < order.placed_at
    scribe.stream("oms-events", "oms/events_{}.ndjson", events, _BAD_EVENTS, files=world.many(4))
    stem = f"oms/orders_{world.day}"
    draft = [row | {"status": "placed", "total": "0.00"} if chance.random() < 0.1 else row for row in rows]
    scribe.table(EVENING, f"{stem}_r1", draft[: len(draft) * 4 // 5])
    scribe.table(EVENING, f"{stem}_r2", rows)
    return orders, lines, incomplete, breaches


def place(world: World, chance: Random, number: int) -> State:
    """An order of the day, placed and nothing more."""
    postcode, city = chance.choice(_TOWNS)
    products = chance.sample(world.products, min(len(world.products), chance.choices((1, 2, 3, 5), (50, 30, 15, 5))[0]))
    items = [
        Item(line, product.id, chance.choices((1, 2, 4), (80, 15, 5))[0], product.cents, chance.random() < 0.1)
        for line, product in enumerate(products, 1)
    ]
    return State(
        id=f"O{world.day:%y%m%d}{number:06}",
        customer=f"C{chance.randrange(10**6):06}",
        channel=chance.choices(("web", "app", "phone", "store"), (50, 35, 5, 10))[0],
        ship_to={
            "name": chance.choice(_NAMES),
            "street": f"{chance.randrange(1, 120)} {chance.choice(_STREETS)}",
            "postcode": postcode,
            "city": city,
            "country": "FR",
        },
        placed_at=world.at(0, 5) + seconds(chance.triangular(0, 22 * 3600, 18 * 3600)),
        items=items,
    )


def _live(order: State, world: World, chance: Random, cut_off: dt.datetime, number: int) -> Story:
    """The life of an order, changed in place: what it is in the end is what was meant."""
    story = Story()
    steps = _fate(order, chance, number)
    now = order.placed_at + seconds(chance.uniform(0, 3))
    version = 0
    for step in steps:
        if now >= cut_off and version and not story.at_cut_off:
            story.at_cut_off = order.row()
        version += 1
        told = _STEPS[step](order, now, chance) | {
            "type": f"order.{step}",
            "order_id": order.id,
            "version": version,
            "occurred_at": utc(now),
        }
        # An event is lost on its way only if the file will tell the same; a first one takes address and lines along.
        story.lost = story.lost or (step == "placed" and number % 250 == 99)
        lost = (step == "placed" and story.lost) or (step in ("paid", "shipped") and chance.random() < 0.05)
        if not (lost and now < cut_off):
            story.events.append(told)
        now += seconds(chance.uniform(60, 6 * 3600))
        if now == cut_off:
            now += seconds(1)
    if order.placed_at < cut_off and not order.deleted and not story.at_cut_off:
        story.at_cut_off = order.row()
    if number % 400 == 50 and order.status == "shipped":
        # A clock is wrong: the event alone breaks no rule, the order that it makes does.
        late = max(now, cut_off + seconds(600))
        order.status, order.delivered_at = "delivered", order.placed_at - seconds(86_400)
        told = {"status": "delivered", "delivered_at": utc(order.delivered_at), "version": version + 1}
        story.events.append(told | {"type": "order.delivered", "order_id": order.id, "occurred_at": utc(late)})
    return story


def _fate(order: State, chance: Random, number: int) -> list[str]:
    """The steps of an order after each other."""
    if number % 250 == 99:
        return ["placed", "paid"]
    if number % 400 == 50:
        return ["placed", "paid", "shipped"]
    steps = ["placed", "paid", "shipped", "delivered"][: chance.choices((1, 2, 3, 4), (8, 17, 25, 50))[0]]
    if chance.random() < 0.08:
        steps.insert(1, "readdressed")
    if chance.random() < 0.10 and len(order.items) > 1:
        steps.insert(1, "changed")
    luck = chance.random()
    if luck < 0.06:
        return [*steps[:2], "cancelled"]
    if luck < 0.07:
        return [*steps[:2], "deleted"]
    return steps


def _placed(order: State, now: dt.datetime, chance: Random) -> Record:
    whole = {name: value for name, value in order.meant().items() if value is not None}
    return whole | {"lines": order.lines()}


def _paid(order: State, now: dt.datetime, chance: Random) -> Record:
    order.status, order.paid_at = "paid", now
    return {"status": "paid", "paid_at": utc(now)}


def _shipped(order: State, now: dt.datetime, chance: Random) -> Record:
    order.status, order.shipped_at = "shipped", now
    return {"status": "shipped", "shipped_at": utc(now)}


def _delivered(order: State, now: dt.datetime, chance: Random) -> Record:
    order.status, order.delivered_at = "delivered", now
    return {"status": "delivered", "delivered_at": utc(now)}


def _readdressed(order: State, now: dt.datetime, chance: Random) -> Record:
    postcode, city = chance.choice(_TOWNS)
    order.ship_to = order.ship_to | {
        "street": f"{chance.randrange(1, 99)} place du Marché",
        "postcode": postcode,
        "city": city,
    }
    return {"ship_to": order.ship_to}


def _changed(order: State, now: dt.datetime, chance: Random) -> Record:
    """One line is struck out and one changed; the event lists those that remain."""
    order.items = order.items[1:]
    order.items[0] = replace(order.items[0], quantity=order.items[0].quantity + 1)
    return {"total": euros(order.total), "lines": order.lines()}


def _cancelled(order: State, now: dt.datetime, chance: Random) -> Record:
    order.status, order.cancelled_for = "cancelled", chance.choice(("found it cheaper", "too slow", "ordered twice"))
    return {"status": "cancelled", "cancelled_for": order.cancelled_for}


def _deleted(order: State, now: dt.datetime, chance: Random) -> Record:
    order.deleted = True
    return {"lines": []}


_STEPS: Final[dict[str, Any]] = {
    "placed": _placed,
    "paid": _paid,
    "shipped": _shipped,
    "delivered": _delivered,
    "readdressed": _readdressed,
    "changed": _changed,
    "cancelled": _cancelled,
    "deleted": _deleted,
}
