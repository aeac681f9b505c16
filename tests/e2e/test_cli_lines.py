"""Records that are no lines: several on one line of JSON, one over several lines of CSV; refused, mended, explained."""

from __future__ import annotations

import pytest

from tests.e2e.cli_shop import Shop, shop

__all__ = ["shop"]

DOMAIN = """
from trivium import Batch, Domain, Entity, Field, Into, Key

class Item(Entity):
    item: Key[str]
    quantity: int
    note: str | None = None

notes = Domain("notes", entities=[Item], sources=[
    Batch("json", files="{day}.json", format="ndjson", into=[Into(Item)], cut_off="day 20:00 UTC"),
    Batch("csv", files="{day}.csv", into=[Into(Item)], cut_off="day 20:00 UTC", asserts="item"),
])
"""
HEADER = "item,quantity,note\n"


@pytest.fixture
def notes(shop: Shop) -> Shop:
    shop.write("notes.py", DOMAIN)
    return shop


def load(notes: Shop, source: str, text: str, code: int = 0) -> str:
    name = notes.write("2026-03-02." + source, text)
    return notes.run("load", "notes.py", source, name, code=code).out


def ids(notes: Shop) -> list[str]:
    """The names of what is in quarantine, in the order of the file."""
    records = notes.json("quarantine", "notes.py", "list")["records"]
    return [record["id"] for record in sorted(records, key=lambda record: record["byte_offset"])]


def items(notes: Shop) -> list[tuple[str, int]]:
    return [(record["item"], record["quantity"]) for record in notes.json("export", "notes.py", "item")]


def test_bad_elements_of_one_line_are_each_in_quarantine_and_each_mended(notes: Shop) -> None:
    load(notes, "json", '[{"item":"a","quantity":1},{"item":"b","quantity":"x"},{"item":"c"\n,"quantity":"y"}, 7]')
    first, second, third = ids(notes)
    shown = notes.json("quarantine", "notes.py", "show", second)
    assert (shown["line"], shown["raw"]) == (1, '{"item":"c"\n,"quantity":"y"}')
    notes.run("quarantine", "notes.py", "mend", first, "--raw", '{"item":"b","quantity":2}')
    notes.run("quarantine", "notes.py", "mend", second, "--raw", '{"item":"c",\n"quantity":3}')
    again = notes.json("quarantine", "notes.py", "mend", third, "--raw", "8", code=1)
    (still,) = again["loads"][0]["still"]
    assert (still["line"], still["byte_offset"]) == (2, 85)
    assert items(notes) == [("a", 1), ("b", 2), ("c", 3)]
    found = [notes.run("explain", "notes.py", "item", key).out for key in "abc"]
    for out, place in zip(found, ("2026-03-02.json:1 ", "2026-03-02.json:1#2 ", "2026-03-02.json:1#3 "), strict=True):
        assert place in out.replace("\n", " \n")


def test_a_quote_that_swallows_lines_refuses_the_file(notes: Shop) -> None:
    out = load(notes, "csv", HEADER + 'a,1,"x\nb,2,y\nc,3,z\n', code=1)
    assert "REFUSED: the quote that opens in line 2 (byte 23 of the file) is not closed before the file ends" in out
    assert "quote=None" in out
    assert notes.json("deliveries", "notes.py", "list") == {"deliveries": []}
    notes.write("notes.py", DOMAIN.replace('asserts="item"', 'asserts="item", quote=None'))
    assert "3 received = 3 accepted" in load(notes, "csv", HEADER + 'a,1,"x\nb,2,y\nc,3,z\n')


def test_lines_are_not_lost_by_a_mend_unless_it_is_said(notes: Shop) -> None:
    load(notes, "csv", HEADER + 'a,1,"x\nb,2,"y"\nc,3,z\n')
    (name,) = ids(notes)
    refused = notes.run("quarantine", "notes.py", "mend", name, "--raw", "a,1,x", code=2).err
    assert "holds 2 lines (14 bytes), to be replaced by 1 line (5 bytes): the other lines may be records" in refused
    assert ids(notes) == [name]
    two = notes.run("quarantine", "notes.py", "mend", name, "--raw", "a,1,x\nb,2,y", code=2).err
    assert f"{name} is to be one record: the text holds 2 records" in two
    done = notes.run("quarantine", "notes.py", "mend", name, "--raw", "a,1,x", "--fewer-lines").out
    assert "2 lines (14 bytes) replaced by 1 line (5 bytes)" in done
    assert items(notes) == [("a", 1), ("c", 3)]


def test_one_that_cannot_be_read_by_itself_does_not_stop_the_others_from_being_sent_again(notes: Shop) -> None:
    notes.write("notes.py", DOMAIN.replace("quantity: int", "quantity: int = Field(le=5)"))
    load(notes, "csv", HEADER + 'a,10,"p\rq"\nb,20,\nc,3,"z\n', code=1)
    notes.write("notes.py", DOMAIN)
    again = notes.json("quarantine", "notes.py", "retry", "--source", "csv", code=1)
    assert (again["accepted"], again["rejected"]) == (2, 1)
    (still,) = again["loads"][0]["still"]
    assert (still["line"], still["byte_offset"], still["raw"]) == (5, 36, 'c,3,"z\n')
    assert [reason["rule"] for reason in still["reasons"]] == ["unclosed_quote"]
