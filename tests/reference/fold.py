"""The fold: from the set of everything said to one record a key."""

from collections.abc import Sequence
from dataclasses import replace

from tests.reference.death import ends
from tests.reference.digest import digest
from tests.reference.live import live_part
from tests.reference.record import Origin, Record
from tests.reference.spec import EntitySpec, Group, Policy
from tests.reference.stamp import stamp
from tests.reference.values import Key, Value
from tests.reference.world import Assertion, Statement, World

Rank = tuple[int, int]


def fold(
    world: World,
    spec: EntitySpec,
    as_of: int | None = None,
    commit: int | None = None,
    policy: Policy | None = None,
) -> dict[Key, Record]:
    """The record of every key that has a live statement; any other key is unknown.

    `as_of` is an event time, `commit` a commit number: both include what happened at it. `policy` folds as if
    the entity had declared that one.
    """
    spec = replace(spec, policy=policy or spec.policy)
    if spec.policy == "first":
        raise ValueError("life is decided by latest or priority")
    live = live_part(world, commit)
    said = [one for one in live.statements if in_time(one, as_of)]
    asserted = [one for one in live.assertions if in_time(one, as_of)]
    records = {}
    for key in {one.key for one in said}:
        about = [one for one in said if one.key == key]
        living = survivors(live, spec, about, [one for one in asserted if ends(live, spec, one, key)])
        records[key] = record(live, spec, living)
    return records


def survivors(live: World, spec: EntitySpec, about: Sequence[Statement], ended: Sequence[Assertion]) -> list[Statement]:
    """The puts of one key that rank above its greatest death; at the same rank the death wins."""
    deletes = [one for one in about if one.kind == "delete"]
    deaths = [rank(live, spec.policy, one) for one in deletes]
    deaths += [rank(live, spec.policy, one) for one in ended]
    puts = [one for one in about if one.kind == "put"]
    return [one for one in puts if not deaths or rank(live, spec.policy, one) > max(deaths)]


def in_time(one: Statement | Assertion, as_of: int | None) -> bool:
    return as_of is None or one.event_time <= as_of


def rank(live: World, policy: Policy, one: Statement | Assertion) -> Rank:
    return (stamp(policy, one.event_time, live.precedence(one.load)), one.sequence)


def record(live: World, spec: EntitySpec, living: Sequence[Statement]) -> Record:
    """What the living statements of one key make of it."""
    if not living:
        return Record(alive=False)
    values: dict[str, Value] = {}
    winners: dict[str, Origin] = {}
    for group in spec.groups:
        stating = [one for one in living if one.states(group.name)]
        if stating:
            best = winner(live, spec, group, stating)
            values.update(zip(group.column_names(), best.values(group.name), strict=True))
            winners[group.name] = origin(live, best)
    lacks = tuple(group.name for group in spec.groups if group.required and group.name not in winners)
    return Record(True, values, winners, lacks, ties(live, spec, living))


def winner(live: World, spec: EntitySpec, group: Group, stating: Sequence[Statement]) -> Statement:
    """The greatest by stamp, sequence and digest; among exact repetitions the least origin."""

    def standing(one: Statement) -> tuple[Rank, int]:
        return (rank(live, group.policy or spec.policy, one), digest(one, spec))

    greatest = max(standing(one) for one in stating)
    return min((one for one in stating if standing(one) == greatest), key=lambda one: origin(live, one))


def origin(live: World, statement: Statement) -> Origin:
    load = live.load(statement.load)
    return Origin(load.source, load.delivery, statement.place)


def ties(live: World, spec: EntitySpec, living: Sequence[Statement]) -> int:
    """How many ranks are shared by living statements of different contents."""
    contents: dict[Rank, set[int]] = {}
    for one in living:
        contents.setdefault(rank(live, spec.policy, one), set()).add(digest(one, spec))
    return sum(len(digests) > 1 for digests in contents.values())
