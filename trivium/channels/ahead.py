"""Reads ahead while the judge is at the piece before."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Generic, TypeVar

Piece = TypeVar("Piece")

_END: Final = object()


class Ahead(Generic[Piece]):
    """The pieces of an iterator, made in a thread of its own, one ahead: no more than one of them waits.

    What the iterator raises comes out in its turn. After the block nothing of it runs any more.
    """

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self._thread = ThreadPoolExecutor(1, "read")

    def __iter__(self) -> Iterator[Piece]:
        coming = self._thread.submit(next, self._pieces, _END)
        while (piece := coming.result()) is not _END:
            coming = self._thread.submit(next, self._pieces, _END)
            yield piece  # type: ignore[misc]  # the end is not yielded

    def __enter__(self) -> Ahead[Piece]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
