"""What the floors above need of the outside, on one page.

A store keeps one domain. It is four ports: `History` (what was said), `Reader` (what holds), `Control` (what is
administered), `Ledger` (which files were seen). Every adapter fulfils the obligations stated here and passes the same
contract tests.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, TypedDict, Unpack

import pyarrow as pa

from trivium.engine.delivery import Delivery, Gone, Mend, Preview, Published
from trivium.engine.evolution import Change
from trivium.engine.law.statements import Alone
from trivium.engine.reconciling.kept import Reconciliation
from trivium.engine.sighting import Sighting, State
from trivium.engine.verdict import Account, Verdict
from trivium.model.survivorship import LifePolicy

__all__ = [
    "NOW",
    "Account",
    "Alone",
    "Bundle",
    "Change",
    "Consolidation",
    "Control",
    "Delivery",
    "Entry",
    "Gone",
    "History",
    "Inbox",
    "Ledger",
    "Load",
    "Mend",
    "Moment",
    "Preview",
    "Published",
    "RawInput",
    "Reader",
    "Reconciliation",
    "Sighting",
    "Store",
    "Turn",
    "Verdict",
]


class Load(Protocol):
    """Rows on their way in, under a number of their own. Nothing of them is visible before it is published.

    A load is used by one thread at a time. A crash at any point before `publish` returns leaves nothing that a reader
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
        """Makes everything appended visible at once: one transaction, a commit number, the account with it.

        Raises AlreadyTaken where a first reading's content needs none again (see `History.known`).
        """

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        """The same for records from quarantine, whose old entries are resolved in the same transaction."""

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        """Keeps the load invisible until `Control.release` publishes or `Control.refuse` removes it.

        Raises AlreadyTaken as `publish` does.
        """

    def abandon(self) -> None:
        """Removes everything appended, unless it was published after all: a COMMIT may fail after it was made.
        Idempotent."""


class Bundle(Protocol):
    """Rows of many small deliveries of one source on their way in, each under a load number of its own, to be published
    in one commit. Otherwise as `Load`."""

    load_nos: Sequence[int]

    def append(self, verdict: Verdict) -> None:
        """Writes a piece. The column `_part` of its tables says which of the deliveries a row is of, from 0."""

    def gone(self) -> Gone:
        """What the assertions of all of them together would end."""

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        """Makes everything appended visible in one transaction; the deliveries in the order of their parts.

        Raises AlreadyTaken where anything was said of one of them before.
        """

    def abandon(self) -> None:
        """See `Load`."""


class History(Protocol):
    """What was said, append-only."""

    def known(self, delivery: Delivery) -> str | None:
        """Why this very content needs no reading again (it counts, it is held, something came between), or None.

        Where it needs none its coming again is counted, as `again` of `Control.deliveries`. Where something came
        between, a finding `repeated` is written, with the delivery's last commit.
        """

    def open(self, source: str) -> Load:
        """A new load. Waits for nobody."""

    def unheard(self, source: str, deliveries: Sequence[str]) -> set[str]:
        """Those of the deliveries of which nothing was ever said, also not by one that is held."""

    def open_bundle(self, source: str, count: int) -> Bundle:
        """A new bundle of so many deliveries. Waits for nobody."""


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

    def alone(
        self, entity: str, who: Alone, *, as_of: int | None = None, about: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The records that one source makes by itself, or one delivery of it, of what it said up to `as_of`: folded
        from its live statements and assertions, as if nobody else had ever spoken. `about`: of those keys only that the
        loads of this reading state or cover by assertions.

        The columns of `records`, then `GROUP__reading` and `GROUP__place` of each group: the winner's reading, and its
        place in it; null where nothing that lives states the group.
        """

    def statements(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """Every statement about a key, live or not, with `source`, `delivery`, `revision`, `file`, `_place`,
        `commit_no`, `live`, `reading_no` and the standing of its reading. Where the record was mended by hand,
        `_mended_load` is the load of its quarantined entry, `_mended_in` the commit and `_mended_by` who did it."""

    def assertions(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """Every assertion whose scope covers a key, with the same origin, `live`, `held_back` and `mentioned`."""

    def rejected(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """The open quarantined records that name a key, `load_no` and `place`: of deliveries that assert, for of others
        the keys of rejected records are not kept."""

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """The keys that may have changed after a commit, and the commit up to which that is known."""

    def ties(self, entity: str, *, most: int, loads: Sequence[int] = ()) -> pa.Table:
        """The ranks of records at which living statements differ in content, so that the digest decides; ordered by key
        and event time, at most `most`. With `loads`, those ranks only at which these loads speak.

        The key columns, `_at`, `_seq`, `contents` (how many differ), `source`, `delivery`, `place` of the one that
        holds, the same as `other_…` of the strongest that does not, and `total`, how many ranks there are in all.
        """

    def query(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """A view, over the current, complete, living records of the domain's entities."""


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What a consolidation did: from one commit to another, how many keys were folded."""

    after: int
    commit: int
    keys: int


class Rejected(TypedDict, total=False):
    """What a rejected record is told by."""

    delivery: str
    reading_no: int
    load_no: int
    place: int


class Control(Protocol):
    """What is administered: the shape of the store, deliveries, quarantine, consolidation."""

    def made(self) -> bool:
        """Whether there is a store at all: without it, and before `prepare`, only `plan` can be asked. Writes nothing.

        Of a store that is there, also of one made for another declaration, `deliveries`, `quarantine` and `findings`
        can be read without `prepare`.
        """

    def plan(self) -> list[Change]:
        """What would change for today's declaration. Writes nothing."""

    def prepare(self) -> list[Change]:
        """Makes the store fit the declaration and sweeps what crashed loads left; refused if `plan` says so."""

    def consolidate(self) -> Consolidation:
        """Folds the tail into the master. Holds up neither readers nor loads; killed, it has done nothing.

        Where another instance is at it, or there is no tail, `commit` is the one the master stands at already.
        """

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

    def deliveries(
        self, source: str | None = None, delivery: str | None = None, *, readings: Sequence[int] | None = None
    ) -> pa.Table:
        """Every reading of every delivery, held ones included, or of those published these `readings` alone. With its
        account and its `state`: `counts`, `held`, `superseded` by a higher reading, `retracted` (the retraction itself,
        and what it silences), and `taken back`, a retraction that is no longer in force. `manifest` is the text that
        came with it. `again`: how often its bytes
        came once more and changed nothing, the last time at `again_at`."""

    def quarantine(
        self,
        source: str | None = None,
        *,
        closed: bool = False,
        decided: bool = False,
        due: int | None = None,
        most: int | None = None,
        **among: Unpack[Rejected],
    ) -> pa.Table:
        """The rejected records that are open, ordered by source, delivery, load and place; with `closed`, those too
        that were mended, retried or dropped, or whose reading no longer counts (`superseded`). With `decided` those
        only that were mended, retried or dropped, with `due` those only
        that wait for an instant up to it, with `most` the first ones; `among` leaves those of which it all is true.
        `reading_no` is the reading that they belong to, `resolved_in` the commit in which they were closed, `mended`
        the bytes that stand for them since (None too of a store that was made before these were kept)."""

    def quarantined(self, source: str | None = None, *, closed: bool = False) -> dict[str, int]:
        """How many records `quarantine` has, by source; sources without one are not there."""

    def keep_reconciliation(self, kept: Reconciliation) -> None:
        """Keeps it, in the place of one about the same reading. It makes no commit."""

    def reconciliations(self, source: str | None = None, delivery: str | None = None) -> list[Reconciliation]:
        """What is kept, in the order of the readings; those of readings that no longer count too.
        `differences` is empty where no delivery is named: it may be long."""

    def findings(self) -> pa.Table:
        """What is odd though nothing was rejected: `commit_no`, `kind`, `source`, `subject`, `detail`."""

    def status(self) -> dict[str, Any]:
        """Figures about the store: commit, consolidated commit, tail, rows of each entity, loads under way."""

    def close(self) -> None:
        """Lets go of the store."""


class Turn(Protocol):
    """The right to take the files of a source. It ends when it is closed, and with its process."""

    def check(self) -> None:
        """Raises StoreError where it is lost: the connection that held it broke."""

    def close(self) -> None:
        """Gives it up."""


class Ledger(Protocol):
    """The files seen in inboxes. It is what people are shown, and spares reading again what is settled; that nothing is
    taken twice rests on `History.known` alone."""

    def write(self, sightings: Sequence[Sighting], *, outgrown: Sequence[Sighting] = ()) -> None:
        """Keeps them, all or none, each in the place of what was kept of the same content of the same file. In the same
        breath it forgets those that are `outgrown`: contents that were never taken, and grew on under their names."""

    def sightings(
        self,
        source: str | None = None,
        *,
        delivery: str | None = None,
        files: Sequence[str] | None = None,
        states: Collection[State] | None = None,
    ) -> list[Sighting]:
        """What was kept, in the order in which the files were seen; of all, or of those of a source, of a delivery, of
        these files, in these states."""

    def counts(self) -> dict[tuple[str, State], int]:
        """How many contents there are of each source in each state."""

    def turn(self, source: str) -> Turn:
        """The right to take the source's files into this store, which one process has at a time: two would tell of the
        same files. Raises StoreBusy while another has it."""


class Store(Protocol):
    """One domain's store."""

    history: History
    reader: Reader
    control: Control
    ledger: Ledger


class RawInput(Protocol):
    """Raw input, kept by the SHA-256 of its bytes."""

    def keep(self, stream: BinaryIO) -> tuple[str, int]:
        """Copies the stream, durably; its digest and size. The same content twice is kept once."""

    def keep_all(self, contents: Sequence[tuple[str, bytes]]) -> None:
        """The same for many small ones, of which the digests are known."""

    def open(self, digest: str) -> BinaryIO:
        """The bytes again; raises UsageError where they are no longer kept."""

    def forget(self, digests: Sequence[str]) -> int:
        """Removes these contents; how many of them were there."""

    def sweep(self, before: dt.datetime, needed: Callable[[], Container[str]]) -> int:
        """Removes the contents that were last kept before an instant and that nobody needs; how many. `needed` gives
        the digests to spare. It is asked after what there is was looked at, so that a content which begins to be needed
        meanwhile was kept anew by then, and is spared. Does nothing where others keep their raw input too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as a listing shows it. `name` has no folder. `mark` is another whenever the content is another;
    `changed_at` is when it last changed, by the clock of the inbox. `never`: why it must not be read, such as a
    symbolic link."""

    name: str
    mark: str
    size: int
    changed_at: dt.datetime
    never: str | None = None


Outcome = Literal["done", "refused"]
"""The folders below an inbox into which settled files are moved."""


class Inbox(Protocol):
    """One folder in which files arrive, here or elsewhere. What is below it in folders of its own is not seen.

    Whatever cannot be had just now raises InboxError, and the same call may succeed later.
    """

    url: str
    """How people call it; no password is in it."""

    def entries(self) -> list[Entry]:
        """What lies in it, in no order."""

    def fetched(self, entry: Entry, beside: Sequence[str] = ()) -> AbstractContextManager[Path]:
        """A file of this machine with the name and the bytes of the entry, and beside it those of its folder that are
        called like `beside`, as far as they are there. It may be the file itself. Raises FileChanged where the entry's
        content is no longer there."""

    def settle(self, name: str, outcome: Outcome, mark: str | None = None, *, reason: str | None = None) -> str:
        """Moves a file into the outcome's folder, under a name that none there has yet; its full name there. Nothing is
        ever overwritten or lost: killed halfway, it is there still, or there already. Raises FileChanged, and leaves it
        where it is, where `mark` is not (any more) that of the content which has its name. `reason` is a text that lies
        beside it as NAME.reason.txt, and did so before."""

    def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
        """Calls `changed` soon after something happens in the folder, until `stop` is set; returns at once where the
        inbox cannot tell."""

    def close(self) -> None:
        """Lets go of connections. Idempotent."""
