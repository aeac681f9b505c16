"""What the floors above need of a store, on one page.

A store keeps one domain. It is four ports: `History` (what was said), `Reader` (what holds), `Control` (what is
administered), `Ledger` (which files were seen). Every adapter fulfils the obligations stated here and passes the same
contract tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypedDict, Unpack

import pyarrow as pa

from trivium.engine.changed import Place
from trivium.engine.choice import Choice
from trivium.engine.delivery import Delivery, Gone, Mend, Preview, Published
from trivium.engine.evolution import Change
from trivium.engine.handful import Answer, Answered, Handful
from trivium.engine.keys import ApiKey
from trivium.engine.law.statements import Alone
from trivium.engine.reconciling.kept import Reconciliation
from trivium.engine.sums import Sum
from trivium.engine.verdict import Account, Verdict
from trivium.model.survivorship import LifePolicy
from trivium.ports.ledger import Ledger


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

    def publish(self, delivery: Delivery, account: Account, answer: Answer | None = None) -> Published:
        """Makes everything appended visible at once: one transaction, a commit number, the account with it, and what
        the request was answered that brought it.

        Raises AlreadyTaken where a first reading's content needs none again (see `History.known`), and where the
        answer's key was answered.
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

    def take(self, source: str, handful: Handful) -> list[Published]:
        """Writes and publishes small deliveries in one transaction: their rows, readings and accounts, the positions,
        answers, bodies and findings that come with them. Durable when it returns; whatever it raises, nothing of it is
        there. One commit, whose number all of them have. None of them may have been heard before: that is for the
        caller to know, for nothing is looked up.

        Raises Outrun where a position is not what it is to be moved from, AlreadyTaken where a key was answered.
        """

    def positions(self, source: str) -> dict[str, int]:
        """How far the source has been read, by part."""

    def answered(self, source: str, keys: Collection[str]) -> dict[str, Answered]:
        """What was answered to the requests with these keys, as far as it is kept."""

    def body(self, source: str, delivery: str, digest: str) -> bytes | None:
        """The raw input of a delivery that was taken as one of a handful, if it is kept in the store."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a reader looks at: what was known at `commit` (None: now), of what is said up to `as_of`
    (microseconds since 1970; None: everything), folded by `policy` (None: the entity's own)."""

    as_of: int | None = None
    commit: int | None = None
    policy: LifePolicy | None = None


NOW = Moment()


NOTHING: Final[Mapping[str, Collection[str]]] = {}


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

    def chosen(self, entity: str, choice: Choice, moment: Moment = NOW) -> Iterator[pa.RecordBatch]:
        """The records that a choice is about, in its order. A page in the order of the key costs what it holds, and a
        look at the columns of the key, however many records and statements there are."""

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
        """The open quarantined records that name a key: `load_no` and `place`. What was rejected before the keys were
        kept of all is named only where its delivery asserts."""

    def commit(self) -> int:
        """The commit up to which everything is known: none up to it can appear any more."""

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """The keys that may have changed after a commit, and the commit up to which that is known."""

    def changed(
        self, entity: str, after: int, key: Sequence[Any] | None = None, *, most: int
    ) -> tuple[pa.Table, Place]:
        """The keys that may have changed after a commit, or with `key` behind that key of it, each with `_commit`, the
        commit that touched it last, in the order of commit and key, at most `most`; and the place up to which these are
        all: a commit, and a key of it or None. There are none only where nothing has changed up to now.

        A key that is touched again moves to its later commit: whoever goes on from the place, again and again, may be
        told of a key twice, and misses none."""

    def those(self, entity: str, keys: pa.Table) -> pa.Table:
        """The records of these different keys, in their order; of one of which nothing is said `_alive` is false."""

    def ties(self, entity: str, *, most: int, loads: Sequence[int] = ()) -> pa.Table:
        """The ranks of records at which living statements differ in content, so that the digest decides; ordered by key
        and event time, at most `most`. With `loads`, those ranks only at which these loads speak.

        The key columns, `_at`, `_seq`, `contents` (how many differ), `source`, `delivery`, `place` of the one that
        holds, the same as `other_…` of the strongest that does not, and `total`, how many ranks there are in all.
        """

    def view(
        self, sql: str, parameters: dict[str, Any], hidden: Mapping[str, Collection[str]] = NOTHING
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a view over the current, complete, living records of the domain's entities; at least one batch,
        which may be empty. Of the columns that are `hidden`, by entity, it sees nulls. Raises UsageError where it
        cannot be computed with these parameters."""


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

    def consolidated(self) -> int:
        """The commit up to which the master is folded."""

    def retract(self, source: str, delivery: str, by: str | None) -> Published:
        """What the delivery said counts as never said."""

    def restore(self, source: str, delivery: str, by: str | None) -> Published:
        """Takes a retraction back."""

    def release(self, source: str, delivery: str, by: str | None) -> Published:
        """Publishes a held delivery."""

    def refuse(self, source: str, delivery: str, by: str | None) -> None:
        """Removes a held delivery, and keeps the finding `refused` that says who did it."""

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

    def archived(self) -> pa.Table:
        """What is kept beside the store: `source`, `digest` and `arrived_at` of every reading whose raw input is."""

    def newest(
        self,
        source: str | None = None,
        delivery: str | None = None,
        *,
        states: Collection[str] = (),
        behind: int | None = None,
        most: int,
    ) -> pa.Table:
        """Of `deliveries` the newest, by `reading_no` (which of a held one is its load) from the last one down, at most
        so many: in these `states` (none: in any), and `behind` a number. It costs what it gives, however many there
        are."""

    def sums(self) -> dict[str, Sum]:
        """What the sources sent, in sums; sources that never sent anything are not there. Costs what came since it was
        asked last."""

    def quarantine(
        self,
        source: str | None = None,
        *,
        closed: bool = False,
        decided: bool = False,
        due: int | None = None,
        most: int | None = None,
        newest: bool = False,
        behind: tuple[int, int] | None = None,
        **among: Unpack[Rejected],
    ) -> pa.Table:
        """The rejected records that are open, ordered by source, delivery, load and place; with `closed`, those too
        that were mended, retried or dropped, or whose reading no longer counts (`superseded`). With `decided` those
        only that were mended, retried or dropped, with `due` those only
        that wait for an instant up to it, with `most` the first ones; `among` leaves those of which it all is true.
        `reading_no` is the reading that they belong to, `resolved_in` the commit in which they were closed, `mended`
        the bytes that stand for them since (None too of a store that was made before these were kept)."""

    def quarantined(
        self, source: str | None = None, *, closed: bool = False, unnamed: Collection[str] = ()
    ) -> dict[str, int]:
        """How many records `quarantine` has, by source; sources without one are not there. With `unnamed`, of those
        alone that may name a key of these entities that is not known: it could not be read, or was not kept."""

    def keep_reconciliation(self, kept: Reconciliation) -> None:
        """Keeps it, in the place of one about the same reading. It makes no commit."""

    def reconciliations(self, source: str | None = None, delivery: str | None = None) -> list[Reconciliation]:
        """What is kept, in the order of the readings; those of readings that no longer count too.
        `differences` is empty where no delivery is named: it may be long."""

    def keep_key(self, key: ApiKey) -> None:
        """Keeps an API key, in the place of one of the same id."""

    def api_keys(self) -> list[ApiKey]:
        """All API keys, the revoked ones too, in the order in which they were made."""

    def keys_changed(self) -> int:
        """A number that is another whenever a key was made or revoked, by whomever. Cheap."""

    def forget(self, source: str, *, answers: dt.datetime, bodies: dt.datetime | None) -> int:
        """Removes the answers and the bodies that were kept before these instants (None: none); how many."""

    def findings(
        self,
        source: str | None = None,
        kind: str | None = None,
        *,
        behind: tuple[int, str, str, str, str] | None = None,
        most: int | None = None,
    ) -> pa.Table:
        """What is odd though nothing was rejected: `commit_no`, `kind`, `source`, `subject`, `detail`. With `most` the
        newest, by commit from the last one down, each once; `behind` a finding, told by its commit, kind, subject,
        source (empty if it has none) and detail."""

    def status(self) -> dict[str, Any]:
        """Figures about the store: commit, consolidated commit, tail, rows of each entity, loads under way."""

    def close(self) -> None:
        """Lets go of the store."""


class Store(Protocol):
    """One domain's store."""

    history: History
    reader: Reader
    control: Control
    ledger: Ledger
