"""What went wrong, as `application/problem+json` (RFC 9457): one table from our errors to what the caller is told.

A problem whose status is 5xx tells nothing of the inside: no path, no statement, no address.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from trivium.errors import (
    AlreadyTaken,
    DeclarationError,
    RefusedDelivery,
    StoreBusy,
    StoreError,
    StoreMismatch,
    StoreUnusable,
    TriviumError,
    UsageError,
)

MEDIA: Final = "application/problem+json"

Failed: TypeAlias = Callable[[str, BaseException], None]
"""Is told of defects: while what was answered, and what it was."""


class Problem(Exception):
    """What the caller is told in the place of an answer. `more` are further members of the document."""

    status = 500

    def __init__(
        self, detail: str, *, hint: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.detail, self.hint, self.headers, self.more = detail, hint, dict(headers or {}), more

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        found = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": self.detail}
        return found | ({} if self.hint is None else {"hint": self.hint}) | self.more

    def body(self) -> bytes:
        """As bytes."""
        return json.dumps(self.document(), ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")


class Bad(Problem):
    """The request cannot be understood."""

    status = 400


class BadParameter(Bad):
    """A parameter has a value that it cannot have; `allowed` says which it can."""

    def __init__(self, name: str, value: str | None, allowed: str) -> None:
        told = f"the parameter {name} cannot be {_short(value)!r}" if value is not None else f"there is no {name}"
        super().__init__(f"{told}: {allowed}", parameter=name, value=_short(value), allowed=allowed)


class Unauthorized(Problem):
    """Nobody knows who asks."""

    status = 401

    def __init__(self, detail: str, *, browser: bool = False) -> None:
        how = "Basic" if browser else "Bearer"
        super().__init__(
            detail, hint="send `Authorization: Bearer KEY`; `trivium keys APP make` makes a key",
            headers={"WWW-Authenticate": f'{how} realm="trivium"'},
        )  # fmt: skip


class Forbidden(Problem):
    """The caller may not do this."""

    status = 403


class Unknown(Problem):
    """There is nothing of this name."""

    status = 404

    def __init__(self, detail: str, known: Sequence[str] | None = None, **more: Any) -> None:
        hint = more.pop("hint", None)
        if known is not None:
            hint, more = (f"there is {', '.join(known)}" if known else "there is none"), more | {"known": list(known)}
        super().__init__(detail, hint=hint, **more)


class TooOld(Problem):
    """The answer cannot be given by the version of HTTP in which it was asked."""

    status = 505


class NotAllowed(Problem):
    """The path knows other methods."""

    status = 405


class NotAcceptable(Problem):
    """None of the forms that the caller takes can be given."""

    status = 406


class Gone(Problem):
    """The record is gone."""

    status = 410


class Internal(Problem):
    """A defect of ours. Whoever runs the service is told more."""

    status = 500

    def __init__(self) -> None:
        super().__init__("the service failed", hint="whoever runs it finds in its log what happened")


class Busy(Problem):
    """More is asked than can be answered; the same call may succeed soon."""

    status = 503

    def __init__(self, detail: str, *, seconds: int = 1) -> None:
        super().__init__(detail, hint="call again after Retry-After seconds", headers={"Retry-After": str(seconds)})


class Away(Busy):
    """The store of a domain is not to be had just now."""

    def __init__(self, domain: str) -> None:
        super().__init__(f"the store of {domain} is not to be had just now", seconds=2)


def problem_of(error: BaseException) -> Problem:
    """What the caller is told of an error: the one table."""
    match error:
        case Problem():
            return error
        case StoreBusy():
            return Busy("the store is held by somebody else just now")
        case StoreMismatch() | StoreUnusable():
            return Busy("the store cannot be used as it is", seconds=60)
        case StoreError():
            return Busy("the store did not answer", seconds=2)
        case UsageError() | DeclarationError() | RefusedDelivery() | AlreadyTaken():
            return _told(error)
        case _:
            return Internal()


def _told(error: TriviumError) -> Problem:
    return Bad(error.message, hint=error.hint)


def _short(value: str | None, most: int = 200) -> str | None:
    return value if value is None or len(value) <= most else f"{value[:most]}…"
