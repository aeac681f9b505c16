"""Bytes that hold very many records or quotes, or one that is nothing else: the same records, in bounded pieces."""

from __future__ import annotations

import io
import random

import pytest

from trivium.engine.reading import ReadingError, read
from trivium.engine.reading.cutting import CHUNK_RECORDS
from trivium.engine.reading.quotes import QuoteScan
from trivium.model.formats import Csv, FixedWidth, Format, JsonFile

MANY = 3 * CHUNK_RECORDS + 5


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(
    ("format", "head", "record"),
    [
        (Csv(), b"a", b"1"),
        (Csv(), b"a", b"1,2"),
        (Csv(), b"a", b'"1"'),
        (FixedWidth({"a": 1}), b"", b"1"),
        (JsonFile(), b"", b"1"),
    ],
)
def test_short_records_come_in_chunks_of_so_many(format: Format, head: bytes, record: bytes, end: bytes) -> None:
    if isinstance(format, JsonFile) and end == b"\r":
        return  # no line end there
    data = (head + end if head else b"") + (record + end) * MANY
    chunks = list(read(format, io.BytesIO(data)))
    assert sum(chunk.received for chunk in chunks) == MANY
    assert max(chunk.received for chunk in chunks) <= CHUNK_RECORDS
    places = [n for chunk in chunks for table in (chunk.place, chunk.torn["place"]) for n in table.to_pylist()]
    first = 2 if head else 1
    assert places == list(range(first, MANY + first))


def test_the_elements_of_an_array_too() -> None:
    data = b"[" + b",".join([b"1"] * MANY) + b"]"
    chunks = list(read(JsonFile(), io.BytesIO(data)))
    assert sum(chunk.received for chunk in chunks) == MANY
    assert max(chunk.received for chunk in chunks) <= CHUNK_RECORDS


def test_a_record_of_more_lines_than_that_is_one() -> None:
    data = b'a,b\n1,"' + b"\n" * MANY + b'"\n2,x\n'
    chunks = list(read(Csv(), io.BytesIO(data)))
    assert [row["a"] for chunk in chunks for row in chunk.table.to_pylist()] == ["1", "2"]


@pytest.mark.parametrize("nested", [65_000, 65_519, 65_520, 70_000, 200_000])
def test_where_a_long_first_line_ends_tells_records_a_line(nested: int) -> None:
    data = b'{"id":"a","data":' + b"[" * nested + b"]" * nested + b'}\n{"id":"b"}\n'
    for mark in (b"", b"\xef\xbb\xbf"):
        assert sum(chunk.received for chunk in read(JsonFile(), io.BytesIO(mark + data))) == 2


def test_quotes_told_run_by_run_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(7)
    for run in (1, 2, 3, 7):
        for _ in range(300):
            data = bytes(draw.choices(b'",x', k=draw.randint(1, 30)))
            monkeypatch.setattr("trivium.engine.reading.quotes._RUN", 1 << 20)
            whole = QuoteScan(ord(","), ord('"'))
            inside = whole.inside_after(data)
            monkeypatch.setattr("trivium.engine.reading.quotes._RUN", run)
            cut = QuoteScan(ord(","), ord('"'))
            assert cut.inside_after(data) == inside, data
            assert not inside or cut.opened == whole.opened, data


def test_a_record_of_nothing_but_quotes_is_too_long() -> None:
    chunks = list(read(Csv(), io.BytesIO(b"a\n" + b'"' * (12 << 20) + b"\n1\n")))
    assert [chunk.received for chunk in chunks] == [1, 1]
    assert chunks[0].torn["reasons"][0].as_py()[0]["rule"] == "too_long"
    assert chunks[1].table.to_pylist() == [{"a": "1"}]


def test_a_header_of_many_megabytes_is_none() -> None:
    with pytest.raises(ReadingError, match="the header does not end within 8388608 bytes"):
        read(Csv(), io.BytesIO(b"x" * (9 << 20) + b"\n1\n"))
