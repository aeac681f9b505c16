"""Rows of the tables that every store has beside its entities: values in the order of the columns in `engine.tables`.

A store keeps times in UTC without saying so; here they lose their zone and get it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from trivium.engine.delivery import Delivery
from trivium.engine.handful import Answer, Answered, Finding, key_hash
from trivium.engine.held import Held
from trivium.engine.keys import ApiKey, Grants
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


def archived_rows(readings: Sequence[Sequence[Any]], held: Sequence[Held]) -> pa.Table:
    """What is kept beside a store: of readings (`source`, `digest`, `arrived_at`), and of deliveries that are held."""
    waiting = [one.delivery for one in held]
    rows = [*readings, *((one.source, one.digest, stored(one.arrived_at)) for one in waiting if one.archived)]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types: tuple[pa.DataType, ...] = (pa.string(), pa.string(), pa.timestamp("us"))
    arrays = [pa.array(values, type_) for values, type_ in zip(columns, types, strict=True)]
    return pa.Table.from_arrays(arrays, ["source", "digest", "arrived_at"])


def load_row(load_no: int, reading_no: int, commit: int, account: Account) -> tuple[Any, ...]:
    """A load that counts from `commit` on."""
    return load_no, reading_no, commit, account.received, account.accepted, account.rejected, account.ignored


def answer_row(source: str, answer: Answer, commit: int) -> tuple[Any, ...]:
    """What a request was answered, in a commit."""
    return (
        source, answer.key, key_hash(answer.key), answer.digest, answer.status, answer.text, commit,
        stored(answer.answered_at),
    )  # fmt: skip


def answered_of(row: Sequence[Any]) -> Answered:
    """The answer of a row of `key`, `digest`, `status`, `answer`, `answered_at`, `commit_no`."""
    key, digest, status, answer, at, commit = row
    return Answered(Answer(key, digest, status, answer, told(at)), commit)


def key_row(key: ApiKey) -> tuple[Any, ...]:
    """An API key."""
    revoked = None if key.revoked_at is None else stored(key.revoked_at)
    return (
        key.key_id, key.name, key.hash, key.grants.text(), stored(key.made_at), key.made_by, revoked, key.revoked_by,
    )  # fmt: skip


def key_of(row: Sequence[Any]) -> ApiKey:
    """The key that a row was made from."""
    key_id, name, hash_, grants, made_at, made_by, revoked_at, revoked_by = row
    revoked = None if revoked_at is None else told(revoked_at)
    return ApiKey(key_id, name, hash_, Grants.of(grants), told(made_at), made_by, revoked, revoked_by)


def finding_row(commit: int, source: str, finding: Finding) -> tuple[Any, ...]:
    """Something odd about a source."""
    return commit, finding.kind, source, finding.subject, finding.detail


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
