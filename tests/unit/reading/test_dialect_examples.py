"""Words of the dialects by example, and the damage that each has to bear."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.reading.streams import csv_chunks, sound, torn
from trivium.engine.reading import HeaderError, ReadingError
from trivium.errors import DeclarationError
from trivium.model.formats import MAX_COLUMNS, Csv, Excel, FixedWidth, JsonFile, format_of, format_words


def cells(data: bytes, **words: Any) -> list[list[Any]]:
    return [row for *_, row in sound(csv_chunks(data, **words))]


def rules(data: bytes, **words: Any) -> list[tuple[int, list[str]]]:
    return [(line, found) for line, _, _, found in torn(csv_chunks(data, **words))]


def test_ragged_records_end_early_and_may_have_empty_cells_too_many() -> None:
    data = b'a,b,c\n1,2,3\n3\n,5\n1,2,3,,""\n1,2,3,4\n"x\ny"\n'
    assert cells(data, ragged=True) == [
        ["1", "2", "3"], ["3", None, None], [None, "5", None], ["1", "2", "3"], ["x\ny", None, None],
    ]  # fmt: skip
    assert rules(data, ragged=True) == [(6, ["cells"])]
    assert [line for line, _ in rules(data)] == [3, 4, 5, 6, 7]


def test_null_words_are_null_unless_they_are_in_quotes() -> None:
    data = b'a,b\nNULL,"NULL"\nn/a,NULLS\n'
    assert cells(data, nulls=["NULL", "n/a"]) == [[None, "NULL"], [None, "NULLS"]]


def test_a_null_word_of_a_database_begins_with_the_escape() -> None:
    data = b'a\n\\N\n"x,\\N"\n\\\\N\n'
    assert cells(data, nulls="\\N", escape="\\", separator=";") == [[None], ["x,N"], ["\\N"]]


def test_escapes_in_quotes_and_outside() -> None:
    data = b'a,b\nx\\,y,"say \\"hi\\""\nl\\\nm,\\"n\n'
    assert sound(csv_chunks(data, escape="\\"))[1][0] == 3
    assert cells(data, escape="\\") == [["x,y", 'say "hi"'], ["l\nm", '"n']]


def test_comments_hold_quotes_and_are_no_records_but_in_quotes() -> None:
    data = b'# a "\n#,"b\na,b\n#x,"y\n1,2\n"q\n#no",3\n# "odd'
    assert cells(data, comment="#") == [["1", "2"], ["q\n#no", "3"]]
    assert [row[0] for row in sound(csv_chunks(data, comment="#"))] == [5, 6]


def test_lines_before_the_header_are_passed_over() -> None:
    data = b'Report "of\r\n\r\na,b\r\n1,2\r\n'
    assert sound(csv_chunks(data, skip=2)) == [(4, 19, b"1,2", ["1", "2"])]
    assert cells(data, skip=4, columns=["a", "b"]) == []
    with pytest.raises(HeaderError, match="the file is empty"):
        csv_chunks(data, skip=9)


def test_columns_stand_for_those_of_the_header() -> None:
    (chunk,) = csv_chunks(b"a,a\n1,2\n", columns=["x", "y"], header=True)
    assert chunk.table.to_pylist() == [{"x": "1", "y": "2"}]
    with pytest.raises(HeaderError, match="3 columns are declared, and the header has 2"):
        csv_chunks(b"a,a\n1,2\n", columns=["x", "y", "z"], header=True)
    with pytest.raises(HeaderError, match="columns 1 and 2 of the header are both named 'a'"):
        csv_chunks(b"a,a\n1,2\n")


def test_a_header_of_a_hundred_thousand_columns() -> None:
    with pytest.raises(HeaderError, match=f"100000 columns, and at most {MAX_COLUMNS} can be read"):
        csv_chunks(b",".join(b"c%d" % n for n in range(100_000)) + b"\n")


def test_where_quotes_may_be_escaped_a_record_that_is_too_long_refuses_the_file() -> None:
    with pytest.raises(ReadingError, match="line 2 does not end within 100 bytes"):
        csv_chunks(b'a\n"' + b"x" * 300 + b'"\n1\n', escape="\\", max_record_bytes=100)


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda: Csv(escape='"'), "escape"),
        (lambda: Csv(header=False), "nothing names the columns"),
        (lambda: Csv(columns=["a", "a"]), "'a' twice"),
        (lambda: Csv(columns=[]), "empty"),
        (lambda: Csv(columns="a"), "columns='a'"),
        (lambda: Csv(skip=-1), "skip=-1"),
        (lambda: Csv(comment=""), "comment=''"),
        (lambda: Csv(comment='"x'), "comment"),
        (lambda: Csv(nulls=[""]), "nulls"),
        (lambda: Csv(decimal=";"), "decimal"),
        (lambda: Csv(decimal=",", thousands=","), "thousands"),
        (lambda: Csv(encoding="klingon"), "is not known"),
        (lambda: Csv(encoding="utf-7"), "cannot be read a record at a time"),
        (lambda: Csv(encoding="rot13"), "is not known"),
        (lambda: Csv(seperator=";"), "separator is meant?"),  # type: ignore[call-arg]
        (lambda: FixedWidth({}), "columns is empty"),
        (lambda: FixedWidth({"a": 0}), "column 'a': 0"),
        (lambda: FixedWidth({"a": (1, -2)}), "column 'a'"),
        (lambda: JsonFile(records="a..b"), "records='a..b'"),
        (lambda: Excel(sheet=0), "sheet=0"),
        (lambda: format_of("xml", None, ..., "source 's'"), "format='xml' is not known"),
        (lambda: format_of("json", ";", ..., "source 's'"), "only CSV has them"),
        (lambda: format_of(Csv(), None, None, "source 's'"), "a format of its own and quote beside it"),
        (lambda: format_of("csv", ";;", ..., "source 's'"), "source 's': separator ';;'"),
    ],
)
def test_what_cannot_be_declared(declare: Any, says: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare()
    assert says in str(refused.value)
    assert refused.value.hint


def test_a_format_in_words() -> None:
    assert format_words(Csv(separator=";", nulls=["-"])) == "csv separator=';' nulls=('-',)"
    assert format_words(format_of("ndjson", None, ..., "")) == "json"
