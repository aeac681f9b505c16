"""The reference fold obeys the law that it is the yardstick for: only the set counts."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import (
    Assertion,
    Column,
    EntitySpec,
    Group,
    Load,
    Policy,
    Reading,
    Record,
    RejectedRow,
    Source,
    Statement,
    World,
    export,
    fold,
    live_loads,
)
from tests.reference.values import Key

T = TypeVar("T")
Row = TypeVar("Row", Statement, Assertion, RejectedRow)

SOURCES = (Source("a", 10), Source("b", 10), Source("c", 20))
KEYS: list[Key] = [(shop, item) for shop in (1, 2) for item in ("x", "y")]

lives: list[Policy] = ["latest", "priority"]
policies: list[Policy] = [*lives, "first"]
times = st.integers(0, 6)
sequences = st.sampled_from([-1, -1, 0, 1])
words = st.sampled_from(["on", "off"])
prices = st.tuples(st.sampled_from([None, Decimal("1.00"), Decimal("2.00")]), st.sampled_from(["EUR", None]))


@st.composite
def specs(draw: st.DrawFn) -> EntitySpec:
    """An entity of every policy, with groups that follow it and groups that do not."""
    own = st.none() | st.sampled_from(policies)
    return EntitySpec(
        "offer",
        key=(Column("shop", "int"), Column("item")),
        groups=(
            Group("status", (Column("status"),), draw(own)),
            Group("note", (Column("note"),), draw(own), required=False),
            Group("price", (Column("amount", "decimal", 2), Column("currency")), draw(own), facet=True),
        ),
        policy=draw(st.sampled_from(lives)),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A few deliveries with several readings each, and all kinds of rows in their loads."""
    readings = draw(st.lists(readings_of_a_delivery(), min_size=1, max_size=6).map(flat))
    unique = {(one.source, one.delivery, *one.order()): one for one in readings}
    kept = tuple(unique.values())
    loads = tuple(
        Load(number, one.source, one.delivery, one.revision, one.digest, one.attempt, commit)
        for number, (one, commit) in enumerate(draw(commits_of_loads(kept)), 1)
    )
    numbers = st.sampled_from([load.number for load in loads])
    places = st.integers(1, 3)
    return World(
        SOURCES,
        kept,
        loads,
        tuple(draw(st.lists(statements(numbers, places), max_size=10))),
        tuple(draw(st.lists(assertions(numbers, places), max_size=3))),
        tuple(draw(st.lists(rejected(numbers, places), max_size=3))),
    )


def flat(lists: list[list[Reading]]) -> list[Reading]:
    return [one for some in lists for one in some]


@st.composite
def readings_of_a_delivery(draw: st.DrawFn) -> list[Reading]:
    """A first reading, and perhaps a replay, a retraction or a taking back of it."""
    commit = draw(st.none() | st.integers(1, 4))
    first = Reading(
        draw(st.sampled_from(["a", "b", "c"])),
        draw(st.sampled_from(["d", "e"])),
        draw(st.integers(1, 2)),
        draw(st.sampled_from(["00", "ff"])),
        attempt=1,
        says=1,
        commit=commit,
    )
    later = draw(st.lists(st.sampled_from([None, 1, 2]), max_size=2))
    return [
        first,
        *(replace(first, attempt=number, says=says, commit=4 + number) for number, says in enumerate(later, 2)),
    ]


@st.composite
def commits_of_loads(draw: st.DrawFn, readings: tuple[Reading, ...]) -> list[tuple[Reading, int | None]]:
    """The first load of each reading at its commit, and some later ones."""
    later = draw(st.lists(st.tuples(st.sampled_from(readings), st.integers(7, 9)), max_size=2))
    return [(reading, reading.commit) for reading in readings] + later


def statements(loads: st.SearchStrategy[int], places: st.SearchStrategy[int]) -> st.SearchStrategy[Statement]:
    values = st.fixed_dictionaries(
        {}, optional={"status": words.map(alone), "note": (words | st.none()).map(alone), "price": prices}
    ).map(lambda says: tuple(says.items()))
    keys = st.sampled_from(KEYS)
    puts = st.builds(Statement, keys, times, loads, places, values, st.just("put"), sequences)
    deletes = st.builds(Statement, keys, times, loads, places, st.just(()), st.just("delete"), sequences)
    return st.one_of(puts, puts, puts, deletes)


def alone(value: str | None) -> tuple[str | None]:
    return (value,)


def assertions(loads: st.SearchStrategy[int], places: st.SearchStrategy[int]) -> st.SearchStrategy[Assertion]:
    scopes = st.sampled_from([(), (("shop", 1),), (("shop", 2),), (("shop", 1), ("item", "x"))])
    return st.builds(Assertion, scopes, times, loads, st.none() | places, sequences)


def rejected(loads: st.SearchStrategy[int], places: st.SearchStrategy[int]) -> st.SearchStrategy[RejectedRow]:
    keys = st.none() | st.sampled_from(KEYS)
    still = st.builds(RejectedRow, loads, places, keys)
    done = st.builds(RejectedRow, loads, places, keys, st.sampled_from(["mended", "dropped"]), st.integers(5, 9))
    return still | done


def shuffled(world: World, chance: random.Random) -> World:
    """The same set: every list in another order, with repetitions."""

    def told(items: tuple[T, ...]) -> tuple[T, ...]:
        again = [*items, *chance.choices(items, k=len(items))] if items else []
        return tuple(chance.sample(again, len(again)))

    return World(
        told(world.sources),
        told(world.readings),
        told(world.loads),
        told(world.statements),
        told(world.assertions),
        told(world.rejected),
    )


@given(worlds(), specs(), st.randoms(use_true_random=False), st.none() | times, st.none() | st.integers(0, 9))
def test_order_and_repetition_mean_nothing(
    world: World, spec: EntitySpec, chance: random.Random, as_of: int | None, commit: int | None
) -> None:
    once = fold(world, spec, as_of, commit)
    again = fold(shuffled(world, chance), spec, as_of, commit)
    assert again == once
    assert export(again, spec, incomplete=True) == export(once, spec, incomplete=True)


@given(worlds(), specs(), st.data())
def test_the_cut_into_loads_means_nothing(world: World, spec: EntitySpec, data: st.DataObject) -> None:
    """A load cut in two between its records, of one reading and one commit."""
    cut = data.draw(st.sampled_from(world.loads))
    other = replace(cut, number=len(world.loads) + 1)
    moved = {place for place in (1, 2, 3) if data.draw(st.booleans())}

    def dealt(one: Row) -> Row:
        return replace(one, load=other.number) if one.load == cut.number and one.place in moved else one

    in_two = replace(
        world,
        loads=(*world.loads, other),
        statements=tuple(dealt(one) for one in world.statements),
        assertions=tuple(dealt(one) for one in world.assertions),
        rejected=tuple(dealt(one) for one in world.rejected),
    )
    assert fold(in_two, spec) == fold(world, spec)


@given(worlds(), specs())
def test_what_is_not_live_was_never_said(world: World, spec: EntitySpec) -> None:
    live = live_loads(world)
    without = replace(
        world,
        statements=tuple(one for one in world.statements if one.load in live),
        assertions=tuple(one for one in world.assertions if one.load in live),
        rejected=tuple(one for one in world.rejected if one.load in live),
    )
    assert fold(without, spec) == fold(world, spec)


@given(worlds(), specs())
def test_another_delivery_that_repeats_everything_changes_no_value(world: World, spec: EntitySpec) -> None:
    """Only the origin that is shown may change."""
    live = {load.number: load for load in world.loads if load.number in live_loads(world)}
    number = {old: index for index, old in enumerate(live, len(world.loads) + 1)}
    repeated = replace(
        world,
        readings=world.readings
        + tuple(Reading(one.source, f"again {one.number}", 1, "00", 1, 1, one.commit) for one in live.values()),
        loads=world.loads
        + tuple(
            Load(number[one.number], one.source, f"again {one.number}", 1, "00", 1, one.commit) for one in live.values()
        ),
        statements=world.statements
        + tuple(replace(one, load=number[one.load]) for one in world.statements if one.load in live),
    )
    blank = {key: replace(record, winners={}) for key, record in fold(world, spec).items()}
    assert {key: replace(record, winners={}) for key, record in fold(repeated, spec).items()} == blank


@given(worlds(), specs())
def test_as_of_the_end_is_now(world: World, spec: EntitySpec) -> None:
    assert fold(world, spec, as_of=6, commit=9) == fold(world, spec)


@given(worlds(), specs(), times)
def test_as_of_is_the_fold_of_what_was_said_by_then(world: World, spec: EntitySpec, instant: int) -> None:
    """A later statement still mentions its key, so an empty one at the beginning of time stands in for it."""
    past = replace(
        world,
        statements=tuple(
            one if one.event_time <= instant else replace(one, kind="put", says=(), event_time=0)
            for one in world.statements
        ),
        assertions=tuple(one for one in world.assertions if one.event_time <= instant),
    )
    then, now = fold(world, spec, as_of=instant), fold(past, spec)
    assert then.keys() <= now.keys()
    for key, record in then.items():
        assert (record.values, record.winners) == (now[key].values, now[key].winners)


@given(worlds(), specs())
def test_a_greatest_death_ends_every_key(world: World, spec: EntitySpec) -> None:
    source, reading = Source("z", 255), Reading("z", "end", 1, "00", 1, 1, 10)
    load = Load(99, "z", "end", 1, "00", 1, 10)
    ended = replace(
        world,
        sources=(*world.sources, source),
        readings=(*world.readings, reading),
        loads=(*world.loads, load),
        assertions=(*world.assertions, Assertion((), 100, 99)),
    )
    assert fold(ended, spec) == dict.fromkeys(fold(world, spec), Record(alive=False))


@given(worlds(), specs())
def test_a_record_is_whole(world: World, spec: EntitySpec) -> None:
    """It has a winner or a lack for each required group, and nothing at all if it is gone."""
    for record in fold(world, spec).values():
        required = {group.name for group in spec.groups if group.required}
        stated = {group.name for group in spec.groups if group.name in record.winners}
        assert set(record.lacks) == (required - stated if record.alive else set())
        columns = [name for group in spec.groups if group.name in stated for name in group.column_names()]
        assert list(record.values) == columns
        assert record.alive or record == Record(alive=False)


def test_an_entity_cannot_live_by_first() -> None:
    with pytest.raises(ValueError, match="latest or priority"):
        fold(World(SOURCES), EntitySpec("offer", (Column("id"),), ()), policy="first")


def test_what_a_record_lacks_is_absent_from_its_line() -> None:
    spec = EntitySpec(
        "offer",
        (Column("id", "int"),),
        (
            Group("status", (Column("status"),)),
            Group("price", (Column("amount", "decimal", 2), Column("currency")), facet=True),
        ),
    )
    records: dict[Key, Record] = {
        (10,): Record(True, {"status": "on"}, lacks=("price",)),
        (9,): Record(True, {"status": None, "price_amount": Decimal("1.5"), "price_currency": None}),
        (8,): Record(alive=False),
    }
    nine = '{"id":9,"status":null,"price":{"amount":"1.50","currency":null}}\n'
    assert export(records, spec).decode() == nine
    assert export(records, spec, incomplete=True).decode() == nine + '{"id":10,"status":"on"}\n'
