"""Raw input, kept so that it can be judged anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Sequence
from typing import BinaryIO, Protocol


class RawInput(Protocol):
    """Raw input, kept by the SHA-256 of its bytes."""

    def keep(self, stream: BinaryIO) -> tuple[str, int]:
        """Copies the stream, durably; its digest and size. The same content twice is kept once."""

    def keep_all(self, contents: Sequence[tuple[str, bytes]]) -> None:
        """The same for many small ones, of which the digests are known."""

    def open(self, digest: str) -> BinaryIO:
        """The bytes again; raises UsageError where they are no longer kept."""

    def forget(self, digests: Sequence[str]) -> int:
        """Removes these contents; how many of them were there."""

    def clear(self) -> None:
        """Removes what was being kept by processes that are gone, of what one stream each was copied to."""

    def sweep(self, before: dt.datetime, needed: Callable[[], Container[str]]) -> int:
        """Removes the contents that were last kept before an instant and that nobody needs; how many. `needed` gives
        the digests to spare. It is asked after what there is was looked at, so that a content which begins to be needed
        meanwhile was kept anew by then, and is spared. Does nothing where others keep their raw input too."""
