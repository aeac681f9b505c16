"""Real shops' files through the command line, against figures counted straight from the files."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TRIVIUM_DATA", ROOT.parent / "shared" / "data"))
APP = "examples/real_shops.py"

pytestmark = pytest.mark.slow

FILES = {
    "uci-daily": sorted(DATA.glob("sales/*.csv")),
    "olist-orders": [DATA / "orders/orders.csv"],
    "olist-items": [DATA / "orders/order_items.csv"],
    "olist-payments": [DATA / "orders/order_payments.csv"],
    "adventureworks-stock": [DATA / "inventory/ProductInventory.csv"],
    "adventureworks-offers": [DATA / "promotions/SpecialOffer.csv"],
    "dunnhumby-mailer": sorted(DATA.glob("promotions/mailer_week_*.csv")),
}
ENTITIES = ("invoice_line", "order", "order_item", "order_payment", "stock", "offer", "placement")

Row = dict[str, str]
Record = dict[str, Any]


class Shops:
    """The example application over a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.store = str(folder / "shops.duckdb")
        self._exports: dict[str, bytes] = {}

    def run(self, *words: str) -> bytes:
        command = [sys.executable, "-m", "trivium", *words, "--store", self.store]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, (words, done.stdout.decode(), done.stderr.decode())
        return done.stdout

    def load(self, source: str, files: Iterable[Path]) -> list[Any]:
        found: list[Any] = json.loads(self.run("load", APP, source, *map(str, files), "--json"))["files"]
        return found

    def export(self, entity: str) -> bytes:
        """What stands in the store since all was loaded; asked once."""
        if entity not in self._exports:
            self._exports[entity] = self.run("export", APP, entity)
        return self._exports[entity]

    def records(self, entity: str, *words: str) -> list[Record]:
        lines = self.run("export", APP, entity, *words) if words else self.export(entity)
        return [json.loads(line) for line in lines.splitlines()]

    def figures(self) -> list[Any]:
        """Commits and rows of every domain."""
        domains = json.loads(self.run("status", APP, "--json"))["domains"]
        return [(domain["domain"], domain["commit"], domain["entities"]) for domain in domains]


def rows(paths: Sequence[Path], separator: str = ",") -> list[Row]:
    found: list[Row] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file, delimiter=separator)
    return found


def instant(text: str) -> str | None:
    """A time of the files as the export writes it, for publishers whose clock is read as UTC."""
    return f"{text[:10]}T{text[11:19]}Z" if text else None


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shops, dict[str, list[Any]]]:
    """Everything loaded once, and what the loads said."""
    if not (DATA / "sales").is_dir():
        pytest.skip(f"no real data in {DATA}; TRIVIUM_DATA names its folder")
    shops = Shops(tmp_path_factory.mktemp("shops"))
    return shops, {source: shops.load(source, files) for source, files in FILES.items()}


@pytest.fixture(scope="module")
def shops(loaded: tuple[Shops, dict[str, list[Any]]]) -> Shops:
    return loaded[0]


def test_every_row_is_accounted_for_and_none_is_rejected(loaded: tuple[Shops, dict[str, list[Any]]]) -> None:
    for source, found in loaded[1].items():
        separator = "\t" if source.startswith("adventureworks") else ","
        for path, file in zip(FILES[source], found, strict=True):
            count = len(rows([path], separator))
            assert file["account"] == {"received": count, "accepted": count, "rejected": 0, "ignored": 0}, path


def test_a_days_invoice_lines_are_all_there_under_a_key_of_their_own(shops: Shops) -> None:
    records = shops.records("invoice_line")
    keys = {(r["business_date"], r["invoice"], r["line"]) for r in records}
    places: Counter[tuple[str, str]] = Counter()
    expected: dict[tuple[str, str, int], tuple[str, str | None, int, Decimal, str | None, str]] = {}
    for path in FILES["uci-daily"]:
        for row in rows([path]):
            places[path.stem, row["InvoiceNo"]] += 1
            customer = row["CustomerID"].removesuffix(".0") or None
            key = (path.stem, row["InvoiceNo"], places[path.stem, row["InvoiceNo"]])
            said = row["StockCode"], row["Description"] or None, int(row["Quantity"]), Decimal(row["UnitPrice"])
            expected[key] = (*said, customer, row["Country"])
    assert len(records) == len(keys) == len(expected)
    for r in records:
        said = r["stock_code"], r["description"], r["quantity"], Decimal(r["price"]["amount"])
        assert (*said, r["customer_id"], r["country"]) == expected[r["business_date"], r["invoice"], r["line"]]


def test_the_figures_of_a_day_are_those_of_its_file(shops: Shops) -> None:
    expected: dict[str, list[Any]] = {}
    for path in FILES["uci-daily"]:
        day = rows([path])
        expected[path.stem] = [
            len(day),
            sum(int(row["Quantity"]) for row in day),
            sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in day),
            sum(row["InvoiceNo"].startswith("C") for row in day),
        ]
    found: dict[str, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0), 0])
    for record in shops.records("invoice_line"):
        figures = found[record["business_date"]]
        figures[0] += 1
        figures[1] += record["quantity"]
        figures[2] += Decimal(record["amount"])
        figures[3] += record["cancelled"]
    assert found == expected


def test_orders_come_out_as_their_row_says(shops: Shops) -> None:
    expected = {
        row["order_id"]: {
            "order_id": row["order_id"],
            "customer_id": row["customer_id"],
            "status": row["order_status"],
            "placed_at": instant(row["order_purchase_timestamp"]),
            "approved_at": instant(row["order_approved_at"]),
            "handed_over_at": instant(row["order_delivered_carrier_date"]),
            "delivered_at": instant(row["order_delivered_customer_date"]),
            "promised_for": instant(row["order_estimated_delivery_date"]),
        }
        for row in rows(FILES["olist-orders"])
    }
    assert {record["order_id"]: record for record in shops.records("order")} == expected


def test_an_order_has_a_past(shops: Shops) -> None:
    then = "2018-03-01 00:00:00"
    columns = {
        "order_purchase_timestamp": "created",
        "order_approved_at": "approved",
        "order_delivered_carrier_date": "shipped",
        "order_delivered_customer_date": "delivered",
    }
    expected: Counter[str] = Counter()
    for row in rows(FILES["olist-orders"]):
        steps = [(row[column], place, status) for place, (column, status) in enumerate(columns.items()) if row[column]]
        steps.append((max(time for time, _, _ in steps), len(steps) + 1, row["order_status"]))
        past = [step for step in steps if step[0] <= then]
        # What only the last word or the purchase says is not known before either of them.
        if row["order_purchase_timestamp"] <= then:
            expected[max(past)[2]] += 1
    found = Counter(record["status"] for record in shops.records("order", "--as-of", "2018-03-01T00:00:00Z"))
    assert found == expected
    assert len(expected) > 2


def test_items_and_payments_add_up(shops: Shops) -> None:
    items, payments = rows(FILES["olist-items"]), rows(FILES["olist-payments"])
    found = shops.records("order_item")
    assert len(found) == len({(row["order_id"], row["order_item_id"]) for row in items})
    assert sum(Decimal(r["price"]["amount"]) for r in found) == sum(Decimal(row["price"]) for row in items)
    assert sum(Decimal(r["freight"]["amount"]) for r in found) == sum(Decimal(row["freight_value"]) for row in items)
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for row in payments:
        expected[row["payment_type"]] += Decimal(row["payment_value"])
    by_method: dict[str, Decimal] = defaultdict(Decimal)
    for record in shops.records("order_payment"):
        by_method[record["method"]] += Decimal(record["value"]["amount"])
    assert by_method == expected


def test_stock_is_what_lies_at_each_location(shops: Shops) -> None:
    expected: Counter[int] = Counter()
    for row in rows(FILES["adventureworks-stock"], "\t"):
        expected[int(row["LocationID"])] += int(row["Quantity"])
    found: Counter[int] = Counter()
    for record in shops.records("stock"):
        found[record["location_id"]] += record["quantity"]
    assert found == expected


def test_offers_keep_their_limits(shops: Shops) -> None:
    expected = {
        int(row["SpecialOfferID"]): (
            Decimal(row["DiscountPct"]),
            int(row["MinQty"]),
            int(Decimal(row["MaxQty"])) if row["MaxQty"] else None,
            row["rowguid"].strip("{}").lower(),
            {"starts_at": instant(row["StartDate"]), "ends_at": instant(row["EndDate"])},
        )
        for row in rows(FILES["adventureworks-offers"], "\t")
    }
    found = {
        r["offer_id"]: (Decimal(r["discount"]), r["min_quantity"], r["max_quantity"], r["row_id"], r["validity"])
        for r in shops.records("offer")
    }
    assert found == expected


def test_a_weeks_placements_are_known_from_its_first_day(shops: Shops) -> None:
    columns = ("week", "store_id", "product_id", "display_location", "mailer_location")
    expected = Counter(tuple(row[column] for column in columns) for row in rows(FILES["dunnhumby-mailer"]))
    names = ("week", "store_id", "product_id", "display", "mailer")
    assert Counter(tuple(str(r[name]) for name in names) for r in shops.records("placement")) == expected
    saturday = shops.records("placement", "--as-of", "2017-01-07T23:59:59Z")
    assert len(saturday) == sum(count for place, count in expected.items() if place[0] == "1")


def test_loading_again_changes_nothing(shops: Shops) -> None:
    before = shops.figures()
    for source, files in FILES.items():
        assert {file["outcome"] for file in shops.load(source, files)} == {"known"}, source
    assert shops.figures() == before


def test_another_order_of_files_gives_the_same_bytes(shops: Shops, tmp_path: Path) -> None:
    other = Shops(tmp_path)
    days = FILES["uci-daily"][::-1]
    other.load("uci-daily", days[1::2])
    for source in ("dunnhumby-mailer", "olist-payments", "adventureworks-offers", "olist-items", "olist-orders"):
        other.load(source, FILES[source][::-1])
    other.load("uci-daily", days[0::2])
    other.load("adventureworks-stock", FILES["adventureworks-stock"])
    for entity in ENTITIES:
        assert other.export(entity) == shops.export(entity), entity
