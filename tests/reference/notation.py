"""The notation of docs/law.md: a few words that stand for a whole world of statements.

    told   = step; step; …                        each step is one commit, numbered from 1
    step   = SOURCE@TIME[#SEQUENCE] [KEY] WORDS              one record, in a delivery of its own
           | SOURCE NAME rREVISION/BYTES [ROWS] [held]       a reading of a named delivery
           | replay NAME [ROWS] | retract NAME | take back NAME ATTEMPT
           | mend NAME PLACE [ROW] | drop NAME PLACE
    rows   = row, row, …                          a row's place is its number, from 1
    row    = part + part + …                      what one record states
    part   = @TIME[#SEQUENCE] [KEY] WORDS | record asserts SCOPE @TIME[#SEQUENCE]
           | asserts SCOPE @TIME[#SEQUENCE] (the whole delivery does) | rejected [KEY]
    words  = delete | nothing | GROUP=VALUE[/VALUE…] …       `~` is an explicit null

TIME is a number of microseconds, or HH:MM on 2026-03-02 in UTC. KEY is SHOP/ITEM, and 1/a where none is
written. SCOPE is all or shop=SHOP.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from tests.reference.live import highest_reading
from tests.reference.record import Record
from tests.reference.spec import Column, EntitySpec, Group, Policy
from tests.reference.values import EPOCH, Key, Value
from tests.reference.world import (
    NO_SEQUENCE,
    Assertion,
    Load,
    Reading,
    RejectedRow,
    Source,
    Statement,
    World,
)

SOURCES = (Source("till", 10), Source("web", 10), Source("office", 20))
USUAL_KEY: Key = ("1", "a")

AT = r"@(?P<time>[\d:]+)(?:#(?P<sequence>\d+))?"
KEY = r"(?:(?P<key>\w+/\w+)(?: |$))?"
LONE = re.compile(r"(?P<source>\w+)(?P<part>@.+)")
NAMED = re.compile(r"(?P<source>\w+) (?P<name>\w+) r(?P<revision>\d+)/(?P<bytes>\w+) \[(?P<rows>.*)\](?P<held> held)?")
LATER = re.compile(
    r"(?P<verb>replay|retract|take back|mend|drop) (?P<name>\w+)(?: (?P<number>\d+))?(?: \[(?P<rows>.*)\])?"
)
SAYING = re.compile(rf"{AT} {KEY}(?P<words>.*)")
ASSERTING = re.compile(rf"(?P<record>record )?asserts (?P<scope>all|shop=\w+) {AT}")
REJECTED = re.compile(r"rejected(?: (?P<key>\w+/\w+))?")


def offer(policy: Policy = "latest", status: Policy | None = None, price: Policy | None = None) -> EntitySpec:
    """The entity of the tables: two key parts, two attributes, one facet."""
    amount, currency = Column("amount", "decimal", 2), Column("currency")
    return EntitySpec(
        "offer",
        key=(Column("shop"), Column("item")),
        groups=(
            Group("status", (Column("status"),), status),
            Group("note", (Column("note"),), required=False),
            Group("price", (amount, currency), price, required=False, facet=True),
        ),
        policy=policy,
    )


def world_of(told: str) -> World:
    """The world that a text in the notation tells."""
    telling = Telling()
    for commit, step in enumerate(told.split("; "), 1):
        telling.step(step.strip(), commit)
    return World(
        SOURCES,
        tuple(telling.readings),
        tuple(telling.loads),
        tuple(telling.statements),
        tuple(telling.assertions),
        tuple(telling.rejected),
    )


def shown(world: World, records: Mapping[Key, Record], spec: EntitySpec) -> str:
    """The records of every key that the world speaks of, as the tables write them."""
    keys = sorted({statement.key for statement in world.statements})
    texts = [(f"{key[0]}/{key[1]} ", record_text(records.get(key), spec)) for key in keys]
    return "; ".join(text if keys == [USUAL_KEY] else name + text for name, text in texts) or "unknown"


def record_text(record: Record | None, spec: EntitySpec) -> str:
    if record is None:
        return "unknown"
    if not record.alive:
        return "gone"
    words = ["alive"]
    for group in spec.groups:
        if group.name in record.winners:
            values = [record.values[name] for name in group.column_names()]
            words.append(f"{group.name}=" + "/".join("~" if value is None else str(value) for value in values))
    return " ".join(words + [f"lacks {name}" for name in record.lacks])


def instant(text: str) -> int:
    """Microseconds, from their number or from HH:MM on the tables' day."""
    if ":" not in text:
        return int(text)
    hours, minutes = text.split(":")
    moment = datetime(2026, 3, 2, int(hours), int(minutes), tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass
class Telling:
    """A world in the making; its lists grow step by step."""

    readings: list[Reading] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)

    def step(self, step: str, commit: int) -> None:
        if later := LATER.fullmatch(step):
            self.later(later, commit)
        elif lone := LONE.fullmatch(step):
            self.first(Reading(lone["source"], f"n{commit}", 1, "x", 1, 1, commit), lone["part"])
        elif named := NAMED.fullmatch(step):
            revision, when = int(named["revision"]), None if named["held"] else commit
            self.first(Reading(named["source"], named["name"], revision, named["bytes"], 1, 1, when), named["rows"])
        else:
            raise ValueError(f"no such step: {step}")

    def first(self, reading: Reading, rows: str) -> None:
        """A delivery that comes in; the same bytes for the same revision are a no-op."""
        if all(reading.order() != known.order() for known in self.of_delivery(reading.delivery)):
            self.readings.append(reading)
            self.rows(self.load(reading, reading.commit), rows)

    def later(self, said: re.Match[str], commit: int) -> None:
        """What an operator does to a delivery that came in before."""
        known = self.of_delivery(said["name"])
        world = World(SOURCES, tuple(self.readings))
        highest = highest_reading(world, known[0].source, known[0].delivery)
        assert highest is not None, said.string
        attempt = 1 + max(one.attempt for one in known if one.order()[:2] == highest.order()[:2])
        match said["verb"]:
            case "replay":
                reading = replace(highest, attempt=attempt, says=attempt, commit=commit)
                self.readings.append(reading)
                self.rows(self.load(reading, commit), said["rows"])
            case "retract":
                self.readings.append(replace(highest, attempt=attempt, says=None, commit=commit))
            case "take back":
                says = int(said["number"])
                self.readings.append(replace(highest, attempt=attempt, says=says, commit=commit))
            case "mend":
                self.resolve(highest, int(said["number"]), "mended", commit)
                mended = replace(highest, attempt=highest.says or 0)
                self.rows(self.load(mended, commit), said["rows"], int(said["number"]))
            case _:
                self.resolve(highest, int(said["number"]), "dropped", commit)

    def of_delivery(self, name: str) -> list[Reading]:
        return [reading for reading in self.readings if reading.delivery == name]

    def load(self, of: Reading, commit: int | None) -> int:
        number = len(self.loads) + 1
        self.loads.append(Load(number, of.source, of.delivery, of.revision, of.digest, of.attempt, commit))
        return number

    def rows(self, load: int, rows: str, place: int = 1) -> None:
        """Write the rows of one load, the first of them at `place`."""
        for number, row in enumerate(rows.split(", ") if rows else [], place):
            for part in row.split(" + "):
                self.part(load, number, part)

    def part(self, load: int, place: int, part: str) -> None:
        if said := SAYING.fullmatch(part):
            self.statements.append(statement(said, load, place))
        elif claimed := ASSERTING.fullmatch(part):
            scope = () if claimed["scope"] == "all" else (("shop", claimed["scope"].removeprefix("shop=")),)
            own = place if claimed["record"] else None
            self.assertions.append(Assertion(scope, instant(claimed["time"]), load, own, sequence_of(claimed)))
        elif refused := REJECTED.fullmatch(part):
            self.rejected.append(RejectedRow(load, place, key_of(refused["key"]) if refused["key"] else None))
        else:
            raise ValueError(f"no such part: {part}")

    def resolve(self, reading: Reading, place: int, fate: Literal["mended", "dropped"], commit: int) -> None:
        loads = [load.number for load in self.loads if load.delivery == reading.delivery]
        for index, row in enumerate(self.rejected):
            if row.load in loads and row.place == place and row.fate == "open":
                self.rejected[index] = replace(row, fate=fate, resolved=commit)


def statement(said: re.Match[str], load: int, place: int) -> Statement:
    words = said["words"].split()
    kind: Literal["put", "delete"] = "delete" if words == ["delete"] else "put"
    stated = [word.partition("=") for word in words if word not in ("delete", "nothing")]
    says = tuple((name, values_of(name, text)) for name, _, text in stated)
    key = key_of(said["key"]) if said["key"] else USUAL_KEY
    return Statement(key, instant(said["time"]), load, place, says, kind, sequence_of(said))


def values_of(group: str, text: str) -> tuple[Value, ...]:
    parts: list[str | None] = [None if part == "~" else part for part in text.split("/")]
    if group != "price":
        return tuple(parts)
    amount, currency = parts
    return (None if amount is None else Decimal(amount), currency)


def sequence_of(said: re.Match[str]) -> int:
    return int(said["sequence"]) if said["sequence"] else NO_SEQUENCE


def key_of(text: str) -> Key:
    return tuple(text.split("/"))
