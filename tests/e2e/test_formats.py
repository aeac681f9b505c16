"""Files of every format through the command line: loaded, quarantined, mended; csv-spectrum exactly."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.e2e.cli_shop import Shop, shop

__all__ = ["shop"]

DATA = Path(os.environ.get("TRIVIUM_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
SPECTRUM = DATA / "payloads" / "csv-spectrum"
NAMES = sorted(path.stem for path in SPECTRUM.glob("csvs/*.csv"))

PRICES = """
from decimal import Decimal

from trivium import Batch, Csv, Domain, Entity, Excel, Field, FixedWidth, Into, JsonFile, Key, Parquet


class Price(Entity):
    id: Key[int]
    name: str | None = None
    price: Decimal = Field(max_digits=10, decimal_places=2)
    half: Decimal | None = Field(None, max_digits=10, decimal_places=3)


def source(name, format, **more):
    return Batch(name, files="{day}." + name, format=format, cut_off="day 20:00 UTC", into=[Into(Price, **more)])


prices = Domain("prices", entities=[Price], sources=[
    source("csv", Csv(separator=";", encoding="cp1252", decimal=",", thousands="."), columns={"half": "price / 2"}),
    source("dat", FixedWidth({"id": 4, "name": 6, "price": 8})),
    source("json", JsonFile("data.items")),
    source("parquet", Parquet()),
    source("xlsx", Excel(nulls="-")),
    source("marks", Csv(separator=";"), columns={"price": "number(price, ',', '.')"}),
])
"""


@pytest.fixture
def prices(shop: Shop) -> Shop:
    shop.write("prices.py", PRICES)
    return shop


def exported(prices: Shop) -> list[dict[str, object]]:
    lines = prices.run("export", "prices.py", "price").out.splitlines()
    return [{name: value for name, value in json.loads(line).items() if value is not None} for line in lines]


def test_csv_of_an_office_with_its_numbers_and_its_encoding(prices: Shop) -> None:
    rows = "1;Käse €;1.234,50\r\n2;;7\r\n3;x;1.23,4\r\n4;x;12.50\r\n5;x;,5\r\n6;\x81;1\r\n"
    data = "id;name;price\r\n" + rows
    sent = data.replace("\x81", "§").encode("cp1252").replace("§".encode("cp1252"), b"\x81")
    prices.write("2026-03-02.csv.gz", gzip.compress(sent))
    prices.run("load", "prices.py", "csv", "2026-03-02.csv.gz")
    assert exported(prices) == [
        {"id": 1, "name": "Käse €", "price": "1234.50", "half": "617.250"},
        {"id": 2, "price": "7.00", "half": "3.500"},
        {"id": 5, "name": "x", "price": "0.50", "half": "0.250"},
    ]
    waiting = prices.json("quarantine", "prices.py", "list")
    shown = json.dumps(waiting, ensure_ascii=False)
    assert '"1.23,4"' in shown
    assert '"12.50"' in shown
    assert "0x81" in shown
    prices.run("quarantine", "prices.py", "mend", "1:7", "--raw", "6;Brötchen;1,25")
    assert exported(prices)[-1] == {"id": 6, "name": "Brötchen", "price": "1.25", "half": "0.625"}
    # The bytes that were sent are no text, and are not taken for one.
    prices.run("quarantine", "prices.py", "retry", "1:7", code=2)


def workbook(*rows: list[object]) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def parquet(**columns: list[object]) -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "mended"),
    [
        ("dat", b"   1a         1.50\n   2b         x   \n", "   2b         2.50"),
        ("json", b'{"data":{"items":[{"id":1,"name":"a","price":1.50},{"id":2,"name":"b","price":"x"}]}}',
         '{"id":2,"name":"b","price":2.50}'),
        ("parquet", parquet(id=[1, 2], name=["a", "b"], price=["1.50", "x"]), '{"id":2,"name":"b","price":"2.50"}'),
        ("xlsx", workbook(["id", "name", "price"], [1, "a", 1.5], [2, "b", "x"]), '{"id":2,"name":"b","price":"2.50"}'),
        ("marks", b'id;name;price\n1;a;1,50\n2;b;1.50\n', "2;b;2,50"),
    ],
)  # fmt: skip
def test_a_file_of_each_format_is_loaded_and_its_bad_record_mended(
    prices: Shop, name: str, data: bytes, mended: str
) -> None:
    prices.write(f"2026-03-02.{name}", data)
    assert "2 received = 1 accepted + 1 rejected" in prices.run("load", "prices.py", name, f"2026-03-02.{name}").out
    (row,) = prices.json("quarantine", "prices.py", "list")["records"]
    prices.run("quarantine", "prices.py", "mend", row["id"], "--raw", mended)
    assert [(row["id"], row["name"], row["price"]) for row in exported(prices)] == [
        (1, "a", "1.50"), (2, "b", "2.50"),
    ]  # fmt: skip
    prices.run("replay", "prices.py", name, "--yes")
    assert len(exported(prices)) == 2


def test_a_bomb_leaves_nothing(prices: Shop) -> None:
    prices.write("prices.py", PRICES.replace('cut_off="day', 'unpacks_to="1 MB", cut_off="day'))
    prices.write("2026-03-02.csv.gz", gzip.compress(b"id;name;price\n" + b"1;x;1,00\n" * 200_000))
    assert "unpack to more than 1 MB" in prices.run("load", "prices.py", "csv", "2026-03-02.csv.gz", code=1).out
    assert exported(prices) == []


@pytest.mark.skipif(not NAMES, reason="csv-spectrum is not here; TRIVIUM_DATA names the folder of trial data")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_csv_spectrum_comes_through_exactly(shop: Shop, name: str) -> None:
    path = SPECTRUM / "csvs" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    attributes = {f"c{number}": '"' + column.replace('"', '""') + '"' for number, column in enumerate(header)}
    fields = "\n".join(f"    {attribute}: str | None = None" for attribute in attributes)
    columns = {**attributes, "n": "ordinal(file)"}
    shop.write(
        "spectrum.py",
        f"""
from trivium import Batch, Domain, Entity, Into, Key

class Row(Entity):
    n: Key[int]
{fields}

spectrum = Domain("spectrum", entities=[Row], sources=[
    Batch("files", files="{{file}}.csv", event_time="'2026-01-01T00:00:00Z'", into=[Into(Row, columns={columns!r})]),
])
""",
    )
    shop.run("load", "spectrum.py", "files", str(path))
    found = [json.loads(line) for line in shop.run("export", "spectrum.py", "row").out.splitlines()]
    expected = json.loads((SPECTRUM / "json" / f"{name}.json").read_bytes())
    if name == "location_coordinates":
        # Its answer is one object instead of a list, and has another phone number than its file.
        expected = [{**expected, "Contact Phone Number": "2095257564"}]
    rows = [{column: row[f"c{at}"] or "" for at, column in enumerate(header)} for row in found]
    assert rows == expected
