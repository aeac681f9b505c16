"""The worlds of docs/law.md, told to a store: every row in shops and deliveries of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from tests.reference import EntitySpec, Key, Load, Reading, RejectedRow, Value, World
from tests.reference.notation import SOURCES
from tests.worlds.ledger import Sent
from tests.worlds.rows import Accepted, Claim, Placed, Rejected, Row, Said, account_of, verdict
from tests.worlds.twin import delivery_of
from trivium.engine.delivery import ReadingKind
from trivium.model.domain import Domain
from trivium.model.entity import Entity, Facet, Field
from trivium.model.entity import Key as KeyOf
from trivium.model.source import Events, Into
from trivium.ports import Delivery, Gone, Mend, Store


class Price(Facet):
    """What an offer costs."""

    amount: Decimal | None = Field(max_digits=12, decimal_places=2)
    currency: str | None


def offers(spec: EntitySpec) -> Domain:
    """The tables' entity by the policies of a spec, and their sources."""
    types = {"shop": KeyOf[str], "item": KeyOf[str], "status": str | None, "note": str | None, "price": Price}
    offer: type[Entity] = type("Offer", (Entity,), {"__annotations__": types}, survivorship=spec.policy)
    groups = {group.name: group for group in spec.groups}
    told = [
        replace(one, policy=groups[one.name].policy, required=groups[one.name].required) for one in offer.shape.groups
    ]
    offer.shape = replace(offer.shape, groups=tuple(told))
    into = [Into(offer, asserts="shop")]
    sources = [Events(one.name, topic="t", event_time="at", precedence=one.precedence, into=into) for one in SOURCES]
    return Domain("law", [offer], sources)


class CannotSayIt(Exception):
    """A world that no operator can bring about through the ports."""


@dataclass
class Teller:
    """Tells one world. `prefix` sets its shops and deliveries apart from those of other worlds."""

    store: Store
    domain: Domain
    prefix: str
    world: World

    def __post_init__(self) -> None:
        self.loads: dict[int, int] = {}
        self.commits: dict[int, int] = {0: self.store.control.status()["commit"]}

    def commit_of(self, commit: int) -> int:
        """The store's number for a commit of the world; a step that changed nothing has none of its own."""
        return self.commits[max(known for known in self.commits if known <= commit)]

    def spoken_of(self) -> list[Key]:
        """The keys that the world speaks of, as it calls them."""
        return list(dict.fromkeys(one.key for one in self.world.statements))

    def key(self, key: Key) -> Key:
        return (f"{self.prefix}{key[0]}", *key[1:])

    def tell(self) -> None:
        if any(not assertion.scope for assertion in self.world.assertions):
            raise CannotSayIt("a source asserts at least one part of the key")
        events = sorted(self._events(), key=lambda event: event[0])
        for commit, happen in events:
            happen()
            self.commits[commit] = self.store.control.status()["commit"]

    def _events(self) -> Iterator[tuple[int, Callable[[], object]]]:
        """What happened at each commit. What is held has none, and comes first."""
        first = {load.reading(): load for load in reversed(self.world.loads)}
        for reading in self.world.readings:
            load = first.get((reading.source, reading.delivery, *reading.order()))
            commit = reading.commit or 0
            if load is not None:
                yield commit, partial(self._publish, reading, load)
            else:
                yield commit, partial(self._say, reading)
        firsts = {load.number for load in first.values()}
        for row in self.world.rejected:
            if row.fate == "dropped" and row.resolved:
                yield row.resolved, partial(self._drop, row)
        for load in self.world.loads:
            if load.number not in firsts:
                yield load.commit or 0, partial(self._mend, load, first[load.reading()])

    def _delivery(self, of: Reading, kind: ReadingKind = "first") -> Delivery:
        return delivery_of(Sent(of.source, self.prefix + of.delivery, of.revision, of.digest), kind)

    def _publish(self, reading: Reading, of: Load) -> None:
        load = self.store.history.open(reading.source)
        self.loads[of.number] = load.load_no
        rows = self._rows(of.number)
        load.append(verdict(self.domain.shape("offer"), rows, self._claims(of.number, None)))
        delivery = self._delivery(reading, "first" if reading.attempt == 1 else "replay")
        if reading.commit is None:
            load.hold(delivery, account_of(rows), Gone(0, 0))
        else:
            assert load.publish(delivery, account_of(rows)).attempt == reading.attempt

    def _say(self, reading: Reading) -> None:
        name = self.prefix + reading.delivery
        if reading.says is None:
            self.store.control.retract(reading.source, name, None)
            return
        same = [
            one
            for one in self.world.readings
            if (one.delivery, *one.order()[:2]) == (reading.delivery, *reading.order()[:2])
        ]
        said = max(one.attempt for one in same if one.says == one.attempt)
        if said != reading.says:
            raise CannotSayIt("a taking back brings back what was said last")
        self.store.control.restore(reading.source, name, None)

    def _mend(self, load: Load, of: Load) -> None:
        places = tuple(
            row.place
            for row in self.world.rejected
            if row.load == of.number and row.fate == "mended" and row.resolved == load.commit
        )
        new = self.store.history.open(load.source)
        rows = self._rows(load.number)
        new.append(verdict(self.domain.shape("offer"), rows))
        new.publish_mend(Mend(self.loads[of.number], places, "mended", None), account_of(rows))

    def _drop(self, row: RejectedRow) -> None:
        self.store.control.drop(self.loads[row.load], row.place, None)

    def _claims(self, load: int, place: int | None) -> list[Claim]:
        return [
            Claim(tuple((name, self._part(name, value)) for name, value in one.scope), one.event_time, one.sequence)
            for one in self.world.assertions
            if (one.load, one.place) == (load, place)
        ]

    def _part(self, name: str, value: Value) -> Value:
        return f"{self.prefix}{value}" if name == "shop" else value

    def _rows(self, load: int) -> list[Placed]:
        said: dict[int, list[Said]] = {}
        for one in self.world.statements:
            if one.load == load:
                told = Said(self.key(one.key), one.event_time, one.says, one.kind, one.sequence)
                said.setdefault(one.place, []).append(told)
        rejected = {row.place: row.key for row in self.world.rejected if row.load == load}
        asserting = {one.place for one in self.world.assertions if one.load == load and one.place is not None}
        rows: list[Placed] = []
        for place in sorted({*said, *rejected, *asserting}):
            row: Row
            if place in rejected:
                key = rejected[place]
                row = Rejected(None if key is None else self.key(key))
            else:
                claims = self._claims(load, place)
                row = Accepted(tuple(said.get(place, ())), claims[0] if claims else None)
            rows.append((place, row))
        return rows
