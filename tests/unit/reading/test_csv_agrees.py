"""Whatever the bytes and however they are cut: the same cells, lines, offsets and faults as the plain reader's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reading.plain_csv import Refused, read_all, read_one
from tests.unit.reading.streams import Drip, sound, torn
from trivium.engine.reading import (
    HeaderError,
    RawChunk,
    ReadingError,
    csv_cells,
    csv_file,
    csv_layout,
    quotes,
    read_csv,
)
from trivium.model.formats import Csv

SIZES = st.integers(1, 200)
WILD = st.lists(
    st.sampled_from([b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"a", b" ", b"\xc3\xa9", b"\xef\xbb\xbf"])
    | st.sampled_from([b'","', b'"\n"', b"\xff", b"\0", b"1,2\n", b'"x","y"\n']),
    max_size=60,
).map(b"".join)
CELLS = st.none() | st.text(st.sampled_from('a",\n\r é😀;'), max_size=6)
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=30))


def agree(
    data: bytes, start: int, columns: list[str] | None, *sizes: int, longest: int = 64 << 20, quote: str | None = '"'
) -> None:
    """Reads from `start`, where records begin, both ways."""
    chunk_bytes, block_bytes, most = sizes
    with pytest.MonkeyPatch.context() as patch:
        # Everything that is large only for speed is made small, so that its seams are crossed.
        patch.setattr(csv_cells, "BLOCK_BYTES", block_bytes)
        patch.setattr(csv_file, "_HEADER_BYTES", chunk_bytes)
        patch.setattr(csv_layout, "_WINDOW_BYTES", most)
        patch.setattr(quotes, "_SLICE", block_bytes)
        reading = read_csv(
            Drip(data, most),
            Csv(quote=quote, header=columns is None, columns=columns),
            chunk_bytes=chunk_bytes,
            max_record_bytes=longest,
        )
        try:
            expected = read_all(data, start, longest, None if quote is None else quote.encode())
        except Refused as refused:
            check_refused(reading, *refused.args)
            return
        chunks = list(reading)
        found, faults = sound(chunks), torn(chunks)
    width = len(chunks[0].table.column_names)
    assert faults == [(r.line, r.offset, r.raw, r.rules(width)) for r in expected if r.rules(width)]
    assert found == [(r.line, r.offset, r.raw, r.texts()) for r in expected if not r.rules(width)]
    assert sum(chunk.received for chunk in chunks) == len(expected)
    for _, offset, raw, _ in found:
        assert data[offset : offset + len(raw)] == raw
    for chunk in chunks:
        if chunk.data:
            assert data[chunk.first_byte :].startswith(chunk.data)


def check_refused(reading: Iterator[RawChunk], line: int, offset: int) -> None:
    with pytest.raises(ReadingError, match=rf"opens in line {line} \(byte {offset} of the file\) is not closed"):
        list(reading)


@given(WILD, st.sampled_from([["a"], ["a", "b"], ["a", "b", "c"]]), SIZES, SIZES, SIZES)
def test_any_bytes(data: bytes, columns: list[str], chunk: int, block: int, most: int) -> None:
    agree(data, 3 if data.startswith(b"\xef\xbb\xbf") else 0, columns, chunk, block, most)


@given(WILD, st.sampled_from([["a"], ["a", "b"]]), SIZES, st.integers(4, 40))
def test_any_bytes_with_a_bound_on_records(data: bytes, columns: list[str], chunk: int, longest: int) -> None:
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    agree(data, start, columns, chunk, 64, 200, longest=longest)


@given(WILD, st.sampled_from([["a"], ["a", "b"]]), SIZES, st.integers(4, 40), st.sampled_from([None, "a", " ", "'"]))
def test_any_bytes_with_another_quote_or_none(
    data: bytes, columns: list[str], chunk: int, longest: int, quote: str | None
) -> None:
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    agree(data, start, columns, chunk, 64, 200, longest=longest, quote=quote)


def written(table: list[list[str | None]], ending: str, needless: bool) -> bytes:
    """The table as a careful writer puts it; null is an empty cell, "" is quoted."""

    def cell(value: str | None) -> str:
        if value is None:
            return ""
        if value and not needless and not set(value) & set('",\n\r'):
            return value
        return '"' + value.replace('"', '""') + '"'

    return "".join(",".join(map(cell, row)) + ending for row in table).encode()


@given(TABLES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans(), SIZES, SIZES, SIZES)
def test_written_tables_come_back(
    table: list[list[str | None]], ending: str, needless: bool, bom: bool, chunk: int, block: int, most: int
) -> None:
    width = len(table[0]) if table else 2
    names = [f'n"{i},\n' for i in range(width)]
    head = b"\xef\xbb\xbf" * bom + written([list(names)], ending, needless)
    data = head + written(table, ending, needless)
    agree(data, len(head), None, chunk, block, most)
    chunks = list(read_csv(Drip(data, most), chunk_bytes=chunk))
    assert chunks[0].table.column_names == names
    # A row of one empty cell is a blank line: the one thing that CSV cannot say.
    rows = [row for row in table if row != [None]]
    assert [cells for _, _, _, cells in sound(chunks)] == rows


@given(WILD)
def test_headers(data: bytes) -> None:
    """The header is the first record, or is refused; the records behind it are as without it."""
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    start += len(data[start:]) - len(data[start:].lstrip(b"\r\n"))
    head = read_one(data, start) if start < len(data) else None
    names = None
    if head and not set(head.rules(0)) - {"cells"}:
        names = [text or "" for text in head.texts()]
    if not head or not names or "" in names[:-1] or names == [""] or len(set(names)) < len(names):
        with pytest.raises(HeaderError, match=r"\n  "):
            read_csv(Drip(data, 7))
        return
    agree(data, head.offset + head.size, None, 13, 17, 5)
    reading = read_csv(Drip(data, 7))
    with suppress(ReadingError):  # for what stands behind the header
        assert next(reading).table.column_names == names
