"""Records that cannot be told into columns: each is named, none is lost, the rest is read."""

from __future__ import annotations

import gzip
import io
import re
import tracemalloc
from typing import Any

import pytest

from tests.unit.reading.streams import csv_chunks, sound, torn
from trivium.engine.places import place_text
from trivium.engine.reading import TORN, RawChunk, ReadingError, read_csv, read_json

LF = b"\n"


def csv(data: bytes, **options: Any) -> list[RawChunk]:
    return csv_chunks(data, **options)


def messages(chunks: list[RawChunk]) -> list[str]:
    rows = [row for chunk in chunks for row in chunk.torn.to_pylist()]
    return [reason["message"] for row in rows for reason in row["reasons"]]


def test_every_fault_with_its_place_and_every_reason() -> None:
    data = b'a,b\n1,2\n3\n\n"x\ny",4,5\n6,\xe9\n7\0,8,9\xff\n10,11\n12,"13\n\n'
    chunks = csv(data)
    assert torn(chunks) == [
        (3, 8, b"3", ["cells"]),
        (5, 11, b'"x\ny",4,5', ["cells"]),
        (7, 21, b"6,\xe9", ["encoding"]),
        (8, 25, b"7\0,8,9\xff", ["cells", "nul", "encoding"]),
        (10, 39, b'12,"13\n\n', ["unclosed_quote"]),
    ]
    assert sound(chunks) == [(2, 4, b"1,2", ["1", "2"]), (9, 33, b"10,11", ["10", "11"])]
    assert sum(chunk.received for chunk in chunks) == 7
    assert {chunk.torn.schema for chunk in chunks} == {TORN}
    for _, offset, raw, _ in torn(chunks):
        assert data[offset : offset + len(raw)] == raw


def test_messages_say_what_to_do() -> None:
    found = messages(csv(b'a,b\n1\n1,2,3\n1,\xe9\n1,\0\n1,"2\n'))
    assert found == [
        "1 cell, but the header names 2 columns (a, b); put a cell that holds a separator or a line end in quotes",
        "3 cells, but the header names 2 columns (a, b); put a cell that holds a separator or a line end in quotes",
        "byte 3 of the record (0xE9) is not utf-8; have it sent as UTF-8, or declare the encoding that the file "
        "has, such as encoding='cp1252'",
        "byte 3 of the record is NUL, which no text may hold; remove it at the source",
        "a quote opens and is not closed before the file ends; close it, or send the whole file",
    ]


def test_messages_about_cells_depend_on_what_a_cell_may_be() -> None:
    assert messages(csv(b'a,b\n1,2,"x\ny\nz"\n')) == [
        "3 cells, but the header names 2 columns (a, b); it goes over 3 lines, so look for a quote that opens where "
        "none should"
    ]
    assert messages(csv(b"a,b\n1,2,3\n", quote=None)) == [
        "3 cells, but the header names 2 columns (a, b); without quotes no cell can hold a separator or a line end"
    ]
    header = b",".join(b"column%d" % number for number in range(100))
    (message,) = messages(csv(header + b"\n1\n"))
    assert message.startswith("1 cell, but the header names 100 columns (column0, column1, ")
    assert len(message) < 400


@pytest.mark.parametrize("reader", [read_csv, read_json])
@pytest.mark.parametrize(
    "data", [b"\xff\xfe{", b"\xfe\xff", "a,b\nc,d\n".encode("utf-16-le"), '{"a":1}'.encode("utf-16-be")]
)
def test_utf_16_is_refused_by_its_name(reader: Any, data: bytes) -> None:
    with pytest.raises(ReadingError, match="the file is UTF-16\n  declare encoding='utf-16'"):
        list(reader(io.BytesIO(data)))


@pytest.mark.parametrize("reader", [read_csv, read_json])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            gzip.compress(b"a,b\n1,2\n", mtime=0),  # part of the test's name, which must be the same in every process
            "the file is packed by gzip, twice; its source is declared as one of text\n  pack it once",
        ),
        (b"PK\x03\x04\x14\x00\x06\x00", "a zip in what was packed, or a workbook"),
        (b"\x28\xb5\x2f\xfd\x00", "packed by zstd, twice"),
    ],
)
def test_packed_files_are_refused_by_their_name(reader: Any, data: bytes, says: str) -> None:
    with pytest.raises(ReadingError, match=re.escape(says)):
        list(reader(io.BytesIO(data)))


def test_a_header_may_begin_like_an_archive() -> None:
    assert sound(csv(b"PK,b\n1,2\n")) == [(2, 5, b"1,2", ["1", "2"])]


def test_a_file_of_faults_only() -> None:
    chunks = csv(b"a,b\n" + b"x\n" * 100, chunk_bytes=16)
    assert [line for line, *_ in torn(chunks)] == list(range(2, 102))
    assert sum(chunk.table.num_rows for chunk in chunks) == 0
    assert {tuple(chunk.table.column_names) for chunk in chunks} == {("a", "b")}


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 1000])
@pytest.mark.parametrize("longest", [16, 64, 100_000])
@pytest.mark.parametrize(
    ("record", "line", "offset"),
    [
        (b'1,"x', 3, 10),
        (b'1,"x ""y"" z', 3, 10),  # quotes of the text open nothing
        (b'"a","', 3, 12),
    ],
)
def test_a_quote_that_never_closes_refuses_the_file_if_it_swallows_lines(
    record: bytes, line: int, offset: int, longest: int, chunk_bytes: int
) -> None:
    rows = b"".join(b"%d,x\n" % number for number in range(100))
    with pytest.raises(ReadingError) as caught:
        csv(b"a,b\n3,4\n" + record + b"\n" + rows, max_record_bytes=longest, chunk_bytes=chunk_bytes)
    assert f"the quote that opens in line {line} (byte {offset} of the file) is not closed" in caught.value.message
    assert "nobody can say where records end" in caught.value.message
    assert caught.value.hint == (
        "the file is cut off or has a stray quote: correct it, or declare quote=None for a source whose quotes are "
        "plain characters"
    )


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1000])
def test_a_stray_quote_does_not_make_one_sound_record_of_two(chunk_bytes: int) -> None:
    chunks = csv(b'a,b\n1,x\n2,"x\n3,"y"\n4,"z\n""w"\n5,"7" x"\n', chunk_bytes=chunk_bytes)
    assert torn(chunks) == [(3, 8, b'2,"x\n3,"y"', ["quote"])]
    assert [cells for *_, cells in sound(chunks)] == [["1", "x"], ["4", 'z\n"w'], ["5", '7 x"']]
    assert messages(chunks) == [
        "the quote at byte 3 of the record closes in a later line, and text stands behind it; remove the quote if it "
        'is a stray one, or double the quotes inside the text ("")'
    ]


def test_it_names_the_quote_that_opens_and_not_the_record_that_began_before_it() -> None:
    with pytest.raises(ReadingError, match=r"line 3 \(byte 10 of the file\) is not closed before the file ends:"):
        csv(b'a,b\n"p\nq","x\n1,2\n')


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r", b"\n\n\r\n"])
@pytest.mark.parametrize("chunk_bytes", [1, 7, 1000])
def test_a_quote_that_never_closes_in_the_last_line_costs_that_line(end: bytes, chunk_bytes: int) -> None:
    data = b'a,b\n3,4\n"x\ny","z' + end
    assert torn(csv(data, chunk_bytes=chunk_bytes)) == [(3, 8, data[8:], ["unclosed_quote"])]
    longer = b'a,b\n3,4\n1,"' + b"z" * 100 + end
    (found,) = torn(csv(longer, chunk_bytes=chunk_bytes, max_record_bytes=64))
    assert found[::3] == (3, ["too_long"])


@pytest.mark.parametrize("size", [99, 100, 101])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b""])
@pytest.mark.parametrize("chunk_bytes", [7, 100, 1000])
def test_the_bound_on_records_counts_the_line_end(size: int, end: bytes, chunk_bytes: int) -> None:
    record = b"x" * (size - len(end))
    chunks = csv(b"a\n" + record + end, max_record_bytes=100, chunk_bytes=chunk_bytes)
    expected = [] if size <= 100 else [(2, 2, record, ["too_long"])]
    assert torn(chunks) == expected
    assert len(sound(chunks)) == (size <= 100)


@pytest.mark.parametrize("size", range(95, 125))
def test_a_crlf_behind_a_long_line_is_one_line_end_wherever_it_is_cut(size: int) -> None:
    chunks = csv(b"a\n" + b"x" * size + b"\r\n2\n", max_record_bytes=100, chunk_bytes=7)
    assert sound(chunks)[-1][::3] == (3, ["2"])
    assert [raw for _, _, raw, _ in torn(chunks)] == ([b"x" * size] if size > 98 else [])


class LongLine:
    """A stream with a line in it that no memory should hold."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.head, self.left, self.tail = head, size, tail

    def read(self, size: int, /) -> bytes:
        if self.head or not self.left:
            part = (self.head or self.tail)[:size]
            self.head, self.tail = self.head[size:], self.tail if self.head else self.tail[size:]
            return part
        count = min(size, self.left)
        self.left -= count
        return b"x" * count


@pytest.mark.parametrize(
    ("reader", "head", "tail"),
    [
        (read_csv, b"a\n1\n", b"\n2\n"),
        (read_csv, b'a\n1\n"', b'"\n2\n'),
        (read_json, b"1\n", b"\n2\n"),
        (read_json, b'{"a":"', b'"}\n2\n'),
    ],
)
def test_a_line_of_half_a_gigabyte_is_passed_over_in_little_memory(reader: Any, head: bytes, tail: bytes) -> None:
    bound, size = 1 << 20, 512 << 20
    tracemalloc.start()
    try:
        chunks = list(reader(LongLine(head, size, tail), max_record_bytes=bound))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * bound
    assert [cells for *_, cells in sound(chunks)][-1] == ["2"]
    ((line, _, raw, rules),) = torn(chunks)
    assert (line, rules) == (head.count(b"\n") + 1, ["too_long"])
    assert len(raw) == 65536
    assert f"{size + len(head.split(LF)[-1]) + tail.index(LF) + 1} bytes" in messages(chunks)[0]


def test_json_lines() -> None:
    chunks = list(read_json(io.BytesIO(b'\xef\xbb\xbf{"a":1}\n\xff\0\n{}\n\x00\n')))
    assert torn(chunks) == [(2, 11, b"\xff\0", ["nul", "encoding"]), (4, 17, b"\0", ["nul"])]
    assert sound(chunks) == [(1, 3, b'{"a":1}', ['{"a":1}']), (3, 14, b"{}", ["{}"])]


@pytest.mark.parametrize(
    ("data", "good", "bad"),
    [
        (b"[]", [], []),
        (b" [ \n ] ", [], []),
        (b"[1,]", ["1"], [(1, 3, b"", ["empty_element"])]),
        (b"[1,\n,2]", ["1", "2"], [(2, 4, b"", ["empty_element"])]),
        (b'["\xff",1]', ["1"], [(1, 1, b'"\xff"', ["encoding"])]),
        (b"", [], []),
        (b" \n", [], []),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 3, 1000])
def test_json_arrays(data: bytes, good: list[str], bad: list[Any], chunk_bytes: int) -> None:
    chunks = list(read_json(io.BytesIO(data), chunk_bytes=chunk_bytes, max_record_bytes=100))
    assert [cells[0] for *_, cells in sound(chunks)] == good
    assert torn(chunks) == bad
    assert {tuple(chunk.table.column_names) for chunk in chunks} == {("json",)}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[1]\n[2]", "something stands behind the bracket that closes the array, in line 2 (byte 4 of the file)"),
        (b"[1]" + b" " * 200 + b"x", "something stands behind the bracket that closes the array, in line 1 (byte 203"),
        (b"[1,\n 2", "the array is not closed before the file ends, and its last element begins in line 1 (byte 3"),
        (b'[\n1,"2]\n,3]\n', "its last element begins in line 2 (byte 4 of the file)"),
        (b"[", "its last element begins in line 1 (byte 1 of the file)"),
        (b'[1,"' + b"x" * 200 + b'",2]', "the element that begins in line 1 does not end within 100 bytes (byte 3 of"),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 3, 1000])
def test_an_array_of_which_a_part_cannot_be_read_refuses_the_file(data: bytes, says: str, chunk_bytes: int) -> None:
    with pytest.raises(ReadingError, match="the file is cut off, or a quote or bracket") as caught:
        list(read_json(io.BytesIO(data), chunk_bytes=chunk_bytes, max_record_bytes=100))
    assert says in caught.value.message


@pytest.mark.parametrize("chunk_bytes", [1, 5, 9, 1000])
def test_elements_that_begin_on_one_line_have_places_of_their_own(chunk_bytes: int) -> None:
    data = b'[1, {\n}, 2, "\xff", 3,\n\n4, ,5]\n'
    found = []
    for chunk in read_json(io.BytesIO(data), chunk_bytes=chunk_bytes):
        lines = chunk.line.to_pylist()
        found += list(zip(chunk.raw(range(len(lines)))[1].to_pylist(), chunk.place.to_pylist(), lines, strict=True))
        found += [(row["offset"], row["place"], row["line"]) for row in chunk.torn.to_pylist()]
    assert [(place_text(place), line) for _, place, line in sorted(found)] == [
        ("1", 1), ("1#2", 1), ("2", 2), ("2#2", 2), ("2#3", 2), ("4", 4), ("4#2", 4), ("4#3", 4),
    ]  # fmt: skip


def test_a_broken_first_line_does_not_make_one_record_of_the_file() -> None:
    chunks = list(read_json(io.BytesIO(b'{"a":\n{"a":1}\n')))
    assert [cells[0] for *_, cells in sound(chunks)] == ['{"a":', '{"a":1}']


def test_one_json_record_that_is_too_long_says_that_nothing_more_was_read() -> None:
    chunks = list(read_json(io.BytesIO(b'{\n"a": "' + b"x" * 200 + b'"\n}'), max_record_bytes=100))
    assert [rules for *_, rules in torn(chunks)] == [["too_long"]]
    assert "nothing after it was read" in messages(chunks)[0]
