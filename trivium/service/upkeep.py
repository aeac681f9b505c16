"""What a store needs from time to time: due records taken again, deliveries reconciled, raw input that nobody needs
forgotten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from trivium.errors import TriviumError
from trivium.model.domain import Domain
from trivium.ports import RawInput, Reconciliation, Store
from trivium.service.opening import Opened
from trivium.service.quarantined import resend, waiting
from trivium.service.reconciling import due as due_reconciliations
from trivium.service.reconciling import reconcile

_ANSWERS = dt.timedelta(days=2)
"""So long an idempotency key is known: who has had no answer by then asks what became of it."""
_LOADING = dt.timedelta(days=1)
"""Raw input that no delivery names may be of a load under way; after so long it is of one that was refused or ended."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How many waiting records were due, how many were accepted, how many contents were forgotten, why what was due
    failed, and which deliveries were reconciled; `unreconciled`: how many still are not."""

    due: int
    accepted: int
    forgotten: int
    failures: tuple[str, ...] = ()
    reconciled: tuple[Reconciliation, ...] = ()
    unreconciled: int = 0


def keep_up(opened: Opened, *, now: dt.datetime, most: int = 50, forget: bool = True) -> Upkeep:
    """Takes again every quarantined record whose event time has come, reconciles at most so many deliveries that are
    due, the latest first, and with `forget` removes raw input past its keeping and such as no delivery names.

    Repeating it does nothing more. Each load's records are one commit, so a crash between two loses nothing;
    records that cannot be taken again are told and stay as they are.
    """
    declared = {source.name for source in opened.domain.sources}
    due = [row for row in waiting(opened.store, due=now) if row["source"] in declared]
    accepted, failures = 0, []
    for load_no in dict.fromkeys(row["load_no"] for row in due):
        mine = [row for row in due if row["load_no"] == load_no]
        try:
            accepted += sum(again.accepted for _, again in resend(opened, mine, now=now, outcome="retried", by=None))
        except TriviumError as error:
            failures.append(f"{mine[0]['source']}, {mine[0]['delivery']}: {error.message}")
    waiting_still, reconciled = due_reconciliations(opened), []
    for source, row in waiting_still[:most]:
        try:
            reconciled.append(reconcile(opened, source, row, now=now))
        except TriviumError as error:
            failures.append(f"{source.name}, {row['delivery']} was not reconciled: {error.message}")
    forgotten = 0
    try:
        if forget:
            forgotten = _forget(opened.store, opened.raw, opened.domain, now)
    except TriviumError as error:
        failures.append(error.message)
    return Upkeep(
        len(due), accepted, forgotten, tuple(failures), tuple(reconciled), len(waiting_still) - len(reconciled)
    )


def _forget(store: Store, raw: RawInput, domain: Domain, now: dt.datetime) -> int:
    kept_for = {source.name: source.keep_raw for source in domain.sources}
    expired, needed = _digests(store, kept_for, now)
    forgotten = raw.forget(sorted(expired - needed))
    for source in domain.sources:
        if source.channel == "rest":
            bodies = None if source.keep_raw is None else now - dt.timedelta(seconds=source.keep_raw)
            forgotten += store.control.forget(source.name, answers=now - _ANSWERS, bodies=bodies)
    return forgotten + raw.sweep(now - _LOADING, lambda: set[str]().union(*_digests(store, kept_for, now)))


def _digests(store: Store, kept_for: dict[str, int | None], now: dt.datetime) -> tuple[set[str], set[str]]:
    """The contents that deliveries name: those past their keeping, and those that are still to be kept."""
    expired: set[str] = set()
    needed: set[str] = set()
    for row in store.control.archived().to_pylist():
        seconds = kept_for.get(row["source"])
        age = (now.replace(tzinfo=None) - row["arrived_at"]).total_seconds()
        (expired if seconds is not None and age > seconds else needed).add(row["digest"])
    return expired, needed
