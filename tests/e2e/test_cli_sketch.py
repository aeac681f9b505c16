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
from tests.unit.sketch.test_naming import WORDS
from trivium.engine.sketch.quoting import quoted

__all__ = ["shop"]

DATA = Path(os.environ.get("TRIVIUM_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
FILES = sorted(
    path for folder in ("sales", "orders", "inventory", "promotions") for path in (DATA / folder).glob("*.csv")
)[-14:]

QUOTED = [word for word in WORDS if quoted(word) != word]

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
    assert "files='stock {business_date}.xlsx'" in module
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


LAMPS = "1;Lamp;1,50\n2;Chair;2,75\n3;Rug;3,00\n"
PADDED = "Sales;;;;\nfrom;2026-11-20;;;\n;;;;\nid;name;amount;qty;note\n"


@pytest.mark.parametrize(
    ("text", "format", "trailer", "totals"),
    [
        (f"id;name;amount\n{LAMPS}TOTAL;7,25\n", "Csv(separator=';', dec", "TOTAL;{amount}", ["amount"]),
        (f"id;name;amount\n{LAMPS}TOTAL;3;7,25\n", "Csv(separator=';', dec", "TOTAL;{rows};{amount}", ["amount"]),
        (f"id;name;amount\n{LAMPS}T;3;20261120\n", "Csv(separator=';', dec", "T;{rows};{_}", []),
        (f"id;name;amount\n{LAMPS}3 records of 2026-11-20\n", "Csv(", "{rows} records of {business_date}", []),
        (
            f"Sales, Berlin\nof 20.11.2026\n\nid;name;amount\n{LAMPS}TOTAL;7,25\n",
            "Csv(separator=';', skip=3, decimal=',', thousands='.'),  # UNSURE: the first 3 lines are taken",
            "TOTAL;{amount}",
            ["amount"],
        ),
        (
            PADDED + "1;Lamp;1,50;1;\n2;Rug;2,75;1;x\n3;Mat;3,00;4;\nTOTAL;;7,25;6;\n",
            "Csv(separator=';', skip=3, decimal=',', thousands='.'),  # UNSURE",
            "TOTAL;;{amount};{qty};",
            ["amount", "qty"],
        ),
        (
            "H;20261120;x\nD;1;2,5;a\nD;2;3,5;b\nT;2\n",
            "Csv(separator=';', header=False, columns=['column_1', 'column_2', 'column_3', 'column_4'], skip=1",
            "T;{rows}",
            [],
        ),
    ],
)
def test_a_trailer_is_declared(shop: Shop, text: str, format: str, trailer: str, totals: list[str]) -> None:
    shop.write("g_2026-11-20.csv", text)
    module = sketched(shop, "g_2026-11-20.csv")
    assert f"format={format}" in module, module
    assert f"trailer={trailer!r},  # UNSURE: the last line" in module, module
    assert ("totals=" in module) == bool(totals)
    assert all(f"{name!r}: {name!r}" in module for name in totals)
    note = shop.run("sketch", "g_2026-11-20.csv").err
    assert "would be accepted, and the last line is taken for a trailer" in note
    source = shop.json("check", "made.py")["domains"][0]["sources"][0]["source"]
    assert shop.json("load", "made.py", source, "g_2026-11-20.csv")["files"][0]["account"]["ignored"] == 1
    shop.write("g_2026-11-21.csv", text.replace("2026-11-20", "2026-11-21")[: text.rindex("\n", 0, -1) + 1])
    assert "has no trailer" in shop.run("load", "made.py", source, "g_2026-11-21.csv", code=1).out


def test_a_last_line_that_says_nothing_of_the_records(shop: Shop) -> None:
    shop.write("a.csv", "id;name\nA1;Lamp\nA2;Rug\nTOTAL'S;\n")
    assert """ignore="id = 'TOTAL''S'",  # UNSURE: the last line""" in sketched(shop, "a.csv")
    shop.write("b.csv", "id;name\n1;Lamp\n2;Rug\nEND {x}\n")
    found = shop.run("sketch", "b.csv")
    assert "# UNSURE: the last line, 'END {x}', is no record, and no figure in it is the count or a sum" in found.out
    assert "2 of the 3 records would be accepted" in found.err
    shop.write("c.csv", "id;n\n1;2\n")
    assert "1 of the 1 record would be accepted" in shop.run("sketch", "c.csv").err


@pytest.mark.parametrize("start", range(0, len(QUOTED), 40))
def test_columns_called_like_words_of_the_language(shop: Shop, start: int) -> None:
    words = QUOTED[start : start + 40]
    days = "".join(f"{day}," + ",".join(f"{day}/11/2026" for _ in words) + "\n" for day in (20, 21, 22))
    shop.write("e.csv", f"id,{','.join(words)}\n{days}")
    module = sketched(shop, "e.csv")
    assert all(f"""'date_of("{word}", \\'%d/%m/%Y\\')'""" in module for word in words), module


@pytest.mark.parametrize("word", ["from", "when", "select", "order", "class", "date"])
def test_a_key_and_a_file_called_like_a_word(shop: Shop, word: str) -> None:
    shop.write(f"{word}.csv", f"{word},n\na,1\nb,1\na,1\n")
    sketched(shop, f"{word}.csv")
    shop.write(f"{word}.csv", f"{word},n\na,1\nb,1\nTOTAL,\n")
    sketched(shop, f"{word}.csv")


def test_a_date_in_the_name_without_dashes(shop: Shop) -> None:
    shop.write("g_20261120.csv", "id,name\n1,a\n2,b\n")
    module = sketched(shop, "g_20261120.csv")
    assert "files='g_{business_date}.csv'" in module
    assert 'cut_off="business_date 23:59 UTC"' in module
    assert "give the file's name a date" not in module
    shop.write("h_20261120.csv", "id,business_date\n1,20/11/2026\n2,21/11/2026\n")
    assert "files='h_{file_day}.csv'" in sketched(shop, "h_20261120.csv")


def test_a_guessed_key_and_a_code_in_the_name(shop: Shop) -> None:
    shop.write("S001_sales.csv", "id,sku\n" + "".join(f"{n},s{n}\n" for n in range(60)))
    module = sketched(shop, "S001_sales.csv")
    assert "id: Key[int]  # UNSURE: the key is a guess: sku would tell the records apart, too\n" in module
    assert "files='S001_sales.csv',  # UNSURE: 'S001' looks like a code" in module
    shop.write("sales.csv", "id,sku\n" + "".join(f"{n},same\n" for n in range(60)))
    assert "UNSURE" not in sketched(shop, "sales.csv").partition("# UNSURE: nothing says when")[0].partition("class")[2]
    shop.write("sales.csv", "id,sku\n1,a\n2,a\n")
    assert "id: Key[int]  # UNSURE: the key is a guess: seen in 2 records only\n" in sketched(shop, "sales.csv")


@pytest.mark.skipif(not FILES, reason="the trial data is not here; TRIVIUM_DATA names its folder")
@pytest.mark.parametrize("path", FILES or [Path("none")], ids=lambda path: path.name)
def test_real_files(shop: Shop, path: Path) -> None:
    sketched(shop, str(path))
