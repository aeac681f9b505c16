"""Random JSON against Python's own reader with exact numbers, and local times against Python's zones."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.unit.judge.support import judge
from trivium import Batch, Domain, Entity, Field, Into, Json, Key

PIECES = [
    '"',
    "\\",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "1",
    "2.50",
    "-",
    "e",
    " ",
    "\n",
    "a",
    "é",
    "\u0002",
    "😀",
    "NaN",
    "inf",
]
NUMBERS = ["0", "-0", "12", "3.50", "100.0", "0.0000001", "-7.10", "12345678901234567890", "9007199254740993.0100"]


class Thing(Entity):
    id: Key[int]
    name: str
    amount: Decimal = Field(max_digits=38, decimal_places=10)
    document: Json | None
    at: dt.datetime


def some_text(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(0, 8)))


def some_json(chance: random.Random, depth: int = 0) -> str:
    kind, space = chance.random(), chance.choice(["", " ", "\t"])
    if kind < 0.3 or depth > 3:
        return json.dumps(some_text(chance), ensure_ascii=chance.random() < 0.5)
    if kind < 0.65:
        return chance.choice([*NUMBERS, "1e5", "1E-2", "true", "false", "null"])
    if kind < 0.8:
        return f"[{space}" + f",{space}".join(some_json(chance, depth + 1) for _ in range(chance.randint(0, 3))) + "]"
    names = sorted({some_text(chance) for _ in range(chance.randint(0, 3))})
    return "{" + f"{space},".join(f"{json.dumps(name)}{space}: {some_json(chance, depth + 1)}" for name in names) + "}"


def exact(text: str | None) -> Any:
    return (
        None
        if text is None
        else json.loads(text, parse_float=lambda n: ("number", n), parse_int=lambda n: ("number", n))
    )


@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo"])
def test_the_judge_agrees_with_python(zone: str) -> None:
    chance = random.Random(zone)
    expected: dict[int, tuple[str, str, str, dt.datetime]] = {}
    records = []
    for number in range(1, 601):
        local = dt.datetime(chance.randint(1980, 2025), chance.choice([2, 3, 4, 10, 11]), 1)  # noqa: DTZ001
        local += dt.timedelta(minutes=15 * chance.randrange(96 * 28))
        name, amount, document = some_text(chance), chance.choice(NUMBERS), some_json(chance)
        expected[number] = name, amount, document, local
        records.append(
            f'{{"id": {number}, "t": "2026-11-01T00:00:00Z", "name": {json.dumps(name)}, "amount": {amount}, '
            f'"document": {document}, "at": "{local.isoformat()}"}}'
        )
    source = Batch("s", format="ndjson", into=[Into(Thing)], event_time="t", zone=zone)
    found = judge(Domain("d", entities=[Thing], sources=[source]), "s", "\n".join(records))
    for row in found.statements["thing"]:
        name, amount, document, local = expected.pop(row["_place"])
        instant = local.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
        assert (row["name"], row["amount"], row["at"]) == (name, Decimal(amount), instant.replace(tzinfo=None))
        assert exact(row["document"]) == exact(document)
    assert [row["place"] for row in found.rejected] == list(expected)
    for row in found.rejected:
        assert [(reason["rule"], reason["field"]) for reason in row["reasons"]] == [("datetime", "at")]
        local = expected[row["place"]][3]
        there = local.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).astimezone(ZoneInfo(zone))
        assert there.replace(tzinfo=None) != local, "only what clocks jumped over is no instant"
