"""Fixed width, envelopes, Parquet and workbooks."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from decimal import Decimal
from typing import Any
from uuid import UUID

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.reading.streams import Drip, sound, torn
from trivium.engine.reading import NotOneRecordError, RawChunk, ReadingError, read, read_again
from trivium.model.formats import Excel, FixedWidth, Format, JsonFile, Parquet


def rows(format: Format, data: bytes, **more: Any) -> list[tuple[int, list[Any]]]:
    return [(line, cells) for line, _, _, cells in sound(read(format, io.BytesIO(data), **more))]


def refused(format: Format, data: bytes, **more: Any) -> str:
    with pytest.raises(ReadingError) as error:
        list(read(format, io.BytesIO(data), **more))
    assert error.value.hint
    return str(error.value)


FIXED = FixedWidth({"shop": 3, "what": (4, 4), "n": 2}, nulls="NA", skip=1, comment="*")


def test_fixed_width() -> None:
    data = "head\n123 NA  7 \r\n* no\n 12 é  x 7\n\n1\n123 abcd99 z\n".encode() + b"123 \xff    1\n"
    assert rows(FIXED, data) == [(2, ["123", None, "7"]), (4, ["12", "é  x", "7"])]
    found = torn(read(FIXED, io.BytesIO(data)))
    assert [(line, rules) for line, _, _, rules in found] == [(6, ["width"]), (7, ["width"]), (8, ["encoding"])]
    ragged = FixedWidth({"a": 3, "b": 4}, ragged=True)
    assert rows(ragged, b"1\n12345\n") == [(1, ["1", None]), (2, ["123", "45"])]
    assert next(read(FIXED, io.BytesIO(b""))).table.column_names == ["shop", "what", "n"]
    chunk = read_again(FIXED, [b"123 abcd 9", b"x"], list, unfit={1: ("too_long", "cut")})
    assert (chunk.table.to_pylist(), chunk.torn.num_rows) == ([{"shop": "123", "what": "abcd", "n": "9"}], 1)
    with pytest.raises(NotOneRecordError):
        read_again(FIXED, [b"123 abcd 9\n123 abcd 9"], list, unfit={})


ENVELOPE = b'{"items": [0], "data":{"n":{"items":[]},"items" : [{"a":1},\n {"a":"}]"}] ,"z":[1]},"e":{}}\n'


@pytest.mark.parametrize("chunk_bytes", [1, 20, 1 << 20])
@pytest.mark.parametrize("drip", [1, 1 << 20])
def test_the_records_of_an_envelope(chunk_bytes: int, drip: int) -> None:
    chunks = list(read(JsonFile("data.items"), Drip(ENVELOPE, drip), chunk_bytes=chunk_bytes))
    assert [(line, cells) for line, _, _, cells in sound(chunks)] == [(1, ['{"a":1}']), (2, ['{"a":"}]"}'])]
    assert rows(JsonFile("items"), b'{"items":[]}') == []


@pytest.mark.parametrize("at", range(1, len(ENVELOPE) - 1, 3))
def test_an_envelope_that_is_cut_off_is_refused(at: int) -> None:
    refused(JsonFile("data.items"), ENVELOPE[:at])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is no JSON object"),
        (b"[1]", "the file is no JSON object"),
        (b'{"data":{"item":[], "x":1}}', "'data' has item, x"),
        (b'{"data":[]}', "'data' is a list"),
        (b'{"data":{"items":null}}', "'data.items' is null"),
        (b'{"data":{"items":{}}}', "'data.items' is an object"),
        (b'{"data":{"items":[1],"items":[2]}}', "'items' is there twice"),
        (b'{"data":{"items":[1]}} x', "something stands behind the envelope"),
    ],
)
def test_an_envelope_without_its_list(data: bytes, says: str) -> None:
    assert says in refused(JsonFile("data.items"), data)


def parquet(table: pa.Table, **more: Any) -> bytes:
    made = io.BytesIO()
    pq.write_table(table, made, **more)
    return made.getvalue()


UTC = dt.datetime(2026, 1, 2, 3, 4, 5, 120000, tzinfo=dt.UTC)
TYPED: dict[str, tuple[Any, str]] = {
    "int": (pa.array([-7], pa.int32()), "-7"),
    "whole": (pa.array([5.0]), "5"),
    "float": (pa.array([0.1], pa.float32()), "0.1"),
    "decimal": (pa.array([Decimal("1.50")]), "1.50"),
    "small": (pa.array([Decimal("0.0000000001")], pa.decimal128(38, 10)), "0.0000000001"),
    "instant": (pa.array([UTC], pa.timestamp("us", "Europe/Paris")), "2026-01-02T03:04:05.12Z"),
    "second": (pa.array([UTC.replace(second=0, microsecond=0)], pa.timestamp("ms", "UTC")), "2026-01-02T03:04:00Z"),
    "local": (pa.array([dt.datetime(2026, 1, 2, 3, 4, 5)], pa.timestamp("ns")), "2026-01-02T03:04:05"),  # noqa: DTZ001
    "day": (pa.array([dt.date(2026, 1, 2)]), "2026-01-02"),
    "bool": (pa.array([True]), "true"),
    "bytes": (pa.array(["é".encode()], pa.binary()), "é"),
    "words": (pa.array(["é"]).dictionary_encode(), "é"),
    "uuid": (pa.array([UUID(int=10).bytes], pa.binary(16)), str(UUID(int=10))),
    "struct": (pa.array([{"a": 1, "b": None, "c": 'é"\n'}]), '{"a":1,"b":null,"c":"é\\"\\n"}'),
    "list": (pa.array([[Decimal("1.10"), None]]), "[1.10,null]"),
    "map": (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), '{"k":1}'),
}


@pytest.mark.parametrize("name", TYPED)
def test_typed_columns_as_texts(name: str) -> None:
    column, expected = TYPED[name]
    table = pa.table({"x": pa.concat_arrays([column, pa.nulls(1, column.type), column])})
    data = parquet(table)
    assert rows(Parquet(), data) == [(1, [expected]), (2, [None]), (3, [expected])]
    assert rows(Parquet(), gzip.compress(data), chunk_bytes=1) == [(1, [expected]), (2, [None]), (3, [expected])]


def raws(chunk: RawChunk) -> list[bytes]:
    found: list[bytes] = chunk.raw(range(chunk.table.num_rows))[0].to_pylist()
    return found


def test_a_row_read_again_is_the_row_that_was_read() -> None:
    table = pa.table({name: column for name, (column, _) in TYPED.items()} | {"nothing": pa.nulls(1)})
    (chunk,) = read(Parquet(), io.BytesIO(parquet(table)))
    again = read_again(Parquet(), raws(chunk), lambda: chunk.table.column_names, unfit={})
    assert again.table.equals(chunk.table)
    mended = [b'{"a": 1.50, "b": true}', b"[1]", b"{", b'{"c":1}', b"{}"]
    again = read_again(Parquet(), mended, lambda: ["a", "b"], unfit={})
    assert again.table.to_pylist() == [{"a": "1.50", "b": "true"}, {"a": None, "b": None}]
    assert (again.place.to_pylist(), sorted(again.torn["place"].to_pylist())) == ([1, 5], [2, 3, 4])


def test_rows_of_parquet_that_hold_no_text_are_torn_by_themselves() -> None:
    data = parquet(pa.table({"b": [b"ok", b"\xff", b"x\0"], "n": [1, 2, 3]}))
    assert rows(Parquet(), data) == [(1, ["ok", "1"])]
    found = torn(read(Parquet(), io.BytesIO(data)))
    assert [(line, rules) for line, _, _, rules in found] == [(2, ["encoding"]), (3, ["nul"])]


def test_parquet_that_is_refused() -> None:
    data = parquet(pa.table({"a": ["x" * 100] * 1000}))
    for cut in (data[:-9], data[: len(data) // 2], b"PAR1", b"hello", b""):
        assert "no Parquet, or is cut off or damaged" in refused(Parquet(), cut)
    again: Any = pa.array([0] * 20_000, pa.int32())
    bomb = parquet(pa.table({"a": pa.DictionaryArray.from_arrays(again, ["x" * 100_000])}), store_schema=False)
    assert len(bomb) < 100_000
    assert "more than 1 GB" in refused(Parquet(), bomb, unpacks_to=10**9)
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert "both named 'a'" in refused(Parquet(), parquet(twice))
    assert rows(Parquet(), parquet(pa.table({"a": pa.array([], pa.int64())}))) == []


def workbook(*rows: list[Any], sheets: tuple[str, ...] = ("One",)) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        book.worksheets[-1].append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


SHEET = workbook(
    ["Prices of March"], [], ["id", "price", "day", "at", "open", "word", None],
    [1999, 19.99, dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5), dt.time(10, 30), "007"],  # noqa: DTZ001
    [], [1e15, 1e-7, None, dt.datetime(2026, 1, 3), None, True],  # noqa: DTZ001
    ["=1/0", "#N/A", None, None, None, "n/a"],
)  # fmt: skip


def test_cells_of_a_sheet() -> None:
    chunks = list(read(Excel(skip=1, nulls="n/a"), io.BytesIO(SHEET)))
    assert [(line, cells) for line, _, _, cells in sound(chunks)] == [
        (4, ["1999", "19.99", "2026-01-02", "2026-01-02T03:04:05", "10:30:00", "007"]),
        (6, ["1000000000000000", "0.0000001", None, "2026-01-03T00:00:00", None, "true"]),
    ]
    assert [(line, rules) for line, _, _, rules in torn(chunks)] == [(7, ["error"])]
    assert "price is #N/A" in chunks[0].torn.to_pylist()[0]["reasons"][0]["message"]
    (chunk,) = chunks
    assert read_again(Excel(), raws(chunk), lambda: chunk.table.column_names, unfit={}).table.equals(chunk.table)


def test_sheets_by_name_and_number() -> None:
    data = workbook(["a"], [1], sheets=("One", "Two"))
    assert rows(Excel("Two"), data) == rows(Excel(2), data) == [(2, ["1"])]
    assert "has 2 sheets\n  declare Excel(sheet=…): it has 'One', 'Two'" in refused(Excel(), data)
    assert "no sheet 'Three'\n  it has 'One', 'Two'" in refused(Excel("Three"), data)
    assert "no sheet 3" in refused(Excel(3), data)
    assert rows(Excel("Two", header=False, columns=["x"]), data) == [(1, ["a"]), (2, ["1"])]
    assert "the sheet is empty" in refused(Excel(1), data)


def test_workbooks_that_are_refused() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    assert "has a password" in refused(Excel(), locked)
    assert "is no workbook" in refused(Excel(), b"a,b\n1,2\n")
    assert "parts of the workbook unpack to more than 1 KB" in refused(Excel(), SHEET, unpacks_to=1000)
    assert refused(Excel(), SHEET[:-40])
    assert "both named 'a'" in refused(Excel(), workbook(["a", "a"], [1, 2]))
    assert "column 1 has no name" in refused(Excel(), workbook([None, "a"], [1, 2]))
