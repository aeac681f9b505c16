"""The reference application's declarations, its simulators and its checker, without the product."""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import retail
from retail import checker
from retail.day import Day, write_day
from retail.files import checker as files_checker
from trivium import Domain

SOURCES = {
    "promotions": {"mpts-end-of-day": "batch", "mpts-flash": "rest"},
    "sales": {"sod-intraday": "rest", "sod-end-of-day": "batch"},
    "orders": {"oms-events": "events", "oms-end-of-day": "batch"},
    "inventory": {"wms-events": "events", "wms-counts": "batch"},
    "content": {"content-upload": "rest", "web-clicks": "events"},
}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    return write_day(tmp_path_factory.mktemp("day"), seed=5, scale=0.2)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_domains_and_sources_are_those_that_the_outside_knows() -> None:
    domains = [value for value in vars(retail).values() if isinstance(value, Domain)]
    assert {domain.name: {s.name: s.channel for s in domain.sources} for domain in domains} == SOURCES
    assert retail.inventory.view("stock").sql


def test_every_entity_and_source_says_what_it_is() -> None:
    for domain in (retail.promotions, retail.sales, retail.orders, retail.inventory, retail.content):
        assert all(shape.description for shape in domain.shapes)
        assert all(source.description for source in domain.sources)


def test_what_names_a_person_is_sensitive() -> None:
    for domain, path in (
        (retail.sales, "sale.loyalty_card"),
        (retail.orders, "order.customer_id"),
        (retail.orders, "order.ship_to.street"),
        (retail.content, "click.session_id"),
    ):
        entity, _, attribute = path.partition(".")
        column = domain.shape(entity).column(attribute)
        assert column is not None
        assert column.sensitive, path


def test_a_seed_makes_the_same_bytes(day: Day, tmp_path: Path) -> None:
    write_day(tmp_path / "same", seed=5, scale=0.2)
    write_day(tmp_path / "other", seed=6, scale=0.2)
    assert files(tmp_path / "same") == files(day.folder)
    assert files(tmp_path / "other") != files(day.folder)


def test_the_accounts_are_those_of_the_files(day: Day) -> None:
    for told in day.told:
        content = (day.folder / told.file).read_bytes()
        lines = (gzip.decompress(content) if told.file.endswith(".gz") else content).splitlines()
        assert told.received == len(lines) - (".csv" in told.file), told.file
        assert told.accepted >= 0


def test_files_are_written_as_their_systems_write_them(day: Day) -> None:
    (weekly,) = day.folder.glob("mpts/*_r2.csv")
    text = weekly.read_bytes().decode("cp1252")
    assert "–" in text
    assert text.splitlines()[-1].startswith(f"T|{len(text.splitlines()) - 2}|")
    (evening,) = day.folder.glob("oms/*_r2.csv.gz")
    manifest = json.loads(evening.with_name(f"{evening.name}.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(evening.read_bytes()).hexdigest()
    assert manifest["rows"] == len(gzip.decompress(evening.read_bytes()).splitlines()) - 1


def test_at_least_one_record_in_a_hundred_is_bad(day: Day) -> None:
    assert sum(told.rejected for told in day.told) >= 0.01 * sum(told.received for told in day.told)
    assert {told.source for told in day.told if told.rejected} == {name for s in SOURCES.values() for name in s}


def test_streams_are_out_of_order_repeated_and_torn(day: Day) -> None:
    lines = [line for file in day.folder.glob("oms/events_*.ndjson") for line in file.read_text().splitlines()]
    assert max(Counter(lines).values()) > 1
    readable, torn = [], 0
    for line in lines:
        try:
            readable.append(json.loads(line))
        except json.JSONDecodeError:
            torn += 1
    assert torn
    times = [event["occurred_at"] for event in readable if event["occurred_at"]]
    assert times != sorted(times)
    assert {"order.placed", "order.changed", "order.cancelled", "order.deleted"} <= {e["type"] for e in readable}


def test_the_audited_file_is_silent_about_lines_that_tills_told(day: Day) -> None:
    def keys(records: list[dict[str, Any]], line: str) -> set[tuple[str, str]]:
        return {(record["receipt"], str(record[line])) for record in records}

    told: list[dict[str, Any]] = []
    for file in day.folder.glob("sod/intraday_*.ndjson"):
        for line in file.read_text().splitlines():
            if line.endswith("}"):
                told.append(json.loads(line))
    with next(iter(sorted(day.folder.glob("sod/S001_*_r2.csv")))).open(newline="") as text:
        audited = list(csv.DictReader(text, delimiter=";"))
    silent = keys([t for t in told if t["store_id"] == "S001"], "line") - keys(audited, "position")
    assert silent
    meant = keys(checker.expected_records(day.folder, "sale"), "line")
    assert silent - meant


def test_stock_is_the_last_count_and_what_moved_after_it() -> None:
    def movement(product: str, quantity: int, at: str) -> dict[str, Any]:
        return {"location_id": "W", "product_id": product, "quantity": quantity, "moved_at": at}

    count = {"location_id": "W", "product_id": "A", "quantity": 10, "counted_at": "2025-11-28T06:00:00Z"}
    movements = [
        movement("A", 5, "2025-11-28T07:00:00Z"),
        movement("A", 100, "2025-11-28T06:00:00Z"),  # counted already
        movement("B", -2, "2025-11-28T08:00:00Z"),
    ]
    found = {entry["product_id"]: entry for entry in checker.stock(movements, [count])}
    assert found["A"]["quantity"] == 15
    assert found["A"]["moved_at"] == "2025-11-28T07:00:00Z"
    assert found["B"] == {
        "location_id": "W",
        "product_id": "B",
        "quantity": -2,
        "counted_at": None,
        "moved_at": "2025-11-28T08:00:00Z",
    }


def exported(records: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(record).encode() for record in records]


def test_the_checker_is_content_with_what_was_meant(day: Day) -> None:
    for entity in set(checker.KEYS) - checker.VIEWS:
        meant = checker.expected_records(day.folder, entity)
        assert meant
        found = checker.check_entity(entity, meant, exported(meant))
        assert found.perfect
        assert {a.compared for a in found.attributes.values()} == {a.right for a in found.attributes.values()}


def test_the_checker_sees_one_wrong_value(day: Day) -> None:
    meant = checker.expected_records(day.folder, "order")
    wrong = json.loads(json.dumps(meant))
    wrong[3]["total"]["amount"] = "0.01"
    found = checker.check_entity("order", meant, exported(wrong))
    assert not found.perfect
    assert [name for name, attribute in found.attributes.items() if attribute.wrong] == ["total.amount"]
    assert found.attributes["total.amount"].right == len(meant) - 1


def test_the_checker_sees_what_is_missing_too_many_or_there_twice(day: Day) -> None:
    meant = checker.expected_records(day.folder, "sale")
    extra = meant[0] | {"line": 99}
    found = checker.check_entity("sale", meant, exported([*meant[1:], meant[2], extra]))
    assert not found.perfect
    assert len(found.missing) == 1
    assert len(found.extra) == 2


def test_the_checker_sees_an_attribute_that_is_absent_or_of_another_type(day: Day) -> None:
    meant = checker.expected_records(day.folder, "stock_movement")[:2]
    without = {name: value for name, value in meant[0].items() if name != "kind"}
    other = meant[1] | {"quantity": str(meant[1]["quantity"])}
    found = checker.check_entity("stock_movement", meant, exported([without, other]))
    assert {name for name, attribute in found.attributes.items() if attribute.wrong} == {"kind", "quantity"}


def test_the_checker_shares_no_code_with_the_product() -> None:
    for module in (checker, files_checker):
        assert module.__file__ is not None
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in names if name.startswith(("trivium", "retail"))} - {"retail.checker"}
