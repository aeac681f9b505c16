"""Both sides compared in SQL, against a plain loop over them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from trivium import Entity, Facet, Field, Key
from trivium.engine.reconciling.comparison import Comparison
from trivium.engine.tables import alone, arrow_schema


class Price(Facet):
    amount: Decimal = Field(max_digits=6, decimal_places=2)
    currency: str | None


class Thing(Entity):
    shop: Key[str]
    number: Key[int]
    status: str | None
    price: Price | None = None
    tags: list[str] | None


SHAPE = Thing.shape
GROUPS = {"status": ["status"], "price": ["price_amount", "price_currency"], "tags": ["tags"]}
PATHS = {column.name: column.path for column in SHAPE.columns}
Row = dict[str, Any]


@st.composite
def records(draw: st.DrawFn, side: int) -> list[Row]:
    keys = draw(st.lists(st.tuples(st.sampled_from(["a", "b,c"]), st.integers(1, 4)), unique=True, max_size=8))
    return [_record(draw, key, side) for key in keys]


def _record(draw: st.DrawFn, key: tuple[str, int], side: int) -> Row:
    alive = draw(st.integers(0, 4)) > 0
    row: Row = {"shop": key[0], "number": key[1], "_alive": alive, "_lacks": "", "_stamp": 256 if alive else None}
    values: dict[str, Any] = {
        "status": draw(st.sampled_from(["on", "off", None])),
        "price_amount": draw(st.sampled_from([Decimal("1.00"), Decimal("2.50"), None])),
        "price_currency": draw(st.sampled_from(["EUR", None])),
        "tags": draw(st.sampled_from(['["x"]', "[]"])),
    }
    for group, columns in GROUPS.items():
        stated = alive and draw(st.booleans())
        row |= {f"{group}__reading": side if stated else None, f"{group}__place": key[1] if stated else None}
        row |= {column: values[column] if stated else None for column in columns}
    return row


def compared(file: list[Row], other: list[Row], within: str | None = None) -> Any:
    schema = arrow_schema(alone(SHAPE))
    nullable = pa.schema([field.with_nullable(True) for field in schema])
    (total,) = [column for column in SHAPE.columns if column.name == "price_amount"]
    groups = [group for group in SHAPE.groups if group.name != "tags"]  # what only one of the sources may state
    with Comparison(SHAPE, groups, [total], within) as comparison:
        comparison.take("file", pa.Table.from_pylist(file, nullable).to_batches(max_chunksize=3))
        comparison.take("other", pa.Table.from_pylist(other, nullable).to_batches())
        return comparison.compare()


def key_of(row: Row) -> str:
    return f"{row['shop'].replace(',', '%2C')},{row['number']}"


@settings(max_examples=40)
@given(records(1), records(2), st.booleans())
def test_it_says_what_a_plain_loop_says(file: list[Row], other: list[Row], bounded: bool) -> None:
    stated = {key_of(row) for row in file}
    theirs = {key_of(row): row for row in other if row["_alive"]}
    if bounded:
        theirs = {key: row for key, row in theirs.items() if key in stated or row["number"] > 2}
    ours = {key_of(row): row for row in file if row["_alive"]}
    differing = {
        (key, PATHS[column])
        for key in ours.keys() & theirs.keys()
        for group in ("status", "price")
        for column in GROUPS[group]
        if ours[key][f"{group}__reading"] is not None and ours[key][column] != theirs[key][column]
    }
    found = compared(file, other, '"number" > 2' if bounded else None)
    told = {what: set() for what in ("only_in_file", "only_there", "differs")}  # type: dict[str, set[Any]]
    for one in found.differences:
        told[one["what"]].add((one["key"], one["attribute"]) if one["what"] == "differs" else one["key"])
    assert told["only_in_file"] == ours.keys() - theirs.keys()
    assert told["only_there"] == theirs.keys() - ours.keys()
    assert told["differs"] == differing
    summary = found.summary
    assert summary["records"] == {"file": len(ours), "other": len(theirs)}
    assert summary["differing"] == len({key for key, _ in differing})
    assert sum(summary["attributes"].values()) == len(differing)
    for side, rows in (("file", ours), ("other", theirs)):
        amounts = [row["price_amount"] for row in rows.values() if row["price_amount"] is not None]
        assert summary["sums"][side]["price.amount"] == (str(sum(amounts, Decimal("0.00"))) if amounts else None)


def test_where_a_difference_is_from() -> None:
    row: Row = {"shop": "a", "number": 1, "_alive": True, "_lacks": "", "_stamp": 256, "status": "on"}
    file = row | {"status__reading": 7, "status__place": 3}
    other = row | {"status": "off", "status__reading": 8, "status__place": 4}
    (found,) = compared([file], [other]).differences
    assert found == {
        "entity": "thing",
        "key": "a,1",
        "what": "differs",
        "attribute": "status",
        "file": {"value": "on", "where": (7, 3)},
        "other": {"value": "off", "where": (8, 4)},
    }


def test_no_more_is_listed_than_is_bearable_and_all_is_counted() -> None:
    row: Row = {"shop": "a", "_alive": True, "_lacks": "", "_stamp": 256, "status__reading": 1, "status__place": 1}
    found = compared([row | {"number": number} for number in range(1500)], [])
    assert (found.summary["only_in_file"], len(found.differences)) == (1500, 1000)
    assert [one["key"] for one in found.differences[:2]] == ["a,0", "a,1"]
    named = [row | {"number": number, "status": "on"} for number in range(900)]
    priced = {"price_currency": "EUR", "price__reading": 1, "price__place": 1}
    found = compared([one | priced for one in named], [one | {"status": "off"} for one in named])
    assert found.summary["attributes"] == {"status": 900, "price.currency": 900}
    assert [one["attribute"] for one in found.differences] == ["status"] * 500 + ["price.currency"] * 500


def test_two_sides_without_records() -> None:
    found = compared([], [])
    assert found.differences == []
    assert found.summary["sums"] == {"file": {"price.amount": None}, "other": {"price.amount": None}}
