"""SOD, sales of day: tills that tell each line at once, and stores that tell their day again in the evening."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from retail.simulators.paper import TORN, Bad, Form
from retail.simulators.scribe import Scribe
from retail.simulators.world import Record, World, euros, money, offset, seconds, utc, wall

_CODES: Final = {"cash": "CA", "card": "CC", "mobile": "MO", "voucher": "VO"}


_BAD_INTRADAY: Final = (
    Bad("quantity", "two"),
    Bad("sold_at", None),
    Bad("payment", "seashells"),
    Bad("total.currency", "Euro"),
    Bad("total.amount", "1e3"),
    Bad("unit_price", "1.999"),
    Bad("recorded_at", "2099-01-01T00:00:00Z"),
    TORN,
)

# The key of all of these can be read, so that the file still asserts its day.
_BAD_ROWS: Final = (
    Bad("quantity", "1.5"),
    Bad("article", None),
    Bad("payment", "XX"),
    Bad("total", "12,50"),
    Bad("sold_at", "28/11/2025 09:30"),
    Bad("unit_price", "-3.00"),
    Bad("quantity", "0"),
)

AUDITED: Final = Form(
    "sod-end-of-day",
    columns=(
        "business_date", "store_id", "receipt", "position", "article", "quantity", "unit_price", "discount", "total",
        "currency", "promo_no", "payment", "cashier", "card", "sold_at",
    ),
    bad=(*_BAD_ROWS, TORN),
    closing="manifest",
    amount="total",
    separator=";",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A receipt line; amounts in cents."""

    store: str
    receipt: str
    line: int
    product: str
    quantity: int
    unit: int
    discount: int
    promotion: str | None
    payment: str
    cashier: str
    card: str | None
    sold_at: dt.datetime

    @property
    def total(self) -> int:
        return self.quantity * self.unit - self.discount

    def meant(self, day: str) -> Record:
        """The record as it must come out."""
        return {
            "business_date": day,
            "store_id": self.store,
            "receipt": self.receipt,
            "line": self.line,
            "product_id": self.product,
            "quantity": self.quantity,
            "unit_price": money(self.unit),
            "discount": money(self.discount),
            "total": euros(self.total),
            "promotion_id": self.promotion,
            "payment": self.payment,
            "cashier": self.cashier,
            "loyalty_card": self.card,
            "sold_at": utc(self.sold_at),
        }

    def told(self, day: str, recorded_at: dt.datetime, *, voided: bool = False) -> Record:
        """The line as a till tells it."""
        told = self.meant(day) | {"sold_at": offset(self.sold_at), "recorded_at": offset(recorded_at)}
        return told | {"voided": True} if voided else told

    def row(self, day: str) -> Record:
        """The line in the store's file."""
        return {
            "business_date": day,
            "store_id": self.store,
            "receipt": self.receipt,
            "position": self.line,
            "article": self.product,
            "quantity": self.quantity,
            "unit_price": money(self.unit),
            "discount": money(self.discount),
            "total": money(self.total),
            "currency": "EUR",
            "promo_no": self.promotion,
            "payment": _CODES[self.payment],
            "cashier": self.cashier,
            "card": self.card,
            "sold_at": wall(self.sold_at),
        }


def tell_sales(world: World, scribe: Scribe) -> list[Record]:
    """Writes a day's sales by both roads; the sales that were meant."""
    chance = world.chance("sod")
    meant: list[Record] = []
    intraday: list[Record] = []
    for number, store in enumerate(world.stores):
        lines = receipts(world, chance, store, round(world.many(20_000) / len(world.stores)))
        meant += _tell_store(world, chance, scribe, lines, intraday, torn=number == len(world.stores) - 1)
    scribe.stream("sod-intraday", "sod/intraday_{}.ndjson", intraday, _BAD_INTRADAY, files=world.many(6))
    return meant


def receipts(world: World, chance: Random, store: str, wanted: int) -> list[Line]:
    """So many lines of a store's day."""
    lines: list[Line] = []
    opening, receipt = world.at(8, 30), 0
    while len(lines) < wanted:
        receipt += 1
        sold_at = opening + seconds(chance.triangular(0, 12.5 * 3600, 9 * 3600))
        payment = chance.choices(tuple(_CODES), (20, 60, 15, 5))[0]
        cashier = f"{store}-{chance.randrange(1, 9)}"
        card = f"L{chance.randrange(10**9):09}" if chance.random() < 0.4 else None
        for line in range(1, min(14, int(chance.expovariate(1 / 4)) + 1) + 1):
            product = chance.choice(world.products)
            quantity = -1 if chance.random() < 0.02 else chance.choices((1, 2, 3, 6, 12), (70, 18, 6, 4, 2))[0]
            promoted = chance.random() < 0.15
            discount = product.cents * quantity // 5 if promoted else 0
            promotion = f"P{chance.randrange(1, 100):06}" if promoted else None
            lines.append(
                Line(store, f"{store}{receipt:06}", line, product.id, quantity, product.cents, discount,
                     promotion, payment, cashier, card, sold_at)
            )  # fmt: skip
    return lines[:wanted]


def _tell_store(
    world: World, chance: Random, scribe: Scribe, lines: list[Line], intraday: list[Record], *, torn: bool
) -> list[Record]:
    """Tells a store's day. `torn`: a row of its file has no readable key, so that nothing missing in it is gone."""
    day = world.day.isoformat()
    meant: list[Record] = []
    first: list[Line] = []  # the file's first revision: a draft
    final: list[Line] = []  # and the audited one
    replaced: list[tuple[Record, Bad]] = []  # rows that stand in it spoilt only
    for number, line in enumerate(lines):
        recorded = line.sold_at + seconds(chance.uniform(1, 40))
        match _fate(chance, number):
            case "unlisted":  # sold by mistake, and never voided: only the audited file knows, by its silence
                intraday.append(line.told(day, recorded))
                first.append(line)
                meant += [line.meant(day)] if torn else []
                continue
            case "voided":
                intraday.append(line.told(day, recorded))
                intraday.append(line.told(day, recorded + seconds(chance.uniform(20, 900)), voided=True))
                continue
            case "mistyped":  # a wrong quantity first, put right at the till
                intraday.append(replace(line, quantity=line.quantity + 10).told(day, recorded))
                intraday.append(line.told(day, recorded + seconds(chance.uniform(20, 900))))
            case "late":  # put right the next morning, after the file: only what changed is told
                intraday.append(line.told(day, recorded))
                final.append(line)
                line = replace(line, payment="voucher", card=f"L{chance.randrange(10**9):09}")
                changed = {"payment": line.payment, "loyalty_card": line.card}
                key = {k: line.meant(day)[k] for k in ("business_date", "store_id", "receipt", "line")}
                morning = world.at(7, 5, days=1) + seconds(chance.uniform(0, 3600))
                intraday.append(key | changed | {"recorded_at": offset(morning)})
                meant.append(line.meant(day))
                continue
            case "found":  # found the next morning, after the file that lacks it: a birth after the death
                meant.append(line.meant(day))
                intraday.append(line.told(day, world.at(7, 5, days=1) + seconds(chance.uniform(0, 3600))))
                continue
            case "misprinted":  # its row in the file is bad, but not its key: what the till said stands
                intraday.append(line.told(day, recorded))
                replaced.append((line.row(day), _BAD_ROWS[number % len(_BAD_ROWS)]))
                meant.append(line.meant(day))
                continue
            case "audited":  # the till had it wrong, the file puts it right
                intraday.append(replace(line, payment="cash", discount=line.discount + 5).told(day, recorded))
            case "offline":  # the till was cut off, and the file is the first to tell
                pass
            case _:
                intraday.append(line.told(day, recorded))
        final.append(line)
        first.append(replace(line, cashier="unknown") if number % 50 == 7 else line)
        meant.append(line.meant(day))
    stem = f"sod/{lines[0].store}_{day}"
    if torn or chance.random() < 0.6:
        rows = [line.row(day) for line in first]
        scribe.table(AUDITED, f"{stem}_r1", rows)
    if torn:
        replaced.append((lines[0].row(day), TORN))
    rows = [line.row(day) for line in final]
    scribe.table(AUDITED, f"{stem}_r2", rows, bad=None if torn else _BAD_ROWS, replaced=replaced)
    return meant


def _fate(chance: Random, number: int) -> str:
    """What becomes of a line. At most one line in 40 of a store is unlisted, or its file would be held back."""
    if number % 40 == 11:
        return "unlisted"
    fates = ("voided", "mistyped", "late", "found", "misprinted", "audited", "offline", "plain")
    return chance.choices(fates, (1, 3, 0.5, 0.2, 0.3, 2, 8, 85))[0]
