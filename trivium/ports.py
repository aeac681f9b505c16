"""What the floors above need of the outside, on one page.

A store keeps one domain. It is three ports: `History` (what was said), `Reader` (what holds), `Control` (what
is administered). Every adapter fulfils the obligations stated here and passes the same contract tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, Protocol

import pyarrow as pa

from trivium.model.survivorship import LifePolicy


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the records received: received = accepted + rejected + ignored, always."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    ignored: int = 0

    def __add__(self, other: Account) -> Account:
        return Account(
            self.received + other.received,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.ignored + other.ignored,
        )

    @property
    def balances(self) -> bool:
        """Whether every record received is accounted for."""
        return self.received == self.accepted + self.rejected + self.ignored


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge made of a piece of a delivery; tables are by entity.

    `statements`: the typed columns, `<group>__stated`, `_at`, `_seq`, `_kind`, `_digest`, `_place`.
    `assertions`: the key columns (null outside the scope), `_parts` (the
    scope's key columns, joined by commas), `_at`, `_seq`, `_place` (null: the whole
    delivery). `mentions`: key columns and `_place` of rejected records whose key could be read. `rejected`:
    `place`, `line`, `byte_offset`, `raw`, `reasons` (JSON text), `keyless`, `due` (microseconds, or null).
    """

    account: Account
    statements: dict[str, pa.Table] = field(default_factory=dict)
    assertions: dict[str, pa.Table] = field(default_factory=dict)
    mentions: dict[str, pa.Table] = field(default_factory=dict)
    rejected: pa.Table | None = None


ReadingKind = Literal["first", "revision", "replay", "retraction", "restored"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery and the reading of it: what was sent, by its stable name, revision and content.

    `digest` is the SHA-256 of the raw bytes in hex. `revision` None: there is none in the name, the store
    numbers arrivals. `attempt` None: the first of this content, or the next for a replay.
    """

    source: str
    name: str
    revision: int | None
    digest: str
    file: str
    size: int
    arrived_at: dt.datetime
    kind: ReadingKind = "first"
    archived: bool = False
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Mend:
    """Quarantined records of a load that this load brings again: they keep their delivery and reading."""

    load_no: int
    places: tuple[int, ...]
    outcome: Literal["mended", "retried"]
    by: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication came to. `counts`: whether this is the reading of its delivery that counts."""

    commit: int
    load_no: int
    revision: int
    attempt: int
    counts: bool
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """How many living records of the scopes a delivery asserts it would end, of how many."""

    gone: int
    alive: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load would change if it were the reading of its delivery that counts: living records of one entity
    that appear, end, change, and stay as they are."""

    entity: str
    appear: int
    end: int
    change: int
    stay: int


class Load(Protocol):
    """Rows on their way in, under a number of their own. Nothing of them is visible before it is published.

    A load belongs to one thread. A crash at any point before `publish` returns leaves nothing that a reader
    could see, and what it left behind is swept at the next start.
    """

    load_no: int

    def append(self, verdict: Verdict) -> None:
        """Writes a piece. Durable at the latest when `publish` returns."""

    def gone(self) -> Gone:
        """What the assertions of this load would end, against what holds now."""

    def preview(self, delivery: Delivery) -> list[Preview]:
        """What publishing would change, entity by entity. Changes nothing."""

    def publish(self, delivery: Delivery, account: Account) -> Published:
        """Makes everything appended visible at once: one transaction, a commit number, the account with it."""

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        """The same for records from quarantine, whose old entries are resolved in the same transaction."""

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """Keeps the load invisible until `Control.release` publishes or `Control.refuse` removes it."""

    def abandon(self) -> None:
        """Removes everything appended. Idempotent."""


class History(Protocol):
    """What was said, append-only."""

    def known(self, delivery: Delivery) -> str | None:
        """Why this very content needs no reading again (it counts, it is held, something came between), or None."""

    def open(self, source: str) -> Load:
        """A new load. Waits for nobody."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a reader looks at: what was known at `commit` (None: now), of what is said up to `as_of`
    (microseconds since 1970; None: everything), folded by `policy` (None: the entity's own)."""

    as_of: int | None = None
    commit: int | None = None
    policy: LifePolicy | None = None


NOW = Moment()


class Reader(Protocol):
    """What holds. Every call sees one snapshot: all of a delivery or nothing of it.

    Records come as Arrow: key and attribute columns in declared order, then `_alive`, `_lacks` (names of
    required attributes that nothing stated, comma separated, empty when complete), `_stamp`.
    """

    def records(
        self, entity: str, moment: Moment = NOW, *, key: Sequence[Any] | None = None, ordered: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """The records of an entity, the gone ones included; with `key`, that one alone. `ordered`: by key,
        texts by their UTF-8 bytes."""

    def statements(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """Every statement about a key, live or not, with `source`, `delivery`, `revision`, `file`, `_place`,
        `commit_no`, `live`, `reading_no` and the standing of its reading."""

    def assertions(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """Every assertion whose scope covers a key, with the same origin, `live`, `held_back` and `mentioned`."""

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """The keys that may have changed after a commit, and the commit up to which that is known."""

    def query(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """A view, over the current, complete, living records of the domain's entities."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what the store holds and what is declared."""

    what: str
    allowed: bool
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What a consolidation did: from one commit to another, how many keys were folded."""

    after: int
    commit: int
    keys: int


class Control(Protocol):
    """What is administered: the shape of the store, deliveries, quarantine, consolidation."""

    def plan(self) -> list[Change]:
        """What would change for today's declaration. Writes nothing."""

    def prepare(self) -> list[Change]:
        """Makes the store fit the declaration and sweeps what crashed loads left; refused if `plan` says so."""

    def consolidate(self) -> Consolidation:
        """Folds the tail into the master. Holds up neither readers nor loads; killed, it has done nothing."""

    def retract(self, source: str, delivery: str, by: str | None) -> Published:
        """What the delivery said counts as never said."""

    def restore(self, source: str, delivery: str, by: str | None) -> Published:
        """Takes a retraction back."""

    def release(self, source: str, delivery: str, by: str | None) -> Published:
        """Publishes a held delivery."""

    def refuse(self, source: str, delivery: str, by: str | None) -> None:
        """Removes a held delivery."""

    def drop(self, load_no: int, place: int, by: str | None) -> int:
        """Closes a quarantined record for good; the commit in which that happened."""

    def deliveries(self, source: str | None = None, delivery: str | None = None) -> pa.Table:
        """Every reading of every delivery, held ones included, with its account and whether it counts."""

    def quarantine(self, source: str | None = None, *, closed: bool = False) -> pa.Table:
        """The rejected records that are open; with `closed`, the others too."""

    def findings(self) -> pa.Table:
        """What is odd though nothing was rejected: `commit_no`, `kind`, `source`, `subject`, `detail`."""

    def status(self) -> dict[str, Any]:
        """Figures about the store: commit, consolidated commit, tail, rows of each entity, loads under way."""

    def close(self) -> None:
        """Lets go of the store."""


class Store(Protocol):
    """One domain's store."""

    history: History
    reader: Reader
    control: Control


class RawInput(Protocol):
    """Raw input, kept by the SHA-256 of its bytes."""

    def keep(self, stream: BinaryIO) -> tuple[str, int]:
        """Copies the stream, durably; its digest and size. The same content twice is kept once."""

    def open(self, digest: str) -> BinaryIO:
        """The bytes again; raises UsageError where they are no longer kept."""

    def remove_older(self, digests: Sequence[str]) -> None:
        """Forgets these."""
