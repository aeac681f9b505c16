"""MPTS, merchandising promotion tracking: the weekly programme as a file, flash and super sales as they happen."""

from __future__ import annotations

import json
from random import Random
from typing import Final

from retail.simulators.paper import TORN, Bad, Form
from retail.simulators.scribe import Scribe
from retail.simulators.world import Record, World, comma, euros, offset, seconds, utc, wall

WEEKLY: Final = Form(
    "mpts-end-of-day",
    columns=(
        "promo_no", "label", "state", "article", "store_list", "percent", "label_price", "valid_from", "valid_to",
        "max_pieces", "budget",
    ),
    bad=(
        Bad("percent", "a lot"),
        Bad("percent", "95,0"),
        Bad("percent", "15.0"),
        Bad("state", "Q"),
        Bad("article", None),
        Bad("store_list", "S001 S002"),
        Bad("valid_to", "2001-01-01 00:00:00"),
        Bad("max_pieces", "2.5"),
        TORN,
    ),
    closing="trailer",
    amount="budget",
    separator="|",
    encoding="cp1252",
    decimal=",",
)  # fmt: skip

_BAD_CALLS: Final = (
    Bad("kind", "clearance"),
    Bad("validity.ends_at", "soon"),
    Bad("discount_percent", -5),
    Bad("price.currency", None),
    Bad("issued_at", None),
    TORN,
)


def tell_promotions(world: World, scribe: Scribe) -> list[Record]:
    """Writes a day's promotions by both roads; those that were meant."""
    return _tell_weekly(world, scribe) + _tell_flash(world, scribe)


def _tell_weekly(world: World, scribe: Scribe) -> list[Record]:
    chance = world.chance("mpts-weekly")
    meant: list[Record] = []
    rows: list[Record] = []
    calls: list[Record] = []
    for number in range(1, world.many(150) + 1):
        row, record = weekly(world, chance, number)
        if number % 30 == 0:  # called off during the day by a call, and buried by the file
            calls.append({"promotion_id": row["promo_no"], "status": "withdrawn", **_issued(world, 14, 2)})
            rows.append(row | {"state": "X"})
            continue
        rows.append(row)
        if number % 20 == 1:  # withdrawn by a call after the file was made
            calls.append({"promotion_id": row["promo_no"], "status": "withdrawn", **_issued(world, 22, 3, minute=40)})
            record["status"] = "withdrawn"
        meant.append(record)
    stem = f"mpts/promotions_{world.day}"
    draft = [row | {"percent": 50, "state": "P"} for row in rows[: len(rows) // 2]]
    scribe.table(WEEKLY, f"{stem}_r1", draft)
    scribe.table(WEEKLY, f"{stem}_r2", rows)
    scribe.stream("mpts-flash", "mpts/withdrawn.ndjson", calls, ())
    return meant


def weekly(world: World, chance: Random, number: int) -> tuple[Record, Record]:
    """A weekly promotion as its row says it, and as it must come out."""
    product = chance.choice(world.products)
    starts = world.at(8, days=chance.randrange(0, 14))
    ends = starts + seconds(6.5 * 86_400)
    percent = chance.choice((5, 10, 15, 20, 25, 33))
    price = product.cents * (100 - percent) // 100 if chance.random() < 0.7 else None
    budget = chance.randrange(50_000, 900_000, 1_000) if chance.random() < 0.3 else None
    stores = sorted(chance.sample(world.stores, 2)) if chance.random() < 0.3 else []
    state = chance.choice("PPA")
    pieces = chance.choice((None, None, 2, 5))
    row = {
        "promo_no": f"P{number:06}",
        "label": f"{product.name}: –{percent} %",
        "state": state,
        "article": product.id,
        "store_list": json.dumps(stores, separators=(",", ":")),
        "percent": f"{percent},0" if percent % 2 else percent,
        "label_price": None if price is None else comma(price),
        "valid_from": wall(starts),
        "valid_to": wall(ends),
        "max_pieces": pieces,
        "budget": None if budget is None else comma(budget),
    }
    record: Record = {
        "promotion_id": row["promo_no"],
        "name": row["label"],
        "kind": "weekly",
        "status": {"P": "planned", "A": "active"}[state],
        "product_id": product.id,
        "stores": stores,
        "discount_percent": f"{percent}.0",
        "price": {"amount": None, "currency": None} if price is None else euros(price),
        "validity": {"starts_at": utc(starts), "ends_at": utc(ends)},
        "per_customer": pieces,
        "budget": {"amount": None, "currency": None} if budget is None else euros(budget),
    }
    return row, record


def _tell_flash(world: World, scribe: Scribe) -> list[Record]:
    chance = world.chance("mpts-flash")
    meant: list[Record] = []
    calls: list[Record] = []
    for number in range(world.many(60)):
        product = chance.choice(world.products)
        kind, percent = chance.choice((("flash", 15), ("flash", 25), ("super", 40)))
        hour = chance.randrange(7, 19)
        starts = world.at(hour, 30)
        record: Record = {
            "promotion_id": f"P{500_000 + number}",
            "name": f"{'Super' if kind == 'super' else 'Flash'} sale: {product.name}",
            "kind": kind,
            "status": "active",
            "product_id": product.id,
            "stores": [],
            "discount_percent": f"{percent}.0",
            "price": euros(product.cents * (100 - percent) // 100),
            "validity": {"starts_at": utc(starts), "ends_at": utc(starts + seconds(7_200))},
            "per_customer": 3,
            "budget": {"amount": None, "currency": None},
        }
        first = {name: value for name, value in record.items() if name != "budget"}
        # JSON numbers are as good as texts, as long as they are exact.
        calls.append(first | {"discount_percent": percent} | _issued(world, hour, 1))
        if number % 3 == 0:  # prolonged: the whole facet, and nothing else
            record["validity"] = {"starts_at": utc(starts), "ends_at": utc(starts + seconds(10_800))}
            part = {"promotion_id": record["promotion_id"], "validity": record["validity"]}
            calls.append(part | _issued(world, hour, 2, minute=50))
        if number % 7 == 0:
            record["status"] = "withdrawn"
            calls.append({"promotion_id": record["promotion_id"], "status": "withdrawn", **_issued(world, hour + 1, 3)})
        meant.append(record)
    scribe.stream("mpts-flash", "mpts/flash_{}.ndjson", calls, _BAD_CALLS, files=2)
    return meant


def _issued(world: World, hour: int, version: int, *, minute: int = 0) -> Record:
    return {"issued_at": offset(world.at(hour, minute)), "version": version}
