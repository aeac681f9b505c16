"""`trivium sketch`: what it prints can be checked, and takes the file that it was made from."""

from __future__ import annotations

import gzip
import io
import os
import re
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.e2e.cli_shop import Shop, shop

__all__ = ["shop"]

DATA = Path(os.environ.get("TRIVIUM_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
FILES = sorted(
    path for folder in ("sales", "orders", "inventory", "promotions") for path in (DATA / folder).glob("*.csv")
)[-14:]

OFFICE = (
    "Bestellung Nr;Käufer;Betrag;Bezahlt am;Artikel;offen;frei;class\r\n"
    + "".join(
        f'{n};"Müller; {n}";{n}.234,50;0{n % 9 + 1}.03.2026;00{n};{"TRUE" if n % 2 else "false"};;x"y\r\n'
        for n in range(1, 60)
    )
)  # fmt: skip


def sketched(shop: Shop, file: str, *words: str) -> str:
    """The module, which is checked, and takes every record of the file."""
    module = shop.run("sketch", file, *words).out
    shop.write("made.py", module)
    (domain,) = shop.json("check", "made.py")["domains"]
    source = domain["sources"][0]["source"]
    found = shop.json("load", "made.py", source, file, "--dry-run")
    account = found["files"][0]["account"]
    assert account["rejected"] == 0, found
    assert account["accepted"] > 0
    return module


def test_a_file_of_an_office(shop: Shop) -> None:
    shop.write("orders_2026-03-02_r1.csv.gz", gzip.compress(OFFICE.encode("cp1252")))
    module = sketched(shop, "orders_2026-03-02_r1.csv.gz", "--entity", "office order")
    for line in (
        "class OfficeOrder(Entity):",
        "    bestellung_nr: Key[int]",
        "    betrag: Decimal = Field(max_digits=9, decimal_places=2)",
        "    kaufer: str\n    betrag: ",
        "    artikel: str  # UNSURE: digits, some with zeros in front",
        "    offen: bool",
        "    frei: str | None = None  # UNSURE: empty in all records",
        "    class_value: str",
        "files='orders_{business_date}_r{revision}.csv'",
        "format=Csv(separator=';', decimal=',', thousands='.', encoding='cp1252')",
        """'bezahlt_am': 'date_of("Bezahlt am", \\'%d.%m.%Y\\')'""",
    ):
        assert line in module, module


def test_other_formats(shop: Shop) -> None:
    table = pa.table({"order id": [1, 1, 2], "line": [1, 2, 1], "price": [1.5, None, 2.25]})
    made = io.BytesIO()
    pq.write_table(table, made)
    shop.write("lines.parquet", made.getvalue())
    module = sketched(shop, "lines.parquet")
    assert "order_id: Key[int]\n    line: Key[int]" in re.sub("  # UNSURE.*", "", module)
    assert "format=Parquet()" in module
    book, made = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (["code", "qty"], ["a", 5], ["b", None]):
        book.active.append(row)
    book.create_sheet("notes")
    book.save(made)
    shop.write("stock 20260302.xlsx", made.getvalue())
    module = sketched(shop, "stock 20260302.xlsx")
    assert "format=Excel(sheet=1)" in module
    assert "files='stock {day}.xlsx'" in module
    shop.write("api.json", '{"page": 1, "data": {"items": [{"id": "a", "tags": [1], "n": 5}, {"id": "b", "n": "x"}]}}')
    module = sketched(shop, "api.json")
    assert "format=JsonFile(records='data.items')" in module
    assert "n: Json  # UNSURE: values of several types" in module
    shop.write("events.ndjson", '{"id": 1, "at": "2026-03-02T10:00:00Z"}\n{"id": 2, "at": "2026-03-02T10:00:01Z"}\n')
    assert "event_time='at'" in sketched(shop, "events.ndjson")


def test_files_that_tell_little(shop: Shop) -> None:
    shop.write("bare.csv", "1|a\n1|a\n2|b\n")
    module = sketched(shop, "bare.csv")
    assert "header=False, columns=['column_1', 'column_2']" in module
    assert "line: Key[int]  # UNSURE: nothing tells records apart but their place" in module
    shop.write("wide.csv", "id\r\n5\r\n".encode("utf-16"))
    assert "encoding='utf-16'" in sketched(shop, "wide.csv")


def test_what_a_name_or_a_cell_says_is_never_run(shop: Shop) -> None:
    shop.write('x"""+boom+"""_{y}.csv', 'id,"a""\nimport boom",\'); boom(\n1,2,"\nboom"\n')
    sketched(shop, 'x"""+boom+"""_{y}.csv', "--entity", '"""; boom')


@pytest.mark.parametrize(("data", "code"), [(b"", 2), (b"a,b\n", 2), (b"\x1f\x8b\x08", 2)])
def test_nothing_to_go_by(shop: Shop, data: bytes, code: int) -> None:
    shop.write("x.csv", data)
    assert "error:" in shop.run("sketch", "x.csv", code=code).err
    assert "cannot be read" in shop.run("sketch", "nowhere.csv", code=1).err


def test_as_json(shop: Shop) -> None:
    shop.write("x.csv", "id,n\n1,a\n2,b\n")
    found = shop.json("sketch", "x.csv")
    assert (found["key"], found["columns"], found["accepted"]) == (["id"], {"id": "int", "n": "str"}, 2)


@pytest.mark.skipif(not FILES, reason="the trial data is not here; TRIVIUM_DATA names its folder")
@pytest.mark.parametrize("path", FILES or [Path("none")], ids=lambda path: path.name)
def test_real_files(shop: Shop, path: Path) -> None:
    sketched(shop, str(path))
