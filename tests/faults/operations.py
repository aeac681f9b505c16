"""What is done to a store while its driver fails, as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.shop import order_file, shop, stock_file
from trivium.channels.batch import load_file
from trivium.channels.quarantine import send_again
from trivium.service.opening import Opened

NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
Step = Callable[[Opened, Path], object]


def load(source: str, make: Callable[[Path], Path]) -> Step:
    def step(opened: Opened, folder: Path) -> object:
        return load_file(opened.store, opened.raw, shop, shop.source(source), make(folder), now=NOW)

    return step


FIRST = load("orders", lambda folder: order_file(folder, 1))
SECOND = load("orders", lambda folder: order_file(folder, 2))
CORRECTED = load("orders", lambda folder: order_file(folder, 1, 2, rows=20))
SHELF = load("stock", lambda folder: stock_file(folder, "paris", 1))
ENDS_LITTLE = load("stock", lambda folder: stock_file(folder, "paris", 2, articles=18))
ENDS_MUCH = load("stock", lambda folder: stock_file(folder, "paris", 2, articles=2))
DAY, HELD = "2026-03-01", "paris,2026-03-02"


def mend(opened: Opened, folder: Path) -> object:
    (record, *_) = opened.store.control.quarantine("orders", closed=True).to_pylist()
    record["raw"] = b"O777,paid,7.00,mended,2026-03-01T10:00:00Z"
    source = shop.source("orders")
    return send_again(opened.store, opened.raw, shop, source, [record], now=NOW, outcome="mended", by="ann")


def drop(opened: Opened, folder: Path) -> object:
    (record, *_) = opened.store.control.quarantine("orders", closed=True).to_pylist()
    return opened.store.control.drop(record["load_no"], record["place"], "ann")


@dataclass(frozen=True)
class Operation:
    """`run` is repeated until it is done; `before` came undisturbed. Not `prepared`: `run` does that itself."""

    name: str
    before: tuple[Step, ...]
    run: Step
    prepared: bool = True
    soak: bool = False
    """Much like another one: it is tried by `make soak` only."""

    def __str__(self) -> str:
        return self.name


OPERATIONS = (
    Operation("prepare", (), lambda opened, folder: opened.store.control.prepare(), prepared=False),
    Operation("load", (FIRST,), SECOND),
    Operation("load a correction", (FIRST,), CORRECTED, soak=True),
    Operation("load what asserts", (SHELF,), ENDS_LITTLE, soak=True),
    Operation("hold", (SHELF,), ENDS_MUCH, soak=True),
    Operation("release", (SHELF, ENDS_MUCH), lambda opened, _: opened.store.control.release("stock", HELD, "ann")),
    Operation(
        "refuse", (SHELF, ENDS_MUCH), lambda opened, _: opened.store.control.refuse("stock", HELD, "ann"), soak=True
    ),
    Operation("mend", (FIRST,), mend),
    Operation("drop", (FIRST,), drop, soak=True),
    Operation(
        "retract", (FIRST, SECOND), lambda opened, _: opened.store.control.retract("orders", DAY, "ann"), soak=True
    ),
    Operation(
        "restore",
        (FIRST, SECOND, lambda opened, _: opened.store.control.retract("orders", DAY, "ann")),
        lambda opened, _: opened.store.control.restore("orders", DAY, "ann"),
        soak=True,
    ),
    Operation("consolidate", (FIRST, SHELF), lambda opened, _: opened.store.control.consolidate(), soak=True),
    Operation(
        "consolidate a tail",
        (FIRST, SHELF, lambda opened, _: opened.store.control.consolidate(), SECOND, CORRECTED),
        lambda opened, _: opened.store.control.consolidate(),
    ),
)
