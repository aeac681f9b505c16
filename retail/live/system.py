"""`python -m retail.live.system NAME`: one of the systems, live. It knows an address, a broker and a folder, and
nothing of who takes what it sends. What it meant is written beside, for the checker.

Exit code 0 if everything was sent and answered, else 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from retail.live.agenda import Agenda
from retail.live.roads import CallRoad, EventRoad, FileRoad
from retail.simulators.mpts import tell_promotions
from retail.simulators.oms import tell_orders
from retail.simulators.sod import tell_sales
from retail.simulators.web import tell_clicks, tell_documents
from retail.simulators.wms import tell_stock
from retail.simulators.world import PARIS, Record, World, make_world

_CALLERS: Final = 6

Meant = dict[str, list[Record]]


def _mpts(world: World, agenda: Any) -> tuple[Meant, dict[str, int]]:
    return {"promotion": tell_promotions(world, agenda)}, {}


def _sod(world: World, agenda: Any) -> tuple[Meant, dict[str, int]]:
    return {"sale": tell_sales(world, agenda)}, {}


def _oms(world: World, agenda: Any) -> tuple[Meant, dict[str, int]]:
    orders, lines, incomplete, breaches = tell_orders(world, agenda)
    return {"order": orders, "order_line": lines}, {"incomplete orders": incomplete, "breaches": breaches}


def _wms(world: World, agenda: Any) -> tuple[Meant, dict[str, int]]:
    movements, counts = tell_stock(world, agenda)
    return {"stock_movement": movements, "stock_count": counts}, {}


def _web(world: World, agenda: Any) -> tuple[Meant, dict[str, int]]:
    return {"document": tell_documents(world, agenda), "click": tell_clicks(world, agenda)}, {}


SYSTEMS: Final[dict[str, Callable[[World, Any], tuple[Meant, dict[str, int]]]]] = {
    "mpts": _mpts, "sod": _sod, "oms": _oms, "wms": _wms, "web": _web,
}  # fmt: skip


def main() -> int:
    """Sends a day."""
    wishes = _wishes()
    world = make_world(wishes.date, wishes.seed, wishes.scale)
    agenda = Agenda(wishes.date, world.chance(f"{wishes.system}-agenda"))
    meant, figures = SYSTEMS[wishes.system](world, agenda)
    for entity, records in meant.items():
        _write(wishes.meant / f"{entity}.ndjson", (json.dumps(record, ensure_ascii=False) for record in records))
    calls, failed = _send(wishes, agenda)
    told = {
        "system": wishes.system,
        "accounts": {source: dict(account) for source, account in agenda.accounts.items()},
        "mischief": dict(agenda.mischief),
        "records": sum(account["received"] for account in agenda.accounts.values()),
        "figures": figures,
        "served": sorted(calls.served),
        "failures": failed,
    }
    _write(wishes.meant / f"{wishes.system}.told.json", [json.dumps(told)])
    for failure in failed:
        print(failure, file=sys.stderr)
    return int(bool(failed))


def _send(wishes: argparse.Namespace, agenda: Agenda) -> tuple[CallRoad, list[str]]:
    """Sends everything at its time; a line of JSON tells how far it is."""
    items = sorted(agenda.items, key=lambda item: item.at)
    midnight = dt.datetime.combine(wishes.date, dt.time(), PARIS)
    calls, files = CallRoad(wishes.url), FileRoad(wishes.inbox)
    events = EventRoad(wishes.broker) if any(item.road == "event" for item in items) else None
    begun, told = time.monotonic(), 0.0
    with ThreadPoolExecutor(_CALLERS) as callers:
        answers = []
        for number, item in enumerate(items, 1):
            due = begun + (item.at - midnight).total_seconds() / wishes.speed
            while (left := due - time.monotonic()) > 0:
                time.sleep(min(left, 0.2))
            if item.road == "call":
                answers.append(callers.submit(calls.send, item))
            elif item.road == "event":
                assert events is not None
                events.send(item)
            else:
                files.send(item)
            if time.monotonic() > told + 0.5 or number == len(items):
                told = time.monotonic()
                at = item.at.astimezone(PARIS).isoformat(timespec="minutes")
                print(json.dumps({"sent": number, "of": len(items), "at": at}), flush=True)
        for answer in answers:
            answer.result()
    if events is not None:
        events.flush()
    return calls, calls.failures


def _write(path: Path, lines: Iterator[str] | list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\n" for line in lines)
    part.rename(path)


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m retail.live.system", description="One system of a retailer, live.")
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("--url", required=True, help="where the service answers")
    parser.add_argument("--broker", required=True, help="kafka://host:port")
    parser.add_argument("--inbox", type=Path, required=True, help="the folder that the service watches")
    parser.add_argument("--meant", type=Path, required=True, help="where it writes what it meant")
    parser.add_argument("--date", type=dt.date.fromisoformat, default=dt.date(2025, 11, 28), help="the business date")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another day (default: 1)")
    parser.add_argument("--scale", type=float, default=1.0, help="1: some 20,000 receipt lines and 1,000 orders")
    parser.add_argument(
        "--speed", type=float, default=1440.0, help="how many times as fast as the clock (default: 1440)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
