"""Records read once more by themselves: each is one, whatever the others are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reading.plain_csv import read_one
from trivium.engine.reading import NotOneRecordError, RawChunk, read_csv_again, read_json_again
from trivium.model.formats import Csv

CELLS = st.lists(st.sampled_from(["", "a", '"', '"x"', '"x\ny"', '"x\r"', '"x""y"', '5"', '"n\n"t', "é"]), min_size=1)
TEXTS = CELLS.map(lambda cells: ",".join(cells[:3]).encode()).filter(lambda text: text != b"")

CUT = {0: ("too_long", "mend it whole")}


def places(chunk: RawChunk) -> list[tuple[int, Any]]:
    """Each record by its place: the cells, or the rules against it."""
    found = list(zip(chunk.place.to_pylist(), chunk.table.to_pylist(), strict=True))
    found += [(row["place"], [reason["rule"] for reason in row["reasons"]]) for row in chunk.torn.to_pylist()]
    return sorted(found, key=lambda one: one[0])


@given(st.lists(TEXTS, max_size=8))
def test_each_record_is_what_it_is_alone(texts: list[bytes]) -> None:
    records = [read_one(text, 0) for text in texts]
    whole = [record.size == len(text) for record, text in zip(records, texts, strict=True)]
    if not all(whole):
        with pytest.raises(NotOneRecordError):
            read_csv_again(texts, columns=["a", "b"], format=Csv())
        return
    found = places(read_csv_again(texts, columns=["a", "b"], format=Csv()))
    assert [place for place, _ in found] == list(range(1, len(texts) + 1))
    for (_, told), record in zip(found, records, strict=True):
        if record.unclosed:
            assert told == ["unclosed_quote"]
        else:
            assert told == (record.rules(2) or dict(zip("ab", record.texts(), strict=False)))


@pytest.mark.parametrize(
    ("raws", "number", "says"),
    [([b"1,2", b""], 1, "the text holds no record"), ([b"1,2\n3,4", b"5,6"], 0, "the text holds 2 records")],
)
def test_what_is_not_one_record(raws: list[bytes], number: int, says: str) -> None:
    with pytest.raises(NotOneRecordError, match=says) as caught:
        read_csv_again(raws, columns=["a", "b"], format=Csv())
    assert caught.value.number == number


def test_what_was_kept_in_part_is_not_taken_for_whole() -> None:
    assert places(read_csv_again([b'1,"x', b"3,4"], columns=["a", "b"], format=Csv(), unfit=CUT)) == [
        (1, ["too_long"]),
        (2, {"a": "3", "b": "4"}),
    ]
    assert places(read_csv_again([b"1,xxx"], columns=["a", "b"], format=Csv(), unfit=CUT)) == [(1, ["too_long"])]
    assert places(read_json_again([b"{}", b'{"a'], unfit={1: CUT[0]})) == [
        (1, {"json": "{}"}),
        (2, ["too_long"]),
    ]


def test_a_record_of_json_is_one_whatever_its_text_is() -> None:
    assert places(read_json_again([b'{\n"a":1}', b"", b"[1]\n[2]", b"\xff"])) == [
        (1, {"json": '{\n"a":1}'}),
        (2, {"json": ""}),
        (3, {"json": "[1]\n[2]"}),
        (4, ["encoding"]),
    ]
    assert places(read_json_again([])) == []
