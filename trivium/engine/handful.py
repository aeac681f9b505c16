"""Small deliveries of one source that are judged together and committed together: requests, ranges of a partition."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from trivium.engine.delivery import Delivery
from trivium.engine.verdict import Account, Verdict


@dataclass(frozen=True, slots=True)
class Position:
    """How far a part of what a source reads has been read, such as a partition: it is moved from `before` (None: it has
    none yet) to `after`, the place from which to read on."""

    part: str
    before: int | None
    after: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request with an idempotency key was answered, so that it can be given again. `digest`: SHA-256, in hex, of
    what was asked. `text` is JSON that leaves out the commit."""

    key: str
    digest: str
    status: int
    text: str
    answered_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given, and the commit in which."""

    answer: Answer
    commit: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd about a source, though nothing was rejected."""

    kind: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Handful:
    """What the deliveries come to. In the tables of `verdict` a column `_part` says of which they are, from 0.

    `bodies`: their raw input, where it is to be kept in the store, one for each delivery or none at all. There may be
    positions and findings without any delivery.
    """

    verdict: Verdict
    deliveries: Sequence[tuple[Delivery, Account]]
    positions: Sequence[Position] = ()
    answers: Sequence[Answer] = ()
    bodies: Sequence[bytes] = ()
    findings: Sequence[Finding] = ()


def key_hash(key: str) -> int:
    """By which an engine without indexes finds an idempotency key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)
