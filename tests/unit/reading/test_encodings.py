"""Files in other encodings: read as if they were UTF-8, and damaged record by record."""

from __future__ import annotations

import io

import pytest

from tests.unit.reading.streams import Drip, sound, torn
from trivium.engine.reading import RawChunk, ReadingError, read
from trivium.model.formats import Csv, JsonFile

TEXT = 'näme,b\r\n1,€\r\n2,"x\r\ny"\r\n'


def csv(data: bytes, encoding: str, drip: int = 1 << 20) -> list[RawChunk]:
    return list(read(Csv(encoding=encoding), Drip(data, drip)))


@pytest.mark.parametrize("drip", [1, 3, 1000])
@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-15", "gb18030"]
)
def test_a_file_is_the_same_in_every_encoding(encoding: str, drip: int) -> None:
    chunks = csv(TEXT.encode(encoding), encoding, drip)
    assert chunks[0].table.column_names == ["näme", "b"]
    assert [(line, row) for line, _, _, row in sound(chunks)] == [(2, ["1", "€"]), (3, ["2", "x\r\ny"])]
    assert sound(chunks)[0][2] == "1,€".encode()
    assert torn(chunks) == []


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_without_a_mark_the_order_is_seen(order: str) -> None:
    assert [row for *_, row in sound(csv(TEXT.encode(order), "utf-16"))] == [["1", "€"], ["2", "x\r\ny"]]


@pytest.mark.parametrize("drip", [1, 1000])
def test_what_the_encoding_has_not_costs_its_record_and_shows_what_was_sent(drip: int) -> None:
    chunks = csv(b"a,b\n1,\x81\xc3\x80\n2,\x80\n", "cp1252", drip)
    assert [row for *_, row in sound(chunks)] == [["2", "€"]]
    assert [(line, raw, rules) for line, _, raw, rules in torn(chunks)] == [(2, b"1,\x81\xc3\x80", ["encoding"])]
    (row,) = chunks[0].torn.to_pylist()
    assert "byte 3 of the record (0x81) is not cp1252" in row["reasons"][0]["message"]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_half_a_character_of_utf_16_and_half_a_unit_at_the_end(order: str) -> None:
    half = b"\x00\xd8" if order == "utf-16-le" else b"\xd8\x00"
    sent = "1,".encode(order) + half
    chunks = csv("\ufeffa,b\n".encode(order) + sent + "\n2,3\n".encode(order) + b"4", "utf-16")
    assert [row for *_, row in sound(chunks)] == [["2", "3"]]
    assert [(raw, "encoding" in rules) for _, _, raw, rules in torn(chunks)] == [(sent, True), (b"4", True)]


def test_json_in_another_encoding() -> None:
    (chunk,) = read(JsonFile(encoding="utf-16"), io.BytesIO('[{"a":"€"}]'.encode("utf-16")))
    assert chunk.table.to_pylist() == [{"json": '{"a":"€"}'}]


def test_a_mark_that_says_something_else_refuses_the_file() -> None:
    with pytest.raises(ReadingError, match="marked as utf-16-le, and declared as utf-16-be"):
        csv(TEXT.encode("utf-16"), "utf-16-be")
    with pytest.raises(ReadingError, match="the file is not utf-16"):
        csv(b"a,b\n1,2\n", "utf-16")
