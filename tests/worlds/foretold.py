"""What a load tells before it is published, by the reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tests.reference import Assertion, EntitySpec, Key, Record, World, fold
from tests.reference.death import covers
from tests.reference.live import live_part
from tests.reference.stamp import stamp
from tests.worlds.rows import NOWHERE, Claim, Placed, Rejected
from trivium.ports import Gone, Preview


def gone_by(world: World, spec: EntitySpec, source: str, rows: Sequence[Placed], claims: Sequence[Claim]) -> Gone:
    """How many living records the claims of a whole delivery would end, and how many there are in their scopes.

    Claims over the same parts of the key are one assertion in pieces; over other parts they count by themselves.
    """
    precedence = next(one.precedence for one in world.sources if one.name == source)
    spared = mentioned(rows)
    total = Gone(0, 0)
    alive = [key for key, record in fold(world, spec).items() if record.alive]
    for parts in {tuple(name for name, _ in claim.scope) for claim in claims}:
        mine = [claim for claim in claims if tuple(name for name, _ in claim.scope) == parts]
        for key in alive:
            covering = [one for one in mine if covers(spec, Assertion(one.scope, one.event_time, NOWHERE), key)]
            if not covering:
                continue
            death = max(stamp(spec.policy, one.event_time, precedence) for one in covering)
            ended = greatest_living(world, spec, key) <= death and key not in spared
            total = Gone(total.gone + ended, total.alive + 1)
    return total


def greatest_living(world: World, spec: EntitySpec, key: Key) -> int:
    """The greatest stamp of a key that is alive: its greatest put, for that outlives every death."""
    live = live_part(world)
    puts = [one for one in live.statements if one.key == key and one.kind == "put"]
    return max(stamp(spec.policy, one.event_time, live.precedence(one.load)) for one in puts)


def mentioned(rows: Sequence[Placed]) -> set[Key]:
    """The keys that rows name, the rejected ones among them."""
    stated = {one.key for _, row in rows if not isinstance(row, Rejected) for one in row.said}
    return stated | {row.key for _, row in rows if isinstance(row, Rejected) and row.key is not None}


def changed(
    before: Mapping[Key, Record], after: Mapping[Key, Record], concerned: Collection[Key], entity: str
) -> Preview:
    """How many living records appeared, ended, changed, or stayed as they were though they were `concerned`."""
    was = {key: record for key, record in before.items() if record.alive}
    now = {key: record for key, record in after.items() if record.alive}
    both = was.keys() & now.keys()
    other = {key for key in both if (was[key].values, was[key].lacks) != (now[key].values, now[key].lacks)}
    same = (both & set(concerned)) - other
    return Preview(entity, len(now.keys() - was.keys()), len(was.keys() - now.keys()), len(other), len(same))


def concerned(world: World, spec: EntitySpec, source: str, delivery: str) -> set[Key]:
    """The keys that any load of a delivery ever stated or claimed."""
    loads = {one.number for one in world.loads if (one.source, one.delivery) == (source, delivery)}
    claims = [one for one in world.assertions if one.load in loads]
    stated = {one.key for one in world.statements}
    return {one.key for one in world.statements if one.load in loads} | {
        key for key in stated if any(covers(spec, claim, key) for claim in claims)
    }
