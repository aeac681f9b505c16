"""WMS, warehouse management: movements as events, and counts as files."""

from __future__ import annotations

import datetime as dt
from typing import Final

from retail.simulators.paper import TORN, Bad, Form
from retail.simulators.scribe import Scribe
from retail.simulators.world import Record, World, offset, seconds, utc, wall

_BAD_EVENTS: Final = (
    Bad("quantity", "a few"),
    Bad("quantity", 0),
    Bad("kind", "evaporation"),
    Bad("moved_at", None),
    Bad("recorded_at", "2099-12-31T00:00:00Z"),
    Bad("movement_id", ""),
    TORN,
)

COUNTS: Final = Form(
    "wms-counts",
    columns=("location_id", "article", "pieces", "counted_at", "counted_by", "state"),
    bad=(
        Bad("pieces", "-1"),
        Bad("pieces", "1.0e1"),
        Bad("counted_at", None),
        Bad("counted_by", None),
        TORN,
    ),
    closing="marker",
)

_SIGN: Final = {"receipt": 1, "return": 1, "transfer": 1, "issue": -1, "damage": -1}


def tell_stock(world: World, scribe: Scribe) -> tuple[list[Record], list[Record]]:
    """Writes a day's movements and counts; the movements and the counts that were meant."""
    locations = ("W01", *world.stores)
    products = [product.id for product in world.products[: world.many(120)]]
    # Nobody counts everywhere every day: of the other places only the movements are known.
    counts = _tell_counts(world, scribe, locations[:5], products)
    movements = _tell_movements(world, scribe, locations, products)
    return movements, counts


def _tell_counts(world: World, scribe: Scribe, locations: tuple[str, ...], products: list[str]) -> list[Record]:
    chance = world.chance("wms-counts")
    last: dict[tuple[str, str], Record] = {}
    for location in locations:
        for time, share in (("morning", 0.5), ("evening", 0.15)):
            at = world.at(6) if time == "morning" else world.at(21, 30)
            rows: list[Record] = []
            for product in chance.sample(products, max(1, round(len(products) * share))):
                counted_at = at + seconds(chance.uniform(0, 3000))
                pieces, by = chance.randrange(0, 400), f"{location}-{chance.choice('ABC')}"
                rows.append(
                    {
                        "location_id": location,
                        "article": product,
                        "pieces": pieces,
                        "counted_at": wall(counted_at),
                        "counted_by": by,
                        "state": "counted",
                    }
                )
                last[location, product] = {
                    "location_id": location,
                    "product_id": product,
                    "quantity": pieces,
                    "counted_at": utc(counted_at),
                    "counted_by": by,
                }
            _tell_count(world, scribe, f"wms/counts_{location}_{world.day}_{time}", rows, revised=chance.random() < 0.3)
    return list(last.values())


def _tell_count(world: World, scribe: Scribe, stem: str, rows: list[Record], *, revised: bool) -> None:
    planned = [row | {"pieces": None, "state": "planned"} for row in rows[::8]]
    revisions = {"r2": rows}
    if revised:
        # The draft has other figures at later times, and rows that were counted elsewhere: it was never said.
        later = wall(world.at(23, 50))
        revisions["r1"] = [row | {"pieces": row["pieces"] + 7, "counted_at": later} for row in rows[::2]]
        revisions["r1"].append(rows[0] | {"article": "A99999", "pieces": 1})
    for revision, counted in revisions.items():
        scribe.table(COUNTS, f"{stem}_{revision}", [*counted, *planned], ignored=planned_only)


def planned_only(row: Record) -> bool:
    """Whether a row was planned and not counted."""
    return bool(row["state"] == "planned")


def _tell_movements(world: World, scribe: Scribe, locations: tuple[str, ...], products: list[str]) -> list[Record]:
    chance = world.chance("wms-events")
    meant: list[Record] = []
    told: list[Record] = []
    for number in range(world.many(2_000)):
        moved_at = world.at(5) + seconds(chance.uniform(0, 17.5 * 3600))
        kind = chance.choices(tuple(_SIGN), (30, 5, 15, 45, 5))[0]
        movement: Record = {
            "movement_id": f"M{world.day:%y%m%d}{number:06}",
            "location_id": chance.choice(locations),
            "product_id": chance.choice(products),
            "kind": kind,
            "quantity": _SIGN[kind] * chance.randrange(1, 60),
            "moved_at": utc(moved_at),
            "reference": f"N{chance.randrange(10**6):06}" if chance.random() < 0.7 else None,
        }
        recorded = moved_at + seconds(chance.uniform(0, 600))
        luck = chance.random()
        if luck < 0.04:  # corrected: in the same second, so that only the version says which is the later word
            told.append(_event("recorded", movement | {"quantity": movement["quantity"] * 10}, recorded, 1))
            told.append(_event("corrected", movement, recorded, 2))
        elif luck < 0.06:  # corrected in part
            told.append(_event("recorded", movement | {"location_id": "W02"}, recorded, 1))
            part = {name: movement[name] for name in ("movement_id", "location_id")}
            told.append(_event("corrected", part, recorded + seconds(300), 2))
        else:
            told.append(_event("recorded", movement, recorded, 1))
        if 0.06 <= luck < 0.08:
            told.append(_event("reversed", {"movement_id": movement["movement_id"]}, recorded + seconds(900), 2))
        else:
            meant.append(movement)
    scribe.stream("wms-events", "wms/events_{}.ndjson", told, _BAD_EVENTS, files=world.many(3))
    return meant


def _event(what: str, movement: Record, recorded_at: dt.datetime, version: int) -> Record:
    return movement | {"type": f"movement.{what}", "recorded_at": offset(recorded_at), "version": version}
