"""A day of a retailer: what was meant, and the files that tell it, late, early, twice, in part and in disorder.

    day = write_day(folder, seed=7)

The same seed, scale and date make the same bytes. The folder holds the files under the names of their systems, in
`meant/` the records that must come out (`ENTITY.ndjson`), and in `day.json` the files in the order in which
they arrive, with the account that each must have.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from retail.simulators.mpts import tell_promotions
from retail.simulators.oms import tell_orders
from retail.simulators.scribe import Scribe, Told
from retail.simulators.sod import tell_sales
from retail.simulators.web import tell_clicks, tell_documents
from retail.simulators.wms import tell_stock
from retail.simulators.world import Record, make_world

BLACK_FRIDAY: Final = dt.date(2025, 11, 28)


@dataclass(frozen=True, slots=True)
class Day:
    """What was written. `told` is in order of arrival; `again` are files of it that arrive a second time."""

    folder: Path
    told: tuple[Told, ...]
    again: tuple[Told, ...]
    meant: dict[str, int]
    incomplete: dict[str, int]
    breaches: int


def write_day(folder: Path, *, seed: int = 1, scale: float = 1.0, day: dt.date = BLACK_FRIDAY) -> Day:
    """Writes a day into an empty or new folder; at scale 1 in some two seconds."""
    world = make_world(day, seed, scale)
    scribe = Scribe(folder, world.chance("scribe"))
    orders, lines, incomplete, breaches = tell_orders(world, scribe)
    movements, counts = tell_stock(world, scribe)
    meant: dict[str, list[Record]] = {
        "promotion": tell_promotions(world, scribe),
        "sale": tell_sales(world, scribe),
        "order": orders,
        "order_line": lines,
        "stock_movement": movements,
        "stock_count": counts,
        "document": tell_documents(world, scribe),
        "click": tell_clicks(world, scribe),
    }
    for entity, records in meant.items():
        _write_records(folder / "meant" / f"{entity}.ndjson", records)
    chance = world.chance("arrival")
    told = chance.sample(scribe.told, len(scribe.told))
    again = chance.sample(told, max(1, len(told) // 10))
    written = Day(
        folder,
        tuple(told),
        tuple(again),
        {entity: len(records) for entity, records in meant.items()},
        {"order": incomplete},
        breaches,
    )
    (folder / "day.json").write_text(_as_json(written), encoding="utf-8")
    return written


def _write_records(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        encode = json.JSONEncoder(ensure_ascii=False).encode
        file.writelines(f"{encode(record)}\n" for record in records)


def _as_json(day: Day) -> str:
    told = [asdict(told) | {"accepted": told.accepted} for told in day.told]
    again = [told.file for told in day.again]
    shape = {
        "told": told, "again": again, "meant": day.meant, "incomplete": day.incomplete, "breaches": day.breaches,
    }  # fmt: skip
    return json.dumps(shape, indent=1)
