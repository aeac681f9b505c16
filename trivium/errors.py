"""Every error a caller may see. Each says what happened, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_LONGEST: Final = 8_000


def told(text: str) -> str:
    """A text that may quote what others sent, as every store, file and terminal takes it: of bounded length, without
    NUL, and without halves of characters."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 4 :]}"
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")


class TriviumError(Exception):
    """Something failed; the message says what and where, `hint` what to do. Both are as of `told`."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = told(message)
        self.hint = None if hint is None else told(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


def as_told(failure: BaseException) -> TriviumError:
    """A failure as an error that can be told; of ours as it is, of any other that it should not be."""
    if isinstance(failure, TriviumError):
        return failure
    error = TriviumError(f"unexpected {type(failure).__name__}: {failure}", hint="this is a defect of Trivium")
    error.__cause__ = failure
    return error


class DeclarationError(TriviumError):
    """A declaration is wrong. Raised when it is declared, before anything runs."""

    exit_code = 2

    def __init__(self, where: str, what: str, *, cure: str) -> None:
        super().__init__(f"{where}: {what}", hint=cure)
        self.where = where


class UsageError(TriviumError):
    """A command or call names something that is not there, or asks for what cannot be done."""

    exit_code = 2


class RefusedDelivery(TriviumError):
    """A delivery was refused whole; nothing of it was kept but the fact.

    `details`, JSON values: `rule`, in one word what it broke, with the figures that show it; empty where the message
    says all.
    """

    def __init__(self, message: str, *, hint: str | None = None, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.details = dict(details or {})


class FileChanged(RefusedDelivery):
    """A file is no longer what was read of it first. Nothing of it was taken; it may be read again when it is whole."""


class InboxError(TriviumError):
    """An inbox is not to be had, or does not do what it is asked; the same call may succeed later."""

    exit_code = 3


class BrokerError(TriviumError):
    """A broker or a topic is not to be had; the same call may succeed later, and the hint says where it will not before
    somebody mends something."""

    exit_code = 3


class AlreadyTaken(TriviumError):
    """The very content of a delivery was taken or held meanwhile, by another process or by a call whose outcome was
    not known. The load at hand is to be abandoned; nothing is missing."""


class Outrun(TriviumError):
    """A source has been read on by another process: its position is no longer what it was to be moved from. Nothing was
    taken; read on from where the store says."""


class StoreError(TriviumError):
    """The store failed; what was being done has left nothing behind, but where the message says that this is not
    known. The same call may be repeated in any case: nothing is taken twice."""

    exit_code = 3


class StoreFull(StoreError):
    """The store has no memory for this beside what else it does at the moment. Nothing was kept."""


class StoreBusy(StoreError):
    """The store is held by somebody else just now; the same call may succeed later."""


class StoreUnusable(StoreError):
    """The store cannot be used as it is; repeating the call will not help."""


class StoreMismatch(StoreError):
    """The store holds data that today's declaration cannot read; the message names the way out."""
