"""A store with the few calls by which contract tests speak to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from tests.reference import Key
from tests.stores import Place
from tests.worlds.rows import Accepted, Claim, Rejected, Row, Said, placed, verdict
from trivium.engine.canonical import lines
from trivium.engine.delivery import ReadingKind
from trivium.errors import TriviumError
from trivium.model.domain import Domain
from trivium.ports import NOW, Account, Delivery, Load, Mend, Moment, Published, Store, Verdict

ARRIVED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Rows = Sequence[Row] | Mapping[str, Sequence[Row]]


def put(key: Key, at: int, sequence: int = -1, **says: Any) -> Accepted:
    """A record with one statement; a facet's values come as a tuple."""
    stated = tuple((name, value if isinstance(value, tuple) else (value,)) for name, value in says.items())
    return Accepted((Said(key, at, stated, "put", sequence),))


def delete(key: Key, at: int) -> Accepted:
    return Accepted((Said(key, at, (), "delete"),))


def delivery(
    name: str,
    revision: int | None = 1,
    digest: str = "aa",
    *,
    source: str = "events",
    kind: ReadingKind = "first",
    by: str | None = None,
) -> Delivery:
    file = f"in/{name}.json"
    return Delivery(source, name, revision, digest, file, 1234, ARRIVED, kind=kind, archived=True, by=by)


def nameless() -> Delivery:
    """A delivery without a file: no store can write it down, so its publication fails after the rows are kept."""
    return replace(delivery("nameless"), file=cast(str, None))


class Lab:
    """One open store."""

    def __init__(self, place: Place, domain: Domain) -> None:
        self.place = place
        self.open(domain)

    def open(self, domain: Domain) -> None:
        self.domain = domain
        self.store: Store = self.place.open(domain)
        self.store.control.prepare()

    def reopen(self, domain: Domain | None = None) -> None:
        self.store.control.close()
        self.open(domain or self.domain)

    def verdict(self, rows: Rows, claims: Sequence[Claim] = (), entity: str | None = None, first: int = 1) -> Verdict:
        """The verdict on rows of one entity or of several, each with places from `first`."""
        if not isinstance(rows, Mapping):
            rows = {entity or self.domain.shapes[0].name: rows}
        parts = [verdict(self.domain.shape(name), placed(one, first), claims) for name, one in rows.items()]
        whole = parts[0]
        for part in parts[1:]:
            whole.statements.update(part.statements)
            whole.assertions.update(part.assertions)
            whole.mentions.update(part.mentions)
        return whole

    def load(
        self, rows: Rows, claims: Sequence[Claim] = (), *, source: str = "events", entity: str | None = None
    ) -> Load:
        """A load with these rows, not published."""
        load = self.store.history.open(source)
        load.append(self.verdict(rows, claims, entity))
        return load

    def send(
        self,
        rows: Rows,
        name: str = "d",
        revision: int | None = 1,
        digest: str = "aa",
        *,
        claims: Sequence[Claim] = (),
        source: str = "events",
        kind: ReadingKind = "first",
        entity: str | None = None,
    ) -> Published:
        """A delivery, read and published."""
        load = self.load(rows, claims, source=source, entity=entity)
        return load.publish(delivery(name, revision, digest, source=source, kind=kind), account(rows))

    def mend(self, old: int, place: int, row: Row, *, retried: bool = False) -> Published:
        """A rejected record comes again."""
        load = self.store.history.open("events")
        load.append(self.verdict([row], first=place))
        try:
            mend = (
                Mend(old, (place,), "retried", "ann") if retried else Mend(old, (place,), "mended", "ann", (b"mended",))
            )
            return load.publish_mend(mend, account([row]))
        except TriviumError:
            load.abandon()
            raise

    def rows(self, entity: str | None = None, moment: Moment = NOW, **how: Any) -> dict[Key, dict[str, Any]]:
        """The records by key, in their order."""
        shape = self.domain.shape(entity or self.domain.shapes[0].name)
        batches = self.store.reader.records(shape.name, moment, ordered=True, **how)
        listed = [row for batch in batches for row in batch.to_pylist()]
        found = {tuple(row[key.name] for key in shape.keys): row for row in listed}
        assert len(found) == len(listed)
        return found

    def alive(self, entity: str | None = None, moment: Moment = NOW) -> list[Key]:
        return [key for key, row in self.rows(entity, moment).items() if row["_alive"]]

    def export(self, entity: str | None = None) -> str:
        """The canonical export of all that is alive, incomplete or not."""
        shape = self.domain.shape(entity or self.domain.shapes[0].name)
        batches = self.store.reader.records(shape.name, ordered=True)
        return b"".join(lines(shape, batches, incomplete=True)).decode()


def account(rows: Rows) -> Account:
    """The account of rows: a place that several entities share is one record."""
    several = list(rows.values()) if isinstance(rows, Mapping) else [rows]
    received = max((len(one) for one in several), default=0)
    rejected = {place for one in several for place, row in placed(one) if isinstance(row, Rejected)}
    return Account(received, received - len(rejected), len(rejected), 0)
