"""The reference world as it grows, commit by commit. Numbers readings by itself, as docs/law.md has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.reference import Assertion, Load, Reading, RejectedRow, Source, Statement, World
from tests.reference.live import highest_reading
from tests.worlds.rows import Accepted, Claim, Placed, Rejected


@dataclass(frozen=True)
class Sent:
    """A delivery as it comes in: its revision where its name has one, and the digest of its bytes."""

    source: str
    name: str
    revision: int | None
    digest: str


@dataclass(frozen=True)
class Held:
    """A delivery that waits for a word of the operator."""

    sent: Sent
    load: int
    rows: tuple[Placed, ...]
    claims: tuple[Claim, ...]


@dataclass
class Ledger:
    """Everything that was committed. Loads have the numbers that the store gave them."""

    commit: int = 0
    readings: list[Reading] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def world(self, sources: Sequence[Source]) -> World:
        return World(
            tuple(sources),
            tuple(self.readings),
            tuple(self.loads),
            tuple(self.statements),
            tuple(self.assertions),
            tuple(self.rejected),
        )

    def of(self, source: str, name: str) -> list[Reading]:
        """The readings of a delivery, as they came."""
        return [one for one in self.readings if (one.source, one.delivery) == (source, name)]

    def is_known(self, sent: Sent) -> bool:
        """Whether these very bytes came before, under the same revision where they come with one."""
        same = [one for one in self.of(sent.source, sent.name) if one.digest == sent.digest]
        if any(sent.revision in (None, one.revision) for one in same):
            return True
        return any(held.sent == sent for held in self.held)

    def highest(self, source: str, name: str) -> Reading | None:
        return highest_reading(self.world(()), source, name)

    def deliver(self, sent: Sent, load: int, rows: Sequence[Placed], claims: Sequence[Claim]) -> Reading:
        """A first reading of its content, or a replay of it."""
        known = self.of(sent.source, sent.name)
        revision = sent.revision
        if revision is None:
            same = [one.revision for one in known if one.digest == sent.digest]
            revision = same[0] if same else 1 + max((one.revision for one in known), default=0)
        content = (revision, sent.digest)
        attempt = 1 + max((one.attempt for one in known if one.order()[:2] == content), default=0)
        self.commit += 1
        reading = Reading(sent.source, sent.name, *content, attempt, attempt, self.commit)
        self.readings.append(reading)
        self.write(load, reading, rows, claims)
        return reading

    def retract(self, source: str, name: str) -> Reading | None:
        """A reading that says nothing, unless the one that counts says nothing already."""
        top = self.highest(source, name)
        return None if top is None or top.says is None else self.say(top, None)

    def restore(self, source: str, name: str) -> Reading | None:
        """What said something last, says it again."""
        top = self.highest(source, name)
        if top is None or top.says is not None:
            return None
        same = [one for one in self.of(source, name) if one.order()[:2] == top.order()[:2]]
        return self.say(top, [one.says for one in same if one.says is not None][-1])

    def say(self, top: Reading, says: int | None) -> Reading:
        self.commit += 1
        reading = replace(top, attempt=top.attempt + 1, says=says, commit=self.commit)
        self.readings.append(reading)
        return reading

    def open_rows(self) -> list[RejectedRow]:
        return [row for row in self.rejected if row.fate == "open"]

    def mend(self, old: int, places: Sequence[int], load: int, rows: Sequence[Placed]) -> None:
        """Rows of the quarantine come again, with the reading that they belong to."""
        self.commit += 1
        for place in places:
            self.resolve(old, place, "mended")
        of = next(one for one in self.loads if one.number == old)
        reading = Reading(of.source, of.delivery, of.revision, of.digest, of.attempt, of.attempt, self.commit)
        self.write(load, reading, rows, ())

    def drop(self, load: int, place: int) -> None:
        self.commit += 1
        self.resolve(load, place, "dropped")

    def resolve(self, load: int, place: int, fate: Literal["mended", "dropped"]) -> None:
        for index, row in enumerate(self.rejected):
            if (row.load, row.place, row.fate) == (load, place, "open"):
                self.rejected[index] = replace(row, fate=fate, resolved=self.commit)

    def write(self, load: int, of: Reading, rows: Sequence[Placed], claims: Sequence[Claim]) -> None:
        self.loads.append(Load(load, of.source, of.delivery, of.revision, of.digest, of.attempt, self.commit))
        for claim in claims:
            self.assertions.append(Assertion(claim.scope, claim.event_time, load, None, claim.sequence))
        for place, row in rows:
            if isinstance(row, Rejected):
                self.rejected.append(RejectedRow(load, place, row.key))
            else:
                self.accept(load, place, row)

    def accept(self, load: int, place: int, row: Accepted) -> None:
        self.statements += [one.statement(load, place) for one in row.said]
        if (claim := row.claim) is not None:
            self.assertions.append(Assertion(claim.scope, claim.event_time, load, place, claim.sequence))
