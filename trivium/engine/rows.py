"""Rows of the tables that every store has beside its entities: values in the order of the columns in `engine.tables`.

A store keeps times in UTC without saying so; here they lose their zone and get it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from trivium.engine.delivery import Delivery
from trivium.engine.reconciling.kept import Reconciliation
from trivium.engine.verdict import Account


def stored(at: dt.datetime) -> dt.datetime:
    """A time as a store keeps it."""
    return at.astimezone(dt.UTC).replace(tzinfo=None)


def told(at: dt.datetime) -> dt.datetime:
    """A time that a store kept."""
    return at.replace(tzinfo=dt.UTC)


def open_row(load_no: int, source: str, opened_at: dt.datetime) -> tuple[Any, ...]:
    """A load that is under way."""
    return load_no, source, stored(opened_at), None


def reading_row(
    reading_no: int, delivery: Delivery, *, revision: int, attempt: int, says: int | None, commit: int, kind: str
) -> tuple[Any, ...]:
    """A reading of a delivery, which says what the reading `says` says, or nothing any more."""
    return (
        reading_no, delivery.source, delivery.name, revision, delivery.digest, attempt, says, commit, kind,
        delivery.file, delivery.size, delivery.archived, stored(delivery.arrived_at), delivery.by, delivery.manifest,
    )  # fmt: skip


def load_row(load_no: int, reading_no: int, commit: int, account: Account) -> tuple[Any, ...]:
    """A load that counts from `commit` on."""
    return load_no, reading_no, commit, account.received, account.accepted, account.rejected, account.ignored


def reconciliation_row(kept: Reconciliation) -> tuple[Any, ...]:
    """What a reconciliation came to."""
    return (
        kept.reading_no, kept.source, kept.delivery, kept.against, kept.accepted, stored(kept.computed_at),
        kept.summary, kept.differences,
    )  # fmt: skip


def reconciliation_of(row: Sequence[Any]) -> Reconciliation:
    """The reconciliation that a row was made from."""
    reading_no, source, delivery, against, accepted, at, summary, differences = row
    return Reconciliation(reading_no, source, delivery, against, accepted, told(at), summary, differences)
