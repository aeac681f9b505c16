"""JSON of every form comes back as it was written, with its place, however it is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reading.streams import Drip, sound, torn
from trivium.engine.reading import RawChunk, ReadingError, read_json

SIZES = st.integers(1, 200)
TEXTS = st.text(st.sampled_from('a"\\,[]{}: é😀\n'), max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=12)
LINES = st.lists(
    st.sampled_from([b"{}", b'{"a":1}', b" ", b"\t{} ", b"\r", b"\xc3\xa9", b"\xff", b"\0", b'"\n', b"\n", b"\r\n"]),
    max_size=40,
).map(b"".join)


@given(LINES, SIZES, SIZES, st.integers(4, 40))
def test_lines(lines: bytes, chunk: int, most: int, longest: int) -> None:
    data = b"{}\n" + lines  # so that the file has a record a line
    chunks = list(read_json(Drip(data, most), chunk_bytes=chunk, max_record_bytes=longest))
    good, bad, offset = [], [], 0
    for number, line in enumerate(data.split(b"\n"), 1):
        size = len(line) + (offset + len(line) < len(data))
        text = line[:-1] if size > len(line) and line.endswith(b"\r") else line
        rules = ["nul"] * (b"\0" in text) + ["encoding"] * (b"\xff" in text)
        if size > longest:
            bad.append((number, offset, line.rstrip(b"\r"), ["too_long"]))
        elif rules:
            bad.append((number, offset, text, rules))
        elif text.strip(b" \t\r"):
            good.append((number, offset, text, [text.decode()]))
        offset += size
    assert sound(chunks) == good
    assert torn(chunks) == bad


@given(
    RECORDS,
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.sampled_from(["", "\n", " \r\n\t"]),
    SIZES,
    SIZES,
)
def test_arrays(records: list[Any], indent: int | None, ascii_only: bool, space: str, chunk: int, most: int) -> None:
    text = space + json.dumps(records, indent=indent, ensure_ascii=ascii_only) + space
    data = text.encode()
    chunks = list(read_json(Drip(data, most), chunk_bytes=chunk))
    assert torn(chunks) == []
    found = sound(chunks)
    assert [json.loads(cells[0]) for _, _, _, cells in found] == records
    for line, offset, raw, cells in found:
        assert data[offset : offset + len(raw)] == raw == cells[0].encode()
        assert raw == raw.strip()
        assert line == data.count(b"\n", 0, offset) + 1


def elements(chunks: Iterator[RawChunk]) -> Iterator[Any]:
    for chunk in chunks:
        assert torn([chunk]) == []
        yield from (json.loads(cells[0]) for _, _, _, cells in sound([chunk]))


@given(RECORDS, st.integers(1, 60), SIZES)
def test_an_array_cut_short_is_refused(records: list[Any], missing: int, chunk_bytes: int) -> None:
    data = json.dumps(records).encode()
    kept = data[: max(len(data) - missing, 1)]
    found: list[Any] = []
    with pytest.raises(ReadingError, match="the array is not closed before the file ends"):
        found.extend(elements(read_json(Drip(kept, 50), chunk_bytes=chunk_bytes)))
    assert found == records[: len(found)]


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), st.integers(0, 3), SIZES)
def test_one_record_over_many_lines(record: Any, blank: int, chunk: int) -> None:
    data = b"\n" * blank + json.dumps(record, indent=2).encode() + b"\n"
    ((line, offset, raw, cells),) = sound(read_json(Drip(data, 50), chunk_bytes=chunk))
    assert (line, offset, raw) == (blank + 1, blank, data.strip())
    assert json.loads(cells[0]) == record
