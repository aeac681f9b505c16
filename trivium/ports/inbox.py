"""Folders in which files arrive, here or elsewhere."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


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
