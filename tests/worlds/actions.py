"""What may happen to a store, as values that read well when a test fails.

An action that picks something picks it modulo what there is, so that every drawn history can be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tests.worlds.declared import Declared
from tests.worlds.ledger import Ledger, Sent
from tests.worlds.rows import Claim, Row, placed
from tests.worlds.twin import Twin
from trivium.ports import Load

T = TypeVar("T")


@dataclass(frozen=True)
class Deliver:
    """A delivery comes in, in so many pieces; perhaps it is held."""

    sent: Sent
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...] = ()
    pieces: int = 1
    hold: bool = False

    def happen(self, twin: Twin) -> None:
        twin.deliver(self.sent, placed(self.rows), self.claims, pieces=self.pieces, hold=self.hold)

    def write_down(self, ledger: Ledger, load: int) -> None:
        """The same in the reference alone."""
        if not ledger.is_known(self.sent):
            ledger.deliver(self.sent, load, placed(self.rows), self.claims)


@dataclass(frozen=True)
class Replay:
    """Some earlier reading is judged anew."""

    pick: int
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...] = ()
    pieces: int = 1

    def happen(self, twin: Twin) -> None:
        if (of := picked(twin.ledger.readings, self.pick)) is not None:
            twin.replay(of, placed(self.rows), self.claims, self.pieces)


@dataclass(frozen=True)
class Say:
    """A delivery is retracted, or its retraction taken back."""

    verb: Literal["retract", "restore"]
    pick: int

    def happen(self, twin: Twin) -> None:
        able = [
            one
            for one in twin.ledger.readings
            if (top := twin.ledger.highest(one.source, one.delivery)) and (top.says is None) == (self.verb == "restore")
        ]
        if (of := picked(able, self.pick)) is not None:
            getattr(twin, self.verb)(of.source, of.delivery)


@dataclass(frozen=True)
class Decide:
    """A held delivery is released or refused."""

    verb: Literal["release", "refuse"]
    pick: int

    def happen(self, twin: Twin) -> None:
        if (held := picked(twin.ledger.held, self.pick)) is not None:
            getattr(twin, self.verb)(held.sent.source, held.sent.name)


@dataclass(frozen=True)
class Resolve:
    """A rejected row is mended, retried or dropped. At its place comes `row`; a retry may be rejected again."""

    verb: Literal["mend", "retry", "drop"]
    pick: int
    row: Row

    def happen(self, twin: Twin) -> None:
        rejected = picked(twin.ledger.open_rows(), self.pick)
        if rejected is None:
            return
        if self.verb == "drop":
            twin.drop(rejected)
        else:
            twin.mend(rejected, placed([self.row], rejected.place), retried=self.verb == "retry")


@dataclass(frozen=True)
class Consolidate:
    """The tail is folded into the master."""

    def happen(self, twin: Twin) -> None:
        done = twin.store.control.consolidate()
        assert done.commit == twin.ledger.commit
        assert twin.store.control.consolidate() == type(done)(done.commit, done.commit, 0)


@dataclass(frozen=True)
class Reopen:
    """The store is closed and opened again, perhaps by another declaration."""

    declared: Declared | None = None

    def happen(self, twin: Twin) -> None:
        twin.reopen(self.declared)


def vanish(load: Load) -> None:
    """What the end of a process does to its load: the connections close, and nobody tidies up."""
    opened: Any = load._opened  # type: ignore[attr-defined]
    of = ((opened, "_life"), (opened.rows, "_pipe"), (opened.rows, "_cursor"))
    connections = [one for owner, name in of if (one := getattr(owner, name, None)) is not None]
    assert connections, "a load that has none cannot vanish so"
    for connection in connections:
        connection.close()


@dataclass(frozen=True)
class Forget:
    """A load is written and then abandoned; or else its process ends, and the store is opened again."""

    source: str
    rows: tuple[Row, ...]
    claims: tuple[Claim, ...] = ()
    crash: bool = False

    def happen(self, twin: Twin) -> None:
        load = twin.load(self.source, placed(self.rows), self.claims, 1)
        if self.crash:
            vanish(load)
            twin.reopen()
        else:
            load.abandon()
            load.abandon()


Action = Deliver | Replay | Say | Decide | Resolve | Consolidate | Reopen | Forget


def picked(items: Sequence[T], pick: int) -> T | None:
    return items[pick % len(items)] if items else None
