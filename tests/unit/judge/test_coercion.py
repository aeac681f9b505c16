"""docs/coercion.md is run: every example of it goes through the judge, as CSV and as JSON."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.unit.judge.support import judge
from trivium import Batch, Csv, Domain, Entity, Events, Facet, Field, Into, Json, Key, TriviumError
from trivium.engine.judge import coercion_page
from trivium.engine.judge.coercion import LINES, NO, NOTHING, REFUSED, TYPES, Lines, Nothing
from trivium.engine.reading import ReadingError, read_csv

PAGE = Path(__file__).parents[3] / "docs" / "coercion.md"


class Values(Entity):
    id: Key[int]
    a_str: str | None = None
    a_int: int | None = None
    a_price: Decimal | None = Field(max_digits=10, decimal_places=2)
    a_wide: Decimal | None = Field(max_digits=38, decimal_places=0)
    a_float: float | None = None
    a_bool: bool | None = None
    a_date: date | None = None
    a_formatted: date | None = None
    a_datetime: datetime | None = None
    a_local: datetime | None = None
    a_time: time | None = None
    a_uuid: UUID | None = None
    a_json: Json | None = None
    a_list: list[int] | None = None


FORMATTED = {"a_formatted": "date_of(a_formatted, '%d/%m/%Y')"}
domain = Domain(
    "values",
    entities=[Values],
    sources=[
        Batch("cells", into=[Into(Values, FORMATTED)], event_time="at"),
        Batch("cells-local", into=[Into(Values, FORMATTED)], event_time="at", zone="Europe/Paris"),
        Batch("texts", format="ndjson", into=[Into(Values)], event_time="at"),
        Batch("texts-local", format="ndjson", into=[Into(Values)], event_time="at", zone="Europe/Paris"),
    ],
)
NAMES = [f"a_{type_.kind}" for type_ in TYPES]
AT = "2026-11-01T00:00:00Z"
EXAMPLES = [(type_.kind, example) for type_ in TYPES for example in type_.examples]


def zoned(source: str, kind: str) -> str:
    return source + ("-local" if kind == "local" else "")


def csv_record(number: int, kind: str, sent: str) -> str:
    cell = '"' + sent.replace('"', '""') + '"'
    return ",".join([str(number), AT, *(cell if name == f"a_{kind}" else "" for name in NAMES)])


def json_record(number: int, kind: str, token: str) -> str:
    return f'{{"id": {number}, "at": "{AT}", "a_{kind}": {token}}}'


def as_text(sent: str) -> str:
    # A text with escapes stands for itself.
    return f'"{sent}"' if "\\u" in sent else json.dumps(sent)


def shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat() + "Z"
        case time() | date():
            return value.isoformat()
    return str(value)


def outcomes(source: str, records: dict[int, str], header: str = "") -> dict[int, str]:
    """By number: the value kept, or the rules of the rejection."""
    found = judge(domain, source, "\n".join([header, *records.values()] if header else records.values()))
    results: dict[int, str] = {}
    for row in found.statements.get("values", []):
        values = [row[name] for name in NAMES if row[name] is not None]
        assert len(values) == 1, row
        results[row["id"]] = shown(values[0])
    first = 2 if header else 1
    numbers = list(records)
    for row in found.rejected:
        rules = dict.fromkeys(reason["rule"] for reason in row["reasons"])
        results[numbers[row["place"] - first]] = NO + ", ".join(rules)
    return results


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("way", ["cell", "text", "bare"])
def test_every_example_comes_out_as_the_page_says(way: str, local: bool) -> None:
    records: dict[int, str] = {}
    expected: dict[int, str] = {}
    for number, (kind, example) in enumerate(EXAMPLES):
        outcome = getattr(example, way)
        if (kind == "local") != local or outcome is None:
            continue
        expected[number] = outcome
        if way == "cell":
            records[number] = csv_record(number, kind, example.sent)
        else:
            records[number] = json_record(number, kind, as_text(example.sent) if way == "text" else example.sent)
    header = ",".join(["id", "at", *NAMES]) if way == "cell" else ""
    source = ("cells" if way == "cell" else "texts") + ("-local" if local else "")
    found = outcomes(source, records, header)
    wrong = {EXAMPLES[n]: (found.get(n), expected[n]) for n in expected if found.get(n) != expected[n]}
    assert wrong == {}


def test_the_page_is_as_the_examples_make_it() -> None:
    assert PAGE.read_text("utf-8") == coercion_page.page(), (
        "python -m trivium.engine.judge.coercion_page > docs/coercion.md"
    )


def test_every_type_has_examples_of_both_outcomes() -> None:
    for type_ in TYPES:
        outcome = [getattr(e, way) for e in type_.examples for way in ("cell", "text", "bare")]
        assert any(o and o.startswith(NO) for o in outcome), type_.name
        assert any(o and not o.startswith(NO) for o in outcome), type_.name


class Two(Facet):
    a: str
    b: str


class Things(Entity):
    key: Key[str]
    required: str
    nullable: str | None
    facet: Two
    optional_facet: Two | None = None


NAMED = ["key", "required", "nullable", "facet.a", "facet.b", "optional_facet.a", "optional_facet.b"]
things = Domain(
    "things",
    entities=[Things],
    sources=[
        Batch("cells", into=[Into(Things)], event_time="at"),
        Batch("mapped", into=[Into(Things, columns={name: name for name in NAMED})], event_time="at"),
        Events("texts", topic="t", into=[Into(Things)], event_time="at"),
    ],
)
FULL = {
    "key": "k", "at": AT, "required": "r", "nullable": "n", "facet.a": "a", "facet.b": "b",
    "optional_facet.a": "a", "optional_facet.b": "b",
}  # fmt: skip


def sent(nothing: Nothing, attribute: str) -> tuple[str, str]:
    """Source and delivery in which `attribute` is sent like that and all else is there."""
    way = nothing.sent.partition(": ")
    columns = [name for name in FULL if name.split(".")[0] == attribute]
    if way[0] == "CSV":
        cells = {name: json.dumps(value) for name, value in FULL.items()}
        match way[2]:
            case "an empty cell":
                cells |= dict.fromkeys(columns, "")
            case '`""`':
                cells |= dict.fromkeys(columns, '""')
            case "no such column" | "the column it is mapped to is missing":
                cells = {name: cell for name, cell in cells.items() if name not in columns}
            case "a column of the facet is missing":
                del cells[columns[1]]
            case "one empty cell of the facet":
                cells[columns[1]] = ""
            case other:
                raise AssertionError(other)
        source = "mapped" if "mapped" in nothing.sent else "cells"
        return source, ",".join(cells) + "\n" + ",".join(cells.values())
    two = {"a": "a", "b": "b"}
    record: dict[str, Any] = {
        "key": "k", "at": AT, "required": "r", "nullable": "n", "facet": two, "optional_facet": two,
    }  # fmt: skip
    match way[2]:
        case "`null`":
            record[attribute] = None
        case '`""`':
            record[attribute] = ""
        case "`{}`":
            record[attribute] = {}
        case "no such member":
            del record[attribute]
        case "a member of the facet is missing":
            record[attribute] = {"a": "a"}
        case "one null in the facet":
            record[attribute] = {"a": "a", "b": None}
        case other:
            raise AssertionError(other)
    return "texts", json.dumps(record)


ATTRIBUTES = ["required", "nullable", "facet", "optional_facet", "key"]


CASES = [(n, a) for n in NOTHING for a in ATTRIBUTES if getattr(n, a)]


def test_absent_null_and_empty_are_told_apart() -> None:
    deliveries = [sent(nothing, attribute) for nothing, attribute in CASES]
    in_json = judge(things, "texts", "\n".join(data for source, data in deliveries if source == "texts"))
    place, wrong = 0, []
    for (nothing, attribute), (source, data) in zip(CASES, deliveries, strict=True):
        place += source == "texts"
        at = place if source == "texts" else 2
        try:
            found = in_json if source == "texts" else judge(things, source, data)
        except TriviumError:
            outcome = "the file is refused"
        else:
            statements = [row for row in found.statements.get("things", []) if row["_place"] == at]
            outcome = outcome_of(statements, [row for row in found.rejected if row["place"] == at], attribute)
        if outcome != getattr(nothing, attribute):
            wrong.append((nothing.sent, attribute, outcome))
    assert wrong == []


def outcome_of(statements: list[dict[str, Any]], rejected: list[dict[str, Any]], attribute: str) -> str:
    if rejected:
        (row,) = rejected
        rules = dict.fromkeys(reason["rule"] for reason in row["reasons"])
        assert all(reason["field"].split(".")[0] == attribute for reason in row["reasons"])
        return NO + ", ".join(rules)
    (row,) = statements
    if attribute != "key" and not row[f"{attribute}__stated"]:
        assert row.get(attribute) is None
        return "not stated"
    values = [row[name] for name in row if name == attribute or name in (f"{attribute}_a", f"{attribute}_b")]
    assert len(set(values)) == 1
    return "null" if values[0] is None else "the empty text" if values[0] == "" else str(values[0])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("chunk_bytes", [1, 1000])
@pytest.mark.parametrize("lines", LINES, ids=[lines.sent for lines in LINES])
def test_what_the_records_of_a_file_are(lines: Lines, end: str, chunk_bytes: int) -> None:
    data = f"a,b⏎{lines.sent}".replace("⏎", end).encode()
    assert records(data, chunk_bytes, quote='"').replace(end, "⏎") == lines.quoted
    assert records(data, chunk_bytes, quote=None).replace(end, "⏎") == lines.plain


def records(data: bytes, chunk_bytes: int, quote: str | None) -> str:
    """The records in words, in the order of the file."""
    found: dict[int, str] = {}
    try:
        for chunk in read_csv(io.BytesIO(data), Csv(quote=quote), chunk_bytes=chunk_bytes):
            for place, row in zip(chunk.place.to_pylist(), chunk.table.to_pylist(), strict=True):
                found[place] = " · ".join(row.values())
            for row in chunk.torn.to_pylist():
                found[row["place"]] = NO + ", ".join(reason["rule"] for reason in row["reasons"])
    except ReadingError:
        return REFUSED
    return "; ".join(found[place] for place in sorted(found))
