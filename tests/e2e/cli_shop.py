"""A shop with files of its own, and the command line run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trivium.cli import main

DOMAIN = '''
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from trivium import Batch, Domain, Entity, Facet, Field, Into, Key, Rule, View


class Price(Facet):
    amount: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    currency: str = Field(pattern="^[A-Z]{3}$")


class Order(Entity):
    order_id: Key[str]
    customer: str = Field(sensitive=True)
    status: Literal["placed", "paid", "shipped"]
    total: Price
    placed_at: datetime
    delivered_at: datetime | None = None

    delivered_after_placed = Rule("delivered_at is null or delivered_at >= placed_at")


class Shelf(Entity):
    store_id: Key[int]
    day: Key[date]
    item: Key[str]
    quantity: int


TOTAL = {"total.amount": "amount", "total.currency": "currency"}

shop = Domain("shop", entities=[Order, Shelf], sources=[
    Batch("orders", files="orders_{business_date}_r{revision}.csv", into=[Into(Order, columns=TOTAL)],
          event_time="updated_at"),
    Batch("office", files="office_{business_date}.csv", into=[Into(Order, columns=TOTAL)],
          cut_off="business_date 06:00 UTC", precedence=200),
    Batch("carrier", files="carrier_{business_date}.csv", into=[Into(Order, states=["delivered_at"])],
          event_time="updated_at"),
    Batch("shelves", files="shelves_{store_id}_{day}.csv", into=[Into(Shelf)], cut_off="day 20:00 UTC",
          asserts="store_id", max_gone="50%"),
], views=[
    View("by_status", """SELECT status, count(*) AS orders, sum(total_amount) AS amount FROM "order"
         WHERE $status::text IS NULL OR status = $status GROUP BY status ORDER BY status""",
         parameters={"status": None}),
])
'''

HEADER = "order_id,customer,status,amount,currency,placed_at,delivered_at,updated_at\n"
GOOD = "1001,ann,placed,12.50,EUR,2026-03-02T09:00:00Z,,2026-03-02T09:00:00Z\n"
ALSO = "1002,bob,paid,99.00,EUR,2026-03-02T09:10:00Z,,2026-03-02T09:11:00Z\n"
BAD = "1003,cleo,pid,x,EUR,2026-03-02T09:20:00Z,,2026-03-02T09:20:00Z\n"
MENDED = "1003,cleo,paid,7.00,EUR,2026-03-02T09:20:00Z,,2026-03-02T09:20:00Z"


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shop:
    """A folder with `shop.py`, in which commands run."""

    folder: Path
    read: Callable[[], tuple[str, str]]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def write(self, name: str, text: str | bytes) -> str:
        (self.folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    def run(self, *words: str, code: int = 0) -> Ran:
        """A command in this process; fails unless its exit code is `code`."""
        self.read()
        found = Ran(main(words), *self.read())
        assert found.code == code, f"trivium {' '.join(words)}: {found.code}\n{found.out}\n{found.err}"
        return found

    def json(self, *words: str, code: int = 0) -> Any:
        """The document that a command prints with --json, and that nothing else is printed."""
        found = self.run(*words, "--json", code=code)
        assert found.err == ""
        return found.document

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])} | more.pop("env", {})
        process = subprocess.Popen(
            [sys.executable, "-m", "trivium", *words], cwd=self.folder, env=environment, text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more,
        )  # fmt: skip
        self.started.append(process)
        return process

    def load_orders(self, *rows: str, day: str = "2026-03-02", revision: int = 1, code: int = 0) -> Ran:
        name = self.write(f"orders_{day}_r{revision}.csv", HEADER + "".join(rows))
        return self.run("load", "shop.py", "orders", name, code=code)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shop]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TRIVIUM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr("getpass.getuser", lambda: "olga")

    def read() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    made = Shop(tmp_path, read)
    made.write("shop.py", DOMAIN)
    yield made
    for process in made.started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    sys.modules.pop("shop", None)
