"""docs/law.md is run: every row of every truth table against the reference fold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import cast, get_args
from uuid import UUID

import pytest

from tests.reference import (
    EntitySpec,
    Policy,
    Record,
    World,
    canonical_content,
    digest,
    export,
    fold,
    stamp,
)
from tests.reference.notation import USUAL_KEY, instant, offer, shown, world_of
from tests.reference.spec import Column, TypeName
from tests.reference.values import Key, Value, canonical_text, json_text

LAW = Path(__file__).parents[2] / "docs" / "law.md"
CONDITIONS = {"policy", "status policy", "price policy", "what if", "as of", "as of commit"}
RESULTS = {"record", "shown from", "ties"}


@dataclass(frozen=True)
class Table:
    """One markdown table: the heading above it, its column names and its rows, without backticks."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def tables() -> Iterator[Table]:
    """The tables of docs/law.md in order."""
    heading, block = "", list[list[str]]()
    for line in [*LAW.read_text("utf-8").splitlines(), ""]:
        if line.startswith("|"):
            block.append([cell.strip().strip("`") for cell in line.strip().strip("|").split("|")])
        elif block:
            columns, _, *rows = block
            yield Table(heading, tuple(columns), tuple(dict(zip(columns, row, strict=True)) for row in rows))
            block = []
        if line.startswith("#"):
            heading = line.lstrip("# ")


def rows(*needed: str) -> list[object]:
    """The rows of every table that has the columns, each named by its heading and number."""
    return [
        pytest.param(row, id=f"{table.heading} {number}")
        for table in tables()
        if set(needed) <= set(table.columns)
        for number, row in enumerate(table.rows, 1)
    ]


def spec_of(row: dict[str, str]) -> EntitySpec:
    return offer(policy_of(row, "policy") or "latest", policy_of(row, "status policy"), policy_of(row, "price policy"))


def policy_of(row: dict[str, str], column: str) -> Policy | None:
    name = row.get(column) or None
    assert name is None or name in get_args(Policy)
    return cast(Policy | None, name)


def folded(row: dict[str, str], world: World) -> dict[Key, Record]:
    as_of = instant(row["as of"]) if row.get("as of") else None
    commit = int(row["as of commit"]) if row.get("as of commit") else None
    return fold(world, spec_of(row), as_of=as_of, commit=commit, policy=policy_of(row, "what if"))


def value_of(text: str, column: Column) -> Value:
    """The value that a table's text stands for; backslash escapes stand for control characters."""
    match column.type:
        case "int":
            return int(text)
        case "decimal":
            return Decimal(text)
        case "bool":
            return text == "true"
        case "float":
            return float(text)
        case "date":
            return date.fromisoformat(text)
        case "datetime":
            return datetime.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case "uuid":
            return UUID(text)
        case "str":
            return unescaped(text)
    return text


def unescaped(text: str) -> str:
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape")


def backwards(world: World) -> World:
    """The same set, told from its end and every item twice."""
    return World(
        world.sources[::-1] * 2,
        world.readings[::-1] * 2,
        world.loads[::-1] * 2,
        world.statements[::-1] * 2,
        world.assertions[::-1] * 2,
        world.rejected[::-1] * 2,
    )


def check(row: dict[str, str], said: str) -> None:
    """Whether the record is as the row has it, and the same from the same set in another order."""
    world = world_of(said)
    records = folded(row, world)
    assert shown(world, records, spec_of(row)) == row["record"]
    assert folded(row, backwards(world)) == records
    usual = records.get(USUAL_KEY, Record(alive=False))
    if "ties" in row:
        assert str(usual.ties) == row["ties"]
    if "shown from" in row:
        origin = usual.winners["status"]
        assert f"{origin.source} {origin.delivery} {origin.place}" == row["shown from"]


@pytest.mark.parametrize("row", rows("said", "record"))
def test_truth_table(row: dict[str, str]) -> None:
    check(row, row["said"])


@pytest.mark.parametrize("table", [pytest.param(t, id=t.heading) for t in tables() if "and then" in t.columns])
def test_worked_example(table: Table) -> None:
    """Each row adds one step to those above it."""
    assert len(table.rows) <= 6
    steps = [row["and then"] for row in table.rows]
    for count, row in enumerate(table.rows, 1):
        check(row, "; ".join(steps[:count]))


@pytest.mark.parametrize("row", rows("event time", "precedence"))
def test_stamp(row: dict[str, str]) -> None:
    for policy in get_args(Policy):
        assert stamp(policy, instant(row["event time"]), int(row["precedence"])) == int(row[policy])


@pytest.mark.parametrize("row", rows("greater", "lesser"))
def test_order(row: dict[str, str]) -> None:
    """The greater of two statements takes the group, whichever of them is told first."""
    greater, lesser = (world_of(row[side]).statements[0] for side in ("greater", "lesser"))
    spec = spec_of(row)
    for told in (f"{row['greater']}; {row['lesser']}", f"{row['lesser']}; {row['greater']}"):
        values = fold(world_of(told), spec)[USUAL_KEY].values
        assert values["status"] == greater.values("status")[0] != lesser.values("status")[0]


@pytest.mark.parametrize("row", rows("canonical content", "digest"))
def test_digest(row: dict[str, str]) -> None:
    statement = world_of(row["said"]).statements[0]
    assert canonical_content(statement, offer()).decode().replace("\x1f", "␟") == row["canonical content"]
    assert str(digest(statement, offer())) == row["digest"]


@pytest.mark.parametrize("row", rows("type", "in the digest", "in the export"))
def test_text_of_a_value(row: dict[str, str]) -> None:
    name, _, scale = row["type"].partition(" ")
    assert name in get_args(TypeName)
    column = Column("c", cast(TypeName, name), int(scale or 0))
    value = None if row["value"] == "null" else value_of(row["value"], column)
    expected = row["in the digest"]
    assert canonical_text(value, column) == (unescaped(expected) if name == "str" else expected)
    assert json_text(value, column) == row["in the export"]


@pytest.mark.parametrize("table", [pytest.param(t, id=t.heading) for t in tables() if "line" in t.columns])
def test_export(table: Table) -> None:
    """All that the rows say is one master; its lines are those of the rows that have one, as they stand."""
    world = world_of("; ".join(row["said"] for row in table.rows))
    lines = [row["line"] for row in table.rows if row["line"]]
    assert export(fold(world, offer()), offer()).decode() == "".join(line + "\n" for line in lines)


def test_no_table_goes_unread() -> None:
    """A table with a misspelt column would otherwise be prose that no test reads."""
    read = [
        {"said", "record"},
        {"and then", "record"},
        {"event time", "precedence"},
        {"greater", "lesser"},
        {"canonical content", "digest"},
        {"type", "in the digest", "in the export"},
        {"said", "line"},
    ]
    for table in tables():
        columns = set(table.columns)
        assert any(kind <= columns for kind in read), table.columns
        if "record" in columns:
            assert columns <= {"case", "said", "and then"} | CONDITIONS | RESULTS
    assert sum(len(table.rows) for table in tables()) > 100


def test_a_stamp_tells_event_time_and_precedence_apart() -> None:
    """So policies agree on what is a tie."""
    points = [(time, precedence) for time in (0, 1, 2**55 - 1) for precedence in (0, 1, 255)]
    for policy in get_args(Policy):
        ranks = sorted(stamp(policy, *point) for point in points)
        assert all(0 <= low < high < 2**63 for low, high in pairwise(ranks))
