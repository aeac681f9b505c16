"""CSV by example: what a cell, a line and a record are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.reading.streams import Drip, csv_chunks, sound
from trivium.engine.reading import HeaderError, RawChunk, csv_cells, read_csv
from trivium.errors import DeclarationError


def read(data: bytes, **options: Any) -> list[RawChunk]:
    return csv_chunks(data, **options)


def lines_and_cells(data: bytes, **options: Any) -> list[tuple[int, list[Any]]]:
    return [(line, cells) for line, _, _, cells in sound(read(data, **options))]


def test_an_empty_cell_is_null_and_quotes_make_an_empty_text() -> None:
    assert lines_and_cells(b'a,b\n,""\n"",\n') == [(2, [None, ""]), (3, ["", None])]


def test_an_empty_last_cell_behind_a_quoted_one_is_null_also_without_a_line_end() -> None:
    # pyarrow by itself says "": it takes the cell for quoted.
    assert lines_and_cells(b'a,b\n"x",') == [(2, ["x", None])]


@pytest.mark.parametrize("block", range(1, 40))
def test_a_crlf_in_quotes_survives_the_edge_of_a_block(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # pyarrow by itself drops the LF if a block ends behind the CR.
    monkeypatch.setattr(csv_cells, "BLOCK_BYTES", block)
    rows = [["1", "x\r\ny"]] * 6
    assert [cells for _, cells in lines_and_cells(b"a,b\n" + b'1,"x\r\ny"\n' * 6)] == rows


def test_a_byte_order_mark_is_passed_over_at_the_beginning_only() -> None:
    mark = "\ufeff".encode()
    data = mark + b"a\n" + mark + b"x\n" + mark + b"y\n"
    for chunk_bytes in (4, 5, 100):
        chunks = read(data, chunk_bytes=chunk_bytes)
        assert chunks[0].table.column_names == ["a"]
        assert [cells for *_, cells in sound(chunks)] == [["\ufeffx"], ["\ufeffy"]]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_line_ends_and_blank_lines(end: bytes) -> None:
    data = end.join([b"", b"a,b", b"", b"1,2", b"", b"", b'3,"x' + end + b'y"', b"5,6"])
    text = "x" + end.decode() + "y"
    assert lines_and_cells(data) == [(4, ["1", "2"]), (7, ["3", text]), (9, ["5", "6"])]


def test_blank_lines_of_a_file_with_one_column() -> None:
    assert lines_and_cells(b'a\n\n1\n\n""\n \n') == [(3, ["1"]), (5, [""]), (6, [" "])]


def test_quotes_inside_a_cell_are_text() -> None:
    data = b'a,b\n5" pipe,"7"" pipe"\n"5" x "7",x"y"\n'
    assert lines_and_cells(data) == [(2, ['5" pipe', '7" pipe']), (3, ['5 x "7"', 'x"y"'])]


def test_header_names_are_kept_as_they_stand() -> None:
    (chunk,) = read(b' a ,"b,c",\xc3\xa9\n')
    assert chunk.table.column_names == [" a ", "b,c", "é"]
    assert chunk.table.num_rows == chunk.received == 0
    assert chunk.table.schema.types == [pa.string()] * 3


def test_named_columns_make_the_first_line_a_record() -> None:
    assert lines_and_cells(b"1,2\n", columns=["a", "b"]) == [(1, ["1", "2"])]
    assert read(b"", columns=["a"])[0].table.column_names == ["a"]


@pytest.mark.parametrize("separator", [";", "\t", "|", " "])
def test_separators(separator: str) -> None:
    data = f'a{separator}b\n1,5{separator}"x{separator}y"\n'.encode()
    assert lines_and_cells(data, separator=separator) == [(2, ["1,5", f"x{separator}y"])]


@pytest.mark.parametrize("separator", ["", ";;", '"', "\n", "\0", "§"])
def test_what_cannot_separate(separator: str) -> None:
    with pytest.raises(DeclarationError, match="use one ASCII character"):
        read(b"a\n", separator=separator)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty\n  its first line must name the columns"),
        (b"\n\r\n", "the file is empty"),
        (b"a,b,a\n", "columns 1 and 3 of the header are both named 'a'\n  rename one"),
        (b"a,,b\n", "column 2 of the header has no name\n  name every column"),
        (b"a,,\n", "column 2 of the header has no name"),
        (b'""\n', "column 1 of the header has no name"),
        (
            b"\nn\xe9m,b\n",
            "line 2: byte 2 of the header (0xE9) is not utf-8\n  have it sent as UTF-8",
        ),
        (b"a\0,b\n", "line 1: byte 2 of the header is NUL"),
        (b'a,"b\n1,2\n', "line 1: a quote in the header is not closed"),
        (
            b'a,"b\n1,"2"\n',
            "line 1: the quote at byte 3 of the header closes in a later line, and text",
        ),
        (b"a" * 200, "the header does not end within 100 bytes"),
    ],
)
def test_header_errors_say_what_where_and_the_cure(data: bytes, says: str) -> None:
    with pytest.raises(HeaderError) as caught:
        read(data, max_record_bytes=100)
    assert says in str(caught.value)
    assert caught.value.hint


def test_without_a_quote_quotes_are_characters_and_a_record_is_a_line() -> None:
    data = b'"a",b\n5" pipe,"x\n"",y"\n'
    (chunk,) = read(data, quote=None)
    assert chunk.table.column_names == ['"a"', "b"]
    assert lines_and_cells(data, quote=None) == [(2, ['5" pipe', '"x']), (3, ['""', 'y"'])]


def test_another_quote() -> None:
    assert lines_and_cells(b"a,b\n'1,''2',\"x\n", quote="'") == [(2, ["1,'2", '"x'])]


@pytest.mark.parametrize("quote", ["", "''", "\n", "\0", "«"])
def test_what_cannot_be_a_quote(quote: str) -> None:
    with pytest.raises(DeclarationError, match="or None for a source"):
        read(b"a\n", quote=quote)


def test_raw_gives_the_rows_that_are_asked_for_in_their_order() -> None:
    data = b'a,b\r\n1,2\r\n\r\n3,"x\ny"\r\n5,6'
    (chunk,) = read(data)
    for indices in ([2, 0, 2], np.array([2, 0, 2]), pa.array([2, 0, 2])):
        raw, offsets = chunk.raw(indices)
        assert raw.to_pylist() == [b"5,6", b"1,2", b"5,6"]
        assert offsets.to_pylist() == [21, 5, 21]
    assert chunk.raw([1])[0].to_pylist() == [b'3,"x\ny"']
    assert [len(part) for part in chunk.raw([])] == [0, 0]
    for outside in (-1, 3):
        with pytest.raises(IndexError, match="3 rows"):
            chunk.raw([outside])


def test_columns_of_every_chunk_have_the_same_type() -> None:
    chunks = read(b"a,b\n1,\n2,\n", chunk_bytes=4)
    assert len(chunks) > 1
    assert {chunk.table.schema for chunk in chunks} == {pa.schema([("a", pa.string()), ("b", pa.string())])}
    assert {chunk.line.type for chunk in chunks} == {pa.int64()}


def test_a_source_that_shrank_ends_where_it_ends() -> None:
    data = b"a,b\n1,2\n3,"
    assert [cells for *_, cells in sound(read_csv(Drip(data, 3), chunk_bytes=1 << 20))] == [["1", "2"], ["3", None]]


def test_bounds_that_make_no_sense() -> None:
    with pytest.raises(ValueError, match="chunk_bytes"):
        read(b"a\n", chunk_bytes=0)
    for bound in (0, 1 << 30):
        with pytest.raises(ValueError, match="max_record_bytes"):
            read(b"a\n", max_record_bytes=bound)
