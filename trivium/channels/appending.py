"""Appends to a load while the judge is at the next piece."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from trivium.engine.verdict import Verdict
from trivium.ports import Load


class Appending:
    """A load's `append`, in a thread of its own and one piece behind: the judge and the store work at once, and no
    more than one piece waits. What an append raises comes out of the next call; `finish` is the last."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._thread = ThreadPoolExecutor(1, "append")
        self._under_way: Future[None] | None = None

    def append(self, verdict: Verdict) -> None:
        """Hands a piece over, once the one before is written."""
        self.finish()
        self._under_way = self._thread.submit(self._load.append, verdict)

    def finish(self) -> None:
        """Waits until everything is written."""
        if self._under_way is not None:
            under_way, self._under_way = self._under_way, None
            under_way.result()

    def __enter__(self) -> Appending:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whatever happened, nobody else touches the load before its last append has ended.
        self._thread.shutdown(wait=True, cancel_futures=True)
