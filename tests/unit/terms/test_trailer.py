"""The last line of a file, held back from the reader of its records."""

from __future__ import annotations

import hashlib
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivium.engine.reading import LastLine
from trivium.engine.reading.trailer import MAX_TRAILER_BYTES
from trivium.engine.trailer import trailer_promise
from trivium.errors import RefusedDelivery
from trivium.model.terms import Trailer, parse_terms


class Pieces(io.BytesIO):
    """Gives at most so many bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._most if size is None or size < 0 else min(size, self._most))


def last_of(data: bytes, most: int = 1 << 20, size: int = -1) -> tuple[LastLine, bytes]:
    last = LastLine(Pieces(data, most), hashed=True)
    given = []
    while piece := last.read(size):
        assert size < 0 or len(piece) <= size
        given.append(piece)
    return last, b"".join(given)


def expected(data: bytes) -> tuple[bytes, bytes | None]:
    """What comes before the last line that is not blank, and that line: said in another way, of the whole."""
    lines = data.replace(b"\r\n", b"\n\n").replace(b"\r", b"\n").split(b"\n")
    starts, at = [], 0
    for line in lines:
        starts.append((at, line))
        at += len(line) + 1
    full = [(start, line) for start, line in starts if line.strip()]
    return (data[: full[-1][0]], full[-1][1].strip()) if full else (b"", None)


@given(
    st.lists(st.sampled_from([b"a,b", b"T;3", b"\n", b"\r\n", b"\r", b" ", b"\t", b'"x\n'])).map(b"".join),
    st.integers(1, 9), st.sampled_from([-1, 1, 2, 5, 100]),
)  # fmt: skip
def test_it_is_the_last_that_is_not_blank_however_it_comes(data: bytes, most: int, size: int) -> None:
    last, given = last_of(data, most, size)
    before, line = expected(data)
    assert (given, last.line) == (before, line)
    assert last.first_byte == (None if line is None else len(before))
    assert last.before == hashlib.sha256(before).hexdigest()


@pytest.mark.parametrize("most", [1000, 1 << 20])
def test_what_is_too_long_is_no_trailer_and_is_given(most: int) -> None:
    for data in (b"h\n" + b"x" * (MAX_TRAILER_BYTES + 1), b"h\nT;1\n" + b"\n" * MAX_TRAILER_BYTES):
        last, given = last_of(data, most)
        assert (given, last.line, last.first_byte) == (data, None, None)
    long = b"x" * (3 * MAX_TRAILER_BYTES)
    last, given = last_of(long + b"\n" + b"\n" * 3 * MAX_TRAILER_BYTES + b"T;1", most)
    assert (len(given), last.line) == (6 * MAX_TRAILER_BYTES + 1, b"T;1")


def declared(text: str, **totals: str) -> Trailer:
    terms = parse_terms(
        "here", manifest=None, trailer=text, totals=totals, reject_limit=None, empty="refuse", unknown="note",
        captures=("store",), by_lines=True, has_header=True,
    )  # fmt: skip
    assert terms.trailer is not None
    return terms.trailer


def said(trailer: Trailer, line: str, *totals: str) -> Any:
    last, _ = last_of(f"h\n{line}".encode())
    return trailer_promise(trailer, last, totals, {"store": "7"})


def test_what_it_says() -> None:
    found = said(declared("T;{store};{rows};{_};{amount};{_}", amount="amount"), "T;7; 2;x;-1.50;", "amount")
    assert (found.rows, found.totals) == (2, {"amount": Decimal("-1.50")})
    found = said(declared("TR{rows:6}{cents:8}", cents="cents"), "TR00000200000150", "cents")
    assert (found.rows, found.totals) == (2, {"cents": Decimal(150)})
    assert said(declared("#{sha256}"), "#" + "AB" * 32).sha256 == "ab" * 32


@pytest.mark.parametrize(
    ("text", "line", "rule", "says"),
    [
        ("T;{rows}", "b;2", "trailer_missing", "its last line, at byte 2, is 'b;2'"),
        ("T;{rows}", "T;2;", "trailer", "rows as '2;', which is none"),
        ("T;{rows}", "T;", "trailer", "rows as '', which is none"),
        ("T;{rows};{amount}", "T;2;1,5", "trailer", "amount as '1,5', which is none"),
        ("T;{store};{rows}", "T;8;2", "trailer", "its store is '8', the name's '7'"),
        ("TR{rows:6}", "TR12345", "trailer_missing", "no trailer"),
        ("T;{rows}", "T;\xff", "trailer", "which is none"),
    ],
)
def test_what_is_none(text: str, line: str, rule: str, says: str) -> None:
    with pytest.raises(RefusedDelivery) as refused:
        said(declared(text, amount="amount") if "amount" in text else declared(text), line, "amount")
    assert refused.value.details["rule"] == rule
    assert says in refused.value.message
