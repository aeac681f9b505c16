"""Whether an explanation of a record says what the reference says: who won, who lost, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.reference import Assertion, Key, Policy, Statement, World, digest, fold
from tests.reference.death import covers, ends, is_held_back, mentions
from tests.reference.fold import in_time, rank, survivors
from tests.reference.live import highest_reading, live_part
from tests.reference.spec import EntitySpec
from tests.worlds.rows import kept
from tests.worlds.twin import Twin
from trivium.adapters.objects.folder import RawFolder
from trivium.engine.explain import Explained, Origin, Said
from trivium.model.survivorship import LifePolicy
from trivium.service.explaining import explain_key
from trivium.service.opening import Opened

Told = tuple[str, str, int, int | None, int | None, int, int]
"""An origin: source, delivery, revision, commit, place, event time and sequence."""


def check_explained(twin: Twin, key: Key, as_of: int | None = None, policy: LifePolicy | None = None) -> None:
    """One key explained, as of an instant or by another policy too."""
    opened = Opened(twin.domain, twin.store, RawFolder(Path("nothing is kept")))
    found = explain_key(opened, twin.shape, key, as_of=as_of, policy=policy)
    record = fold(twin.world, twin.spec, as_of, None, policy).get(key)
    assert found.state == ("unknown" if record is None else "alive" if record.alive else "gone")
    assert found.lacks == (() if record is None else record.lacks)
    case = Case(twin.world, replace(twin.spec, policy=policy or twin.spec.policy), key, as_of)
    for one in found.attributes:
        case.check_attribute(one, twin)
    deaths = Counter((told(one.origin), one.what.split(":")[0], one.why_not) for one in found.deaths)
    assert deaths == case.deaths()


class Case:
    """What the reference knows of one key."""

    def __init__(self, world: World, spec: EntitySpec, key: Key, as_of: int | None) -> None:
        self.world, self.spec, self.live = world, spec, live_part(world)
        self.said = [one for one in world.statements if one.key == key and in_time(one, as_of)]
        self.covering = [one for one in world.assertions if covers(spec, one, key) and in_time(one, as_of)]
        about = [one for one in self.said if self.counts(one)]
        self.ending = [one for one in self.covering if self.counts(one) and ends(self.live, spec, one, key)]
        self.living = survivors(self.live, spec, about, self.ending)
        self.key = key

    def counts(self, one: Statement | Assertion) -> bool:
        return any(one.load == load.number for load in self.live.loads)

    def check_attribute(self, found: Explained, twin: Twin) -> None:
        """The winner is the reference's, everybody else has lost for the reason that is told."""
        group = next(one for one in self.spec.groups if one.name == found.group.name)
        puts = [one for one in self.said if one.kind == "put" and one.states(group.name)]
        standing = partial(self.standing, policy=group.policy or self.spec.policy)
        stating = [one for one in self.living if one.states(group.name)]
        greatest = max(map(standing, stating), default=None)
        best = min((one for one in stating if standing(one) == greatest), key=self.place, default=None)
        places = {column.name: column.type.decimal_places for column in twin.shape.columns}

        def says(one: Statement) -> tuple[Told, tuple[object, ...]]:
            names = group.column_names()
            values = zip(names, one.values(group.name), strict=True)
            return (self.origin(one), tuple(kept(value, places[name]) for name, value in values))

        winner = None if found.winner is None else (told(found.winner.origin), found.winner.values)
        assert winner == (None if best is None else says(best))
        losers: Counter[tuple[Any, ...]] = Counter((told(one.origin), one.values, one.why_not) for one in found.losers)
        others = [one for one in puts if one is not best]
        policy = group.policy or self.spec.policy
        expected: Counter[tuple[Any, ...]] = Counter((*says(one), self.why(one, best, policy)) for one in others)
        assert losers == expected, f"told {losers - expected}, not {expected - losers}"
        assert_descends(found.losers, others, self.origin, standing)

    def why(self, one: Statement, best: Statement | None, policy: Policy) -> str:
        """The words for a loser."""
        if not self.counts(one):
            of = self.world.load(one.load)
            top = highest_reading(self.world, of.source, of.delivery)
            assert top is not None
            if top.says is None:
                return "its delivery is retracted"
            if top.revision != of.revision:
                return f"revision {top.revision} of its delivery replaced it"
            return "another reading of its delivery replaced it"
        if not any(one is other for other in self.living):
            return "does not outlive the record's greatest death"
        assert best is not None
        mine, theirs = (self.world.precedence(each.load) for each in (one, best))
        if policy == "priority" and mine != theirs:
            return "its source has lower precedence"
        if one.event_time != best.event_time:
            return "its event time is later, and the first wins" if policy == "first" else "its event time is earlier"
        if mine != theirs:
            return "its source has lower precedence at the same time"
        if one.sequence != best.sequence:
            return "its sequence is lower"
        if digest(one, self.spec) != digest(best, self.spec):
            return "tied; its content has the lower digest"
        return "says the same at the same rank; the least origin is shown"

    def deaths(self) -> Counter[tuple[Told, str, str | None]]:
        """Deletes, and assertions that cover the key and do not mention it, with what is said of them."""
        deletes = [one for one in self.said if one.kind == "delete"]
        counting: list[Statement | Assertion] = [*filter(self.counts, deletes), *self.ending]
        ranks = [rank(self.live, self.spec.policy, one) for one in counting]
        told: Counter[tuple[Told, str, str | None]] = Counter()
        said: list[Statement | Assertion] = [*deletes, *self.covering]
        for one in said:
            asserts = isinstance(one, Assertion)
            if isinstance(one, Assertion) and self.spares(one):
                continue
            why = None
            if not self.counts(one):
                why = "its delivery's reading does not count"
            elif isinstance(one, Assertion) and is_held_back(self.live, one):
                why = "held back: its delivery has rejected rows whose key could not be read"
            elif rank(self.live, self.spec.policy, one) != max(ranks):
                why = "a later death counts"
            told[self.origin(one), "asserted gone" if asserts else "deleted", why] += 1
        return told

    def spares(self, one: Assertion) -> bool:
        """Whether it mentions the key: it does or does not, whatever became of its reading."""
        return self.key in mentions(self.world, one)

    def standing(self, one: Statement, policy: Policy) -> tuple[tuple[int, int], int]:
        return (rank(self.world, policy, one), digest(one, self.spec))

    def place(self, one: Statement) -> tuple[str, str, int]:
        of = self.world.load(one.load)
        return (of.source, of.delivery, one.place)

    def origin(self, one: Statement | Assertion) -> Told:
        of = self.world.load(one.load)
        return (of.source, of.delivery, of.revision, of.commit, one.place, one.event_time, one.sequence)


def told(origin: Origin) -> Told:
    sequence = -1 if origin.sequence is None else origin.sequence
    place = (origin.source, origin.delivery, origin.revision, origin.commit, origin.place)
    return (*place, origin.event_time, sequence)


def assert_descends(
    losers: Iterable[Said],
    statements: Iterable[Statement],
    origin: Callable[[Statement], Told],
    standing: Callable[[Statement], tuple[tuple[int, int], int]],
) -> None:
    """The losers come from the strongest down. Statements of one origin are of one record and may be any of it."""
    strengths: dict[Told, set[tuple[tuple[int, int], int]]] = {}
    for one in statements:
        strengths.setdefault(origin(one), set()).add(standing(one))
    least = None
    for loser in losers:
        of = strengths[told(loser.origin)]
        if len(of) > 1:
            continue
        (mine,) = of
        assert least is None or mine <= least
        least = mine
