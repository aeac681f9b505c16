"""A store whose commits are counted and timed; for the rest it is the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from trivium.model.domain import Domain
from trivium.ops.metrics import Metrics
from trivium.ops.tally import Commits
from trivium.ports import (
    Account,
    Answer,
    Answered,
    Bundle,
    Control,
    Delivery,
    Gone,
    Handful,
    History,
    Ledger,
    Load,
    Mend,
    Preview,
    Published,
    Reader,
    Store,
    Verdict,
)


@dataclass
class MeasuredStore:
    """See `ports.Store`."""

    history: History
    reader: Reader
    control: Control
    ledger: Ledger


def measured(store: Store, domain: Domain, metrics: Metrics, told: Callable[[Commits], None]) -> Store:
    """The store of a domain, whose commits `metrics` hears of, and `told` of those of calls and events: of a file it
    is told by who takes it."""
    return MeasuredStore(_History(store.history, domain, metrics, told), store.reader, store.control, store.ledger)


class _Telling:
    """Says what a commit came to, when it is made."""

    def __init__(self, metrics: Metrics, told: Callable[[Commits], None] | None, domain: str, source: str) -> None:
        self._metrics, self._told, self._domain, self._source = metrics, told, domain, source
        self._begun = time.perf_counter()

    def made(
        self, published: Sequence[Published], accounts: Sequence[Account], positions: Mapping[str, int] | None = None
    ) -> None:
        """The deliveries of one commit, their accounts, and up to where partitions are read by it."""
        seconds, account = time.perf_counter() - self._begun, reduce(add, accounts, Account())
        self._metrics.committed(self._domain, self._source, len(accounts), account, seconds)
        if self._told is not None:
            commit, many, domain, source = published[0].commit, len(published), self._domain, self._source
            self._told(Commits(domain, source, 1, commit, commit, many, account, seconds, positions or {}))


class _History:
    """See `ports.History`."""

    def __init__(self, history: History, domain: Domain, metrics: Metrics, told: Callable[[Commits], None]) -> None:
        self._history, self._domain, self._metrics, self._told = history, domain.name, metrics, told
        self._files = {source.name for source in domain.sources if source.channel == "batch"}

    def known(self, delivery: Delivery) -> str | None:
        return self._history.known(delivery)

    def open(self, source: str) -> Load:
        return _Load(self._history.open(source), self, source)

    def unheard(self, source: str, deliveries: Sequence[str]) -> set[str]:
        return self._history.unheard(source, deliveries)

    def open_bundle(self, source: str, count: int) -> Bundle:
        return _Bundle(self._history.open_bundle(source, count), self, source)

    def take(self, source: str, handful: Handful) -> list[Published]:
        telling = self.telling(source)
        published = self._history.take(source, handful)
        if published:
            positions = {one.part: one.after for one in handful.positions}
            telling.made(published, [account for _, account in handful.deliveries], positions)
        return published

    def positions(self, source: str) -> dict[str, int]:
        return self._history.positions(source)

    def answered(self, source: str, keys: Collection[str]) -> dict[str, Answered]:
        return self._history.answered(source, keys)

    def body(self, source: str, delivery: str, digest: str) -> bytes | None:
        return self._history.body(source, delivery, digest)

    def telling(self, source: str) -> _Telling:
        told = None if source in self._files else self._told
        return _Telling(self._metrics, told, self._domain, source)


class _Load:
    """See `ports.Load`."""

    def __init__(self, load: Load, history: _History, source: str) -> None:
        self._load, self._history, self._source = load, history, source
        self.load_no = load.load_no

    def append(self, verdict: Verdict) -> None:
        self._load.append(verdict)

    def gone(self) -> Gone:
        return self._load.gone()

    def preview(self, delivery: Delivery) -> list[Preview]:
        return self._load.preview(delivery)

    def publish(self, delivery: Delivery, account: Account, answer: Answer | None = None) -> Published:
        telling = self._history.telling(self._source)
        published = self._load.publish(delivery, account, answer)
        telling.made([published], [account])
        return published

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        telling = self._history.telling(self._source)
        published = self._load.publish_mend(mend, account)
        telling.made([published], [account])
        return published

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        self._load.hold(delivery, account, gone)

    def abandon(self) -> None:
        self._load.abandon()


class _Bundle:
    """See `ports.Bundle`."""

    def __init__(self, bundle: Bundle, history: _History, source: str) -> None:
        self._bundle, self._history, self._source = bundle, history, source
        self.load_nos = bundle.load_nos

    def append(self, verdict: Verdict) -> None:
        self._bundle.append(verdict)

    def gone(self) -> Gone:
        return self._bundle.gone()

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        telling = self._history.telling(self._source)
        published = self._bundle.publish(deliveries)
        telling.made(published, [account for _, account in deliveries])
        return published

    def abandon(self) -> None:
        self._bundle.abandon()
