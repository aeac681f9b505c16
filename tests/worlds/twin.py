"""One history, told to a store and to the reference at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tests.reference import EntitySpec, Reading, RejectedRow, World, fold
from tests.stores import Place
from tests.worlds.declared import Declared, spec_of
from tests.worlds.foretold import changed, concerned, gone_by
from tests.worlds.ledger import Held, Ledger, Sent
from tests.worlds.rows import Claim, Placed, account_of, verdict
from trivium.engine.delivery import ReadingKind
from trivium.model.entity import EntityShape
from trivium.ports import Delivery, Gone, Load, Mend, Published, Store

ARRIVED = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Twin:
    """A store and a ledger of the entity `thing`. What an operator may not do, both refuse."""

    def __init__(self, place: Place, declared: Declared) -> None:
        self.place = place
        self.ledger = Ledger()
        self.declare(declared)
        self.store = self._opened()

    def declare(self, declared: Declared) -> None:
        self.declared = declared
        self.domain = declared.domain()

    def reopen(self, declared: Declared | None = None) -> None:
        """Closes the store and opens it again, perhaps with another declaration."""
        self.store.control.close()
        self.declare(declared or self.declared)
        self.store = self._opened()

    def _opened(self) -> Store:
        store = self.place.open(self.domain)
        store.control.prepare()
        return store

    @property
    def shape(self) -> EntityShape:
        return self.domain.shape("thing")

    @property
    def spec(self) -> EntitySpec:
        return spec_of(self.shape)

    @property
    def world(self) -> World:
        return self.ledger.world(self.declared.sources())

    def load(self, source: str, rows: Sequence[Placed], claims: Sequence[Claim], pieces: int) -> Load:
        """The rows in a load that is not published yet, appended in so many pieces."""
        load = self.store.history.open(source)
        size = -(-len(rows) // pieces) or 1
        for start in range(0, max(len(rows), 1), size):
            load.append(verdict(self.shape, rows[start : start + size], claims if start == 0 else ()))
        return load

    def deliver(
        self, sent: Sent, rows: Sequence[Placed], claims: Sequence[Claim] = (), *, pieces: int = 1, hold: bool = False
    ) -> Published | None:
        """A delivery comes in as by a channel: what is known already is not read again."""
        delivery = delivery_of(sent)
        known = self.store.history.known(delivery)
        assert (known is not None) == self.ledger.is_known(sent), known
        if known is not None:
            return None
        load = self.load(sent.source, rows, claims, pieces)
        if claims:
            assert load.gone() == gone_by(self.world, self.spec, sent.source, rows, claims)
        if hold:
            load.hold(delivery, account_of(rows), Gone(0, 0))
            self.ledger.held.append(Held(sent, load.load_no, tuple(rows), tuple(claims)))
            return None
        published = load.publish(delivery, account_of(rows))
        self._agree(published, self.ledger.deliver(sent, load.load_no, rows, claims))
        return published

    def replay(self, of: Reading, rows: Sequence[Placed], claims: Sequence[Claim], pieces: int) -> None:
        """The kept bytes of a reading are judged anew."""
        sent = Sent(of.source, of.delivery, of.revision, of.digest)
        load = self.load(sent.source, rows, claims, pieces)
        delivery, before = delivery_of(sent, "replay"), fold(self.world, self.spec)
        foretold = load.preview(delivery)
        published = load.publish(delivery, account_of(rows))
        self._agree(published, self.ledger.deliver(sent, load.load_no, rows, claims))
        if published.counts:
            keys = concerned(self.world, self.spec, sent.source, sent.name)
            assert foretold == [changed(before, fold(self.world, self.spec), keys, "thing")]

    def retract(self, source: str, name: str) -> None:
        if (reading := self.ledger.retract(source, name)) is not None:
            self._agree(self.store.control.retract(source, name, "ann"), reading)

    def restore(self, source: str, name: str) -> None:
        if (reading := self.ledger.restore(source, name)) is not None:
            self._agree(self.store.control.restore(source, name, "ann"), reading)

    def release(self, source: str, name: str) -> None:
        """Of several held readings of a delivery the one that came first."""
        held = next(one for one in self.ledger.held if (one.sent.source, one.sent.name) == (source, name))
        self.ledger.held.remove(held)
        published = self.store.control.release(source, name, "ann")
        self._agree(published, self.ledger.deliver(held.sent, held.load, held.rows, held.claims))

    def refuse(self, source: str, name: str) -> None:
        held = next(one for one in self.ledger.held if (one.sent.source, one.sent.name) == (source, name))
        self.ledger.held.remove(held)
        self.store.control.refuse(source, name, "ann")

    def mend(self, row: RejectedRow, rows: Sequence[Placed], *, retried: bool) -> None:
        """A rejected row comes again, as the operator mended it or as it was."""
        of = self.world.load(row.load)
        load = self.load(of.source, rows, (), 1)
        mend = Mend(row.load, (row.place,), "retried" if retried else "mended", "ann")
        published = load.publish_mend(mend, account_of(rows))
        self.ledger.mend(row.load, (row.place,), load.load_no, rows)
        top = self.ledger.highest(of.source, of.delivery)
        assert top is not None
        assert published.commit == self.ledger.commit
        assert (published.revision, published.attempt) == (of.revision, of.attempt)
        assert published.counts == ((top.revision, top.digest, top.says) == of.reading()[2:])

    def drop(self, row: RejectedRow) -> None:
        commit = self.store.control.drop(row.load, row.place, "ann")
        self.ledger.drop(row.load, row.place)
        assert commit == self.ledger.commit

    def _agree(self, published: Published, reading: Reading) -> None:
        """The store has numbered the reading as the law does."""
        assert published.commit == reading.commit
        assert (published.revision, published.attempt) == (reading.revision, reading.attempt)
        assert published.counts == (self.ledger.highest(reading.source, reading.delivery) == reading)


def delivery_of(sent: Sent, kind: ReadingKind = "first") -> Delivery:
    return Delivery(sent.source, sent.name, sent.revision, sent.digest, f"{sent.name}.csv", 100, ARRIVED, kind=kind)
