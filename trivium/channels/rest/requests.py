"""A request that brings records, as it waits for its turn."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import secrets
from dataclasses import dataclass

from trivium.channels.rest.bodies import Body
from trivium.errors import TriviumError
from trivium.model.source import Source
from trivium.ports import Delivery


class TooBusy(TriviumError):
    """More requests wait than may; nothing of this one was taken. It may be sent again after `seconds`."""

    def __init__(self, message: str, *, seconds: int = 1) -> None:
        super().__init__(message, hint="send it again after a moment; nothing of it was taken")
        self.seconds = seconds


class KeyReused(TriviumError):
    """An idempotency key came with another body before."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the Idempotency-Key {key!r} came with another request before",
            hint="give each request a key of its own, and the same key only to the very same request",
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """How a request came. `id` is the name of the delivery that it is, `line` what was asked and the media type,
    `by` who sent it."""

    id: str
    line: str
    arrived_at: dt.datetime
    key: str | None = None
    by: str | None = None

    @property
    def media(self) -> str:
        """The media type of its body."""
        return media_of(self.line)

    def delivery(self, source: Source, digest: str, size: int, *, archived: bool = False) -> Delivery:
        """The delivery of a body with this SHA-256 (hex) and so many bytes; `archived`: which is kept beside the store,
        as small ones are not."""
        key = "" if self.key is None else f" Idempotency-Key: {self.key}"
        return Delivery(
            source.name, self.id, 1, digest, f"{self.line}{key}", size, self.arrived_at,
            archived=archived, by=self.by,
        )  # fmt: skip

    def identity(self, digest: str) -> str:
        """By what a request is known to be the one that came with its key before: what was asked, and the SHA-256 of
        its body."""
        return hashlib.sha256(f"{self.line}\n{digest}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """A request of few records, held whole. `raw` is its body, unpacked, `digest` the SHA-256 of it, in hex."""

    sent: Sent
    raw: bytes
    body: Body
    digest: str

    @property
    def identity(self) -> str:
        """See `Sent.identity`."""
        return self.sent.identity(self.digest)


def media_of(line: str) -> str:
    """The media type of the body of a request that is called so."""
    return line.split(" ")[2]


_random = random.Random(secrets.randbits(128))  # noqa: S311 - no secret, and to ask the system takes ten times as long


def request_id(now: dt.datetime) -> str:
    """A name that no other request has; those of later requests sort behind."""
    at = now.astimezone(dt.UTC).isoformat(timespec="microseconds")[:26].replace("-", "").replace(":", "")
    return f"{at}-{_random.getrandbits(48):012x}"
